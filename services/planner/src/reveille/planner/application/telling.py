"""An execution as people see it, from its events."""

import json
from collections.abc import Sequence
from typing import Any, Protocol

from google.protobuf.timestamp_pb2 import Timestamp

from reveille.contracts.common.v1.common_pb2 import Json, Sealed
from reveille.contracts.planner.v1.events_pb2 import (
    ExecutionCompleted,
    ExecutionFailed,
    ExecutionStarted,
    StepCompleted,
    StepFailed,
    StepPlanned,
    StepReady,
    StepRetryScheduled,
)
from reveille.contracts.planner.v1.queries_pb2 import CauseOfExecution, ExecutionView, StepView
from reveille.kernel.events import Recorded, key_of, tenant_of
from reveille.kernel.sealing import open_sealed


class Page(Protocol):
    """(id, position) of executions, the newest first."""

    def __call__(
        self, connection: Any, tenant: str, *, limit: int, before: int, status: str, agent: str, signal_id: str
    ) -> list[tuple[str, int]]: ...


def told(events: Sequence[Recorded]) -> ExecutionView:
    """events: the whole of one execution's stream, which is not empty."""
    stream = events[0].stream
    view = ExecutionView(id=key_of(stream), tenant=tenant_of(stream), status="planned")
    steps: dict[str, StepView] = {}
    for event in events:
        _take(view, steps, event)
    view.version, view.position = events[-1].revision, events[-1].position
    view.steps.extend(steps.values())
    return view


def _take(view: ExecutionView, steps: dict[str, StepView], event: Recorded) -> None:
    match event.msg:
        case ExecutionStarted() as started:
            view.status, view.blueprint = "running", started.blueprint
            view.started_at.CopyFrom(_at(event))
            kind = "rule" if started.rule else "trigger"
            view.cause.CopyFrom(CauseOfExecution(kind=kind, signal_ids=started.signal_ids, rule=started.rule))
        case StepPlanned(step=name, agent=agent):
            steps[name] = StepView(name=name, agent=agent, status="planned")
            view.agent = view.agent or agent
        case StepReady(step=name) as ready:
            step = steps[name]
            step.status, step.attempt, step.run_id = "ready", ready.attempt, ready.run_id
            step.tokens.reserved = ready.tokens
            view.status = "running"
            if ready.attempt == 1:
                step.started_at.CopyFrom(_at(event))
        case StepCompleted(step=name) as completed:
            step = steps[name]
            step.status = "done"
            step.tokens.used += completed.tokens_used
            step.ClearField("error")  # of an attempt before
            step.result.CopyFrom(_json(completed.result))
            view.result.CopyFrom(step.result)
            _close(step, event)
        case StepRetryScheduled(step=name) as retry:
            step = steps[name]
            step.status = "planned"
            step.tokens.reserved = 0
            step.tokens.used += retry.tokens_used
            view.status = "waiting"
            step.error.CopyFrom(_text(retry.reason))
        case StepFailed(step=name) as failed:
            step = steps[name]
            step.status = "failed"
            step.tokens.used += failed.tokens_used
            step.error.CopyFrom(_text(f"{failed.reason}: {open_sealed(failed.error).decode(errors='replace')}"))
            _close(step, event)
        case ExecutionCompleted() | ExecutionFailed() as ended:
            view.status = "completed" if isinstance(ended, ExecutionCompleted) else "failed"
            view.tokens_used = ended.tokens_used
            view.ended_at.CopyFrom(_at(event))


def _close(step: StepView, event: Recorded) -> None:
    step.tokens.reserved = 0
    step.ended_at.CopyFrom(_at(event))


def _at(event: Recorded) -> Timestamp:
    time = event.meta.time
    return Timestamp(seconds=time // 1_000_000, nanos=time % 1_000_000 * 1000)


def _json(sealed: Sealed) -> Json:
    return Json(text=open_sealed(sealed).decode())


def _text(text: str) -> Json:
    return Json(text=json.dumps(text, ensure_ascii=False))
