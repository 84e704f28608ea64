"""The port of the log: append-only streams, which are the truth."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from reveille.kernel.events import MAX_EVENT_BYTES, New, Recorded

NO_STREAM = -1


@dataclass(frozen=True, slots=True)
class Append:
    """`expected` is the revision of the stream's last event (NO_STREAM: none). No events: a check alone."""

    stream: str
    expected: int
    events: Sequence[New] = ()


@dataclass(frozen=True, slots=True)
class Appended:
    """The stream's revision and the position of its last appended event (the log's head, for a check alone)."""

    revision: int
    position: int
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Conflict:
    stream: str
    expected: int
    actual: int

    def __str__(self) -> str:
        return f"stream {self.stream} is at revision {self.actual}, expected {self.expected}"


class EventStore(Protocol):
    async def append(self, batch: Sequence[Append]) -> list[Appended | Conflict]:
        """Append to many streams; each is atomic by itself and has its own result, in the order of the batch.

        The same events (by id) again at the same expected revision succeed, change nothing and answer `repeated`.
        A stream occurs once in a batch. Raises Transient when nothing was written, Unknown when nobody knows,
        ValueError for an event above MAX_EVENT_BYTES (then nothing of the batch is written).
        """
        ...

    async def read_streams(self, after: Mapping[str, int]) -> dict[str, list[Recorded]]:
        """For each stream the events after a revision (-1: all), in order. A stream that is not there gives []."""
        ...

    async def read_backwards(self, stream: str, limit: int) -> list[Recorded]:
        """The last events of a stream, the newest first."""
        ...

    async def read_one(self, stream: str, revision: int) -> Recorded:
        """Raises KeyError where there is none."""
        ...

    async def read_at(self, positions: Sequence[int]) -> list[Recorded]:
        """The events at these positions, which rise and are positions of events."""
        ...

    async def read_all(self, after: int, limit: int, *, category: str | None = None) -> list[Recorded]:
        """Events after a position in the order of positions, never skipping one that is appended later.

        `after` is the position of an event, or 0: not every log can begin between two.
        """
        ...

    async def wait(self, after: int) -> None:
        """Return when the log holds an event after this position."""
        ...

    async def head(self) -> int:
        """The position of the last event; 0 for an empty log."""
        ...

    async def snapshot(self, stream: str) -> bytes | None:
        """What was saved last; a cache, which may be lost."""
        ...

    async def save_snapshot(self, stream: str, snapshot: bytes) -> None: ...


def check_size(batch: Sequence[Append]) -> None:
    """Raises ValueError for an event above MAX_EVENT_BYTES."""
    for append in batch:
        for event in append.events:
            if len(event.data) > MAX_EVENT_BYTES:
                raise ValueError(
                    f"an event {event.type} of {len(event.data)} bytes, at most {MAX_EVENT_BYTES} are kept"
                )


async def follow(store: EventStore, after: int, *, limit: int = 1000) -> AsyncIterator[list[Recorded]]:
    """Everything after a position, then what comes, without a hole at the seam. Batches are never empty."""
    while True:
        events = await store.read_all(after, limit)
        if events:
            after = events[-1].position
            yield events
        else:
            await store.wait(after)
