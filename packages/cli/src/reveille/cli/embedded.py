"""The whole platform in one process: five services, one log, no server beside it."""

import asyncio
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from reveille.adapters import migrations, telemetry
from reveille.adapters.embedded_bus import EmbeddedBus
from reveille.adapters.grpc import Server, open_channel
from reveille.adapters.inbox import Inboxes
from reveille.adapters.sql import SqlTransactions, open_engine
from reveille.adapters.sql_tables import SqlPositions
from reveille.adapters.sqlite_blobs import SqliteBlobs
from reveille.adapters.sqlite_store import SqliteEventStore
from reveille.agent_runner import bootstrap as agent_runner
from reveille.agent_runner.adapters.history import SECONDS as HISTORY_SECONDS
from reveille.agent_runner.adapters.history import SignalHistory
from reveille.agent_runner.entrypoints import grpc as agent_runner_grpc
from reveille.agent_runner.entrypoints import links as agent_runner_links
from reveille.analyzer import bootstrap as analyzer
from reveille.analyzer.entrypoints import grpc as analyzer_grpc
from reveille.budget import bootstrap as budget
from reveille.budget.entrypoints import grpc as budget_grpc
from reveille.cli.catalogue import EVENT_TYPES, ROUTES, SERVICES
from reveille.cli.settings import UpSettings
from reveille.ingress import bootstrap as ingress
from reveille.ingress.adapters.queries import Queries
from reveille.ingress.bootstrap import Ingress
from reveille.ingress.entrypoints import grpc as ingress_grpc
from reveille.ingress.settings import Settings as IngressSettings
from reveille.kernel.clock import SystemClock
from reveille.kernel.errors import Misconfigured
from reveille.kernel.ids import UuidV7Ids, text
from reveille.kernel.service import Ports, Service
from reveille.planner import bootstrap as planner
from reveille.planner.entrypoints import grpc as planner_grpc


@dataclass(slots=True, kw_only=True)
class Platform:
    """`close` ends what `open_platform` has opened; the services themselves run only in `run`."""

    store: SqliteEventStore
    blobs: SqliteBlobs
    transactions: list[SqlTransactions]
    ingress: Ingress
    services: list[Service]
    grpc: Server
    channel: object
    queries: Queries
    shut_telemetry: list[telemetry.Shutdown]

    async def run(self) -> None:
        """Until cancelled. Raises the first error of any service: a part that is missing must not go unseen."""
        async with asyncio.TaskGroup() as tasks:
            for service in self.services:
                tasks.create_task(service.run(), name=service.name)

    async def drain(self, grace: float) -> None:
        """Nothing new is begun; what runs has so many seconds to end."""
        for service in self.services:
            await service.drain(grace)

    async def close(self) -> None:
        await self.grpc.stop(0.5)
        await self.channel.close()  # type: ignore[attr-defined]
        for transactions in self.transactions:
            await transactions.close()
        await self.store.close()
        await self.blobs.close()
        await asyncio.gather(*map(asyncio.to_thread, self.shut_telemetry))


def prepare_views(settings: UpSettings) -> None:
    """Bring all views to this build's schema. Call it outside of an event loop."""
    for service in SERVICES:
        migrations.migrate(settings.views_url(service), service)


async def open_platform(
    settings: UpSettings, ingress_settings: IngressSettings, environment: Mapping[str, str]
) -> Platform:
    """Raises Misconfigured with one clear line. The views must have been prepared."""
    store = SqliteEventStore.open(settings.log_file, EVENT_TYPES)
    try:
        return await _open(settings, ingress_settings, environment, store)
    except BaseException:
        await store.close()
        raise


async def _open(
    settings: UpSettings, ingress_settings: IngressSettings, environment: Mapping[str, str], store: SqliteEventStore
) -> Platform:
    clock, ids = SystemClock(), UuidV7Ids()
    replica = text(ids.new())
    blobs = SqliteBlobs.open(settings.data / "blobs.db")
    # Each service under its own name, as in a cluster, so that a trace shows the way between them.
    traced = {service: telemetry.configure(service, settings.otlp_endpoint) for service in SERVICES}
    bus = EmbeddedBus(ROUTES, store=store, positions=store, clock=clock)
    opened: list[SqlTransactions] = []

    def ports(service: str) -> Ports:
        transactions = SqlTransactions(open_engine(settings.views_url(service)))
        opened.append(transactions)
        return Ports(
            store=store,
            bus=bus,
            transactions=transactions,
            positions=SqlPositions(),
            clock=clock,
            ids=ids,
            replica=replica,
            spans=traced[service][0],
        )

    key = _key(settings.data / "key")
    receiving = ingress.build(ports("ingress"), ingress_settings, blobs=blobs, key=key)
    analysing = analyzer.build(ports("analyzer"))
    planning = planner.build(ports("planner"), key=key)
    accounting = budget.build(ports("budget"))
    running = agent_runner.build(
        ports("agent-runner"),
        blobs=blobs,
        environment=environment,
        alone=True,
        head=await store.head(),
        history=SignalHistory(lambda request: receiving.reading.signals(request, HISTORY_SECONDS), clock),
    )
    services = [receiving.service, analysing.service, planning.service, accounting, running.service]
    servicers = [
        ingress_grpc.QueryServicer(receiving.reading),
        analyzer_grpc.Queries(analysing),
        planner_grpc.Queries(planning),
        budget_grpc.Queries(accounting),
        agent_runner_grpc.Queries(running),
        agent_runner_links.LinkServicer(running),
        Inboxes(services, decode=EVENT_TYPES.decode),
    ]
    # What all services answer alike is nobody's by its name.
    shared = traced["ingress"]
    grpc = Server(
        servicers,
        address=f"127.0.0.1:{settings.grpc_port}",
        spans=lambda service: traced.get(service, shared)[0],
    )
    channel = open_channel(f"127.0.0.1:{await grpc.start()}")
    return Platform(
        store=store,
        blobs=blobs,
        transactions=opened,
        ingress=receiving,
        services=services,
        grpc=grpc,
        channel=channel,
        queries=Queries.over(dict.fromkeys(SERVICES, channel)),
        shut_telemetry=[shut for _, shut in traced.values()],
    )


def _key(path: Path) -> bytes:
    """What HMACs over bodies and cursors are made with; made once, and kept as long as the log."""
    try:
        if not path.exists():
            descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(secrets.token_hex(32).encode())
        return bytes.fromhex(path.read_text())
    except (OSError, ValueError) as error:
        raise Misconfigured(f"the key {path} cannot be used: {error}") from error
