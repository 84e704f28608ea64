"""What a service runs on: the adapters of one mode, opened for one test."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import uuid4

from reveille.adapters import migrations
from reveille.adapters.embedded_bus import EmbeddedBus
from reveille.adapters.eventstoredb import EventStoreDb
from reveille.adapters.kafka_bus import KafkaBus
from reveille.adapters.kafka_publisher import KafkaPublisher
from reveille.adapters.kafka_topics import Topics, brokers
from reveille.adapters.postgres_store import PostgresEventStore
from reveille.adapters.sql import InlineTransactions, SqlTransactions, open_engine
from reveille.adapters.sql_tables import SqlLeases, SqlRelayPositions, metadata
from reveille.adapters.sqlite_store import SqliteEventStore
from reveille.cli.catalogue import EVENT_TYPES, ROUTES, SERVICES
from reveille.kernel.clock import SystemClock
from reveille.kernel.event_bus import EventBus
from reveille.kernel.event_store import EventStore
from reveille.kernel.relay import Relay
from tests.eventstoredb.server import protocol_server
from tests.postgres import database
from tests.servers import kafka_address, postgres_url

PARTITIONS: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """new_bus: one that nobody shares, and that begins at the log's beginning. views: by service and replica."""

    store: EventStore
    new_bus: Callable[[], Awaitable[EventBus]]
    views: Callable[[str, str], Awaitable[SqlTransactions]]


# Closed with the stack.
Open = Callable[[Path, AsyncExitStack], Awaitable[Ground]]


async def embedded(folder: Path, stack: AsyncExitStack) -> Ground:
    store = SqliteEventStore.open(folder / "log.db", EVENT_TYPES)
    stack.push_async_callback(store.close)

    async def new_bus() -> EventBus:
        return EmbeddedBus(ROUTES, store=store, positions=store, clock=SystemClock())

    async def views(service: str, replica: str) -> SqlTransactions:
        return await _opened(f"sqlite:{folder / replica}.db", service, stack)

    return Ground(store=store, new_bus=new_bus, views=views)


async def postgresql(folder: Path, stack: AsyncExitStack) -> Ground:
    url = await stack.enter_async_context(database(postgres_url()))
    store = await PostgresEventStore.open(url, EVENT_TYPES)
    stack.push_async_callback(store.close)
    return _cluster(store, url, stack)


async def eventstoredb(folder: Path, stack: AsyncExitStack) -> Ground:
    url = await stack.enter_async_context(database(postgres_url()))
    store = await EventStoreDb.open(await stack.enter_async_context(protocol_server(folder)), EVENT_TYPES)
    stack.push_async_callback(store.close)
    return _cluster(store, url, stack)


GROUNDS: Final[Mapping[str, Open]] = {"embedded": embedded, "postgresql": postgresql, "eventstoredb": eventstoredb}


def _cluster(store: EventStore, url: str, stack: AsyncExitStack) -> Ground:
    async def new_bus() -> EventBus:
        return await _kafka(store, stack)

    async def views(service: str, replica: str) -> SqlTransactions:
        return await _opened(url, service, stack)

    return Ground(store=store, new_bus=new_bus, views=views)


async def _opened(url: str, service: str, stack: AsyncExitStack) -> SqlTransactions:
    await asyncio.to_thread(migrations.migrate, url, service)
    schema = migrations.schema_of(service) if url.startswith("postgresql") else ""
    opened = SqlTransactions(open_engine(url, schema))
    stack.push_async_callback(opened.close)
    return opened


async def _kafka(store: EventStore, stack: AsyncExitStack) -> KafkaBus:
    """On topics of its own, to which every service's relay takes what the log holds from its beginning on."""
    url, clock = f"kafka://{kafka_address()}", SystemClock()
    topics = Topics(prefix=f"test-{uuid4().hex[:12]}", partitions=PARTITIONS)
    transactions = InlineTransactions()
    stack.push_async_callback(transactions.close)
    await transactions.run(metadata.create_all)
    positions, leases = SqlRelayPositions(transactions), SqlLeases(transactions, clock)
    bus = await KafkaBus.open(
        url,
        ROUTES,
        services=SERVICES,
        topics=topics,
        decode=EVENT_TYPES.decode,
        relayed=positions.load,
        clock=clock,
    )
    stack.push_async_callback(bus.close)
    publisher = KafkaPublisher(brokers(url), ROUTES, topics=topics, read_one=store.read_one)
    stack.push_async_callback(publisher.close)
    for service in SERVICES:
        relay = Relay(
            service,
            store=store,
            publisher=publisher,
            positions=positions,
            leases=leases,
            clock=clock,
            owner="test",
        )
        running = asyncio.create_task(relay.run(), name=f"relay of {service}")
        stack.push_async_callback(cancelled, running)
    return bus


async def cancelled(task: "asyncio.Task[None]") -> None:
    task.cancel()
    await asyncio.wait([task])
