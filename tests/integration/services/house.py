"""One service as it runs, on a log, a bus and views of its own; what the others would write, the test writes."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from typing import Any

from google.protobuf.message import Message

from reveille.adapters.sql_tables import SqlPositions
from reveille.contracts.ingress.v1.events_pb2 import Agent, AgentBudget, AgentDefined, FleetApplied
from reveille.kernel.clock import SystemClock
from reveille.kernel.event_bus import EventBus
from reveille.kernel.event_store import NO_STREAM, Append, Appended, follow
from reveille.kernel.events import About, Meta, Recorded, new_event, service_of
from reveille.kernel.ids import UuidV7Ids
from reveille.kernel.service import Ports, Service
from tests.integration.services.grounds import Ground, cancelled

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
# The machine may be busy with other tests: a deadline that is met in a second when it is not.
PATIENCE = 60


class House:
    """Closed with the stack: first what runs, then what it runs on."""

    def __init__(self, ground: Ground, stack: AsyncExitStack) -> None:
        self._ground = ground
        self._stack = stack
        self._clock, self._ids = SystemClock(), UuidV7Ids()
        self.store = ground.store

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
        self, name: str, build: Callable[[Ports], Any], *, replica: str = "r-1", bus: EventBus | None = None
    ) -> Service:
        """It runs until the house is closed."""
        ports = Ports(
            store=self.store,
            bus=bus or await self.bus(),
            transactions=await self._ground.views(name, replica),
            positions=SqlPositions(),
            clock=self._clock,
            ids=self._ids,
            replica=replica,
        )
        built = build(ports)
        service: Service = built if isinstance(built, Service) else built.service
        task = asyncio.create_task(service.run(), name=name)
        self._stack.push_async_callback(cancelled, task)
        return service

    async def bus(self) -> EventBus:
        """Another one."""
        return await self._ground.new_bus()

    async def written(self, service: str, count: int) -> list[Recorded]:
        """What a service has written, once it is so much."""
        found: list[Recorded] = []
        async with asyncio.timeout(PATIENCE):
            async for events in follow(self.store, 0):
                found += [event for event in events if service_of(event.type) == service]
                if len(found) >= count:
                    break
        return found


def names(events: Sequence[Recorded]) -> list[str]:
    return [event.type.rpartition(".")[2] for event in events]
