"""What only a plan tells of itself, from its events."""

import json
from collections.abc import Mapping, Sequence
from typing import Final

from google.protobuf.message import Message

from reveille.contracts.common.v1.common_pb2 import Json, Sealed
from reveille.contracts.ingress.v1.events_pb2 import Role
from reveille.contracts.planner.v1.events_pb2 import (
    InputsTaken,
    PlanDefined,
    PlanUpdated,
    ResultDiscarded,
    StepCompleted,
    StepInvalidated,
    StepRemoved,
    StepRestored,
    StepRevoked,
    StepSkipped,
)
from reveille.contracts.planner.v1.queries_pb2 import ExecutionView, InputView, StepView
from reveille.kernel.events import About, Recorded
from reveille.kernel.sealing import open_sealed
from reveille.kernel.timestamps import timestamp
from reveille.planner.domain.money import is_counted
from reveille.planner.domain.state import Execution, evolve

NOWHERE: Final = About("")
# How a step stands whose attempt, or whose upstream's, is still to come.
UNDER_WAY: Final = frozenset({"planned", "ready", "waiting_tokens", "waiting_approval"})
# How a plan stands that has come to something; the next input may open it again.
ENDED: Final = frozenset({"completed", "failed", "cancelled"})


def take_of_plan(view: ExecutionView, steps: dict[str, StepView], event: Recorded) -> None:
    match event.msg:
        case PlanDefined(blueprint=blueprint):
            view.required[:] = blueprint.required
        case InputsTaken() as taken:
            view.inputs_revision = taken.inputs_revision
            view.facts.CopyFrom(json_of(taken.facts))
            del view.inputs[:]
            view.inputs.extend(
                InputView(input_id=one.input_id, categories=one.categories, confidence=one.confidence, ref=one.ref)
                for one in taken.inputs
            )
        case StepInvalidated(step=name, changed=changed):
            step = steps[name]
            step.status = "planned"
            step.changed[:] = changed
        case StepRestored(step=name):
            steps[name].status = "done"
            steps[name].ClearField("changed")
        case StepSkipped(step=name, reason=reason):
            steps[name].status = "skipped"
            steps[name].error.CopyFrom(text_of(reason))
        case StepRevoked(step=name):
            if steps[name].status in UNDER_WAY:
                steps[name].status = "planned"
            steps[name].tokens.reserved = 0
        case ResultDiscarded(step=name, tokens_used=used):
            steps[name].tokens.used += used
        case StepRemoved(step=name, reason=reason):
            step = steps[name]
            step.status = "removed"
            for field in ("result", "money", "error", "digest", "changed"):
                step.ClearField(field)
            step.reason = reason
        case PlanUpdated() as plan:
            if plan.status not in ENDED:
                view.ClearField("ended_at")  # it goes on: an input has come or gone
            elif view.status != plan.status:
                view.ended_at.CopyFrom(timestamp(event.meta.time))
            view.status, view.plan_version = plan.status, plan.version
            view.completion_percent = plan.completion_percent
            view.plan.CopyFrom(json_of(plan.plan))


def with_edges(steps: Mapping[str, StepView], events: Sequence[Recorded]) -> list[StepView]:
    """What each step waits for, reads and is for, as the blueprint has it by which the execution is planned now.

    In its order; steps that it has not, or has no more, come last.
    """
    blueprint = next((event.msg.blueprint for event in reversed(events) if isinstance(event.msg, PlanDefined)), None)
    known = {step.name: step for step in blueprint.steps} if blueprint is not None else {}
    for name, step in steps.items():
        if (one := known.get(step.of or name)) is not None:
            step.after[:], step.needs[:], step.reads[:] = one.after, one.needs, one.reads
            step.department, step.role, step.round = one.department, role_of(one.role), one.round
    order = {name: number for number, name in enumerate(known)}
    return sorted(steps.values(), key=lambda step: order.get(step.of or step.name, len(order)))


def role_of(role: Role) -> str:
    return Role.Name(role).removeprefix("ROLE_").lower() if role else ""


def take_result(step: StepView, completed: StepCompleted) -> None:
    step.result.CopyFrom(json_of(completed.result))
    step.ClearField("money")
    if completed.HasField("money"):
        step.money.CopyFrom(completed.money)


def standing(events: Sequence[Message | None]) -> tuple[bool, int]:
    """Whether nothing of a plan is under way and what it costs by now has been added up; the tokens it has used."""
    state = Execution()
    for event in events:
        if event is not None:
            state = evolve(state, event, NOWHERE)
    return _is_settled(state), state.tokens_used


def _is_settled(state: Execution) -> bool:
    if state.plan is None or any(step.is_under_way for step in state.steps.values()):
        return False
    return state.status == "cancelled" or (state.plan.cancelling is None and is_counted(state.plan))


def json_of(sealed: Sealed) -> Json:
    return Json(text=open_sealed(sealed).decode())


def text_of(text: str) -> Json:
    return Json(text=json.dumps(text, ensure_ascii=False))
