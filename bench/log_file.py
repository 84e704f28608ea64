"""The log of an embedded platform."""

import sqlite3
from pathlib import Path
from typing import Final

from bench.log import Log


def open_log_file(folder: Path) -> Log:
    """folder: the one below which the platform's data folder is."""
    return Log(LogFile(folder / "data" / "log.db"))


class LogFile:
    """`Rows` of the file that SqliteEventStore writes."""

    pause: Final = 0.01

    def __init__(self, file: Path) -> None:
        self._db = sqlite3.connect(f"file:{file}?mode=ro", uri=True, isolation_level=None)
        self._db.execute("PRAGMA busy_timeout = 5000")
        self._types: dict[int, str] = {}

    def since(self, position: int) -> list[tuple[str, int, int]]:
        found = self._db.execute(
            "SELECT type, count(*), max(position) FROM events WHERE position > ? GROUP BY type", (position,)
        ).fetchall()
        if any(type_id not in self._types for type_id, _, _ in found):
            self._types = dict(self._db.execute("SELECT id, name FROM types"))
        return [(self._types[type_id], count, last) for type_id, count, last in found]

    def sizes(self, after: int, type_name: str | None) -> list[int]:
        statement = "SELECT length(e.data) FROM events e JOIN types t ON t.id = e.type WHERE e.position > ?"
        if type_name is None:
            rows = self._db.execute(f"{statement} ORDER BY e.position", (after,))
        else:
            rows = self._db.execute(f"{statement} AND t.name = ? ORDER BY e.position", (after, type_name))
        return [size for (size,) in rows]

    def close(self) -> None:
        self._db.close()
