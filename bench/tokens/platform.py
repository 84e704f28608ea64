"""The five services as `reveille up` puts them together, on ports that need no thread, no file and no real time."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bench.tokens.ports import PatientClock, SteadyTransactions, TailedStore
from reveille.adapters.embedded_bus import EmbeddedBus
from reveille.adapters.inline_blobs import InlineBlobs
from reveille.adapters.sql_tables import SqlPositions
from reveille.agent_runner import bootstrap as agent_runner
from reveille.agent_runner.adapters.history import SECONDS as HISTORY_SECONDS
from reveille.agent_runner.adapters.history import SignalHistory
from reveille.agent_runner.application.history import History
from reveille.agent_runner.application.orphans import EVERY_SECONDS
from reveille.agents import Model
from reveille.analyzer import bootstrap as analyzer
from reveille.budget import bootstrap as budget
from reveille.cli.catalogue import EVENT_TYPES, ROUTES, SERVICES
from reveille.ingress import bootstrap as ingress
from reveille.ingress.application.receiving import Received
from reveille.ingress.bootstrap import Ingress
from reveille.ingress.domain.fleet import WantedFleet
from reveille.ingress.settings import Settings as IngressSettings
from reveille.kernel.clock import Clock
from reveille.kernel.ids import Ids
from reveille.kernel.service import Ports, Service
from reveille.kernel.timers import LONGEST
from reveille.planner import bootstrap as planner
from tests.unit.databases import database_of

REPLICA: Final = "bench"


@dataclass(slots=True, kw_only=True)
class Platform:
    store: TailedStore
    blobs: InlineBlobs
    databases: Mapping[str, SteadyTransactions]
    ingress: Ingress
    services: list[Service]

    async def run(self) -> None:
        """Until cancelled. Raises the first error of any service."""
        async with asyncio.TaskGroup() as tasks:
            for service in self.services:
                tasks.create_task(service.run(), name=service.name)

    async def apply(self, wanted: WantedFleet) -> None:
        await self.ingress.fleets.apply(wanted)

    async def receive(self, tenant: str, received: list[Received]) -> list[str]:
        """The signals' ids, in order."""
        return [receipt.signal_id for receipt in await self.ingress.receiving.receive_many(tenant, received)]

    async def close(self) -> None:
        for database in self.databases.values():
            await database.close()
        await self.blobs.close()
        await self.store.close()


async def open_platform(*, clock: Clock, ids: Ids, model: Model, history: History | None = None) -> Platform:
    """model: the one that every agent has. history: what `signals.recent` tells; by default what ingress has."""
    store, blobs = TailedStore(EVENT_TYPES), InlineBlobs()
    databases = {service: SteadyTransactions(database_of(service)) for service in SERVICES}
    bus = EmbeddedBus(ROUTES, store=store, positions=store, clock=clock)

    def ports(service: str) -> Ports:
        return Ports(
            store=store,
            bus=bus,
            transactions=databases[service],
            positions=SqlPositions(),
            clock=clock,
            ids=ids,
            replica=REPLICA,
        )

    receiving = ingress.build(ports("ingress"), IngressSettings(embedded=True), blobs=blobs, key=b"bench")
    told = SignalHistory(lambda request: receiving.reading.signals(request, HISTORY_SECONDS), clock)
    running = agent_runner.build(
        ports("agent-runner"),
        blobs=blobs,
        environment={},
        alone=True,
        head=await store.head(),
        history=history or told,
        model=lambda name, environment: model,
    )
    services = [
        receiving.service,
        analyzer.build(ports("analyzer")).service,
        planner.build(ports("planner"), key=b"key").service,
        budget.build(ports("budget")),
        running.service,
    ]
    for service in services:
        if (timers := service.timers) is not None:
            timers._clock = PatientClock(clock, service, longest=LONGEST, next_due=timers._table.next)
    running.orphans._clock = PatientClock(clock, running.service, longest=EVERY_SECONDS)
    return Platform(store=store, blobs=blobs, databases=databases, ingress=receiving, services=services)
