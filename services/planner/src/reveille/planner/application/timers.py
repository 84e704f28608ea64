"""The planner's timers: a step's next attempt."""

from collections.abc import Mapping, Sequence
from typing import Final

from google.protobuf.message import Message

from reveille.contracts.planner.v1.events_pb2 import StepReady, StepRetryScheduled
from reveille.kernel.decider import Command
from reveille.kernel.timers import Due, SetsTimers, Timer
from reveille.planner.domain.execution import RetryStep, microseconds

RETRY: Final = "retry"


def _scheduled(event: Message) -> Sequence[Timer]:
    assert isinstance(event, StepRetryScheduled)
    if event.interrupted:
        return ()
    return [Timer(f"{RETRY} {event.step}", microseconds(event.retry_at))]


def _ready(event: Message) -> Sequence[Timer]:
    assert isinstance(event, StepReady)
    return [Timer(f"{RETRY} {event.step}", None)] if event.attempt > 1 else ()


SETS: Final[Mapping[str, SetsTimers]] = {
    "reveille.planner.v1.StepRetryScheduled": _scheduled,
    "reveille.planner.v1.StepReady": _ready,
}


def fires(due: Due, now: int) -> Command:
    return RetryStep(now=now, step=due.name.removeprefix(f"{RETRY} "), due=due.due)
