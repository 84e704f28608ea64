"""When a department is said to have started, and to be done."""

from collections.abc import Mapping, Sequence
from typing import Final

from reveille.contracts.planner.v1.events_pb2 import DepartmentCompleted, DepartmentOutput, DepartmentStarted
from reveille.planner.domain.draft import Draft
from reveille.planner.domain.graph import plain_digest
from reveille.planner.domain.hierarchy import APPROVED, REJECTED, briefing, outputs, relevance_of
from reveille.planner.domain.state import DONE, FAILED, Step
from reveille.planner.domain.wave import Outcome

# Some of its work is approved.
PARTIAL: Final = "partial"


def tell(draft: Draft, outcomes: Mapping[str, Outcome]) -> None:
    """What is new of each department: it starts with each new briefing, and is done when nothing of it is under way."""
    graph = draft.plan.graph
    for name, department in graph.departments.items():
        step = briefing(draft, name)
        told = draft.plan.departments.get(name)
        if step is None or not ((digest := _briefed_by(step)) or told):
            continue
        if step.status == DONE and not outcomes[name].is_settled:
            continue  # whether its briefing counts is not known yet: a fork has it from elsewhere
        # Without a digest nobody briefs it any more: it is done where what it needs has failed.
        if digest and (told is None or told.started != digest):
            draft.add(
                DepartmentStarted(
                    execution_id=draft.id,
                    department=name,
                    head=department.head,
                    relevance=relevance_of(step),
                    digest=digest,
                )
            )
        steps = [outcomes[one.name] for one in graph.of_department(name) if one.name in outcomes]
        if not all(outcome.is_settled for outcome in steps):
            continue
        value = plain_digest(digest, *(outcome.value or outcome.status for outcome in steps))
        if draft.plan.departments[name].completed != value:
            made = outputs(draft, department)
            draft.add(
                DepartmentCompleted(
                    execution_id=draft.id,
                    department=name,
                    outputs=made,
                    quality_score=round(sum(one.score for one in made) / len(made)) if made else 0,
                    status=_status(made),
                    digest=value,
                )
            )


def _briefed_by(step: Step) -> str:
    """What its latest briefing is, or was, done with; "": it has not begun."""
    return step.result.digest if step.status == DONE and step.result is not None else step.digest


def _status(made: Sequence[DepartmentOutput]) -> str:
    statuses = {one.status for one in made}
    if statuses == {APPROVED}:
        return APPROVED
    if APPROVED in statuses:
        return PARTIAL
    return REJECTED if REJECTED in statuses else FAILED
