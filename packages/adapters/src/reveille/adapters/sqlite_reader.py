"""Reading the log's SQLite file."""

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from google.protobuf.message import Message

from reveille.kernel.events import About, Meta, Origin, Recorded

SELECT: Final = (
    "SELECT e.position, s.name, e.revision, e.id, e.type, e.data, e.time, e.correlation, e.trace, e.hop, e.cause, "
    "e.sender, e.cause_partition, e.cause_position, e.replica FROM events e JOIN streams s ON s.id = e.stream "
)

# Of one statement; SQLite takes many more.
MAX_PARAMETERS: Final = 500

Decode = Callable[[str, bytes], Message | None]


class SqliteReader:
    """Not thread-safe; on a connection of its own it may read while another one writes."""

    def __init__(self, db: sqlite3.Connection, decode: Decode) -> None:
        self._db = db
        self._decode = decode
        self._names: dict[int, str] = {}

    def streams(self, after: Mapping[str, int]) -> dict[str, list[Recorded]]:
        return {
            stream: self._select("WHERE s.name = ? AND e.revision > ? ORDER BY e.revision", stream, revision)
            for stream, revision in after.items()
        }

    def backwards(self, stream: str, limit: int) -> list[Recorded]:
        return self._select("WHERE s.name = ? ORDER BY e.revision DESC LIMIT ?", stream, limit)

    def one(self, stream: str, revision: int) -> Recorded:
        found = self._select("WHERE s.name = ? AND e.revision = ?", stream, revision)
        if not found:
            raise KeyError(f"stream {stream} has no revision {revision}")
        return found[0]

    def at(self, positions: Sequence[int]) -> list[Recorded]:
        found: list[Recorded] = []
        for start in range(0, len(positions), MAX_PARAMETERS):
            some = positions[start : start + MAX_PARAMETERS]
            found += self._select(f"WHERE e.position IN ({','.join('?' * len(some))}) ORDER BY e.position", *some)
        return found

    def all(self, after: int, limit: int, category: str | None) -> list[Recorded]:
        if category is None:
            return self._select("WHERE e.position > ? ORDER BY e.position LIMIT ?", after, limit)
        # A scan: who follows a category reads nearly everything anyway, and an index would cost every append.
        return self._select(
            "WHERE e.position > ? AND s.category = ? ORDER BY e.position LIMIT ?", after, category, limit
        )

    def snapshot(self, stream: str) -> bytes | None:
        row = self._db.execute("SELECT data FROM snapshots WHERE stream = ?", (stream,)).fetchone()
        return row[0] if row else None

    def position(self, name: str) -> int:
        row = self._db.execute("SELECT position FROM positions WHERE name = ?", (name,)).fetchone()
        return row[0] if row else 0

    def close(self) -> None:
        self._db.close()

    def _select(self, where: str, *parameters: Any) -> list[Recorded]:
        return list(self._recorded(self._db.execute(SELECT + where, parameters).fetchall()))

    def _recorded(self, rows: list[Any]) -> Iterable[Recorded]:
        for row in rows:
            position, stream, revision, id, type_id, data, time, correlation, trace, hop, *origin, replica = row
            name = self._names.get(type_id) or self._name(type_id)
            meta = Meta(time, About(correlation, trace, hop), Origin(*origin), replica)
            yield Recorded(id, name, data, meta, self._decode(name, data), position, stream, revision)

    def _name(self, type_id: int) -> str:
        self._names = dict(self._db.execute("SELECT id, name FROM types"))
        return self._names[type_id]
