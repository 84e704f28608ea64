"""Every adapter of the log, opened for one test. A server may keep what earlier tests wrote."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Final

from reveille.adapters.inline_store import InlineEventStore
from reveille.adapters.sqlite_store import SqliteEventStore
from reveille.contracts.common.v1 import common_pb2
from reveille.kernel.event_store import EventStore
from reveille.kernel.events import EventTypes

TYPES: Final = EventTypes([common_pb2])

Open = Callable[[Path], AbstractAsyncContextManager[EventStore]]


@asynccontextmanager
async def sqlite(folder: Path) -> AsyncIterator[EventStore]:
    store = SqliteEventStore.open(folder / "log.db", TYPES)
    yield store
    await store.close()


@asynccontextmanager
async def inline(folder: Path) -> AsyncIterator[EventStore]:
    store = InlineEventStore(TYPES)
    yield store
    await store.close()


STORES: Final[dict[str, Open]] = {"sqlite": sqlite, "inline": inline}
