"""The whole platform in one process: five services, one log, no server beside it."""

import asyncio
import os
import secrets
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

from reveille.adapters import migrations
from reveille.adapters.embedded_bus import EmbeddedBus
from reveille.adapters.grpc import Server, open_channel
from reveille.adapters.grpc_access import token_of
from reveille.adapters.inbox import Inboxes
from reveille.adapters.measured_store import MeasuredStore
from reveille.adapters.prometheus import Sample, Told
from reveille.adapters.sql import SqlTransactions, open_engine
from reveille.adapters.sql_tables import SqlPositions
from reveille.adapters.sqlite_blobs import SqliteBlobs
from reveille.adapters.sqlite_store import SqliteEventStore
from reveille.adapters.telemetry import Telemetry, open_telemetry
from reveille.agent_runner import bootstrap as agent_runner
from reveille.agent_runner.adapters.history import SECONDS as HISTORY_SECONDS
from reveille.agent_runner.adapters.history import SignalHistory
from reveille.agent_runner.entrypoints import grpc as agent_runner_grpc
from reveille.agent_runner.entrypoints import links as agent_runner_links
from reveille.agent_runner.entrypoints import metrics as agent_runner_metrics
from reveille.analyzer import bootstrap as analyzer
from reveille.analyzer.entrypoints import grpc as analyzer_grpc
from reveille.budget import bootstrap as budget
from reveille.budget.entrypoints import grpc as budget_grpc
from reveille.cli.catalogue import EVENT_TYPES, ROUTES, SERVICES
from reveille.cli.complaints import Complaints, of_collector, of_inbox, of_models, of_views
from reveille.cli.encrypting import embedded_encryption
from reveille.cli.metrics import ProcessMetrics, service_samples
from reveille.cli.settings import UpSettings
from reveille.ingress import bootstrap as ingress
from reveille.ingress.adapters.queries import Queries
from reveille.ingress.bootstrap import Ingress
from reveille.ingress.entrypoints import grpc as ingress_grpc
from reveille.ingress.settings import Settings as IngressSettings
from reveille.kernel.blobs import Blobs
from reveille.kernel.clock import SystemClock
from reveille.kernel.errors import Misconfigured
from reveille.kernel.event_store import EventStore
from reveille.kernel.ids import UuidV7Ids, text
from reveille.kernel.measuring import Measures
from reveille.kernel.service import Ports, Service
from reveille.planner import bootstrap as planner
from reveille.planner.entrypoints import grpc as planner_grpc

KEY_BYTES: Final = 32


@dataclass(slots=True, kw_only=True)
class Platform:
    """`close` ends what `open_platform` has opened; the services themselves run only in `run`."""

    store: EventStore
    closing: AsyncExitStack
    transactions: list[SqlTransactions]
    ingress: Ingress
    services: list[Service]
    grpc: Server
    channel: object
    queries: Queries
    telemetry: Telemetry
    process: ProcessMetrics
    complaints: Sequence[Complaints]

    async def run(self) -> None:
        """Until cancelled. Raises the first error of any service: a part that is missing must not go unseen."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.process.run(), name="process metrics")
            for complaints in self.complaints:
                tasks.create_task(complaints.run(), name="complaints")
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
        await self.closing.aclose()
        await asyncio.to_thread(self.telemetry.shutdown)


def prepare_views(settings: UpSettings) -> None:
    """Bring all views to this build's schema. Call it outside of an event loop."""
    with suppress(OSError):  # which the first file in it tells of
        # Nobody else of this machine reads what stands in it. One that is there already is its owner's business.
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    for service in SERVICES:
        migrations.migrate(settings.views_url(service), service)


async def open_platform(
    settings: UpSettings, ingress_settings: IngressSettings, environment: Mapping[str, str]
) -> Platform:
    """Raises Misconfigured with one clear line. The views must have been prepared."""
    async with AsyncExitStack() as stack:
        store = SqliteEventStore.open(settings.log_file, EVENT_TYPES)
        stack.push_async_callback(store.close)
        platform = await _open(settings, ingress_settings, environment, store, stack)
        platform.closing.push_async_exit(stack.pop_all())
        return platform


async def _open(
    settings: UpSettings,
    ingress_settings: IngressSettings,
    environment: Mapping[str, str],
    log: SqliteEventStore,
    stack: AsyncExitStack,
) -> Platform:
    clock, ids = SystemClock(), UuidV7Ids()
    replica = text(ids.new())
    key = _key(settings.data / "key")
    plain_blobs = SqliteBlobs.open(settings.data / "blobs.db")
    stack.push_async_callback(plain_blobs.close)
    store: EventStore = log
    blobs: Blobs = plain_blobs
    encryption = await embedded_encryption(settings, settings.data, key)
    sealing = None
    if encryption is not None:
        stack.push_async_callback(encryption.close)
        store = sealing = encryption.store(log, EVENT_TYPES)
        blobs = encryption.blobs(plain_blobs)
    # Each service under its own name, as in a cluster, so that a trace shows the way between them.
    telemetry = open_telemetry(settings.otlp_endpoint, sample=settings.trace_sample, slow=settings.trace_slow)
    build, process = version("reveille"), ProcessMetrics(telemetry)
    traced = {service: telemetry.spans(service, instance=replica, version=build) for service in SERVICES}
    bus = EmbeddedBus(ROUTES, store=store, positions=log, clock=clock)
    opened: list[SqlTransactions] = []

    def ports(service: str) -> Ports:
        transactions = SqlTransactions(open_engine(settings.views_url(service)))
        opened.append(transactions)
        measures = Measures()
        return Ports(
            store=MeasuredStore(store, measures, traced[service], system="sqlite"),
            bus=bus,
            transactions=transactions,
            positions=SqlPositions(),
            clock=clock,
            ids=ids,
            replica=replica,
            spans=traced[service],
            measures=measures,
        )

    persons = encryption.persons(log, plain_blobs) if encryption is not None else None
    receiving = ingress.build(ports("ingress"), ingress_settings, blobs=blobs, key=key, persons=persons)
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
    receiving.told = lambda: _told(receiving, services, process, agent_runner_metrics.samples(running))
    services = [receiving.service, analysing.service, planning.service, accounting, running.service]
    if sealing is not None:
        sealing.forgets += [service.forget for service in services]
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
    token = token_of(key)
    # The process has one way to a collector.
    own = {"ingress": [of_collector(telemetry)], "agent-runner": [of_models(running.breakers.away)]}
    complaints = {
        service.name: Complaints([of_views(service), of_inbox(service), *own.get(service.name, ())])
        for service in services
    }
    grpc = Server(
        servicers,
        complaints=lambda asked: complaints[asked].now() if asked in complaints else (),
        token=token,
        reflection=settings.grpc_reflection,
        address=f"127.0.0.1:{settings.grpc_port}",
        spans=lambda service: traced.get(service, shared),
    )
    channel = open_channel(f"127.0.0.1:{await grpc.start()}", token=token, spans=shared)
    return Platform(
        store=store,
        closing=AsyncExitStack(),
        transactions=opened,
        ingress=receiving,
        services=services,
        grpc=grpc,
        channel=channel,
        queries=Queries.over(dict.fromkeys(SERVICES, channel)),
        telemetry=telemetry,
        process=process,
        complaints=list(complaints.values()),
    )


async def _told(
    receiving: Ingress, services: Sequence[Service], process: ProcessMetrics, running: Sequence[Sample]
) -> list[Told]:
    """What a cluster's services tell at their own ports; `embedded` is the process."""
    ready = not await receiving.not_ready()
    told: list[Told] = [("embedded", process.samples(ready=ready)), ("agent-runner", running)]
    for service in services:
        topic = f"reveille.{service.name}.inbox.v1"
        told.append((service.name, await service_samples(service, topic=topic, relayed=None, lost=None)))
    return told


def _key(path: Path) -> bytes:
    """What HMACs over bodies and cursors are made with; made once, and kept as long as the log."""
    try:
        if not path.exists():
            _make_key(path)
        key = bytes.fromhex(path.read_text())
    except (OSError, ValueError) as error:
        raise Misconfigured(f"the key {path} cannot be used: {error}") from error
    if len(key) != KEY_BYTES:
        # Half of one, or none at all, would be a key that anybody can guess.
        raise Misconfigured(f"the key {path} has {len(key)} bytes, expected {KEY_BYTES} in hexadecimal digits")
    return key


def _make_key(path: Path) -> None:
    """Whole, or not at all: whoever is killed while he makes it leaves nothing that passes for it."""
    made = path.with_name(f"{path.name}.new")
    descriptor = os.open(made, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_hex(KEY_BYTES).encode())
        file.flush()
        os.fsync(file.fileno())
    os.replace(made, path)
