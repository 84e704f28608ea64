"""How far the platform has come, seen in its database while the run goes on, however often that is away."""

import asyncio
import contextlib
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Protocol

import asyncpg

LOOK_SECONDS: Final = 0.25
# Those that signals began. What people begin by hand here has a name that says so.
QUERY: Final = """
    SELECT position, type, strpos(stream, '.execution-party-') = 0
    FROM log.events WHERE position > $1 ORDER BY position LIMIT 20000
"""
SQLITE_QUERY: Final = """
    SELECT position, types.name, 1 FROM events JOIN types ON types.id = events.type
    WHERE position > ? ORDER BY position LIMIT 20000
"""
ENDED: Final = frozenset({"reveille.planner.v1.ExecutionCompleted", "reveille.planner.v1.ExecutionFailed"})

# Position, type, and whether it is of those that count.
Row = Sequence[Any]


class Away(Exception):
    """The log cannot be read just now."""


class Log(Protocol):
    async def after(self, position: int) -> Sequence[Row]:
        """Raises Away."""
        ...

    async def close(self) -> None: ...


async def head_of(database_url: str) -> int:
    connection = await asyncpg.connect(database_url, timeout=10)
    try:
        return int(await connection.fetchval("SELECT coalesce(max(position), 0) FROM log.events"))
    finally:
        await connection.close(timeout=2)


class PostgresLog:
    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: Any = None

    async def after(self, position: int) -> Sequence[Row]:
        try:
            if self._connection is None:
                self._connection = await asyncpg.connect(self._url, timeout=2)
            rows: Sequence[Row] = await self._connection.fetch(QUERY, position, timeout=5)
            return rows
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            if self._connection is not None:
                self._connection.terminate()
            self._connection = None
            raise Away from error

    async def close(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await self._connection.close(timeout=2)


class SqliteFile:
    """A connection for each look: none is open where the platform starts, or the disk is full."""

    def __init__(self, file: Path) -> None:
        self._file = file

    async def after(self, position: int) -> Sequence[Row]:
        try:
            with contextlib.closing(sqlite3.connect(f"file:{self._file}?mode=rw", uri=True, timeout=1)) as log:
                return log.execute(SQLITE_QUERY, (position,)).fetchall()
        except sqlite3.Error as error:
            raise Away from error

    async def close(self) -> None:
        pass


class Watch:
    """Looks every quarter of a second, in a thread. Used with `with`."""

    def __init__(self, log: Log) -> None:
        self.completed = 0
        self.head = 0
        self.moved_at = time.monotonic()
        self._log = log
        self._stop = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), name="watch")

    def until(self, holds: Callable[[], bool], seconds: float) -> bool:
        """Whether it came to hold within so many seconds."""
        deadline = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > deadline:
                return False
            time.sleep(LOOK_SECONDS / 5)
        return True

    def is_quiet(self, seconds: float) -> bool:
        """Whether the log has not grown for so long."""
        return time.monotonic() - self.moved_at > seconds

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    async def _run(self) -> None:
        while not self._stop.is_set():
            with contextlib.suppress(Away):
                self._take(await self._log.after(self.head))
            await asyncio.sleep(LOOK_SECONDS)
        await self._log.close()

    def _take(self, rows: Sequence[Row]) -> None:
        if rows:
            self.head = rows[-1][0]
            self.moved_at = time.monotonic()
            self.completed += sum(bool(counts) and type_name in ENDED for _, type_name, counts in rows)
