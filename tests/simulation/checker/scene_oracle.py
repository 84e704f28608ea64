"""What a hierarchy must come to, by the words of docs/departments.md: made anew from nothing, from the top down."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from reveille.contracts.ingress.v1.events_pb2 import Blueprint, Department
from tests.simulation.blueprints import as_read
from tests.simulation.scenes import answer

ORCHESTRATE: Final = "orchestrate"
COMPOSE: Final = "compose"


@dataclass(frozen=True, slots=True)
class Output:
    """What a specialist's work came to. step: of its last draft; "failed" has none that somebody could review."""

    step: str
    round: int
    score: int
    status: str


@dataclass(slots=True)
class Made:
    """Of a department that is woken. reviewed: its first review is done, or nobody had anything to do."""

    relevance: float
    outputs: dict[str, Output] = field(default_factory=dict)
    reviewed: bool = False


class SceneOracle:
    """failed: by step that failed for good, with what. Whether it had to fail is another question.

    read: by step that must have been tried, with what. results: of those that are done. made: by department.
    """

    def __init__(self, blueprint: Blueprint, texts: Sequence[str], failed: Mapping[str, str]) -> None:
        self._blueprint = blueprint
        self.failed = failed
        self.read: dict[str, str] = {}
        self.results: dict[str, dict[str, Any]] = {}
        self.made: dict[str, Made] = {}
        if texts:
            self._make(texts)

    @property
    def done(self) -> int:
        """Of what is required, how much is done."""
        if ORCHESTRATE not in self.results:
            return 0
        reviewed = [name not in self.made or self.made[name].reviewed for name in self._names]
        return 1 + sum(reviewed) + (COMPOSE in self.results)

    @property
    def required(self) -> int:
        return 2 + len(self._names)

    @property
    def _names(self) -> list[str]:
        return [one.name for one in self._blueprint.departments]

    def _make(self, texts: Sequence[str]) -> None:
        blueprint = self._blueprint
        described = {one.name: _described(one) for one in blueprint.departments}
        facts = {"departments": described, "min_relevance": blueprint.min_relevance}
        orchestrated = self._run(ORCHESTRATE, as_read(texts, facts, {}, None))
        if orchestrated is None:
            return
        for department in blueprint.departments:
            relevance = orchestrated["relevance"].get(department.name, 0)
            if relevance >= blueprint.min_relevance:
                self.made[department.name] = self._department(department, relevance, orchestrated)
        made = {
            one.name: {
                "title": one.title,
                "head": one.head,
                "relevance": self.made[one.name].relevance,
                "outputs": {name: _told(output) for name, output in self.made[one.name].outputs.items()},
            }
            for one in blueprint.departments
            if one.name in self.made
        }
        worked = {step: result for step, result in self.results.items() if "/" in step}
        results = {ORCHESTRATE: orchestrated, **worked}
        self._run(COMPOSE, as_read([], {"departments": made}, results, None))

    def _department(self, one: Department, relevance: float, orchestrated: Mapping[str, Any]) -> Made:
        made = Made(relevance)
        figures = {"department": one.name, "min_quality": self._blueprint.min_quality, "rounds": self._rounds}
        facts = {**_described(one), **figures}
        item = {"department": one.name, "relevance": relevance}
        briefed = self._run(one.name, as_read([], facts, {ORCHESTRATE: orchestrated}, item))
        if briefed is None:
            return made
        briefs = {name: briefed["briefs"][name] for name in one.specialists if name in briefed["briefs"]}
        asked = {name: {"brief": told, "round": 1} for name, told in briefs.items()}
        made.reviewed = not asked
        before, reviewed = {one.name: briefed}, True
        for number in range(1, self._rounds + 1):
            if not asked or not reviewed:
                break
            drafts = self._drafts(one, number, asked, figures)
            told = {name: made_of["brief"] for name, made_of in asked.items()}
            work = {step: self.results[step] for step in drafts.values()}
            step = _step(one.name, "review", number)
            review = self._run(
                step,
                as_read([], {**facts, "round": number, "drafts": drafts}, {**before, **work}, {
                    "round": number, "briefs": told,
                }),
            )  # fmt: skip
            for name in asked:
                if name not in drafts and name not in made.outputs:
                    made.outputs[name] = Output(_step(one.name, name, number), number, 0, "failed")
            reviewed = review is not None
            made.reviewed = made.reviewed or reviewed
            asked = self._judged(one, made, number, drafts, review, told)
            before = {step: review or {}}
        for name, output in made.outputs.items():
            if output.status == "revise":  # what it was to become has failed
                made.outputs[name] = Output(output.step, output.round, output.score, "failed")
        return made

    def _drafts(
        self, one: Department, number: int, asked: Mapping[str, Any], figures: Mapping[str, Any]
    ) -> dict[str, str]:
        """By specialist whose draft of this round is done, its step."""
        found = {}
        for name, item in asked.items():
            step, last = _step(one.name, name, number), _step(one.name, name, number - 1)
            facts = {**figures, "specialist": name, "round": number}
            results = {last: self.results[last]} if number > 1 else {}
            if self._run(step, as_read([], facts, results, item)) is not None:
                found[name] = step
        return found

    def _judged(
        self,
        one: Department,
        made: Made,
        number: int,
        drafts: Mapping[str, str],
        review: Mapping[str, Any] | None,
        briefs: Mapping[str, Any],
    ) -> dict[str, Any]:
        """What is to be done in the next round."""
        following: dict[str, Any] = {}
        said = {told["specialist"]: told for told in review["reviews"]} if review is not None else {}
        for name, step in drafts.items():
            if name not in said:
                made.outputs[name] = Output(step, number, 0, "failed")
                continue
            told = said[name]
            status = decided(self._blueprint, told, number)
            made.outputs[name] = Output(step, number, told["score"], status)
            if status == "revise":
                kept = {key: told[key] for key in ("score", "reasons", "notes")}
                following[name] = {"brief": briefs[name], "round": number + 1, **kept}
        return following

    @property
    def _rounds(self) -> int:
        return self._blueprint.max_revisions + 1

    def _run(self, step: str, read: str) -> dict[str, Any] | None:
        """None: it has failed."""
        self.read[step] = read
        if self.failed.get(step) == read:
            return None
        self.results[step] = answer(step, read)
        return self.results[step]


def decided(blueprint: Blueprint, said: Mapping[str, Any], number: int) -> str:
    """What becomes of a draft, by what its head says of it in a round."""
    good = said["score"] >= blueprint.min_quality
    if said["status"] == "rejected" or (said["status"] == "approved" and good):
        return str(said["status"])
    if number > blueprint.max_revisions:
        return "approved" if good else "rejected"
    return "revise"


def _step(department: str, name: str, number: int) -> str:
    return f"{department}/{name}" if number == 1 else f"{department}/{name}/{number}"


def _described(one: Department) -> dict[str, Any]:
    return {"title": one.title, "head": one.head, "specialists": list(one.specialists), "words": list(one.words)}


def _told(output: Output) -> dict[str, Any]:
    return {"step": output.step, "status": output.status, "score": output.score, "round": output.round}
