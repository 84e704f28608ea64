"""The analyzer's timers: when a watch has something to wake with, and when a rule that watches time is due."""

from collections.abc import Mapping, Sequence
from typing import Final

from google.protobuf.message import Message

from reveille.analyzer.domain.pattern import TimeUp
from reveille.analyzer.domain.watch import LookAt
from reveille.contracts.analyzer.v1.events_pb2 import PatternArmed, PatternDetected, TriggerFired, TriggerGathered
from reveille.kernel.decider import Command
from reveille.kernel.events import category_of, key_of
from reveille.kernel.timers import Due, SetsTimers, Timer
from reveille.kernel.timestamps import microseconds

LOOK: Final = "look"
DUE: Final = "due"


def _gathered(event: Message) -> Sequence[Timer]:
    assert isinstance(event, TriggerGathered)
    return [Timer(LOOK, microseconds(event.look_at) or None)]


def _fired(event: Message) -> Sequence[Timer]:
    assert isinstance(event, TriggerFired)
    if not event.HasField("look_at") and not event.group:
        return ()  # nothing is gathered, and nothing was
    return [Timer(LOOK, microseconds(event.look_at) or None)]


def _armed(event: Message) -> Sequence[Timer]:
    assert isinstance(event, PatternArmed)
    return [Timer(DUE, microseconds(event.due) or None)]


def _disarmed(event: Message) -> Sequence[Timer]:
    return [Timer(DUE, None)]


def _detected(event: Message) -> Sequence[Timer]:
    assert isinstance(event, PatternDetected)
    return [Timer(DUE, microseconds(event.next) or None)] if event.HasField("due") else ()


SETS: Final[Mapping[str, SetsTimers]] = {
    "reveille.analyzer.v1.TriggerGathered": _gathered,
    "reveille.analyzer.v1.TriggerFired": _fired,
    "reveille.analyzer.v1.PatternArmed": _armed,
    "reveille.analyzer.v1.PatternDisarmed": _disarmed,
    "reveille.analyzer.v1.PatternDetected": _detected,
}


def fires(due: Due, now: int) -> Command:
    if category_of(due.stream) == "watch":
        return LookAt(now=now, due=due.due)
    return TimeUp(now=now, stream=due.stream, rule=key_of(due.stream), due=due.due)
