"""A log as it can be compared with another platform's: without metadata, and with names in the place of fresh ids."""

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from reveille.contracts.analyzer.v1.events_pb2 import TriggerFired, TriggerSuppressed
from reveille.contracts.ingress.v1.events_pb2 import InputsChanged, SignalReceived
from reveille.contracts.planner.v1.events_pb2 import ApprovalRequested, ExecutionStarted, StepReady
from reveille.kernel.events import Recorded

ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Accounts are kept by the day.
DAY: Final = re.compile(r"@\d{4}-\d{2}-\d{2}")
DAY_US: Final = 24 * 3600 * 1_000_000


@dataclass(frozen=True, slots=True)
class Decision:
    """cause: the stream and revision of the event that it follows from, "" and -1 where it came from outside."""

    type: str
    cause: tuple[str, int]
    sender: str
    data: Mapping[str, Any]


def decisions(log: Sequence[Recorded]) -> dict[str, list[Decision]]:
    """By stream, in order: also what was reported from outside, since the same was fed to both."""
    names = _names(log)
    by_id = {event.id: event for event in log}
    found: dict[str, list[Decision]] = {}
    for event in log:
        assert event.msg is not None
        origin, cause = event.meta.origin, by_id.get(event.meta.origin.cause)
        decision = Decision(
            type=event.type,
            cause=(_renamed(cause.stream, names), cause.revision) if cause else ("", -1),
            sender=origin.sender,
            data=_renamed(_plain(_without_names(event.msg), event.meta.time), names),
        )
        found.setdefault(_renamed(event.stream, names), []).append(decision)
    return found


def _names(log: Sequence[Recorded]) -> dict[str, str]:
    """Signals by the order in which they came; whatever is derived from them, by what it is derived from."""
    names: dict[str, str] = {}
    numbers = itertools.count(1)
    for event in log:
        match event.msg:
            case SignalReceived(signal=signal):
                names[signal.id] = f"<signal {next(numbers)}>"
            case TriggerFired() | TriggerSuppressed() as trigger:
                signals = " ".join(names[id] for id in trigger.signal_ids)
                names[trigger.trigger_id] = f"<trigger of {trigger.agent} by {signals}>"
            case ExecutionStarted(trigger_id="") as requested:
                names[requested.execution_id] = f"<{requested.execution_id}>"
            case ExecutionStarted() as started:
                names[started.execution_id] = f"<execution of {names[started.trigger_id]}>"
            case StepReady() as ready:
                of = names[ready.execution_id]
                names[ready.run_id] = f"<run of {of} step {ready.step} attempt {ready.attempt}>"
            case ApprovalRequested() as asked:
                names[asked.approval_id] = f"<approval of {names[asked.run_id]}>"
    return names


def _without_names(message: Message) -> Message:
    """Without the digest of a request that names its execution."""
    if not isinstance(message, InputsChanged):
        return message
    changed = InputsChanged()
    changed.CopyFrom(message)
    changed.ClearField("request_digest")
    return changed


def _plain(message: Message, time: int) -> Any:
    """Values without types; a time as where it stands to the event's own, or that it is the beginning of a day."""
    if isinstance(message, Timestamp):
        at = message.ToMicroseconds()
        # Not how much later: a retry's delay has a part that comes from its run's id.
        return "at midnight" if at % DAY_US == 0 else "later" if at > time else "then" if at == time else "earlier"
    return {field.name: _of_field(field, value, time) for field, value in message.ListFields()}


def _of_field(field: Any, value: Any, time: int) -> Any:
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        return dict(value)
    one = (lambda item: _plain(item, time)) if field.message_type is not None else (lambda item: item)
    return [one(item) for item in value] if field.label == field.LABEL_REPEATED else one(value)


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    """Ids that nobody has named stay as they are: those of deliveries are the same everywhere."""
    match value:
        case bytes():
            return _renamed(value.decode("latin-1"), names)
        case str():
            return DAY.sub("@<day>", ID.sub(lambda found: names.get(found[0], found[0]), value))
        case list():
            return [_renamed(item, names) for item in value]
        case dict():
            return {key: _renamed(item, names) for key, item in value.items()}
    return value


def differences(one: Mapping[str, Sequence[Any]], other: Mapping[str, Sequence[Any]]) -> Iterator[str]:
    """Event by event; the first one of each stream."""
    for stream in sorted({*one, *other}):
        ours, theirs = one.get(stream, ()), other.get(stream, ())
        for revision in range(max(len(ours), len(theirs))):
            here, there = (events[revision] if revision < len(events) else None for events in (ours, theirs))
            if here != there:
                yield f"{stream} revision {revision}:\n  {here}\n  {there}"
                break
