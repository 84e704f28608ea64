"""EventStore in memory on the caller's own thread: for simulation, where no time may pass inside the store."""

from collections.abc import Mapping, Sequence

from reveille.adapters.log_tail import LogTail
from reveille.adapters.sqlite_log import SqliteLog
from reveille.kernel.event_store import Append, Appended, Conflict, check_size
from reveille.kernel.events import EventTypes, Recorded


class InlineEventStore:
    """The same log as SqliteEventStore's, without its threads and without its file."""

    def __init__(self, types: EventTypes) -> None:
        self._log = SqliteLog(":memory:", types.decode)
        self._tail = LogTail(0)

    async def close(self) -> None:
        self._log.close()

    async def append(self, batch: Sequence[Append]) -> list[Appended | Conflict]:
        check_size(batch)
        outcomes, recorded = self._log.append([batch])
        self._tail.extend(recorded)
        return outcomes[0]

    async def read_streams(self, after: Mapping[str, int]) -> dict[str, list[Recorded]]:
        return self._log.read.streams(after)

    async def read_backwards(self, stream: str, limit: int) -> list[Recorded]:
        return self._log.read.backwards(stream, limit)

    async def read_one(self, stream: str, revision: int) -> Recorded:
        return self._log.read.one(stream, revision)

    async def read_at(self, positions: Sequence[int]) -> list[Recorded]:
        return self._log.read.at(positions)

    async def read_all(self, after: int, limit: int, *, category: str | None = None) -> list[Recorded]:
        return self._log.read.all(after, limit, category)

    async def wait(self, after: int) -> None:
        await self._tail.wait(after)

    async def head(self) -> int:
        return self._log.head

    async def snapshot(self, stream: str) -> bytes | None:
        return self._log.read.snapshot(stream)

    async def save_snapshot(self, stream: str, snapshot: bytes) -> None:
        self._log.save_snapshot(stream, snapshot)

    async def position(self, name: str) -> int:
        return self._log.read.position(name)

    def save_position(self, name: str, position: int) -> None:
        self._log.save_positions([(name, position)])
