"""What ingress runs on: the log, blobs and views of one mode, opened for one test. It has no inbox, and so no bus."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg

from reveille.adapters import migrations
from reveille.adapters.eventstoredb import EventStoreDb
from reveille.adapters.postgres_blobs import PostgresBlobs
from reveille.adapters.postgres_store import PostgresEventStore
from reveille.adapters.sql import SqlTransactions, open_engine
from reveille.adapters.sqlite_blobs import SqliteBlobs
from reveille.adapters.sqlite_store import SqliteEventStore
from reveille.cli.catalogue import EVENT_TYPES
from reveille.kernel.blobs import Blobs
from reveille.kernel.event_store import EventStore
from tests.eventstoredb.server import protocol_server
from tests.servers import postgres_url

INGRESS: Final = "ingress"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    store: EventStore
    blobs: Blobs
    views: SqlTransactions


# template: a database of PostgreSQL that holds what each test's own begins with. Closed with the stack.
Open = Callable[[Path, str, AsyncExitStack], Awaitable[Ground]]


async def embedded(folder: Path, template: str, stack: AsyncExitStack) -> Ground:
    store = SqliteEventStore.open(folder / "log.sqlite", EVENT_TYPES)
    stack.push_async_callback(store.close)
    blobs = SqliteBlobs.open(folder / "blobs.sqlite")
    stack.push_async_callback(blobs.close)
    views = SqlTransactions(open_engine(f"sqlite:{folder / 'views.sqlite'}"))
    stack.push_async_callback(views.close)
    await views.run(lambda connection: migrations.migrate_connection(connection, INGRESS))
    return Ground(store=store, blobs=blobs, views=views)


async def postgresql(folder: Path, template: str, stack: AsyncExitStack) -> Ground:
    url = await stack.enter_async_context(_copy_of(template))
    store = await PostgresEventStore.open(url, EVENT_TYPES)
    stack.push_async_callback(store.close)
    return await _on_postgres(store, url, stack)


async def eventstoredb(folder: Path, template: str, stack: AsyncExitStack) -> Ground:
    url = await stack.enter_async_context(_copy_of(template))
    store = await EventStoreDb.open(await stack.enter_async_context(protocol_server(folder)), EVENT_TYPES)
    stack.push_async_callback(store.close)
    return await _on_postgres(store, url, stack)


GROUNDS: Final[Mapping[str, Open]] = {"embedded": embedded, "postgresql": postgresql, "eventstoredb": eventstoredb}


async def _on_postgres(store: EventStore, url: str, stack: AsyncExitStack) -> Ground:
    blobs = await PostgresBlobs.open(url)
    stack.push_async_callback(blobs.close)
    views = SqlTransactions(open_engine(url, migrations.schema_of(INGRESS)))
    stack.push_async_callback(views.close)
    return Ground(store=store, blobs=blobs, views=views)


@contextmanager
def template_database() -> Iterator[str]:
    """Its URL. To copy it takes a tenth of the time in which its schemas are made."""
    # A thread of their own: a loop may be running in the caller's.
    with ThreadPoolExecutor(1) as thread:
        url = thread.submit(_make_template).result()
        yield url
        thread.submit(asyncio.run, _execute(f"DROP DATABASE {_name_of(url)} WITH (FORCE)")).result()


def _make_template() -> str:
    name = f"reveille_test_{uuid4().hex}"
    asyncio.run(_execute(f"CREATE DATABASE {name}"))
    url = urlsplit(postgres_url())._replace(path=f"/{name}").geturl()
    migrations.migrate(url, INGRESS)
    asyncio.run(_make_schemas(url))
    return url


async def _make_schemas(url: str) -> None:
    await (await PostgresEventStore.open(url, EVENT_TYPES)).close()
    await (await PostgresBlobs.open(url)).close()


@asynccontextmanager
async def _copy_of(template: str) -> AsyncIterator[str]:
    name = f"reveille_test_{uuid4().hex}"
    await _execute(f"CREATE DATABASE {name} TEMPLATE {_name_of(template)}")
    try:
        yield urlsplit(template)._replace(path=f"/{name}").geturl()
    finally:
        await _execute(f"DROP DATABASE {name} WITH (FORCE)")


def _name_of(url: str) -> str:
    return urlsplit(url).path[1:]


async def _execute(statement: str) -> None:
    connection = await asyncpg.connect(postgres_url())
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
