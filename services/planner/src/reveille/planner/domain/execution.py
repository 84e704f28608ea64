"""What must be done for a trigger, and what became of it. Stream: execution-<id>."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, assert_never

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from reveille.contracts.common.v1.common_pb2 import EventRef, Priority, Sealed
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
from reveille.kernel.events import About
from reveille.kernel.ids import derive
from reveille.kernel.replacing import replace

# The step of a plan that only wakes an agent.
WAKE_STEP: Final = "wake"
# A run whose owner vanished is no failure of the agent's, yet one that takes its owner down each time must end.
MAX_INTERRUPTIONS: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class StepPlan:
    name: str
    agent: str
    attempts: int
    backoff_ms: int
    timeout_ms: int
    tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    now: int
    execution_id: str
    trigger_id: str
    rule: str
    priority: Priority
    signal_ids: tuple[str, ...]
    signals: tuple[EventRef, ...]
    fleet_revision: int
    step: StepPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteStep:
    now: int
    step: str
    attempt: int
    run_id: str
    tokens_used: int
    result: Sealed


@dataclass(frozen=True, slots=True, kw_only=True)
class FailStep:
    """`retry`: another attempt may go better. `interrupted`: the run's owner vanished."""

    now: int
    step: str
    attempt: int
    tokens_used: int
    reason: str
    error: Sealed
    retry: bool
    interrupted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryStep:
    now: int
    step: str
    due: int


Command = Start | CompleteStep | FailStep | RetryStep


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    plan: StepPlan
    status: str = "planned"
    attempt: int = 0
    failures: int = 0
    interruptions: int = 0
    retry_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """started: the fact that the steps share; None: there is no such execution."""

    started: ExecutionStarted | None = None
    status: str = "none"
    steps: Mapping[str, Step] = field(default_factory=dict)
    tokens_used: int = 0


def decide(command: Command, state: Execution) -> list[Message]:
    match command:
        case Start():
            return [] if state.started else _start(command)
        case _ if state.started is None:
            raise Rejected(f"an execution that never started has no step {command.step}")
        case RetryStep(step=name, due=due):
            step = state.steps[name]
            return [_ready(state.started, step, step.attempt + 1)] if step.retry_at == due else []
        case CompleteStep() | FailStep() if not _is_current(command, state):
            return []  # a stale attempt changes nothing; what it used, the ledger counts
        case CompleteStep():
            return _complete(command, state)
        case FailStep():
            return _fail(command, state)
        case _:
            assert_never(command)


def _is_current(command: CompleteStep | FailStep, state: Execution) -> bool:
    step = state.steps[command.step]
    return step.status == "ready" and step.attempt == command.attempt


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
        retry.retry_at.CopyFrom(_timestamp(command.now + _backoff_us(step, execution_id)))
        return [retry]
    failed = StepFailed(
        execution_id=execution_id,
        step=command.step,
        attempt=command.attempt,
        reason=command.reason,
        error=command.error,
        tokens_used=command.tokens_used,
    )
    used = state.tokens_used + command.tokens_used
    return [failed, ExecutionFailed(execution_id=execution_id, reason=f"step {command.step} failed", tokens_used=used)]


def _backoff_us(step: Step, execution_id: str) -> int:
    """Twice as long each time, up to half as much again by a jitter that follows from the run's name."""
    base = step.plan.backoff_ms * 1000 << step.failures
    jitter = int(derive("jitter", execution_id, step.plan.name, str(step.attempt))[:8], 16) / 0xFFFFFFFF
    return base + int(base * jitter / 2)


def _timestamp(microseconds: int) -> Timestamp:
    return Timestamp(seconds=microseconds // 1_000_000, nanos=microseconds % 1_000_000 * 1000)


def microseconds(timestamp: Timestamp) -> int:
    return timestamp.seconds * 1_000_000 + timestamp.nanos // 1000


def evolve(state: Execution, event: Message, about: About) -> Execution:
    match event:
        case ExecutionStarted():
            return replace(state, started=event, status="running")
        case StepPlanned(step=name):
            plan = StepPlan(
                name=name,
                agent=event.agent,
                attempts=event.attempts,
                backoff_ms=event.backoff_ms,
                timeout_ms=event.timeout_ms,
                tokens=event.tokens,
            )
            return replace(state, steps={**state.steps, name: Step(plan=plan)})
        case StepReady(step=name, attempt=attempt):
            return _with_step(state, name, status="ready", attempt=attempt, retry_at=None)
        case StepCompleted(step=name):
            return replace(_with_step(state, name, status="done"), tokens_used=state.tokens_used + event.tokens_used)
        case StepRetryScheduled(step=name):
            step = state.steps[name]
            state = replace(state, tokens_used=state.tokens_used + event.tokens_used)
            if event.interrupted:
                return _with_step(state, name, status="waiting", interruptions=step.interruptions + 1)
            return _with_step(
                state, name, status="waiting", failures=step.failures + 1, retry_at=microseconds(event.retry_at)
            )
        case StepFailed(step=name):
            return replace(_with_step(state, name, status="failed"), tokens_used=state.tokens_used + event.tokens_used)
        case ExecutionCompleted():
            return replace(state, status="completed")
        case ExecutionFailed():
            return replace(state, status="failed")
    return state


def _with_step(state: Execution, name: str, **changes: object) -> Execution:
    step = replace(state.steps[name], **changes)  # type: ignore[arg-type]
    return replace(state, steps={**state.steps, name: step})


decider: Final = Decider(category="execution", initial=Execution(), decide=decide, evolve=evolve, opening=(Start,))
