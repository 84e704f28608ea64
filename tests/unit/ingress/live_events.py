"""The log's events that live events are made of, as the services write them."""

import json
from collections.abc import Sequence
from typing import Any

from google.protobuf.message import Message

from reveille.contracts.agent_runner.v1.events_pb2 import (
    AgentThinking,
    Failure,
    RunCompleted,
    RunFailed,
    RunStarted,
    ToolCalled,
    ToolReturned,
    Work,
)
from reveille.contracts.common.v1.common_pb2 import EventRef, Sealed
from reveille.contracts.ingress.v1.events_pb2 import Blueprint, BlueprintStep, Department, ExecutionRequested, Role
from reveille.contracts.planner.v1.events_pb2 import (
    DepartmentCompleted,
    DepartmentOutput,
    DepartmentStarted,
    ExecutionStarted,
    InputsTaken,
    PlanDefined,
    QualityChecked,
    StepCompleted,
    StepPlanned,
    StepReady,
    WorkReviewed,
)
from reveille.ingress.domain.live.fold import Fold
from reveille.ingress.domain.live.telling import Found, told
from reveille.ingress.domain.live.wire import wire
from reveille.kernel.events import About, Meta, Recorded, new_event
from reveille.kernel.sealing import seal, seal_json
from tests.unit.ingress import plan_events
from tests.unit.ingress.plan_events import Written
from tests.unit.manual_clock import NOON

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
MS = 1_000


def text(said: str) -> Sealed:
    return seal(said.encode())


def execution(id: str, message: Message) -> Written:
    return f"t.execution-{id}", message


def asked(id: str, *texts: str, conversation: str = "", **parameters: Any) -> list[Written]:
    """What a request writes: its inputs have the revisions from 1."""
    request = ExecutionRequested(
        execution_id=id, blueprint="film-scene", conversation_id=conversation, parameters=seal_json(parameters)
    )
    added = [plan_events.added(id, f"i{number}", said) for number, said in enumerate(texts)]
    return [(f"t.inputs-{id}", request), *added]


def begun(
    id: str,
    *,
    inputs: int = 1,
    departments: Sequence[str] = (),
    steps: int = 1,
    conversation: str = "",
    tenant: str = "t",
) -> list[Written]:
    """What the planner's first append has of a blueprint's execution."""
    blueprint = Blueprint(
        name="film-scene",
        steps=[BlueprintStep(name=f"s{number}") for number in range(steps)],
        departments=[Department(name=name) for name in departments],
    )
    refs = [EventRef(stream=f"{tenant}.inputs-{id}", revision=number) for number in range(1, inputs + 1)]
    taken = InputsTaken(execution_id=id, inputs=[{"input_id": ref.stream, "ref": ref} for ref in refs])
    started = ExecutionStarted(execution_id=id, blueprint="film-scene", conversation_id=conversation)
    return [execution(id, one) for one in (started, PlanDefined(execution_id=id, blueprint=blueprint), taken)]


def woken(id: str, agent: str = "reviewer", signals: Sequence[EventRef] = ()) -> list[Written]:
    """The same of an execution that only wakes an agent."""
    started = ExecutionStarted(execution_id=id, signals=signals)
    return [execution(id, started), execution(id, StepPlanned(execution_id=id, step="work", agent=agent))]


def ready(id: str, step: str = "work", agent: str = "reviewer", *, attempt: int = 1, **of: Any) -> Written:
    run_id = run_of(id, step, attempt)
    return execution(id, StepReady(execution_id=id, step=step, agent=agent, attempt=attempt, run_id=run_id, **of))


def drafting(id: str, step: str, agent: str, department: str, round: int) -> Written:
    return ready(id, step, agent, department=department, role=Role.ROLE_DRAFT, round=round)


def run_of(id: str, step: str = "work", attempt: int = 1) -> str:
    return f"{id}-{step.replace('/', '_')}-{attempt}"


def of_run(id: str, message: Message, step: str = "work", attempt: int = 1) -> Written:
    return f"t.run-{run_of(id, step, attempt)}", message


def ran(id: str, step: str = "work", agent: str = "reviewer", attempt: int = 1) -> Written:
    work = Work(run_id=run_of(id, step, attempt), execution_id=id, step=step, agent=agent, attempt=attempt)
    return of_run(id, RunStarted(work=work), step, attempt)


def thought(id: str, said: str, step: str = "work", *, dropped: int = 0) -> Written:
    return of_run(id, AgentThinking(run_id=run_of(id, step), text=text(said), dropped=dropped), step)


def called(id: str, tool: str = "search", step: str = "work", call: int = 1, **arguments: Any) -> Written:
    return of_run(id, ToolCalled(run_id=run_of(id, step), call=call, tool=tool, arguments=seal_json(arguments)), step)


def returned(id: str, result: Any, tool: str = "search", step: str = "work", call: int = 1) -> Written:
    return of_run(id, ToolReturned(run_id=run_of(id, step), call=call, tool=tool, result=seal_json(result)), step)


def came_to(id: str, result: Any, step: str = "work", *, tokens: int = 10, attempt: int = 1) -> Written:
    return of_run(id, RunCompleted(tokens_used=tokens, result=seal_json(result)), step, attempt)


def failed(
    id: str, error: str, step: str = "work", *, reason: Failure = Failure.FAILURE_ERROR, tokens: int = 3
) -> Written:
    return of_run(id, RunFailed(tokens_used=tokens, reason=reason, error=text(error)), step)


def completed(id: str, result: Any, step: str = "work") -> Written:
    return execution(id, StepCompleted(execution_id=id, step=step, run_id=run_of(id, step), result=seal_json(result)))


def department(id: str, name: str = "camera", relevance: float = 0.8) -> Written:
    return execution(id, DepartmentStarted(execution_id=id, department=name, head=f"{name}-head", relevance=relevance))


def department_done(id: str, name: str, *outputs: tuple[str, str, int], status: str = "approved") -> Written:
    """outputs: agent, step and score."""
    made = [
        DepartmentOutput(agent=agent, step=step, ref=EventRef(stream="s"), round=1, score=score, status=status)
        for agent, step, score in outputs
    ]
    mean = round(sum(one.score for one in made) / len(made)) if made else 0
    return execution(
        id,
        DepartmentCompleted(execution_id=id, department=name, outputs=made, quality_score=mean, status=status),
    )


def checked(
    id: str, score: int, *reasons: str, name: str = "camera", agent: str = "lens", passed: bool = False
) -> Written:
    event = QualityChecked(execution_id=id, department=name, step=f"{name}/{agent}", agent=agent, round=1, score=score)
    event.reasons.CopyFrom(seal_json(reasons))
    event.passed = passed
    return execution(id, event)


def reviewed(id: str, status: str, notes: str, *, name: str = "camera", agent: str = "lens") -> Written:
    event = WorkReviewed(
        execution_id=id, department=name, step=f"{name}/{agent}", agent=agent, reviewer=f"{name}-head", round=1
    )
    event.status = status
    event.notes.CopyFrom(text(notes))
    return execution(id, event)


def recorded(*events: Written, apart: int = 5 * MS, start: int = NOON) -> list[Recorded]:
    """As a log has them, each a moment after the one before."""
    found: list[Recorded] = []
    revisions: dict[str, int] = {}
    for number, (stream, message) in enumerate(events):
        revision = revisions[stream] = revisions.get(stream, -1) + 1
        meta = Meta(start + number * apart, About("c", TRACE))
        new = new_event(number.to_bytes(16, "big"), message, meta)
        found.append(Recorded(new.id, new.type, new.data, meta, message, 10 * (number + 1), stream, revision))
    return found


def live(
    id: str, events: Sequence[Recorded], *, whole: bool = False, blob: bytes | None = None
) -> list[dict[str, Any]]:
    """All live events of one execution, as clients read them: the plain fold of the whole log."""
    fold, by_position = Fold(id), {event.position: event for event in events}
    shown = []
    for event in events:
        moment = fold.take(event)
        if moment is not None:
            found = Found(beside=by_position, opening=events, blob=blob)
            shown.append(json.loads(wire(told(id, moment, event, found), whole=whole)))
    return shown
