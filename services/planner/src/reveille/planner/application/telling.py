"""An execution as people see it, from its events."""

from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol

from google.protobuf.timestamp_pb2 import Timestamp

from reveille.contracts.planner.v1.events_pb2 import (
    APPROVAL_KIND_GATE,
    ApprovalRequested,
    ApprovalResolved,
    ExecutionCancelled,
    ExecutionCompleted,
    ExecutionFailed,
    ExecutionStarted,
    StepAdopted,
    StepCompleted,
    StepFailed,
    StepPlanned,
    StepReady,
    StepReleased,
    StepRetryScheduled,
    StepWaiting,
)
from reveille.contracts.planner.v1.queries_pb2 import (
    ApprovalView,
    CauseOfExecution,
    ExecutionView,
    StepView,
)
from reveille.kernel.clock import to_rfc3339
from reveille.kernel.event_store import NO_STREAM
from reveille.kernel.events import Recorded, key_of, tenant_of
from reveille.kernel.sealing import open_sealed
from reveille.kernel.timestamps import timestamp
from reveille.planner.application.telling_departments import mode_of, take_of_hierarchy, take_what_is_composed
from reveille.planner.application.telling_plans import (
    UNDER_WAY,
    role_of,
    standing,
    take_of_plan,
    take_result,
    text_of,
    with_edges,
)
from reveille.planner.domain.state import MOOT

# Of an approval that nobody has answered yet.
OPEN: Final = "open"


class ApprovalPage(Protocol):
    """(id, execution id, position) of approvals, the newest first."""

    def __call__(
        self, connection: Any, tenant: str, *, limit: int, before: int, status: str, execution_id: str
    ) -> list[tuple[str, str, int]]: ...


# The execution that asks; None: there is no such approval.
ExecutionOf = Callable[[Any, str, str], str | None]


class Page(Protocol):
    """(id, position) of executions, the newest first."""

    def __call__(
        self,
        connection: Any,
        tenant: str,
        *,
        limit: int,
        before: int,
        status: str,
        agent: str,
        signal_id: str,
        blueprint: str,
    ) -> list[tuple[str, int]]: ...


def told(events: Sequence[Recorded]) -> ExecutionView:
    """events: the whole of one execution's stream, which is not empty."""
    stream = events[0].stream
    view = ExecutionView(id=key_of(stream), tenant=tenant_of(stream), status="planned")
    steps: dict[str, StepView] = {}
    # By step, what its attempt asked of the ledger.
    asked: dict[str, int] = {}
    for event in events:
        _take(view, steps, asked, event)
    view.version, view.position = events[-1].revision, events[-1].position
    view.steps.extend(with_edges(steps, events))
    take_what_is_composed(view)
    if view.blueprint:
        view.settled, view.tokens_used = standing([event.msg for event in events])
    return view


def _take(view: ExecutionView, steps: dict[str, StepView], asked: dict[str, int], event: Recorded) -> None:
    match event.msg:
        case ExecutionStarted() as started:
            view.status, view.blueprint = "running", started.blueprint
            view.started_at.CopyFrom(_at(event))
            kind = _cause_of(started)
            view.conversation_id, view.from_execution = started.conversation_id, started.from_execution
            view.inputs_revision = NO_STREAM
            view.cause.CopyFrom(CauseOfExecution(kind=kind, signal_ids=started.signal_ids, rule=started.rule))
            view.autopilot = mode_of(started.autopilot)
        case StepPlanned(step=name, agent=agent) as planned:
            steps[name] = StepView(
                name=name,
                agent=agent,
                status="planned",
                reason=planned.reason,
                after=planned.after,
                needs=planned.needs,
                of=planned.of,
            )
            view.agent = view.agent or agent
        case StepReady(step=name) as ready:
            step = steps[name]
            step.status, step.attempt, step.run_id = "ready", ready.attempt, ready.run_id
            step.department, step.role, step.round = ready.department, role_of(ready.role), ready.round
            step.tokens.reserved = asked[name] = ready.tokens
            view.status = "running"
            if ready.attempt == 1 or ready.digest != step.digest:
                step.started_at.CopyFrom(_at(event))
                step.ClearField("ended_at")
                step.ClearField("error")
            step.digest = ready.digest
        case StepWaiting() as waiting:
            step = steps[waiting.step]
            step.status, step.tokens.reserved = "waiting_tokens", 0
            until = to_rfc3339(waiting.until.ToMicroseconds())
            step.error.CopyFrom(text_of(f"waits for tokens of {waiting.account}, until {until} at the latest"))
            view.status = "waiting"
        case StepReleased() as released:
            step = steps[released.step]
            step.status, step.tokens.reserved = "ready", asked[released.step]
            step.ClearField("error")
            view.status = "running"
        case ApprovalRequested(kind=kind) as question:
            agent = ""
            if kind != APPROVAL_KIND_GATE:
                steps[question.step].status = "waiting_approval"
                agent = steps[question.step].agent
            view.approvals.append(_question(question, agent, event))
        case ApprovalResolved() as resolved:
            _resolve(view, steps.get(resolved.step), resolved, event)
        case StepCompleted(step=name) as completed:
            step = steps[name]
            step.status = "done"
            step.tokens.used += completed.tokens_used
            step.ClearField("error")  # of an attempt before
            take_result(step, completed)
            view.result.CopyFrom(step.result)
            _close(step, event)
        case StepAdopted(completed=completed):
            step = steps[completed.step]
            step.status, step.digest = "done", completed.digest
            take_result(step, completed)
            view.result.CopyFrom(step.result)
            _close(step, event)
        case StepRetryScheduled(step=name) as retry:
            step = steps[name]
            step.status = "planned"
            step.tokens.reserved = 0
            step.tokens.used += retry.tokens_used
            view.status = "waiting"
            step.error.CopyFrom(text_of(retry.reason))
        case StepFailed(step=name) as failed:
            step = steps[name]
            step.status = "failed"
            step.tokens.used += failed.tokens_used
            step.error.CopyFrom(text_of(f"{failed.reason}: {open_sealed(failed.error).decode(errors='replace')}"))
            _close(step, event)
        case ExecutionCompleted(living=True):
            pass  # the plan says how it stands
        case ExecutionCompleted() | ExecutionFailed() as ended:
            view.status = "completed" if isinstance(ended, ExecutionCompleted) else "failed"
            view.tokens_used = ended.tokens_used
            view.ended_at.CopyFrom(_at(event))
        case ExecutionCancelled(tokens_used=used):
            view.status, view.tokens_used = "cancelled", used
            view.ended_at.CopyFrom(_at(event))
            for step in steps.values():
                if step.status in UNDER_WAY:
                    step.status = "cancelled"
        case _:
            take_of_plan(view, steps, event)
            take_of_hierarchy(view, steps, event)


def _cause_of(started: ExecutionStarted) -> str:
    if started.blueprint and not started.trigger_id:
        return "fork" if started.from_execution else "request"
    return "rule" if started.rule else "trigger"


def _question(asked: ApprovalRequested, agent: str, event: Recorded) -> ApprovalView:
    return ApprovalView(
        id=asked.approval_id,
        execution_id=asked.execution_id,
        step=asked.step,
        question=open_sealed(asked.question).decode(errors="replace"),
        risk=asked.risk,
        cost=asked.tokens,
        deadline=asked.deadline,
        otherwise=asked.otherwise,
        status=OPEN,
        agent=agent,
        requested_at=_at(event),
        kind="gate" if asked.kind == APPROVAL_KIND_GATE else "tokens",
    )


def status_of(resolved: ApprovalResolved) -> str:
    """How a question ended."""
    if resolved.how == MOOT:
        return MOOT
    if resolved.approved:
        return "approved"
    return "expired" if resolved.how == "deadline" else "rejected"


def _resolve(view: ExecutionView, step: StepView | None, resolved: ApprovalResolved, event: Recorded) -> None:
    if step is not None and step.status == "waiting_approval":  # where it is approved, the ledger has yet to admit it
        step.status = "waiting_tokens"
    for approval in view.approvals:
        if approval.id == resolved.approval_id:
            approval.status, approval.by = status_of(resolved), resolved.by
            approval.resolved_at.CopyFrom(_at(event))


def _close(step: StepView, event: Recorded) -> None:
    step.tokens.reserved = 0
    step.ended_at.CopyFrom(_at(event))


def _at(event: Recorded) -> Timestamp:
    return timestamp(event.meta.time)
