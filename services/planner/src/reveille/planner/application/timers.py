"""The planner's timers: a step's next attempt, and the deadline of a question."""

from collections.abc import Mapping, Sequence
from typing import Final

from google.protobuf.message import Message

from reveille.contracts.planner.v1.events_pb2 import (
    ApprovalRequested,
    ApprovalResolved,
    StepReady,
    StepRetryScheduled,
)
from reveille.kernel.decider import Command
from reveille.kernel.timers import Due, SetsTimers, Timer
from reveille.kernel.timestamps import microseconds
from reveille.planner.domain.commands import MissDeadline, RetryStep

RETRY: Final = "retry"
ANSWER: Final = "answer"


def _scheduled(event: Message) -> Sequence[Timer]:
    assert isinstance(event, StepRetryScheduled)
    if event.interrupted:
        return ()
    return [Timer(f"{RETRY} {event.step}", microseconds(event.retry_at))]


def _ready(event: Message) -> Sequence[Timer]:
    assert isinstance(event, StepReady)
    return [Timer(f"{RETRY} {event.step}", None)] if event.attempt > 1 else ()


def _requested(event: Message) -> Sequence[Timer]:
    assert isinstance(event, ApprovalRequested)
    return [Timer(f"{ANSWER} {event.step}", microseconds(event.deadline))]


def _resolved(event: Message) -> Sequence[Timer]:
    assert isinstance(event, ApprovalResolved)
    return [Timer(f"{ANSWER} {event.step}", None)]


SETS: Final[Mapping[str, SetsTimers]] = {
    "reveille.planner.v1.StepRetryScheduled": _scheduled,
    "reveille.planner.v1.StepReady": _ready,
    "reveille.planner.v1.ApprovalRequested": _requested,
    "reveille.planner.v1.ApprovalResolved": _resolved,
}


def fires(due: Due, now: int) -> Command:
    kind, _, step = due.name.partition(" ")
    if kind == ANSWER:
        return MissDeadline(now=now, step=step, due=due.due)
    return RetryStep(now=now, step=step, due=due.due)
