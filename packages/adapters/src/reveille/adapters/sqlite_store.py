"""EventStore on one SQLite file, for one process: a writer thread with group commit, and a tail in memory."""

import asyncio
import fcntl
import os
import queue
import sqlite3
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, TypeVar

from reveille.adapters.log_tail import LogTail
from reveille.adapters.sqlite_log import Save, SqliteLog, connect
from reveille.adapters.sqlite_reader import SqliteReader
from reveille.kernel.errors import Misconfigured, Transient
from reveille.kernel.event_store import Append, Appended, Conflict, check_size
from reveille.kernel.events import EventTypes, Recorded

T = TypeVar("T")

# Appends that one commit takes in; beyond it the first of them would wait for the last.
MAX_GROUP: Final = 512

_Appending = tuple[Sequence[Append], "asyncio.Future[list[Appended | Conflict]]"]


class SqliteEventStore:
    """Appends return when they are on the disk. Readers of the tail are served from memory."""

    def __init__(self, log: SqliteLog, reader: SqliteReader, lock: int) -> None:
        self._log = log
        self._reader = reader
        self._lock = lock
        self._reading = ThreadPoolExecutor(1, "reveille-log-reader")
        self._inbox: queue.SimpleQueue[_Appending | Save | None] = queue.SimpleQueue()
        self._tail = LogTail(log.head)
        self._loop = asyncio.get_running_loop()
        self._writer = threading.Thread(target=self._write, name="reveille-log-writer", daemon=True)
        self._writer.start()

    @classmethod
    def open(cls, path: Path, types: EventTypes) -> "SqliteEventStore":
        """Raises Misconfigured where another process has the file, or it is not a log that this build knows."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            lock = os.open(path.with_suffix(".lock"), os.O_CREAT | os.O_RDWR, 0o600)
        except OSError as error:
            raise Misconfigured(f"data folder {path.parent} cannot be used: {error.strerror}") from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            raise Misconfigured(f"data folder {path.parent} is in use by another process") from None
        try:
            log = SqliteLog(path, types.decode)
            return cls(log, SqliteReader(connect(path), types.decode), lock)
        except BaseException:
            os.close(lock)
            raise

    async def close(self) -> None:
        """Everything that was asked for before is written first."""
        self._inbox.put(None)
        await asyncio.to_thread(self._writer.join)
        self._reading.shutdown()
        self._reader.close()
        self._log.close()
        os.close(self._lock)

    async def append(self, batch: Sequence[Append]) -> list[Appended | Conflict]:
        check_size(batch)
        done: asyncio.Future[list[Appended | Conflict]] = self._loop.create_future()
        self._inbox.put((batch, done))
        return await done

    async def read_streams(self, after: Mapping[str, int]) -> dict[str, list[Recorded]]:
        return await self._read(lambda reader: reader.streams(after))

    async def read_backwards(self, stream: str, limit: int) -> list[Recorded]:
        return await self._read(lambda reader: reader.backwards(stream, limit))

    async def read_one(self, stream: str, revision: int) -> Recorded:
        found = self._tail.one(stream, revision)
        if found is not None:
            return found
        return await self._read(lambda reader: reader.one(stream, revision))

    async def read_at(self, positions: Sequence[int]) -> list[Recorded]:
        return await self._read(lambda reader: reader.at(positions))

    async def read_all(self, after: int, limit: int, *, category: str | None = None) -> list[Recorded]:
        found = self._tail.after(after, limit, category)
        if found is not None:
            return found
        return await self._read(lambda reader: reader.all(after, limit, category))

    async def wait(self, after: int) -> None:
        await self._tail.wait(after)

    async def head(self) -> int:
        return self._tail.head

    async def snapshot(self, stream: str) -> bytes | None:
        return await self._read(lambda reader: reader.snapshot(stream))

    async def save_snapshot(self, stream: str, snapshot: bytes) -> None:
        self._inbox.put(lambda log: log.save_snapshot(stream, snapshot))

    async def position(self, name: str) -> int:
        """Where a consumer of the tail stands."""
        return await self._read(lambda reader: reader.position(name))

    def save_position(self, name: str, position: int) -> None:
        """Durable soon: it is written behind what was asked for before."""
        self._inbox.put(lambda log: log.save_positions([(name, position)]))

    async def _read(self, read: Callable[[SqliteReader], T]) -> T:
        return await self._loop.run_in_executor(self._reading, read, self._reader)

    def _write(self) -> None:
        open_for_more = True
        while open_for_more:
            taken = [self._inbox.get()]
            while len(taken) < MAX_GROUP:
                try:
                    taken.append(self._inbox.get_nowait())
                except queue.Empty:
                    break
            open_for_more = None not in taken
            self._commit([one for one in taken if isinstance(one, tuple)], [one for one in taken if callable(one)])

    def _commit(self, appending: list[_Appending], saves: list[Save]) -> None:
        try:
            outcomes, recorded = self._log.append([batch for batch, _ in appending], saves)
        except sqlite3.Error as error:
            failed = Transient(f"the log cannot be written: {error}", retry_after=1.0)
            self._tell(lambda: _fail([done for _, done in appending], failed))
            return
        self._tell(lambda: self._written(appending, outcomes, recorded))

    def _tell(self, callback: Callable[[], None]) -> None:
        try:
            self._loop.call_soon_threadsafe(callback)
        except RuntimeError:
            return  # the loop is closed: nobody waits any more

    def _written(
        self, appending: list[_Appending], outcomes: list[list[Appended | Conflict]], recorded: list[Recorded]
    ) -> None:
        for (_, done), outcome in zip(appending, outcomes, strict=True):
            if not done.done():
                done.set_result(outcome)
        self._tail.extend(recorded)


def _fail(waiting: list["asyncio.Future[list[Appended | Conflict]]"], error: Exception) -> None:
    for done in waiting:
        if not done.done():
            done.set_exception(error)
