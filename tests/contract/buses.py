"""Every adapter of the bus, each over a log of its own, and a way to write to that log."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Final
from uuid import uuid4

from reveille.adapters.embedded_bus import EmbeddedBus
from reveille.adapters.inline_store import InlineEventStore
from reveille.adapters.kafka_bus import KafkaBus
from reveille.adapters.kafka_publisher import KafkaPublisher
from reveille.adapters.kafka_topics import Topics, brokers
from reveille.adapters.sql import InlineTransactions
from reveille.adapters.sql_tables import SqlLeases, SqlRelayPositions, metadata
from reveille.contracts.common.v1 import common_pb2
from reveille.contracts.common.v1.common_pb2 import Json
from reveille.kernel.clock import SystemClock
from reveille.kernel.event_bus import Consumer, EventBus, Routes
from reveille.kernel.event_store import NO_STREAM, Append
from reveille.kernel.events import About, EventTypes, Meta, Recorded, new_event
from reveille.kernel.ids import UuidV7Ids
from reveille.kernel.relay import Relay
from tests.servers import kafka_address

TYPES: Final = EventTypes([common_pb2])
PARTITIONS: Final = 4


# What is written under this key is for nobody.
NOBODY: Final = "nobody"


def key_of(event: Recorded) -> str | None:
    assert isinstance(event.msg, Json)
    key = event.msg.text.partition(" ")[0]
    return None if key == NOBODY else key


ROUTES: Final[Routes] = {"reveille.common.v1.Json": {"one": key_of}}


class Log:
    """A store and a bus over it. What is written has a key and a number that rises from 1, which is its time too."""

    def __init__(self, store: InlineEventStore, new_bus: Callable[[], Awaitable[EventBus]], bus: EventBus) -> None:
        self.store = store
        self._new_bus = new_bus
        self._bus = bus
        self._ids = UuidV7Ids()
        self._written = 0
        self._consumers: list[Consumer] = []

    async def consumer(self, replica: str, *, service: str = "one", anew: bool = False) -> Consumer:
        """anew: as another process gets it."""
        bus = await self._new_bus() if anew else self._bus
        consumer = await bus.consumer(service, replica)
        self._consumers.append(consumer)
        return consumer

    async def write(self, *keys: str) -> None:
        for key in keys:
            self._written += 1
            new = new_event(self._ids.new(), Json(text=f"{key} {self._written}"), Meta(self._written, About("c")))
            await self.store.append([Append(f"t.a-{self._written}", NO_STREAM, [new])])

    async def close(self) -> None:
        for consumer in self._consumers:
            await consumer.close()


@asynccontextmanager
async def embedded() -> AsyncIterator[Log]:
    store = InlineEventStore(TYPES)

    async def new_bus() -> EventBus:
        return EmbeddedBus(ROUTES, store=store, positions=store, clock=SystemClock(), partitions=PARTITIONS)

    log = Log(store, new_bus, await new_bus())
    yield log
    await log.close()
    await store.close()


@asynccontextmanager
async def kafka() -> AsyncIterator[Log]:
    """With a relay that takes what is written to the brokers, on topics that no other test has."""
    url, clock = f"kafka://{kafka_address()}", SystemClock()
    topics = Topics(prefix=f"test-{uuid4().hex[:12]}", partitions=PARTITIONS)
    async with AsyncExitStack() as stack:
        store = InlineEventStore(TYPES)
        stack.push_async_callback(store.close)
        transactions = InlineTransactions()
        stack.push_async_callback(transactions.close)
        await transactions.run(metadata.create_all)
        positions = SqlRelayPositions(transactions)

        async def new_bus() -> EventBus:
            bus = await KafkaBus.open(
                url,
                ROUTES,
                services=["common", "one", "other"],
                topics=topics,
                decode=TYPES.decode,
                relayed=positions.load,
                clock=clock,
            )
            stack.push_async_callback(bus.close)
            return bus

        bus = await new_bus()
        publisher = KafkaPublisher(brokers(url), ROUTES, topics=topics, read_one=store.read_one)
        relay = Relay(
            "common",
            store=store,
            publisher=publisher,
            positions=positions,
            leases=SqlLeases(transactions, clock),
            clock=clock,
            owner="test",
        )
        relaying = asyncio.ensure_future(relay.run())
        log = Log(store, new_bus, bus)
        yield log
        await log.close()
        relaying.cancel()
        await asyncio.wait([relaying])
        await publisher.close()


BUSES: Final[dict[str, Callable[[], AbstractAsyncContextManager[Log]]]] = {"embedded": embedded, "kafka": kafka}
