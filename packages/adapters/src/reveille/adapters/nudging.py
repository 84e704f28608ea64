"""Says on a fanout how far a stream is that somebody watches on another replica, so that he need not wait for the log.

It is a courtesy: what matters stands in the log, which everyone follows. A nudge that is lost costs milliseconds.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from reveille.adapters.nudging_interest import Interest
from reveille.kernel.event_store import Append, Appended, Conflict, EventStore
from reveille.kernel.events import Recorded, category_of
from reveille.kernel.fanout import Fanout

# Of streams that are watched.
CATEGORIES: Final = frozenset({"execution", "run"})


class NudgingStore:
    """An event store that publishes, after an append, the position of it on the channel named by the stream."""

    def __init__(self, store: EventStore, fanout: Fanout, interest: Interest) -> None:
        self._store = store
        self._fanout = fanout
        self._wanted: Callable[[str], bool] = interest.wants

    async def append(self, batch: Sequence[Append]) -> list[Appended | Conflict]:
        outcomes = await self._store.append(batch)
        for append, outcome in zip(batch, outcomes, strict=True):
            if not isinstance(outcome, Appended) or not append.events:
                continue
            if category_of(append.stream) in CATEGORIES and self._wanted(append.stream):
                await self._fanout.publish(append.stream, b"%d" % outcome.position)
        return outcomes

    async def read_streams(self, after: Mapping[str, int]) -> dict[str, list[Recorded]]:
        return await self._store.read_streams(after)

    async def read_backwards(self, stream: str, limit: int) -> list[Recorded]:
        return await self._store.read_backwards(stream, limit)

    async def read_one(self, stream: str, revision: int) -> Recorded:
        return await self._store.read_one(stream, revision)

    async def read_at(self, positions: Sequence[int]) -> list[Recorded]:
        return await self._store.read_at(positions)

    async def read_all(self, after: int, limit: int, *, category: str | None = None) -> list[Recorded]:
        return await self._store.read_all(after, limit, category=category)

    async def wait(self, after: int) -> None:
        await self._store.wait(after)

    async def head(self) -> int:
        return await self._store.head()

    async def snapshot(self, stream: str) -> bytes | None:
        return await self._store.snapshot(stream)

    async def save_snapshot(self, stream: str, snapshot: bytes) -> None:
        await self._store.save_snapshot(stream, snapshot)
