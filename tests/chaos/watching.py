"""How far the platform has come, seen in its database while the run goes on, however often that is away."""

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Final

import asyncpg

LOOK_SECONDS: Final = 0.25
QUERY: Final = "SELECT position, type FROM log.events WHERE position > $1 ORDER BY position LIMIT 20000"
ENDED: Final = frozenset({"reveille.planner.v1.ExecutionCompleted", "reveille.planner.v1.ExecutionFailed"})


async def head_of(database_url: str) -> int:
    connection = await asyncpg.connect(database_url, timeout=10)
    try:
        return int(await connection.fetchval("SELECT coalesce(max(position), 0) FROM log.events"))
    finally:
        await connection.close(timeout=2)


class Watch:
    """Looks every quarter of a second, in a thread. Used with `with`."""

    def __init__(self, database_url: str) -> None:
        self.completed = 0
        self.head = 0
        self.moved_at = time.monotonic()
        self._url = database_url
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
        connection: Any = None
        while not self._stop.is_set():
            try:
                if connection is None:
                    connection = await asyncpg.connect(self._url, timeout=2)
                await self._look(connection)
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                if connection is not None:
                    connection.terminate()
                connection = None
            await asyncio.sleep(LOOK_SECONDS)
        if connection is not None:
            with contextlib.suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await connection.close(timeout=2)

    async def _look(self, connection: Any) -> None:
        rows = await connection.fetch(QUERY, self.head, timeout=5)
        if rows:
            self.head = rows[-1]["position"]
            self.moved_at = time.monotonic()
            self.completed += sum(row["type"] in ENDED for row in rows)
