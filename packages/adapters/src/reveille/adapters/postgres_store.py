"""EventStore on PostgreSQL, for any number of processes: group commit in each, and a tail in memory fed by LISTEN."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

from reveille.adapters import postgres_log as sql
from reveille.adapters.log_tail import LogTail
from reveille.adapters.postgres_connection import PostgresConnection, check_url
from reveille.adapters.postgres_follower import PostgresFollower
from reveille.adapters.postgres_log import RecordedRow
from reveille.adapters.postgres_pool import PostgresPool
from reveille.adapters.postgres_schema import prepare
from reveille.adapters.postgres_writer import PostgresWriter
from reveille.kernel.errors import Transient
from reveille.kernel.event_store import Append, Appended, Conflict, check_size
from reveille.kernel.events import EventTypes, Recorded

READERS: Final = 3
# So long a reader waits for the tail before it asks the server; the tail takes a millisecond unless it is cut off.
TAIL_SECONDS: Final = 1.0
# A process that is told to stop while its server is away must not wait longer for it than its grace.
CLOSE_SECONDS: Final = 5.0


async def prepare_log(url: str, *, name: str = "reveille") -> None:
    """Bring the log to this build's version, or make it. Raises Misconfigured as `PostgresEventStore.open` does."""
    check_url(url)
    connection = PostgresConnection(url, name=name)
    try:
        await prepare(connection, url, part="events", scripts=sql.SCRIPTS)
    finally:
        await connection.close()


class PostgresEventStore:
    """Appends return when they are on the disk. Readers of the tail are served from memory.

    Everybody sees what this process has appended as soon as the append has returned. What others append is in the tail
    when the server's notification has come; `head` asks the server, so that it is never behind anybody's append.
    """

    def __init__(self, url: str, types: EventTypes, *, name: str, writing: PostgresConnection, head: int) -> None:
        self._decode = types.decode
        self._tail = LogTail(head)
        self._writing = writing
        self._listening = PostgresConnection(url, name=name)
        # Of what they write, snapshots, a crash may take the last ones.
        self._pool = PostgresPool(url, READERS, name=name, settings={"synchronous_commit": "off"})
        self._follower = PostgresFollower(self._listening, self._tail, decode=types.decode, writing=writing)
        self._writer = PostgresWriter(writing, self._follower.appended)
        self._tasks = [
            asyncio.create_task(self._writer.run(), name=f"{name} log writer"),
            asyncio.create_task(self._follower.run(), name=f"{name} log tail"),
        ]

    @classmethod
    async def open(cls, url: str, types: EventTypes, *, name: str = "reveille") -> "PostgresEventStore":
        """Makes the log where there is none. `name` is what the server's lists of connections show.

        Raises Misconfigured where the database cannot be used, or its log is of a newer build.
        """
        check_url(url)
        writing = PostgresConnection(url, name=name)
        try:
            await prepare(writing, url, part="events", scripts=sql.SCRIPTS)
            head = await (await writing.get()).fetchval(sql.HEAD)
        except BaseException:
            writing.drop()
            raise
        return cls(url, types, name=name, writing=writing, head=head)

    async def close(self) -> None:
        """What has been sent is answered, or fails with Unknown; what waits fails with Transient."""
        writing, following = self._tasks
        self._writer.close()
        await asyncio.wait([writing], timeout=CLOSE_SECONDS)
        writing.cancel()
        await asyncio.wait([writing])
        following.cancel()
        await asyncio.wait([following])
        self._tail.end(Transient("the log is closed here"))
        await self._pool.close()
        await self._writing.close()
        await self._listening.close()

    async def append(self, batch: Sequence[Append]) -> list[Appended | Conflict]:
        check_size(batch)
        self._tail.check()
        return await self._writer.append(batch) if batch else []

    async def read_streams(self, after: Mapping[str, int]) -> dict[str, list[Recorded]]:
        found: dict[str, list[Recorded]] = {stream: [] for stream in after}
        if found:
            for event in await self._fetch(sql.STREAMS, [*after], [*after.values()]):
                found[event.stream].append(event)
        return found

    async def read_backwards(self, stream: str, limit: int) -> list[Recorded]:
        return await self._fetch(sql.BACKWARDS, stream, limit)

    async def read_one(self, stream: str, revision: int) -> Recorded:
        known = self._tail.one(stream, revision)
        if known is not None:
            return known
        missing = KeyError(f"stream {stream} has no revision {revision}")
        try:
            found = await self._fetch(sql.ONE, stream, revision)
        except ValueError as error:  # an address from outside may hold anything
            raise missing from error
        if not found:
            raise missing
        return found[0]

    async def read_at(self, positions: Sequence[int]) -> list[Recorded]:
        return await self._fetch(sql.AT, [*positions])

    async def read_all(self, after: int, limit: int, *, category: str | None = None) -> list[Recorded]:
        self._tail.check()
        found = self._tail.after(after, limit, category)
        if found is not None and len(found) < limit and self._tail.head < self._follower.reached:
            found = self._tail.after(after, limit, category) if await self._reached() else None
        if found is not None:
            return found
        if category is None:
            return await self._fetch(sql.AFTER, after, limit)
        return await self._fetch(sql.AFTER_IN_CATEGORY, after, limit, category)

    async def wait(self, after: int) -> None:
        await self._tail.wait(after)

    async def head(self) -> int:
        """Asks the server, for one entry of an index."""
        ((head,),) = await self._pool.fetch(sql.HEAD)
        self._follower.heard(head)
        return int(head)

    async def snapshot(self, stream: str) -> bytes | None:
        found = await self._pool.fetch(sql.SNAPSHOT, stream)
        return found[0][0] if found else None

    async def save_snapshot(self, stream: str, snapshot: bytes) -> None:
        await self._pool.fetch(sql.SAVE_SNAPSHOT, stream, snapshot)

    async def _reached(self) -> bool:
        """Whether the tail holds what this process has appended so far; False where it is cut off."""
        try:
            async with asyncio.timeout(TAIL_SECONDS):
                await self._tail.wait(self._follower.reached - 1)
        except TimeoutError:
            return False
        return True

    async def _fetch(self, statement: str, *parameters: object) -> list[Recorded]:
        decode = self._decode
        return [RecordedRow(row, decode) for row in await self._pool.fetch(statement, *parameters)]
