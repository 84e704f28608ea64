"""The log and the views as files: read without the platform's own store."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.protobuf.message import Message

from reveille.cli.catalogue import EVENT_TYPES

QUERY = """
SELECT events.position, streams.name, events.revision, types.name, events.data, events.id, events.cause,
       events.correlation, events.trace
FROM events JOIN streams ON streams.id = events.stream JOIN types ON types.id = events.type ORDER BY events.position
"""


@dataclass(frozen=True, slots=True)
class Logged:
    position: int
    stream: str
    revision: int
    type: str
    data: bytes
    id: bytes
    cause: bytes
    correlation: str
    trace: str

    @property
    def name(self) -> str:
        return self.type.rpartition(".")[2]

    @property
    def owner(self) -> str:
        """The service that the type belongs to."""
        return self.type.split(".")[1].replace("_", "-")

    @property
    def category(self) -> str:
        return self.stream.partition(".")[2].partition("-")[0]

    @property
    def message(self) -> Any:
        message = EVENT_TYPES.decode(self.type, self.data)
        assert isinstance(message, Message)
        return message


def read_log(data: Path) -> list[Logged]:
    """Every event, in order."""
    with closing(sqlite3.connect(data / "log.db")) as log:
        return [Logged(*row) for row in log.execute(QUERY)]


def named(events: Iterable[Logged], name: str) -> list[Logged]:
    return [event for event in events if event.name == name]


def is_in_views(data: Path) -> bool:
    """Whether all views have taken in the whole log, as it is now."""
    with closing(sqlite3.connect(data / "log.db")) as log:
        (head,) = log.execute("SELECT max(position) FROM events").fetchone()
    rows = rows_of_views(data)
    return all(position == head for table in rows if table.endswith(".positions") for _, position in rows[table])


def rows_of_views(data: Path) -> dict[str, list[Any]]:
    """All rows of all tables of all services' views, by service and table."""
    found: dict[str, list[Any]] = {}
    for file in sorted((data / "views").glob("*.db")):
        with closing(sqlite3.connect(file)) as views:
            tables = [name for (name,) in views.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            for table in tables:
                found[f"{file.stem}.{table}"] = sorted(views.execute(f'SELECT * FROM "{table}"').fetchall(), key=repr)
    return found
