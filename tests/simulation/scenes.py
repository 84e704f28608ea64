"""Random hierarchies, and what their agents answer: it follows from the role and from what they read."""

import json
from collections.abc import Mapping
from random import Random
from typing import Any, Final, Literal

from reveille.contracts.ingress.v1.events_pb2 import (
    AUTOPILOT_ASSISTED,
    AUTOPILOT_AUTO,
    AUTOPILOT_MANUAL,
    Blueprint,
    Department,
    Gate,
)
from reveille.ingress.application.departments_compiling import ORCHESTRATE, REVIEW, compiled, required
from tests.property.hierarchies import brief, draft, relevance, verdict

NAMES: Final = ("scene",)
# An input with it is about nothing.
STRUCK: Final = f"-{ORCHESTRATE}"

Role = Literal["orchestrate", "brief", "draft", "review", "compose"]


def scene(random: Random, name: str, agents: Mapping[str, str]) -> Blueprint:
    """agents: by skill."""
    departments = [_department(random, number, agents) for number in range(random.choice((1, 1, 2)))]
    revisions = random.choice((0, 1, 1, 2))
    made = Blueprint(
        name=name,
        steps=compiled(agents[random.choice(("swift", "swift", "slow", "rash"))], departments, revisions=revisions),
        required=required(departments),
        departments=departments,
        min_relevance=random.choice((0.1, 0.1, 0.4, 0.5)),
        min_quality=random.choice((49, 50, 90)),
        max_revisions=revisions,
    )
    if random.random() < 0.6:
        made.gates.add().CopyFrom(_gate(random))
        made.autopilot = random.choice((AUTOPILOT_MANUAL, AUTOPILOT_ASSISTED, AUTOPILOT_AUTO))
    return made


def _department(random: Random, number: int, agents: Mapping[str, str]) -> Department:
    head = random.choice(("swift", "slow", "rash"))
    others = [skill for skill in ("swift", "slow", "faulty", "rash") if skill != head]
    return Department(
        name=f"d{number}",
        title=f"D{number}",
        head=agents[head],
        specialists=[agents[skill] for skill in random.sample(others, random.choice((1, 2, 2)))],
        words=[f"word{number}"],
    )


def _gate(random: Random) -> Gate:
    return Gate(
        before="complete",
        ask="Release it?",
        within_ms=random.choice((2_000, 10_000, 60_000)),
        otherwise=random.choice(("reject", "approve")),
        risk=random.choice(("low", "medium", "high")),
    )


def role_of(step: str) -> Role | None:
    """By its name, as hierarchies are documented; None: it is no step of one."""
    match step.split("/"):
        case ["orchestrate" | "compose" as role]:
            return role
        case [name]:
            return "brief" if name[:1] == "d" else None
        case [_, name, *_]:
            return "review" if name == REVIEW else "draft"
    return None


def answer(step: str, read: str) -> dict[str, Any]:
    texts, facts, results, item = json.loads(read)
    match role_of(step):
        case "orchestrate":
            return {"relevance": {name: relevance(texts, name) for name in facts["departments"]}, "texts": texts}
        case "brief":
            wanted = results[ORCHESTRATE]["texts"]
            return {"briefs": {name: made for name in facts["specialists"] if (made := brief(wanted, name))}}
        case "draft":
            asked = {key: item[key] for key in ("brief", "round", "score") if key in item}
            return draft(facts["specialist"], asked, next(iter(results.values()), None))
        case "review":
            told = [verdict(name, results[of], facts["round"]) for name, of in facts["drafts"].items()]
            return {"reviews": told}
    return {"made": facts["departments"], "texts": results[ORCHESTRATE]["texts"]}


def is_rash(step: str, read: str) -> bool:
    """A rash agent answers it with what its role must not answer, however often it is asked."""
    return role_of(step) in ("orchestrate", "brief", "review") and Random(f"rash {step} {read}").random() < 0.15


def rash_answer(step: str, read: str) -> dict[str, Any]:
    random, right = Random(f"which {step} {read}"), answer(step, read)
    match role_of(step):
        case "orchestrate":
            return random.choice(({}, {**right, "relevance": dict.fromkeys(right["relevance"], 2)}))
        case "brief":
            return random.choice(({"briefs": ["all"]}, {"briefs": {"nobody": {"aim": "a"}}}))
    wrong = [{**one, "score": 101} for one in right["reviews"]]
    return {"reviews": wrong} if wrong and random.random() < 0.5 else {"reviews": "good"}
