"""One service as it runs, on a log, a bus and views in a folder; what the others would write, the test writes."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from google.protobuf.message import Message

from reveille.adapters.embedded_bus import EmbeddedBus
from reveille.adapters.migrations import migrate_connection
from reveille.adapters.sql import SqlTransactions, open_engine
from reveille.adapters.sql_tables import SqlPositions
from reveille.adapters.sqlite_store import SqliteEventStore
from reveille.cli.catalogue import EVENT_TYPES, ROUTES
from reveille.contracts.ingress.v1.events_pb2 import Agent, AgentBudget, AgentDefined, FleetApplied
from reveille.kernel.clock import SystemClock
from reveille.kernel.event_store import NO_STREAM, Append, Appended, follow
from reveille.kernel.events import About, Meta, Recorded, new_event, service_of
from reveille.kernel.ids import UuidV7Ids
from reveille.kernel.service import Ports, Service

WORKER = Agent(
    name="worker",
    skill="a.module:function",
    budget=AgentBudget(tokens=10_000, per_run=1_000),
    attempts=3,
    backoff_ms=1,
    timeout_ms=1_000,
    max_instances=2,
    max_hops=3,
)
FLEET_REVISION = 1


class House:
    """Closed with the stack: first what runs, then what it runs on."""

    def __init__(self, folder: Path, stack: AsyncExitStack) -> None:
        self._folder = folder
        self._stack = stack
        self._clock, self._ids = SystemClock(), UuidV7Ids()
        self.store = SqliteEventStore.open(folder / "log.db", EVENT_TYPES)
        stack.push_async_callback(self.store.close)

    async def tell(self, stream: str, *messages: Message, about: str = "c-1") -> list[Recorded]:
        """What another service writes."""
        last = await self.store.read_backwards(stream, 1)
        meta = Meta(self._clock.now(), About(about))
        news = [new_event(self._ids.new(), message, meta) for message in messages]
        (outcome,) = await self.store.append([Append(stream, last[0].revision if last else NO_STREAM, news)])
        assert isinstance(outcome, Appended)
        return (await self.store.read_streams({stream: outcome.revision - len(news)}))[stream]

    async def tell_fleet(self) -> None:
        await self.tell("default.fleet", AgentDefined(agent=WORKER), FleetApplied(digest="d", agents=1))

    async def run(
        self, build: Callable[[Ports], Any], *, replica: str = "r-1", bus: EmbeddedBus | None = None
    ) -> Service:
        """It runs until the house is closed."""
        views = SqlTransactions(open_engine(f"sqlite:{self._folder / replica}.db"))
        self._stack.push_async_callback(views.close)
        ports = Ports(
            store=self.store,
            bus=bus or self.bus(),
            transactions=views,
            positions=SqlPositions(),
            clock=self._clock,
            ids=self._ids,
            replica=replica,
        )
        built = build(ports)
        service: Service = built if isinstance(built, Service) else built.service
        await views.run(lambda connection: migrate_connection(connection, service.name))
        task = asyncio.create_task(service.run(), name=service.name)
        self._stack.push_async_callback(_cancelled, task)
        return service

    def bus(self) -> EmbeddedBus:
        return EmbeddedBus(ROUTES, store=self.store, positions=self.store, clock=self._clock)

    async def written(self, service: str, count: int) -> list[Recorded]:
        """What a service has written, once it is so much."""
        found: list[Recorded] = []
        async with asyncio.timeout(10):
            async for events in follow(self.store, 0):
                found += [event for event in events if service_of(event.type) == service]
                if len(found) >= count:
                    break
        return found


def names(events: Sequence[Recorded]) -> list[str]:
    return [event.type.rpartition(".")[2] for event in events]


async def _cancelled(task: "asyncio.Task[None]") -> None:
    task.cancel()
    await asyncio.wait([task])
