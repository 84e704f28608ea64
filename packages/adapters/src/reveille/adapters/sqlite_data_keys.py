"""The table of data keys in an SQLite file of its own: a backup of the log has no keys in it."""

import asyncio
import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

from reveille.adapters.key_rows import KeyRow, Subject, set_aside
from reveille.kernel.errors import Misconfigured, Transient

T = TypeVar("T")

# secure_delete: an erased key is overwritten. Its old page may still be in the write-ahead log, which is emptied.
SCHEMA: Final = """
PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;
CREATE TABLE IF NOT EXISTS data_keys (
    id TEXT PRIMARY KEY, tenant TEXT NOT NULL, subject TEXT NOT NULL, master TEXT NOT NULL, wrapped BLOB NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS data_keys_of ON data_keys (tenant, subject);
"""
COLUMNS: Final = "id, tenant, subject, master, wrapped"


class SqliteDataKeys:
    """Several processes may have it open: one that runs, and one that rotates."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._worker = ThreadPoolExecutor(1, "reveille-data-keys")

    @classmethod
    def open(cls, path: Path) -> "SqliteDataKeys":
        """Raises Misconfigured where it cannot be used."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        except (OSError, sqlite3.Error) as error:
            raise Misconfigured(f"{path} cannot be opened for data keys: {error}") from error
        try:
            db.executescript(SCHEMA)
        except sqlite3.Error as error:
            db.close()
            raise Misconfigured(f"{path} cannot be opened for data keys: {error}") from error
        return cls(db)

    async def add(self, rows: Sequence[KeyRow]) -> int:
        def work() -> int:
            with self._transaction():
                return self._db.executemany(
                    "INSERT INTO data_keys VALUES (?, ?, ?, ?, ?) ON CONFLICT (tenant, subject) DO NOTHING",
                    [(row.id, row.tenant, row.subject, row.master, row.wrapped) for row in rows],
                ).rowcount

        return await self._run(work)

    async def of_subjects(self, subjects: Collection[Subject]) -> list[KeyRow]:
        return await self._run(
            lambda: [
                row
                for one in subjects
                for row in self._select("WHERE tenant = ? AND subject = ?", one.tenant, one.name)
            ]
        )

    async def by_ids(self, ids: Collection[str]) -> list[KeyRow]:
        return await self._run(lambda: [row for id in ids for row in self._select("WHERE id = ?", id)])

    async def erased(self, subjects: Collection[Subject]) -> list[str]:
        return await self._run(
            lambda: [row.id for one in subjects for row in self._ever(one) if not row.wrapped],
        )

    async def erase(self, subjects: Collection[Subject]) -> None:
        def work() -> None:
            with self._transaction():
                for one in subjects:
                    for row in self._select("WHERE tenant = ? AND subject = ?", one.tenant, one.name):
                        name = row.subject if one.lasting else set_aside(row.subject, row.id)
                        self._db.execute(
                            "UPDATE data_keys SET subject = ?, master = '', wrapped = x'' WHERE id = ?", (name, row.id)
                        )
            # Else the old pages would stay in it until it is overwritten.
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

        await self._run(work)

    async def masters(self) -> Mapping[str, int]:
        found = "SELECT master, count(*) FROM data_keys GROUP BY master"
        return await self._run(lambda: dict(self._db.execute(found).fetchall()))

    async def wrapped_by_others(self, master: str, limit: int) -> list[KeyRow]:
        return await self._run(
            lambda: list(self._select("WHERE master <> ? AND master <> '' ORDER BY id LIMIT ?", master, limit))
        )

    async def wrapped_by(self, master: str) -> KeyRow | None:
        return await self._run(lambda: next(self._select("WHERE master = ? LIMIT 1", master), None))

    async def rewrap(self, rows: Sequence[KeyRow]) -> None:
        def work() -> None:
            with self._transaction():
                self._db.executemany(
                    "UPDATE data_keys SET master = ?, wrapped = ? WHERE id = ? AND master <> ''",
                    [(row.master, row.wrapped, row.id) for row in rows],
                )

        await self._run(work)

    async def close(self) -> None:
        await self._run(self._db.close)
        self._worker.shutdown()

    def _ever(self, one: Subject) -> Iterator[KeyRow]:
        """Its row, and those set aside."""
        yield from self._select("WHERE tenant = ? AND subject = ?", one.tenant, one.name)
        aside = set_aside(one.name, "")
        yield from self._select(
            "WHERE tenant = ? AND subject >= ? AND subject < ?", one.tenant, aside, aside + "\U0010ffff"
        )

    def _select(self, where: str, *parameters: Any) -> Iterator[KeyRow]:
        rows = self._db.execute(f"SELECT {COLUMNS} FROM data_keys {where}", parameters).fetchall()
        return (KeyRow(id=id, tenant=of, subject=name, master=by, wrapped=key) for id, of, name, by, key in rows)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    async def _run(self, work: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._worker, work)
        except sqlite3.OperationalError as error:
            raise Transient(f"database of data keys: {error}") from error
