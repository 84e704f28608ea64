"""What the roles of a hierarchy answer, and whom that wakes next.

A role's answer is a result like any other. Of it the plan makes the lists that the next steps are done for: where there
is no item, the step has nothing to do.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from google.protobuf.message import Message

from reveille.contracts.ingress.v1.events_pb2 import ROLE_BRIEF, ROLE_ORCHESTRATE, ROLE_REVIEW, BlueprintStep
from reveille.contracts.planner.v1.events_pb2 import Item, Items, QualityChecked, WorkReviewed
from reveille.kernel.digests import Digests
from reveille.kernel.sealing import open_sealed, seal, seal_json
from reveille.planner.domain.draft import Draft
from reveille.planner.domain.hierarchy import REVISE
from reveille.planner.domain.judging import Verdict, verdicts
from reveille.planner.domain.unusable import Unusable

# What the review of the first round is done for, in the result of a brief; and of the next one, in that of a review.
FIRST_REVIEW: Final = "review:1"
NEXT_REVIEW: Final = "review"
# A list has one item at most, and its run is called as its step.
_ITEM: Final = "1"


def answered(
    draft: Draft, step: BlueprintStep, found: Mapping[str, Any], digests: Digests
) -> tuple[list[Items], list[Message]]:
    """Of a step that has a role: its lists, and what a review says of each draft. Raises Unusable."""
    asked: Mapping[str, Any] = {}
    judged: list[Message] = []
    if step.role == ROLE_ORCHESTRATE:
        asked = _relevant(draft, found)
    elif step.role == ROLE_BRIEF:
        asked = _briefed(draft, step, found)
    elif step.role == ROLE_REVIEW:
        told = verdicts(draft, step, found)
        asked, judged = _to_revise(draft, step, told), _judged(draft, step, told)
    return [Items(key=key, items=[_item(value, digests)]) for key, value in asked.items()], judged


def _judged(draft: Draft, step: BlueprintStep, verdicts: Sequence[Verdict]) -> list[Message]:
    told: list[Message] = []
    for one in verdicts:
        checked = QualityChecked(
            execution_id=draft.id,
            department=step.department,
            step=one.step,
            agent=one.specialist,
            round=step.round,
            score=one.score,
            reasons=seal_json(one.reasons),
            passed=one.passed,
        )
        reviewed = WorkReviewed(
            execution_id=draft.id,
            department=step.department,
            step=one.step,
            agent=one.specialist,
            reviewer=step.agent,
            round=step.round,
            status=one.status,
            notes=seal(one.notes.encode()),
        )
        told += [checked, reviewed]
    return told


def _relevant(draft: Draft, found: Mapping[str, Any]) -> dict[str, Any]:
    """The departments that are to be woken."""
    graph, told = draft.plan.graph, found.get("relevance")
    if not isinstance(told, Mapping):
        raise Unusable(f"relevance in the result is {_kind(told)}, expected an object: by department 0 to 1")
    asked = {}
    for name in graph.departments:
        score = told.get(name, 0)
        if isinstance(score, bool) or not isinstance(score, int | float) or not 0 <= score <= 1:
            raise Unusable(f"the relevance of {name} is {str(score)[:40]}, expected 0 to 1")
        if score >= graph.blueprint.min_relevance:
            asked[name] = {"department": name, "relevance": score}
    return asked


def _briefed(draft: Draft, step: BlueprintStep, found: Mapping[str, Any]) -> dict[str, Any]:
    """The specialists that have something to do, and their head's review of it."""
    told = found.get("briefs")
    if not isinstance(told, Mapping):
        raise Unusable(f"briefs in the result are {_kind(told)}, expected an object: by specialist its brief")
    specialists = draft.plan.graph.departments[step.department].specialists
    if unknown := [name for name in told if name not in specialists]:
        raise Unusable(f"{str(unknown[0])[:80]!r} is briefed, expected of {', '.join(specialists)}")
    briefs = {name: told[name] for name in specialists if told.get(name) is not None}
    asked = {name: {"brief": brief, "round": 1} for name, brief in briefs.items()}
    return {**asked, FIRST_REVIEW: {"round": 1, "briefs": briefs}} if asked else {}


def _to_revise(draft: Draft, step: BlueprintStep, told: Sequence[Verdict]) -> dict[str, Any]:
    following = step.round + 1
    asked = {
        one.specialist: {
            "brief": _brief(draft, one.step),
            "round": following,
            "score": one.score,
            "reasons": one.reasons,
            "notes": one.notes,
        }
        for one in told
        if one.status == REVISE
    }
    briefs = {name: item["brief"] for name, item in asked.items()}
    return {**asked, NEXT_REVIEW: {"round": following, "briefs": briefs}} if asked else {}


def _brief(draft: Draft, step: str) -> Any:
    item = draft.state.steps[step].item
    return json.loads(open_sealed(item.value)).get("brief") if item is not None else None


def _item(value: Any, digests: Digests) -> Item:
    return Item(name=_ITEM, digest=digests.of(value), value=seal_json(value))


def _kind(told: Any) -> str:
    return "missing" if told is None else f"a {type(told).__name__}"
