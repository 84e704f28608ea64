"""Every adapter of the log, opened for one test. A server may keep what earlier tests wrote."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Final

from reveille.adapters.eventstoredb import EventStoreDb
from reveille.adapters.inline_store import InlineEventStore
from reveille.adapters.postgres_store import PostgresEventStore
from reveille.adapters.sqlite_store import SqliteEventStore
from reveille.contracts.common.v1 import common_pb2
from reveille.kernel.event_store import EventStore
from reveille.kernel.events import EventTypes
from tests.eventstoredb.real import eventstoredb_uri
from tests.eventstoredb.server import protocol_server
from tests.postgres import database
from tests.sealing import sealing
from tests.servers import postgres_url

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


@asynccontextmanager
async def postgresql(folder: Path) -> AsyncIterator[EventStore]:
    async with database(postgres_url()) as url:
        store = await PostgresEventStore.open(url, TYPES)
        yield store
        await store.close()


@asynccontextmanager
async def eventstoredb(folder: Path) -> AsyncIterator[EventStore]:
    async with protocol_server(folder) as uri:
        store = await EventStoreDb.open(uri, TYPES)
        yield store
        await store.close()


@asynccontextmanager
async def eventstoredb_real(folder: Path) -> AsyncIterator[EventStore]:
    store = await EventStoreDb.open(eventstoredb_uri() or "", TYPES)
    yield store
    await store.close()


def sealed(inner: Open) -> Open:
    """The same, encrypted."""

    @asynccontextmanager
    async def open(folder: Path) -> AsyncIterator[EventStore]:
        async with inner(folder) as store, sealing(store, folder, TYPES) as sealed:
            yield sealed

    return open


STORES: Final[dict[str, Open]] = {
    "sqlite": sqlite,
    "inline": inline,
    "postgresql": postgresql,
    "eventstoredb": eventstoredb,
    "sealed-sqlite": sealed(sqlite),
    "sealed-inline": sealed(inline),
    "sealed-postgresql": sealed(postgresql),
    "sealed-eventstoredb": sealed(eventstoredb),
}
if eventstoredb_uri() is not None:
    STORES["eventstoredb-real"] = eventstoredb_real
