"""What only a hierarchy tells of itself, from its events."""

from collections.abc import Mapping
from typing import Final

from reveille.contracts.ingress.v1.events_pb2 import Autopilot, Blueprint
from reveille.contracts.planner.v1.events_pb2 import (
    DepartmentCompleted,
    DepartmentStarted,
    PlanDefined,
    QualityChecked,
    StepRemoved,
    WorkReviewed,
)
from reveille.contracts.planner.v1.queries_pb2 import DepartmentView, ExecutionView, StepView
from reveille.kernel.events import Recorded
from reveille.kernel.sealing import open_sealed
from reveille.kernel.timestamps import timestamp
from reveille.planner.application.telling_plans import json_of

# Of a department that nothing has woken, and of one that is at work.
ASLEEP: Final = "asleep"
RUNNING: Final = "running"
COMPOSE: Final = "compose"


def take_of_hierarchy(view: ExecutionView, steps: Mapping[str, StepView], event: Recorded) -> None:
    match event.msg:
        case PlanDefined(blueprint=blueprint):
            _define(view, blueprint)
        case DepartmentStarted(department=name) as started if (known := _department(view, name)) is not None:
            known.status, known.relevance = RUNNING, started.relevance
            known.started_at.CopyFrom(timestamp(event.meta.time))
            known.ClearField("quality_score")
            known.ClearField("ended_at")
        case DepartmentCompleted(department=name) as completed if (known := _department(view, name)) is not None:
            known.status, known.quality_score = completed.status, completed.quality_score
            known.ended_at.CopyFrom(timestamp(event.meta.time))
        case StepRemoved(step=name) if (known := _department(view, name)) is not None:
            known.status = ASLEEP
            for field in ("relevance", "quality_score", "started_at", "ended_at"):
                known.ClearField(field)
        case QualityChecked(step=name) as checked if name in steps:
            steps[name].review.score = checked.score
            steps[name].review.reasons.CopyFrom(json_of(checked.reasons))
        case WorkReviewed(step=name) as reviewed if name in steps:
            review = steps[name].review
            review.status, review.reviewer = reviewed.status, reviewed.reviewer
            review.notes = open_sealed(reviewed.notes).decode(errors="replace")


def take_what_is_composed(view: ExecutionView) -> None:
    """The result of a hierarchy is what is composed, whatever was done last; none as long as it is not."""
    if not view.departments:
        return
    view.ClearField("result")
    for step in view.steps:
        if step.role == COMPOSE and step.status == "done":
            view.result.CopyFrom(step.result)


def mode_of(mode: Autopilot) -> str:
    return Autopilot.Name(mode).removeprefix("AUTOPILOT_").lower() if mode else ""


def _define(view: ExecutionView, blueprint: Blueprint) -> None:
    known = {one.name: one for one in view.departments}
    view.autopilot = view.autopilot or mode_of(blueprint.autopilot)
    departments = []
    for one in blueprint.departments:
        department = known.get(one.name, DepartmentView(name=one.name, status=ASLEEP))
        department.title, department.head = one.title, one.head
        department.specialists[:] = one.specialists
        departments.append(department)
    del view.departments[:]
    view.departments.extend(departments)


def _department(view: ExecutionView, name: str) -> DepartmentView | None:
    return next((one for one in view.departments if one.name == name), None)
