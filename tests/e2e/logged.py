"""The log of either kind of platform, as tests read it."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from google.protobuf.message import Message

from reveille.cli.catalogue import EVENT_TYPES
from reveille.kernel.event_store import EventStore
from reveille.kernel.events import Recorded

PAGE: Final = 5_000
QUERY: Final = """
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


def logged(event: Recorded) -> Logged:
    return Logged(
        position=event.position,
        stream=event.stream,
        revision=event.revision,
        type=event.type,
        data=event.data,
        id=event.id,
        cause=event.meta.origin.cause,
        correlation=event.meta.about.correlation,
        trace=event.meta.about.trace,
    )


async def all_of(store: EventStore) -> list[Recorded]:
    """Every event, in order."""
    found: list[Recorded] = []
    while events := await store.read_all(found[-1].position if found else 0, PAGE):
        found += events
    return found


def read_sqlite(data: Path) -> list[Logged]:
    """Every event, in order, as the file has it: without the platform's own store."""
    with closing(sqlite3.connect(data / "log.db")) as log:
        return [Logged(*row) for row in log.execute(QUERY)]


def named(events: Iterable[Logged], name: str) -> list[Logged]:
    return [event for event in events if event.name == name]
