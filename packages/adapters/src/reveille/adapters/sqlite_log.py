"""The log in one SQLite file: the writer, synchronous, one for each file."""

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from reveille.adapters.sqlite_reader import Decode, SqliteReader
from reveille.kernel.errors import Misconfigured
from reveille.kernel.event_store import NO_STREAM, Append, Appended, Conflict
from reveille.kernel.events import New, Recorded, category_of

SCHEMA_VERSION: Final = 1
SCHEMA: Final = """
CREATE TABLE streams (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, category TEXT NOT NULL, head INTEGER NOT NULL);
CREATE TABLE types (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE events (
    position INTEGER PRIMARY KEY, stream INTEGER NOT NULL, revision INTEGER NOT NULL, id BLOB NOT NULL,
    type INTEGER NOT NULL, data BLOB NOT NULL, time INTEGER NOT NULL, correlation TEXT NOT NULL, trace TEXT NOT NULL,
    hop INTEGER NOT NULL, cause BLOB NOT NULL, sender TEXT NOT NULL, cause_partition INTEGER NOT NULL,
    cause_position INTEGER NOT NULL, replica TEXT NOT NULL
);
CREATE UNIQUE INDEX events_of_stream ON events (stream, revision);
CREATE TABLE snapshots (stream TEXT PRIMARY KEY, data BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE positions (name TEXT PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID;
"""
# Many rows in one statement: the interpreter's lock is given up once for all of them and not once for each.
CHUNKS: Final = (256, 128, 64, 32, 16, 8, 4, 2, 1)
MAX_KNOWN_HEADS: Final = 100_000

Batch = Sequence[Append]
Save = Callable[["SqliteLog"], None]


def connect(path: str | Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=256)
    db.execute("PRAGMA busy_timeout = 5000")
    return db


class SqliteLog:
    """Streams, snapshots and consumers' positions in one file; ":memory:" where nothing is to last."""

    def __init__(self, path: str | Path, decode: Decode) -> None:
        self._db = connect(path)
        try:
            self._open()
        except sqlite3.DatabaseError as error:
            self._db.close()
            raise Misconfigured(f"{path} cannot be opened as a log: {error}") from error
        self.read = SqliteReader(self._db, decode)

    def _open(self) -> None:
        self._db.executescript(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536;"
            # 4,000 pages: a checkpoint at every 1,000 (the default) cost a tenth of the appends
            "PRAGMA wal_autocheckpoint = 4000; PRAGMA temp_store = MEMORY;"
        )
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version > SCHEMA_VERSION:
            raise Misconfigured(f"the log is at schema {version}, this build knows up to {SCHEMA_VERSION}")
        if version == 0:
            self._db.executescript(f"BEGIN IMMEDIATE; {SCHEMA} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;")
        self._reload()

    def _reload(self) -> None:
        """What the file says. Only this object writes to it, so that its own count holds until a write fails."""
        self.types: dict[str, int] = {name: id for id, name in self._db.execute("SELECT id, name FROM types")}
        self.head: int = self._db.execute("SELECT coalesce(max(position), 0) FROM events").fetchone()[0]
        self.last_stream: int = self._db.execute("SELECT coalesce(max(id), 0) FROM streams").fetchone()[0]
        self.heads: dict[str, tuple[int, int]] = {}

    def append(
        self, batches: Sequence[Batch], saves: Sequence[Save] = ()
    ) -> tuple[list[list[Appended | Conflict]], list[Recorded]]:
        """Several batches in one transaction; raises sqlite3.Error when nothing of them was written.

        saves: snapshots and positions that ride along, so that they cost no commit of their own.
        Returns the outcomes of each batch, and what was written in the order of positions.
        """
        transaction = _Transaction(self._db, self)
        try:
            self._db.execute("BEGIN IMMEDIATE")
            outcomes = [[transaction.append(append) for append in batch] for batch in batches]
            transaction.flush()
            for save in saves:
                save(self)
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            self._reload()
            raise
        if len(self.heads) > MAX_KNOWN_HEADS:
            self.heads = {}
        return outcomes, transaction.recorded

    def save_snapshot(self, stream: str, data: bytes) -> None:
        self._db.execute("INSERT OR REPLACE INTO snapshots VALUES (?, ?)", (stream, data))

    def save_positions(self, positions: Sequence[tuple[str, int]]) -> None:
        self._db.executemany("INSERT OR REPLACE INTO positions VALUES (?, ?)", positions)

    def close(self) -> None:
        self._db.close()


class _Transaction:
    """One group commit: rows are gathered and written many at a time."""

    def __init__(self, db: sqlite3.Connection, log: SqliteLog) -> None:
        self._db = db
        self._log = log
        self._rows: list[Any] = []
        self._opened: dict[str, int] = {}
        self._moved: dict[str, int] = {}
        self.recorded: list[Recorded] = []

    def append(self, append: Append) -> Appended | Conflict:
        log = self._log
        name = append.stream
        known = log.heads.get(name) or self._look_up(name)
        id, head = known if known else (0, NO_STREAM)
        if head != append.expected:
            return self._repeated(id, append, head)
        if not append.events:
            return Appended(head, log.head)
        if not known:
            log.last_stream = id = log.last_stream + 1
            self._opened[name] = id
        for event in append.events:
            head += 1
            self._take(name, id, head, event)
        log.heads[name] = (id, head)
        self._moved[name] = head
        return Appended(head, log.head)

    def flush(self) -> None:
        rows, self._rows = self._rows, []
        _insert(self._db, "INSERT INTO events VALUES ", 15, rows)
        opened = [(id, name, category_of(name), self._moved[name]) for name, id in self._opened.items()]
        _insert(self._db, "INSERT INTO streams VALUES ", 4, [value for row in opened for value in row])
        moved = [(head, self._log.heads[name][0]) for name, head in self._moved.items() if name not in self._opened]
        self._db.executemany("UPDATE streams SET head = ? WHERE id = ?", moved)
        self._opened, self._moved = {}, {}

    def _take(self, name: str, stream: int, revision: int, event: New) -> None:
        log, meta = self._log, event.meta
        log.head = position = log.head + 1
        type_id = log.types.get(event.type) or self._new_type(event.type)
        about, origin = meta.about, meta.origin
        self._rows += (position, stream, revision, event.id, type_id, event.data, meta.time)
        self._rows += (about.correlation, about.trace, about.hop)
        self._rows += (origin.cause, origin.sender, origin.partition, origin.position, meta.replica)
        self.recorded.append(Recorded(event.id, event.type, event.data, meta, event.msg, position, name, revision))

    def _look_up(self, name: str) -> tuple[int, int] | None:
        row = self._db.execute("SELECT id, head FROM streams WHERE name = ?", (name,)).fetchone()
        if row:
            self._log.heads[name] = row
        return row  # type: ignore[no-any-return]

    def _new_type(self, name: str) -> int:
        type_id = len(self._log.types) + 1
        self._db.execute("INSERT INTO types VALUES (?, ?)", (type_id, name))
        self._log.types[name] = type_id
        return type_id

    def _repeated(self, id: int, append: Append, head: int) -> Appended | Conflict:
        """The same events at the same place are the same append, sent again because its answer was lost."""
        conflict = Conflict(append.stream, append.expected, head)
        if not append.events or head < append.expected:
            return conflict
        self.flush()
        last = append.expected + len(append.events)
        rows = self._db.execute(
            "SELECT id, position FROM events WHERE stream = ? AND revision > ? AND revision <= ? ORDER BY revision",
            (id, append.expected, last),
        ).fetchall()
        if [row[0] for row in rows] != [event.id for event in append.events]:
            return conflict
        return Appended(last, rows[-1][1], repeated=True)


def _insert(db: sqlite3.Connection, statement: str, columns: int, values: list[Any]) -> None:
    row = f"({','.join('?' * columns)})"
    start, rows = 0, len(values) // columns
    for size in CHUNKS:
        while rows >= size:
            end = start + size * columns
            db.execute(statement + ",".join([row] * size), values[start:end])
            start, rows = end, rows - size
