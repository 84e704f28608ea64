"""The ports of one service's process in a cluster, as its settings say."""

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, Final, Protocol

from reveille.adapters import migrations, telemetry
from reveille.adapters.kafka_bus import KafkaBus
from reveille.adapters.kafka_publisher import KafkaPublisher
from reveille.adapters.kafka_topics import Topics, brokers
from reveille.adapters.sql import SqlTransactions, open_engine
from reveille.adapters.sql_tables import SqlLeases, SqlPositions, SqlRelayPositions
from reveille.cli.catalogue import EVENT_TYPES, ROUTES
from reveille.cli.probes import Check
from reveille.cli.settings import POSTGRES, ServeSettings
from reveille.kernel.blobs import Blobs
from reveille.kernel.clock import SystemClock
from reveille.kernel.errors import Misconfigured, Transient
from reveille.kernel.event_store import EventStore
from reveille.kernel.fanout import Fanout
from reveille.kernel.ids import UuidV7Ids, text
from reveille.kernel.relay import Relay
from reveille.kernel.service import Ports

RELAYS: Final = migrations.RELAYS
# Whose appends live events are made of.
NUDGING: Final = ("planner", "agent-runner")

Part = Callable[[], Coroutine[Any, Any, None]]


class Closing(Protocol):
    async def close(self) -> None: ...


class ClosingStore(EventStore, Closing, Protocol): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """What one service has of the cluster. blobs: opens them, for the two services that need them.

    leases: of all replicas of all services.
    fanout: None where there is no Redis. parts: what else the process does all the time.
    """

    ports: Ports
    relay: Relay
    relayed: SqlRelayPositions
    leases: SqlLeases
    blobs: Callable[[], Awaitable[Blobs]]
    checks: dict[str, Check]
    closing: AsyncExitStack
    fanout: Fanout | None
    parts: Sequence[Part]


def prepare(settings: ServeSettings, service: str) -> None:
    """Bring the service's schemas to this build's. Raises Misconfigured. Call it outside of an event loop."""
    migrations.migrate(settings.views, service)
    migrations.migrate_relays(settings.views)


async def open_cluster(settings: ServeSettings, service: str) -> Cluster:
    """Raises Misconfigured with one clear line where something is away or not as it must be."""
    async with AsyncExitStack() as stack:
        cluster = await _open(settings, service, stack)
        cluster.closing.push_async_exit(stack.pop_all())
        return cluster


async def _open(settings: ServeSettings, service: str, stack: AsyncExitStack) -> Cluster:
    clock, ids = SystemClock(), UuidV7Ids()
    spans, shut = telemetry.configure(service, settings.otlp_endpoint)
    stack.callback(shut)
    store = await _open_store(settings, service)
    stack.push_async_callback(store.close)
    fanout = await _open_fanout(settings, stack) if service in ("ingress", *NUDGING) else None
    appending: EventStore = store
    parts: list[Part] = []
    if fanout is not None and service in NUDGING:
        from reveille.adapters.nudging import NudgingStore
        from reveille.adapters.nudging_interest import Interest

        interest = Interest(fanout)
        appending = NudgingStore(store, fanout, interest)
        parts.append(interest.run)
    views = SqlTransactions(open_engine(settings.views, migrations.schema_of(service)))
    stack.push_async_callback(views.close)
    shared = SqlTransactions(open_engine(settings.views, migrations.schema_of(RELAYS)))
    stack.push_async_callback(shared.close)
    relayed = SqlRelayPositions(shared)
    await _agree(relayed, settings.partitions)
    topics = Topics(prefix=settings.topic_prefix, partitions=settings.partitions, replication=settings.replication)
    bus = await KafkaBus.open(
        settings.bus,
        ROUTES,
        services=[service],
        topics=topics,
        decode=EVENT_TYPES.decode,
        relayed=relayed.load,
        clock=clock,
        instance=settings.name,
    )
    stack.push_async_callback(bus.close)
    publisher = KafkaPublisher(brokers(settings.bus), ROUTES, topics=topics, read_one=store.read_one)
    stack.push_async_callback(publisher.close)
    leases = SqlLeases(shared, clock)
    relay = Relay(
        service,
        store=store,
        publisher=publisher,
        positions=relayed,
        leases=leases,
        clock=clock,
        owner=settings.name,
    )
    ports = Ports(
        store=appending,
        bus=bus,
        transactions=views,
        positions=SqlPositions(),
        clock=clock,
        ids=ids,
        replica=text(ids.new()),
        spans=spans,
    )

    async def blobs() -> Blobs:
        from reveille.adapters.postgres_blobs import PostgresBlobs

        opened = await PostgresBlobs.open(settings.blobs_url)
        closing.push_async_callback(opened.close)
        return opened

    closing = AsyncExitStack()
    checks: dict[str, Check] = {
        "the log": store.head,
        "kafka": bus.check,
        "the database of views": lambda: views.run(lambda connection: connection.exec_driver_sql("SELECT 1")),
    }
    return Cluster(
        ports=ports,
        relay=relay,
        relayed=relayed,
        leases=leases,
        blobs=blobs,
        checks=checks,
        closing=closing,
        fanout=fanout,
        parts=parts,
    )


async def _open_fanout(settings: ServeSettings, stack: AsyncExitStack) -> Fanout | None:
    if not settings.redis:
        return None
    from reveille.adapters.redis_fanout import RedisFanout

    # Platforms that share a Redis have topics of their own, and so channels.
    fanout = await RedisFanout.open(settings.redis, prefix=f"{settings.topic_prefix}:")
    stack.push_async_callback(fanout.close)
    return fanout


async def _agree(relayed: SqlRelayPositions, wanted: int) -> None:
    try:
        agreed = await relayed.partitions(wanted)
    except Transient as error:
        raise Misconfigured(str(error)) from error
    if agreed != wanted:
        raise Misconfigured(f"REVEILLE_PARTITIONS is {wanted}, expected {agreed}, with which this log was begun")


async def _open_store(settings: ServeSettings, service: str) -> ClosingStore:
    """Only what is used is imported: a client of the other store costs memory in every process."""
    if settings.event_store.startswith(POSTGRES):
        from reveille.adapters.postgres_store import PostgresEventStore

        return await PostgresEventStore.open(settings.event_store, EVENT_TYPES, name=f"reveille {service}")
    from reveille.adapters.eventstoredb import EventStoreDb

    return await EventStoreDb.open(settings.event_store, EVENT_TYPES)
