"""What becomes of an attempt that failed: another one, now or later, or the step's end."""

from typing import Final

from reveille.contracts.common.v1.common_pb2 import Sealed
from reveille.contracts.planner.v1.events_pb2 import StepFailed, StepRetryScheduled
from reveille.kernel.ids import derive
from reveille.kernel.timestamps import timestamp
from reveille.planner.domain.commands import FailStep
from reveille.planner.domain.state import Step

# A run whose owner vanished is no failure of the agent's, yet one that takes its owner down each time must end.
MAX_INTERRUPTIONS: Final = 10


def after(command: FailStep, execution_id: str, step: Step) -> StepRetryScheduled | StepFailed:
    """An interrupted attempt is followed by another one at once: whoever calls adds it."""
    retry = StepRetryScheduled(
        execution_id=execution_id,
        step=command.step,
        attempt=command.attempt,
        reason=command.reason,
        tokens_used=command.tokens_used,
        interrupted=command.interrupted,
    )
    if command.interrupted and step.interruptions < MAX_INTERRUPTIONS:
        return retry
    if command.retry and not command.interrupted and step.failures + 1 < step.plan.attempts:
        retry.retry_at.CopyFrom(timestamp(command.now + _backoff_us(step, execution_id)))
        return retry
    return failed(execution_id, step, command.reason, command.error, command.tokens_used)


def failed(execution_id: str, step: Step, reason: str, error: Sealed, tokens_used: int = 0) -> StepFailed:
    return StepFailed(
        execution_id=execution_id,
        step=step.plan.name,
        attempt=step.attempt,
        reason=reason,
        error=error,
        tokens_used=tokens_used,
    )


def _backoff_us(step: Step, execution_id: str) -> int:
    """Twice as long each time, up to half as much again by a jitter that follows from the run's name."""
    base = step.plan.backoff_ms * 1000 << step.failures
    jitter = int(derive("jitter", execution_id, step.plan.name, str(step.attempt))[:8], 16) / 0xFFFFFFFF
    return base + int(base * jitter / 2)
