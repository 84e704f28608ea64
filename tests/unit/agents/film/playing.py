"""The planner's part in a hierarchy, played by hand: every role in turn, each given what a plan would give."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from reveille.agents import Context, Input, LocalContext, Model, Task, Tool, load_skill
from reveille.agents.models.offline import OfflineModel

ORCHESTRATOR: Final = "reveille.agents.film.orchestrating:orchestrate"
HEAD: Final = "reveille.agents.film.heading:head"
SPECIALISTS: Final[Mapping[str, str]] = {
    "plot-writer": "reveille.agents.film.plot:write_plot",
    "dialogue-writer": "reveille.agents.film.dialogue:write_dialogue",
    "character-designer": "reveille.agents.film.characters:design_characters",
    "motivation-writer": "reveille.agents.film.motivations:write_motivations",
    "storyboarder": "reveille.agents.film.storyboard:draw_storyboard",
    "lighting-designer": "reveille.agents.film.lighting:light_scene",
}
DEPARTMENTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "story": {
        "title": "Story",
        "head": "story-head",
        "specialists": ["plot-writer", "dialogue-writer"],
        "words": ["story", "plot", "scene", "dramatic", "dialogue", "ending"],
    },
    "character": {
        "title": "Character",
        "head": "character-head",
        "specialists": ["character-designer", "motivation-writer"],
        "words": ["character", "hero", "villain", "motivation", "dramatic"],
    },
    "visual": {
        "title": "Visual",
        "head": "visual-head",
        "specialists": ["storyboarder", "lighting-designer"],
        "words": ["shot", "light", "camera", "visual", "colour"],
    },
}
MAX_BYTES: Final = 128 * 1024


@dataclass(frozen=True, kw_only=True)
class Played:
    """scores: by specialist, of each of its drafts in turn. said: what was told of every run."""

    scene: Mapping[str, Any]
    results: Mapping[str, Mapping[str, Any]]
    scores: Mapping[str, Sequence[int]]
    reviews: Mapping[str, Sequence[Mapping[str, Any]]]
    said: Mapping[str, Sequence[str]] = field(default_factory=dict)


class Play:
    """One scene. revisions: how often work may be done again; skills: instead of those that the specialists have."""

    def __init__(
        self,
        *texts: str,
        departments: Mapping[str, Mapping[str, Any]] = DEPARTMENTS,
        revisions: int = 2,
        min_quality: int = 70,
        min_relevance: float = 0.3,
        skills: Mapping[str, str] = SPECIALISTS,
        model: Model | None = None,
        tokens: int = 0,
    ) -> None:
        self._texts = texts
        self._departments = departments
        self._rounds = revisions + 1
        self._min_quality = min_quality
        self._min_relevance = min_relevance
        self._skills = skills
        self._model = model or OfflineModel()
        self._tokens = tokens
        self._results: dict[str, Mapping[str, Any]] = {}
        self._scores: dict[str, list[int]] = {}
        self._reviews: dict[str, list[Mapping[str, Any]]] = {}
        self._outputs: dict[str, dict[str, dict[str, Any]]] = {}
        self._said: dict[str, Sequence[str]] = {}

    def play(self) -> Played:
        facts = {"departments": self._departments, "min_relevance": self._min_relevance}
        inputs = tuple(Input(id=f"i-{number}", text=text) for number, text in enumerate(self._texts))
        weighed = self._run(ORCHESTRATOR, task_of("orchestrate", role="orchestrate", inputs=inputs, facts=facts))
        for name, department in self._departments.items():
            if weighed["relevance"][name] >= self._min_relevance:
                self._work(name, department, weighed["relevance"][name])
        told = {
            name: {
                "title": department["title"],
                "relevance": weighed["relevance"][name],
                "outputs": self._outputs.get(name, {}),
            }
            for name, department in self._departments.items()
        }
        task = task_of("compose", role="compose", facts={"departments": told}, results=self._results)
        scene = self._run(ORCHESTRATOR, task)
        return Played(scene=scene, results=self._results, scores=self._scores, reviews=self._reviews, said=self._said)

    def _work(self, name: str, department: Mapping[str, Any], relevance: float) -> None:
        facts = {**department, "department": name, "min_quality": self._min_quality, "rounds": self._rounds}
        briefed = self._run(
            HEAD,
            task_of(
                name,
                role="brief",
                department=name,
                facts=facts,
                item={"department": name, "relevance": relevance},
                results={"orchestrate": self._results["orchestrate"]},
            ),
        )
        briefs: Mapping[str, Any] = briefed["briefs"]
        asked: dict[str, Mapping[str, Any]] = {one: {"brief": brief, "round": 1} for one, brief in briefs.items()}
        for round_ in range(1, self._rounds + 1):
            asked = self._round(name, facts, briefs, asked, round_)
            if not asked:
                break

    def _round(
        self,
        name: str,
        facts: Mapping[str, Any],
        briefs: Mapping[str, Any],
        asked: Mapping[str, Mapping[str, Any]],
        round_: int,
    ) -> dict[str, Mapping[str, Any]]:
        """Who is to do it again, with what he is given."""
        suffix = "" if round_ == 1 else f"/{round_}"
        before = "" if round_ <= 2 else f"/{round_ - 1}"
        for specialist, item in asked.items():
            previous = f"{name}/{specialist}{before}"
            task = task_of(
                f"{name}/{specialist}{suffix}",
                role="draft",
                department=name,
                round=round_,
                facts={"department": name, "specialist": specialist, "min_quality": self._min_quality},
                item=item,
                results={previous: self._results[previous]} if round_ > 1 else {name: self._results[name]},
            )
            self._run(self._skills[specialist], task)
        drafts = {specialist: f"{name}/{specialist}{suffix}" for specialist in asked}
        reviewed = self._run(
            HEAD,
            task_of(
                f"{name}/review{suffix}",
                role="review",
                department=name,
                round=round_,
                facts={**facts, "round": round_, "drafts": drafts},
                item={"round": round_, "briefs": briefs},
                results={step: self._results[step] for step in drafts.values()}
                | ({name: self._results[name]} if round_ == 1 else {}),
            ),
        )
        again: dict[str, Mapping[str, Any]] = {}
        for review in reviewed["reviews"]:
            specialist, score = review["specialist"], review["score"]
            self._scores.setdefault(specialist, []).append(score)
            self._reviews.setdefault(specialist, []).append(review)
            passed = score >= self._min_quality
            status = "approved" if passed else "rejected"
            if review["status"] == "revise" and round_ < self._rounds:
                again[specialist] = {
                    "brief": briefs[specialist],
                    "round": round_ + 1,
                    "score": score,
                    "reasons": review["reasons"],
                    "notes": review["notes"],
                }
            self._outputs.setdefault(name, {})[specialist] = {
                "step": drafts[specialist],
                "status": status,
                "score": score,
                "round": round_,
            }
        return again

    def _run(self, skill: str, task: Task) -> dict[str, Any]:
        result, context = answer(skill, task, model=self._model, tokens=self._tokens)
        self._results[task.step] = result
        self._said[task.step] = context.said
        return result


def task_of(step: str, **more: Any) -> Task:
    return Task(
        run_id="r",
        execution_id="e",
        agent=step,
        step=step,
        attempt=1,
        priority="medium",
        tokens=0,
        blueprint="film-scene",
        **more,
    )


def answer(
    skill: str, task: Task, *, model: Model | None = None, tokens: int = 0, tools: Mapping[str, Tool] | None = None
) -> tuple[dict[str, Any], LocalContext]:
    local = LocalContext(model or OfflineModel(), tokens=tokens, tools=tools)
    context: Context = local
    result = asyncio.run(load_skill(skill)(task, context))
    assert result is not None
    # As the platform records it: it must be JSON, and small.
    data = json.dumps(dict(result), ensure_ascii=False, allow_nan=False).encode()
    assert len(data) < MAX_BYTES
    read: dict[str, Any] = json.loads(data)
    return read, local


def played(*texts: str, **more: Any) -> Played:
    return Play(*texts, **more).play()
