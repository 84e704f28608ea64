"""Random hierarchies whose agents answer by what they are given, and what must come of it, by an oracle of its own.

The oracle follows the words of docs/departments.md: it knows nothing of steps, lists and digests.
"""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from reveille.contracts.ingress.v1.events_pb2 import (
    AUTOPILOT_AUTO,
    ROLE_BRIEF,
    ROLE_DRAFT,
    ROLE_ORCHESTRATE,
    ROLE_REVIEW,
    Blueprint,
    Department,
)
from reveille.contracts.planner.v1.events_pb2 import StepReady
from reveille.ingress.application.departments_compiling import compiled, required
from tests.property.plans import House

MIN_RELEVANCE: Final = 0.4
MIN_QUALITY: Final = 50


def hierarchy(random_: random.Random, **more: Any) -> Blueprint:
    departments = [
        Department(
            name=f"d{number}",
            title=f"D{number}",
            head=f"head-{number}",
            specialists=[f"s{number}-{one}" for one in range(random_.randint(1, 3))],
            words=[f"word{number}"],
        )
        for number in range(random_.randint(1, 3))
    ]
    revisions = random_.randint(0, 2)
    settings = {"autopilot": AUTOPILOT_AUTO, **more}
    return Blueprint(
        name="random",
        steps=compiled("orchestrator", departments, revisions=revisions),
        required=required(departments),
        departments=departments,
        min_relevance=MIN_RELEVANCE,
        min_quality=MIN_QUALITY,
        max_revisions=revisions,
        **settings,
    )


def dice(*read: Any) -> random.Random:
    """Coarse: others often come to the same."""
    return random.Random(json.dumps(read, sort_keys=True))


def relevance(texts: Sequence[str], department: str) -> float:
    return dice("relevance", list(texts), department).choice((0.1, 0.4, 0.9))


def brief(texts: Sequence[str], specialist: str) -> dict[str, Any] | None:
    """None: it has nothing to do."""
    return dice("brief", list(texts), specialist).choice((None, {"aim": "a"}, {"aim": "b"}))


def draft(specialist: str, asked: Mapping[str, Any], before: Any) -> dict[str, Any]:
    return {"text": dice(specialist, asked, before).randint(0, 9)}


def verdict(specialist: str, work: Mapping[str, Any], round: int) -> dict[str, Any]:
    made = dice("review", specialist, work, round)
    score, status = made.choice((20, 49, 50, 90)), made.choice(("approved", "approved", "revise", "rejected"))
    return {
        "specialist": specialist,
        "score": score,
        "reasons": [f"it is {score}"],
        "status": status,
        "notes": "again",
    }


class Hierarchy(House):
    """Its agents do as above."""

    def result(self, owner: str, ready: StepReady) -> dict[str, Any]:
        texts, facts, results, item = self.read(ready)
        match ready.role:
            case _ if ready.role == ROLE_ORCHESTRATE:
                return {"relevance": {name: relevance(texts, name) for name in facts["departments"]}, "texts": texts}
            case _ if ready.role == ROLE_BRIEF:
                wanted = results["orchestrate"]["texts"]
                return {"briefs": {name: made for name in facts["specialists"] if (made := brief(wanted, name))}}
            case _ if ready.role == ROLE_DRAFT:
                before = next(iter(results.values()), None)
                asked = {key: item[key] for key in ("brief", "round", "score") if key in item}
                return draft(facts["specialist"], asked, before)
            case _ if ready.role == ROLE_REVIEW:
                assert ready.round > 1 or results[ready.department]["briefs"] == item["briefs"]
                told = [verdict(name, results[step], facts["round"]) for name, step in facts["drafts"].items()]
                return {"reviews": told}
        return {"made": facts["departments"], "texts": results["orchestrate"]["texts"]}


@dataclass(slots=True)
class Made:
    """What a department must come to. drafts: by round, the specialists at work; outputs: (round, score, status)."""

    relevance: float
    drafts: list[list[str]] = field(default_factory=list)
    outputs: dict[str, tuple[int, int, str]] = field(default_factory=dict)


def expected(plan: Blueprint, texts: Sequence[str]) -> dict[str, Made]:
    """By department that is woken."""
    found = {}
    for department in plan.departments:
        score = relevance(texts, department.name)
        if score >= MIN_RELEVANCE:
            found[department.name] = _department(plan, department, texts, score)
    return found


def _department(plan: Blueprint, department: Department, texts: Sequence[str], score: float) -> Made:
    made = Made(score)
    asked: dict[str, dict[str, Any]] = {}
    for name in department.specialists:
        if (told := brief(texts, name)) is not None:
            asked[name] = {"brief": told, "round": 1}
    work: dict[str, Any] = {}
    for number in range(1, plan.max_revisions + 2):
        if not asked:
            break
        made.drafts.append(sorted(asked))
        work = {name: draft(name, one, work.get(name)) for name, one in asked.items()}
        following = {}
        for name, one in work.items():
            said = verdict(name, one, number)
            status = _decided(said, is_last=number > plan.max_revisions)
            made.outputs[name] = (number, said["score"], status)
            if status == "revise":
                following[name] = {"brief": asked[name]["brief"], "round": number + 1, "score": said["score"]}
        asked = following
    return made


def _decided(said: Mapping[str, Any], *, is_last: bool) -> str:
    good = said["score"] >= MIN_QUALITY
    if said["status"] == "rejected" or (said["status"] == "approved" and good):
        return str(said["status"])
    if is_last:
        return "approved" if good else "rejected"
    return "revise"
