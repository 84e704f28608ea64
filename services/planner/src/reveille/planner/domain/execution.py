"""What must be done for a trigger, and what became of it. Stream: execution-<id>."""

from typing import Final, assert_never

from google.protobuf.message import Message

from reveille.contracts.common.v1.common_pb2 import Sealed
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
from reveille.kernel.decider import Decider
from reveille.kernel.errors import Rejected
from reveille.kernel.ids import derive
from reveille.kernel.sealing import seal
from reveille.kernel.timestamps import timestamp
from reveille.planner.domain import asking
from reveille.planner.domain.commands import (
    Admit,
    Answer,
    AwaitTokens,
    Command,
    CompleteStep,
    FailStep,
    MissDeadline,
    RetryStep,
    Start,
)
from reveille.planner.domain.state import READY, WAITING, Execution, Step, evolve

# The step of a plan that only wakes an agent.
WAKE_STEP: Final = "wake"
# A run whose owner vanished is no failure of the agent's, yet one that takes its owner down each time must end.
MAX_INTERRUPTIONS: Final = 10


def decide(command: Command, state: Execution) -> list[Message]:
    match command:
        case Start():
            return [] if state.started else _start(command)
        case _ if state.started is None:
            raise Rejected(f"an execution that never started has no {_named(command)}")
        case RetryStep(step=name, due=due):
            step = state.steps[name]
            return [_ready(state.started, step, step.attempt + 1)] if step.retry_at == due else []
        case CompleteStep() | FailStep() | AwaitTokens() | Admit() if not _is_current(command, state):
            return []  # a stale attempt changes nothing; what it used, the ledger counts
        case CompleteStep():
            return [*asking.moot(state.steps[command.step]), *_complete(command, state)]
        case FailStep():
            return [*asking.moot(state.steps[command.step]), *_fail(command, state)]
        case AwaitTokens(step=name, attempt=attempt):
            execution_id = state.started.execution_id
            return asking.waiting(command, execution_id, run_id(execution_id, name, attempt), state.steps[name])
        case Admit(step=name):
            return asking.released(state.started.execution_id, state.steps[name])
        case Answer():
            return _answered(command, state)
        case MissDeadline():
            return _missed(command, state)
        case _:
            assert_never(command)


def _named(command: Command) -> str:
    match command:
        case Answer(approval_id=approval_id):
            return f"question {approval_id}"
        case Start(step=plan):
            return f"step {plan.name}"
    return f"step {command.step}"


def _is_current(command: CompleteStep | FailStep | AwaitTokens | Admit, state: Execution) -> bool:
    """A run's end may be heard of before the ledger's word that it had waited: they come by different ways."""
    step = state.steps[command.step]
    match command:
        case AwaitTokens():
            stands = step.status == READY
        case Admit():
            stands = step.status == WAITING
        case _:
            stands = step.status in (READY, WAITING)
    return stands and step.attempt == command.attempt


def _start(command: Start) -> list[Message]:
    started = ExecutionStarted(
        execution_id=command.execution_id,
        trigger_id=command.trigger_id,
        rule=command.rule,
        priority=command.priority,
        signal_ids=command.signal_ids,
        signals=command.signals,
        fleet_revision=command.fleet_revision,
    )
    plan = command.step
    planned = StepPlanned(
        execution_id=command.execution_id,
        step=plan.name,
        agent=plan.agent,
        attempts=plan.attempts,
        backoff_ms=plan.backoff_ms,
        timeout_ms=plan.timeout_ms,
        tokens=plan.tokens,
    )
    return [started, planned, _ready(started, Step(plan=plan), 1)]


def _ready(started: ExecutionStarted, step: Step, attempt: int) -> StepReady:
    return StepReady(
        execution_id=started.execution_id,
        step=step.plan.name,
        agent=step.plan.agent,
        attempt=attempt,
        run_id=run_id(started.execution_id, step.plan.name, attempt),
        tokens=step.plan.tokens,
        priority=started.priority,
        fleet_revision=started.fleet_revision,
        signals=started.signals,
        timeout_ms=step.plan.timeout_ms,
        rule=started.rule,
        signal_ids=started.signal_ids,
    )


def run_id(execution_id: str, step: str, attempt: int) -> str:
    return derive("run", execution_id, step, str(attempt))


def _complete(command: CompleteStep, state: Execution) -> list[Message]:
    assert state.started is not None
    execution_id = state.started.execution_id
    completed = StepCompleted(
        execution_id=execution_id,
        step=command.step,
        attempt=command.attempt,
        run_id=command.run_id,
        tokens_used=command.tokens_used,
        result=command.result,
    )
    if any(step.status != "done" for name, step in state.steps.items() if name != command.step):
        return [completed]
    used = state.tokens_used + command.tokens_used
    return [completed, ExecutionCompleted(execution_id=execution_id, tokens_used=used)]


def _fail(command: FailStep, state: Execution) -> list[Message]:
    assert state.started is not None
    execution_id, step = state.started.execution_id, state.steps[command.step]
    retry = StepRetryScheduled(
        execution_id=execution_id,
        step=command.step,
        attempt=command.attempt,
        reason=command.reason,
        tokens_used=command.tokens_used,
        interrupted=command.interrupted,
    )
    if command.interrupted and step.interruptions < MAX_INTERRUPTIONS:
        return [retry, _ready(state.started, step, step.attempt + 1)]
    if command.retry and not command.interrupted and step.failures + 1 < step.plan.attempts:
        retry.retry_at.CopyFrom(timestamp(command.now + _backoff_us(step, execution_id)))
        return [retry]
    return _failed(step, state, command.reason, command.error, command.tokens_used)


def _failed(step: Step, state: Execution, reason: str, error: Sealed, tokens_used: int = 0) -> list[Message]:
    assert state.started is not None
    execution_id, name = state.started.execution_id, step.plan.name
    failed = StepFailed(
        execution_id=execution_id,
        step=name,
        attempt=step.attempt,
        reason=reason,
        error=error,
        tokens_used=tokens_used,
    )
    used = state.tokens_used + tokens_used
    return [failed, ExecutionFailed(execution_id=execution_id, reason=f"step {name} failed", tokens_used=used)]


def _answered(command: Answer, state: Execution) -> list[Message]:
    """An approved one goes on waiting: it is the ledger that admits it. What was resolved before stays so."""
    for step in state.steps.values():
        if step.asked is not None and step.asked.approval_id == command.approval_id:
            told = asking.resolved(step.asked, approved=command.approved, by=command.by, how=asking.DECIDED)
            if command.approved:
                return [told]
            return [told, *_failed(step, state, "rejected", asking.refusal(command.comment, command.by))]
    return []


def _missed(command: MissDeadline, state: Execution) -> list[Message]:
    step = state.steps[command.step]
    if step.asked is None or step.asked.deadline != timestamp(command.due):
        return []
    approved = step.asked.otherwise != asking.REJECT
    told = asking.resolved(step.asked, approved=approved, by="", how=asking.DEADLINE)
    if approved:
        return [told]
    return [told, *_failed(step, state, "budget", seal(b"nobody let it exceed its budget in time"))]


def _backoff_us(step: Step, execution_id: str) -> int:
    """Twice as long each time, up to half as much again by a jitter that follows from the run's name."""
    base = step.plan.backoff_ms * 1000 << step.failures
    jitter = int(derive("jitter", execution_id, step.plan.name, str(step.attempt))[:8], 16) / 0xFFFFFFFF
    return base + int(base * jitter / 2)


decider: Final = Decider(category="execution", initial=Execution(), decide=decide, evolve=evolve, opening=(Start,))
