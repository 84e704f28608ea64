"""What the tests of the log in PostgreSQL share: events, a database for each test, and a way to cut its connections."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Final
from urllib.parse import urlsplit

import asyncpg

from reveille.adapters.postgres_schema import LOCK_ROOM, TURN_LOCK
from reveille.contracts.common.v1 import common_pb2
from reveille.contracts.common.v1.common_pb2 import MessageParked
from reveille.kernel.errors import Unknown
from reveille.kernel.event_store import Append, Appended, Conflict, EventStore, follow
from reveille.kernel.events import About, EventTypes, Meta, New, Origin, Recorded, new_event
from reveille.kernel.ids import UuidV7Ids

TYPES: Final = EventTypes([common_pb2])
IDS: Final = UuidV7Ids()


def event(text: str = "x", *, correlation: str = "c") -> New:
    meta = Meta(7, About(correlation, "t", 2), Origin(b"cause", "planner", 3, 11), "replica")
    return new_event(IDS.new(), MessageParked(error=text), meta)


def texts(events: Sequence[Recorded]) -> list[str]:
    return [recorded.msg.error for recorded in events if isinstance(recorded.msg, MessageParked)]


async def resent(store: EventStore, append: Append) -> Appended | Conflict:
    """The same bytes again until there is an answer."""
    while True:
        try:
            (outcome,) = await store.append([append])
            return outcome
        except Unknown as error:
            await asyncio.sleep(error.retry_after)


async def followed(store: EventStore, count: int) -> list[Recorded]:
    """The first events of the log, as they come."""
    seen: list[Recorded] = []
    async with asyncio.timeout(60):
        async for events in follow(store, 0, limit=50):
            seen += events
            if len(seen) >= count:
                break
    return seen


async def until(condition: Callable[[], Awaitable[Any]]) -> None:
    async with asyncio.timeout(30):
        while True:
            if await condition():
                return
            await asyncio.sleep(0.01)


class Server:
    """The server behind a database's URL, as its administrator sees it."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    async def cut(self, name: str, *, sparing: str = "nothing") -> int:
        """End the connections of an application, but those whose last statement names something to be spared.

        The server has forgotten them on return.
        """
        mine = "datname = current_database() AND application_name = $1 AND strpos(query, $2) = 0"
        rows = await self.connection.fetch(f"SELECT pid FROM pg_stat_activity WHERE {mine}", name, sparing)
        pids = [row[0] for row in rows]
        for pid in pids:
            await self.connection.execute("SELECT pg_terminate_backend($1)", pid)

        async def gone() -> bool:
            left = await self.connection.fetchval("SELECT count(*) FROM pg_stat_activity WHERE pid = ANY($1)", pids)
            return bool(left == 0)

        await until(gone)
        return len(pids)

    @asynccontextmanager
    async def turn_taken(self) -> AsyncIterator[None]:
        """Nobody's append goes through."""
        await self.connection.execute(f"SELECT pg_advisory_lock({LOCK_ROOM}, {TURN_LOCK})")
        try:
            yield
        finally:
            await self.connection.execute(f"SELECT pg_advisory_unlock({LOCK_ROOM}, {TURN_LOCK})")

    async def append_waits(self) -> None:
        """Return when an append has been sent and waits for its turn."""
        await until(
            lambda: self.connection.fetchval(
                "SELECT count(*) FROM pg_locks WHERE NOT granted AND database = "
                "(SELECT oid FROM pg_database WHERE datname = current_database())"
            )
        )


@asynccontextmanager
async def administrator(url: str) -> AsyncIterator[Server]:
    connection = await asyncpg.connect(url)
    try:
        yield Server(connection)
    finally:
        await connection.close()


class Way:
    """A way to the server that can be cut, and that can lose the server's answers."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._target = (parts.hostname, parts.port)
        self._parts = parts
        self._server: asyncio.Server | None = None
        self._port = 0
        self._writers: set[asyncio.StreamWriter] = set()
        self.loses_answers = False

    @property
    def url(self) -> str:
        user = self._parts.netloc.rpartition("@")[0]
        return self._parts._replace(netloc=f"{user}@127.0.0.1:{self._port}").geturl()

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Nobody gets through, and who has got through is cut off."""
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()
        self.cut()

    def cut(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            there_reader, there = await asyncio.open_connection(*self._target)
            self._writers.add(there)
            try:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._pass(reader, there, answers=False))
                    tasks.create_task(self._pass(there_reader, writer, answers=True))
            finally:
                there.transport.abort()
                self._writers.discard(there)
        finally:
            writer.transport.abort()
            self._writers.discard(writer)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answers: bool) -> None:
        with suppress(ConnectionError):
            while taken := await reader.read(65536):
                if not (answers and self.loses_answers):
                    writer.write(taken)
                    await writer.drain()
        writer.transport.abort()


@asynccontextmanager
async def way(url: str) -> AsyncIterator[Way]:
    opened = Way(url)
    await opened.open()
    try:
        yield opened
    finally:
        await opened.close()
