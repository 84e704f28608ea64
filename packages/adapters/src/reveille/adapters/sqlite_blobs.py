"""Blobs in one SQLite file, with a connection and a thread of their own."""

import asyncio
import hashlib
import sqlite3
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, TypeVar

from reveille.kernel.errors import Misconfigured, Transient

T = TypeVar("T")

# A table with rowids: without them SQLite would search through the bytes themselves.
SCHEMA: Final = """
PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
CREATE TABLE IF NOT EXISTS blobs (
    tenant TEXT NOT NULL, digest TEXT NOT NULL, data BLOB NOT NULL, PRIMARY KEY (tenant, digest)
);
"""


class SqliteBlobs:
    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._worker = ThreadPoolExecutor(1, "reveille-blobs")

    @classmethod
    def open(cls, path: Path) -> "SqliteBlobs":
        """The file may be that of the log. Raises Misconfigured where it cannot be used."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        except (OSError, sqlite3.Error) as error:
            raise Misconfigured(f"{path} cannot be opened for blobs: {error}") from error
        try:
            db.executescript(SCHEMA)
        except sqlite3.Error as error:
            db.close()
            raise Misconfigured(f"{path} cannot be opened for blobs: {error}") from error
        return cls(db)

    async def put(self, tenant: str, data: bytes) -> str:
        def work() -> str:
            digest = hashlib.sha256(data).hexdigest()
            self._keep(tenant, digest, data)
            return digest

        return await self._run(work)

    async def keep(self, tenant: str, digest: str, data: bytes) -> None:
        """Under another digest than its own."""
        await self._run(lambda: self._keep(tenant, digest, data))

    async def drop(self, tenant: str, digests: Collection[str]) -> None:
        def work() -> None:
            self._db.execute("PRAGMA secure_delete = ON")
            self._db.executemany(
                "DELETE FROM blobs WHERE tenant = ? AND digest = ?", [(tenant, digest) for digest in digests]
            )
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

        await self._run(work)

    async def get(self, tenant: str, digest: str) -> bytes:
        def work() -> bytes:
            row = self._db.execute(
                "SELECT data FROM blobs WHERE tenant = ? AND digest = ?", (tenant, digest)
            ).fetchone()
            if row is None:
                raise KeyError(f"tenant {tenant} has no blob {digest}")
            data: bytes = row[0]
            return data

        return await self._run(work)

    async def close(self) -> None:
        await self._run(self._db.close)
        self._worker.shutdown()

    def _keep(self, tenant: str, digest: str, data: bytes) -> None:
        self._db.execute("INSERT OR IGNORE INTO blobs VALUES (?, ?, ?)", (tenant, digest, data))

    async def _run(self, work: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._worker, work)
        except sqlite3.OperationalError as error:
            raise Transient(f"database of blobs: {error}") from error
