"""A small service for tests of the kernel: it notes labels, each once, and is refused what it is told to refuse."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from google.protobuf.message import Message

from reveille.adapters.inline_store import InlineEventStore
from reveille.contracts.common.v1.common_pb2 import EventRef
from reveille.kernel import event_bus
from reveille.kernel.decider import Command, Decided, Decider
from reveille.kernel.event_store import Append, Appended, Conflict
from reveille.kernel.events import About, Origin, Recorded
from reveille.kernel.handling import Cause, Work
from tests.unit.log import EVENT_TYPES, CountedIds, Log
from tests.unit.manual_clock import NOON
from tests.unit.spec import HERE


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Noted once. `also`: a second event of the same decision, with what it is about."""

    label: str
    now: int = NOON
    also: tuple[str, About] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """The first label of a stream that must be new."""

    label: str
    now: int = NOON


@dataclass(frozen=True, slots=True, kw_only=True)
class Last:
    """Make it the last label, unless it is."""

    label: str
    now: int = NOON


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuse:
    """Only once `after` was noted, where it is given."""

    error: Exception
    after: str = ""
    now: int = NOON


@dataclass(frozen=True, slots=True)
class Tally:
    labels: tuple[str, ...] = ()


def noted(label: str) -> EventRef:
    return EventRef(stream=label)


def decide(command: Note | Open | Last | Refuse, state: Tally) -> Sequence[Decided]:
    match command:
        case Note(label=label, also=also):
            if label in state.labels:
                return []
            return [noted(label), *([(noted(also[0]), also[1])] if also else [])]
        case Open(label=label):
            return [] if state.labels else [noted(label)]
        case Last(label=label):
            return [] if state.labels[-1:] == (label,) else [noted(label)]
        case Refuse(error=error, after=after):
            if after and after not in state.labels:
                return []
            raise error


def evolve(state: Tally, event: Message, about: About) -> Tally:
    return Tally((*state.labels, event.stream)) if isinstance(event, EventRef) else state


decider: Final = Decider(category="tally", initial=Tally(), decide=decide, evolve=evolve, opening=(Open,))
# Snapshots with every second event.
remembering: Final = replace(decider, snapshot_every=2)


# Far from the ids that others count.
RIVAL_IDS: Final = CountedIds(1_000_000)


class WatchedStore(InlineEventStore):
    """It can be told what goes wrong, and tells what it was asked."""

    def __init__(self) -> None:
        super().__init__(EVENT_TYPES)
        self.appends: list[list[str]] = []
        self.reads: list[dict[str, int]] = []
        self.faults: list[Exception | None] = []
        # Whether an append whose answer is lost lands.
        self.lands = True
        # What somebody else writes just before an append: by stream, a label for each time.
        self.rivals: dict[str, list[str]] = {}
        self.snapshot_fault: Exception | None = None

    async def append(self, batch: Sequence[Append]) -> list[Appended | Conflict]:
        await self._rivals([append.stream for append in batch])
        self.appends.append([append.stream for append in batch])
        fault = self.faults.pop(0) if self.faults else None
        if fault is None:
            return await super().append(batch)
        if self.lands:
            await super().append(batch)
        raise fault

    async def read_streams(self, after: Mapping[str, int]) -> dict[str, list[Recorded]]:
        self.reads.append(dict(after))
        return await super().read_streams(after)

    async def save_snapshot(self, stream: str, snapshot: bytes) -> None:
        if self.snapshot_fault is not None:
            raise self.snapshot_fault
        await super().save_snapshot(stream, snapshot)

    async def _rivals(self, streams: Sequence[str]) -> None:
        for stream in streams:
            if self.rivals.get(stream):
                await Log(self, RIVAL_IDS).write(stream, noted(self.rivals[stream].pop(0)))


class Inbox:
    """Messages as a bus would deliver them."""

    def __init__(self, log: Log) -> None:
        self._log = log

    async def message(self, *, partition: int = 0, sender: str = "sender") -> event_bus.Message:
        (event,) = await self._log.write(f"t.{sender}-{partition}", EventRef(stream="told"))
        return event_bus.Message(event, sender, partition, event.position)

    async def work(self, *commands: tuple[str, Command], partition: int = 0, sender: str = "sender") -> Work:
        return again(await self.message(partition=partition, sender=sender), *commands)


def again(message: event_bus.Message, *commands: tuple[str, Command]) -> Work:
    """What follows from a message, each time that it is delivered."""
    event = message.event
    origin = Origin(event.id, message.sender, message.partition, event.position)
    return Work(Cause(HERE, origin), commands, message)


def report(*commands: tuple[str, Command]) -> Work:
    return Work(Cause(HERE), commands)
