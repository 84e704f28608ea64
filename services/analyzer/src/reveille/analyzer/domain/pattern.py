"""What happens over time: so many signals, a sequence, none for so long, a time of day. Stream: pattern-<rule>."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, assert_never

from google.protobuf.message import Message
from immutables import Map

from reveille.analyzer.domain.gathering import MAX_SIGNALS
from reveille.analyzer.domain.progress import Seen, counted, in_sequence, kept, with_seen
from reveille.analyzer.domain.rotation import Rotation
from reveille.analyzer.domain.times import timestamp
from reveille.contracts.analyzer.v1.events_pb2 import (
    DETECTION_ABSENCE,
    DETECTION_COUNT,
    DETECTION_CRON,
    DETECTION_SEQUENCE,
    PatternArmed,
    PatternDetected,
    PatternDisarmed,
    PatternProgressed,
)
from reveille.contracts.common.v1.common_pb2 import EventRef
from reveille.kernel.decider import Decided, Decider
from reveille.kernel.events import About
from reveille.kernel.ids import derive
from reveille.kernel.replacing import replace
from reveille.kernel.timestamps import microseconds

MILLISECOND: Final = 1_000
# The next time of a cron expression in a time zone after a time, in microseconds since 1970.
NextTime = Callable[[str, str, int], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """The rule is in force from this revision of the fleet on. same: as it was, so that what is due stays due."""

    now: int
    rule: str
    fleet_revision: int
    same: bool
    for_ms: int = 0
    expression: str = ""
    time_zone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disarm:
    now: int
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Touch:
    """What an absence waits for has come."""

    now: int
    rule: str
    fleet_revision: int
    for_ms: int
    signal_id: str
    received_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A signal counts for a pattern. steps: which of them it may be; length: of these, or of the signals it counts."""

    now: int
    rule: str
    trigger_id: str
    fleet_revision: int
    group: str
    signal_id: str
    signal: EventRef
    received_at: int
    about: About
    within_ms: int
    steps: tuple[int, ...]
    length: int
    sequence: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeUp:
    """`due`: when it was due. stream: what the ids of what follows are derived from."""

    now: int
    stream: str
    rule: str
    due: int


Command = Arm | Disarm | Touch | Count | TimeUp


@dataclass(frozen=True, slots=True)
class Progress:
    """Of one key. Empty, it has been detected or has run out, and is forgotten in its turn."""

    seen: tuple[Seen, ...] = ()
    until: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """armed: "" where no fleet has said so yet. due: 0 where nothing is; newest: the latest time of a signal."""

    armed: str = ""
    fleet_revision: int = -1
    for_ms: int = 0
    expression: str = ""
    time_zone: str = ""
    due: int = 0
    groups: Map[str, Progress] = field(default_factory=Map)
    rotation: Rotation = field(default_factory=Rotation)
    newest: int = 0


ARMED: Final = "armed"
DISARMED: Final = "disarmed"


def deciding(next_time: NextTime) -> Callable[[Command, Pattern], Sequence[Decided]]:
    def decide(command: Command, state: Pattern) -> Sequence[Decided]:
        match command:
            case Arm():
                return _arm(command, state, next_time)
            case Disarm(rule=rule):
                return [PatternDisarmed(rule=rule)] if state.armed == ARMED else []
            case Touch() | Count() if state.armed == DISARMED:
                return []  # a signal that names an older fleet, which had the rule
            case Touch():
                return _touch(command, state)
            case Count():
                return _count(command, state)
            case TimeUp(due=due):
                return _time_up(command, state, next_time) if due == state.due else []
            case _:
                assert_never(command)

    return decide


def _arm(command: Arm, state: Pattern, next_time: NextTime) -> Sequence[Decided]:
    if state.armed and command.fleet_revision <= state.fleet_revision:
        return []
    if command.same and state.armed == ARMED:
        due = state.due
        if not (command.for_ms or command.expression):
            return []  # it has no timer, and each signal names its fleet
    elif command.expression:
        due = next_time(command.expression, command.time_zone, command.now)
    else:
        due = command.now + command.for_ms * MILLISECOND if command.for_ms else 0
    return [
        PatternArmed(
            rule=command.rule,
            fleet_revision=command.fleet_revision,
            due=timestamp(due),
            for_ms=command.for_ms,
            expression=command.expression,
            time_zone=command.time_zone,
        )
    ]


def _touch(command: Touch, state: Pattern) -> Sequence[Decided]:
    older = state.armed and command.fleet_revision < state.fleet_revision
    for_ms = state.for_ms if older else command.for_ms
    due = command.received_at + for_ms * MILLISECOND
    if due <= state.due:
        return []  # one that was received later has come before it
    return [
        PatternArmed(
            rule=command.rule,
            fleet_revision=max(state.fleet_revision, command.fleet_revision),
            due=timestamp(due),
            for_ms=for_ms,
            signal_id=command.signal_id,
        )
    ]


def _count(command: Count, state: Pattern) -> Sequence[Decided]:
    one = Seen(
        command.received_at,
        command.signal_id,
        command.signal.stream,
        command.signal.revision,
        command.steps,
        command.about.hop,
    )
    seen, within = with_seen(state.groups.get(command.group, Progress()).seen, one), command.within_ms * MILLISECOND
    find = in_sequence if command.sequence else counted
    found = find(seen, command.length, within)
    if not found:
        return [
            PatternProgressed(
                rule=command.rule,
                group=command.group,
                signal_id=command.signal_id,
                signal=command.signal,
                received_at=timestamp(command.received_at),
                within_ms=command.within_ms,
                steps=command.steps,
                length=command.length,
            )
        ]
    listed = found[-MAX_SIGNALS:]
    event = PatternDetected(
        rule=command.rule,
        kind=DETECTION_SEQUENCE if command.sequence else DETECTION_COUNT,
        trigger_id=command.trigger_id,
        group=command.group,
        signal_ids=[one.signal_id for one in listed],
        signals=[EventRef(stream=one.stream, revision=one.revision) for one in listed],
        fleet_revision=command.fleet_revision,
    )
    hop = max(one.hop for one in found)
    # Its cause carries what it is about; only the longest chain among its signals may be another one's.
    return [event if hop == command.about.hop else (event, replace(command.about, hop=hop))]


def _time_up(command: TimeUp, state: Pattern, next_time: NextTime) -> Sequence[Decided]:
    """What was missed while nobody was there happens once. It begins a story of its own."""
    following = 0
    if state.expression:
        following = next_time(state.expression, state.time_zone, max(command.now, command.due))
    trigger_id = derive("trigger", command.stream, str(command.due))
    event = PatternDetected(
        rule=command.rule,
        kind=DETECTION_CRON if state.expression else DETECTION_ABSENCE,
        trigger_id=trigger_id,
        fleet_revision=state.fleet_revision,
        due=timestamp(command.due),
        next=timestamp(following),
    )
    return [(event, About(trigger_id))]


def evolve(state: Pattern, event: Message, about: About) -> Pattern:
    match event:
        case PatternArmed():
            return Pattern(
                armed=ARMED,
                fleet_revision=event.fleet_revision,
                for_ms=event.for_ms,
                expression=event.expression,
                time_zone=event.time_zone,
                due=microseconds(event.due),
            )
        case PatternDisarmed():
            return replace(Pattern(), armed=DISARMED, fleet_revision=state.fleet_revision)
        case PatternProgressed():
            return _progressed(state, event, about)
        case PatternDetected(group=group) if event.kind in (DETECTION_COUNT, DETECTION_SEQUENCE):
            return replace(state, groups=state.groups.set(group, Progress())) if group in state.groups else state
        case PatternDetected():
            return replace(state, due=microseconds(event.next))
    return state


def _progressed(state: Pattern, event: PatternProgressed, about: About) -> Pattern:
    steps = tuple(event.steps)
    at, within = microseconds(event.received_at), event.within_ms * MILLISECOND
    one = Seen(at, event.signal_id, event.signal.stream, event.signal.revision, steps, about.hop)
    seen = with_seen(state.groups.get(event.group, Progress()).seen, one)
    groups, rotation = state.groups, state.rotation
    if event.group not in groups:
        rotation = rotation.add(event.group)
    seen = kept(seen, event.length, within, sequence=bool(steps))
    groups = groups.set(event.group, Progress(seen, seen[-1].at + 2 * within))
    newest = max(state.newest, at)
    rotation, gone = rotation.sweep(lambda key: groups[key].until < newest)
    for key in gone:
        groups = groups.delete(key)
    return replace(state, groups=groups, rotation=rotation, newest=newest)


def decider(next_time: NextTime) -> Decider:
    return Decider(
        category="pattern", initial=Pattern(), decide=deciding(next_time), evolve=evolve, snapshot_every=1000
    )
