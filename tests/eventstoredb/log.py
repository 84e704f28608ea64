"""What EventStoreDB keeps, on our own embedded log: anybody's events in streams of any name, at positions with gaps."""

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from google.protobuf.empty_pb2 import Empty

from reveille.adapters.sqlite_store import SqliteEventStore
from reveille.kernel.event_store import NO_STREAM, Append, Appended
from reveille.kernel.events import About, EventTypes, Meta, New, Origin, Recorded

# Nobody shall assume that the next event has the next position.
GAP: Final = 100
OFFSET: Final = 17
# The embedded log wants names with a tenant, which `$$some-stream` has not.
PREFIX: Final = "all."
SCANNED: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    id: bytes
    type: str
    data: bytes
    metadata: bytes = b""
    content_type: str = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """created: microseconds since 1970."""

    event: Proposed
    stream: str
    revision: int
    position: int
    created: int


@dataclass(frozen=True, slots=True)
class Wrong:
    actual: int


class Log:
    """Expected revisions and repeated appends are the embedded log's own, which has a contract suite."""

    def __init__(self, store: SqliteEventStore) -> None:
        self._store = store
        self._limits: dict[str, int] = {}

    @classmethod
    def open(cls, folder: Path) -> "Log":
        return cls(SqliteEventStore.open(folder / "log.db", EventTypes([])))

    async def close(self) -> None:
        await self._store.close()

    async def append(self, stream: str, expected: int | None, events: Sequence[Proposed]) -> tuple[int, int] | Wrong:
        """The revision and the position of the last event. expected None: whatever there is, but the same ids once."""
        news = [_new(event) for event in events]
        while True:
            if expected is None:
                last = await self._store.read_backwards(PREFIX + stream, len(news))
                at = last[0].revision if last else NO_STREAM
                if [event.id for event in reversed(last)] == [new.id for new in news]:
                    at -= len(news)
            else:
                at = expected
            (outcome,) = await self._store.append([Append(PREFIX + stream, at, news)])
            if isinstance(outcome, Appended):
                self._limits.pop(stream.removeprefix("$$"), None)
                return outcome.revision, _outer(outcome.position)
            if expected is not None:
                return Wrong(outcome.actual)

    async def read_stream(self, stream: str, start: int, limit: int) -> list[Kept]:
        first = max(start, await self._first(stream))
        found = await self._store.read_streams({PREFIX + stream: first - 1})
        return [_kept(event) for event in found[PREFIX + stream][:limit]]

    async def read_backwards(self, stream: str, start: int | None, limit: int) -> list[Kept]:
        """start None: from the last event on."""
        first = await self._first(stream)
        found = (await self._store.read_streams({PREFIX + stream: first - 1}))[PREFIX + stream]
        return [_kept(event) for event in reversed(found) if start is None or event.revision <= start][:limit]

    async def exists(self, stream: str) -> bool:
        return bool(await self._store.read_backwards(PREFIX + stream, 1))

    async def after(self, position: int) -> list[Kept]:
        """Some events, none where there are none."""
        return [_kept(event) for event in await self._store.read_all(_inner(position), SCANNED)]

    async def before(self, position: int | None) -> list[Kept]:
        """Some events before a position (None: the last ones), the newest first."""
        end = await self._store.head() if position is None else _inner(position - 1)
        start = max(0, end - SCANNED)
        return [_kept(event) for event in reversed(await self._store.read_all(start, end - start))]

    async def holds(self, position: int) -> bool:
        found = await self._store.read_all(_inner(position - 1), 1)
        return bool(found) and _outer(found[0].position) == position

    async def wait(self, position: int) -> None:
        await self._store.wait(_inner(position))

    async def _first(self, stream: str) -> int:
        """The first revision that `$maxCount` leaves to be read."""
        limit = self._limits.get(stream)
        if limit is None:
            metadata = await self._store.read_backwards(f"{PREFIX}$${stream}", 1)
            limit = self._limits[stream] = json.loads(metadata[0].data).get("$maxCount", 0) if metadata else 0
        if not limit:
            return 0
        last = await self._store.read_backwards(PREFIX + stream, 1)
        return max(0, last[0].revision + 1 - limit) if last else 0


def _outer(position: int) -> int:
    return position * GAP + OFFSET


def _inner(position: int) -> int:
    """The last one that is not after it."""
    return max(0, (position - OFFSET) // GAP)


def _new(event: Proposed) -> New:
    meta = Meta(time.time_ns() // 1000, About(""), Origin(cause=event.metadata), event.content_type)
    return New(event.id, event.type, event.data, meta, Empty())


def _kept(event: Recorded) -> Kept:
    return Kept(
        event=Proposed(
            id=event.id,
            type=event.type,
            data=event.data,
            metadata=event.meta.origin.cause,
            content_type=event.meta.replica,
        ),
        stream=event.stream.removeprefix(PREFIX),
        revision=event.revision,
        position=_outer(event.position),
        created=event.meta.time,
    )


async def for_ever() -> None:
    await asyncio.Event().wait()
