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
)
from reveille.kernel.decider import Decider
from reveille.kernel.digests import Digests
from reveille.kernel.errors import Rejected
from reveille.kernel.sealing import seal
from reveille.kernel.timestamps import timestamp
from reveille.planner.domain import asking, failing, planning, starting
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
    TakeEstimate,
    TakeInputs,
)
from reveille.planner.domain.state import READY, WAITING, Execution, Step, evolve

# The step of a plan that only wakes an agent.
WAKE_STEP: Final = "wake"


def decider(digests: Digests) -> Decider:
    """digests: of results, so that an equal one is known."""

    def decide(command: Command, state: Execution) -> list[Message]:
        return _decide(command, state, digests)

    return Decider(
        category="execution", initial=Execution(), decide=decide, evolve=evolve, opening=(Start,), weight=_weight
    )


def _weight(state: Execution) -> int:
    return 1 + len(state.steps)


def _decide(command: Command, state: Execution, digests: Digests) -> list[Message]:
    match command:
        case Start():
            return [] if state.started else _start(command)
        case TakeInputs():
            return planning.take_inputs(command, state)
        case _ if state.started is None:
            raise Rejected(f"an execution that never started has no {_named(command)}")
        case TakeEstimate():
            return planning.take_estimate(command, state)
        case RetryStep(step=name, due=due):
            if name not in state.steps or state.steps[name].retry_at != due:
                return []
            return _retry(command, state)
        case CompleteStep() | FailStep() if not _is_current(command, state):
            return planning.discard(command, state)  # what it used, the ledger counts
        case AwaitTokens() | Admit() if not _is_current(command, state):
            return []
        case CompleteStep():
            if state.plan is not None:
                return planning.complete(command, state, digests)
            return [*asking.moot(state.steps[command.step]), *_complete(command, state)]
        case FailStep():
            if state.plan is not None:
                return planning.fail(command, state)
            return [*asking.moot(state.steps[command.step]), *_fail(command, state)]
        case AwaitTokens(step=name, attempt=attempt):
            execution_id = state.started.execution_id
            run = starting.run_id(execution_id, name, attempt)
            return _noted(asking.waiting(command, execution_id, run, state.steps[name]), state, command.now)
        case Admit(step=name):
            return _noted(asking.released(state.started.execution_id, state.steps[name]), state, command.now)
        case Answer():
            return _answered(command, state)
        case MissDeadline():
            return _missed(command, state)
        case _:
            assert_never(command)


def _noted(events: list[Message], state: Execution, now: int) -> list[Message]:
    return events if state.plan is None else planning.noted(events, state, now=now)


def _retry(command: RetryStep, state: Execution) -> list[Message]:
    if state.plan is not None:
        return planning.retry(command, state)
    assert state.started is not None
    step = state.steps[command.step]
    return [starting.wake(state.started, step, step.attempt + 1)]


def _named(command: Command) -> str:
    match command:
        case Answer(approval_id=approval_id):
            return f"question {approval_id}"
        case TakeEstimate():
            return "estimate"
        case TakeInputs() | Start():
            raise AssertionError("it begins one")
    return f"step {command.step}"


def _is_current(command: CompleteStep | FailStep | AwaitTokens | Admit, state: Execution) -> bool:
    """A run's end may be heard of before the ledger's word that it had waited: they come by different ways.

    A stale attempt changes nothing.
    """
    step = state.steps.get(command.step)
    if step is None:
        return False
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
    return [started, planned, starting.wake(started, Step(plan=plan), 1)]


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
    step = state.steps[command.step]
    follows = failing.after(command, state.started.execution_id, step)
    if isinstance(follows, StepFailed):
        return [follows, _ended(follows, state)]
    if follows.interrupted:
        return [follows, starting.wake(state.started, step, step.attempt + 1)]
    return [follows]


def _give_up(step: Step, state: Execution, reason: str, error: Sealed, told: Message, now: int) -> list[Message]:
    """Nobody lets it have the tokens that it needs; `told` says so."""
    assert state.started is not None
    if state.plan is not None:
        return planning.give_up(step.plan.name, reason, error, told, state, now=now)
    failed = failing.failed(state.started.execution_id, step, reason, error)
    return [told, failed, _ended(failed, state)]


def _ended(failed: StepFailed, state: Execution) -> ExecutionFailed:
    used = state.tokens_used + failed.tokens_used
    return ExecutionFailed(execution_id=failed.execution_id, reason=f"step {failed.step} failed", tokens_used=used)


def _answered(command: Answer, state: Execution) -> list[Message]:
    """An approved one goes on waiting: it is the ledger that admits it. What was resolved before stays so."""
    for step in state.steps.values():
        if step.asked is not None and step.asked.approval_id == command.approval_id:
            told = asking.resolved(step.asked, approved=command.approved, by=command.by, how=asking.DECIDED)
            if command.approved:
                return [told]
            return _give_up(step, state, "rejected", asking.refusal(command.comment, command.by), told, command.now)
    return planning.answered(command, state)


def _missed(command: MissDeadline, state: Execution) -> list[Message]:
    step = state.steps.get(command.step)
    if step is None or step.asked is None or step.asked.deadline != timestamp(command.due):
        return planning.missed(command, state)
    approved = step.asked.otherwise != asking.REJECT
    told = asking.resolved(step.asked, approved=approved, by="", how=asking.DEADLINE)
    if approved:
        return [told]
    return _give_up(step, state, "budget", seal(b"nobody let it exceed its budget in time"), told, command.now)
