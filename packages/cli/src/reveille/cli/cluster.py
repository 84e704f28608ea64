"""The ports of one service's process in a cluster, as its settings say."""

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final, Protocol

from reveille.adapters import migrations
from reveille.adapters.kafka_bus import KafkaBus
from reveille.adapters.kafka_consumer import Opened
from reveille.adapters.kafka_publisher import KafkaPublisher
from reveille.adapters.kafka_security import KafkaSecurity
from reveille.adapters.kafka_topics import Topics, brokers
from reveille.adapters.measured_store import MeasuredStore
from reveille.adapters.sql import SqlTransactions, open_engine
from reveille.adapters.sql_tables import SqlLeases, SqlPositions, SqlRelayPositions
from reveille.adapters.telemetry import Telemetry, open_telemetry
from reveille.adapters.traced_publisher import TracedPublisher
from reveille.cli.catalogue import EVENT_TYPES, ROUTES, SERVICES
from reveille.cli.encrypting import cluster_encryption
from reveille.cli.probes import Check
from reveille.cli.settings import POSTGRES, ServeSettings
from reveille.kernel.blobs import Blobs
from reveille.kernel.clock import Clock, SystemClock
from reveille.kernel.errors import Misconfigured, Transient
from reveille.kernel.event_store import EventStore
from reveille.kernel.ids import UuidV7Ids, text
from reveille.kernel.measuring import Measures
from reveille.kernel.relay import Relay
from reveille.kernel.service import Ports
from reveille.kernel.spans import NoSpans

if TYPE_CHECKING:
    from reveille.adapters.encrypting import EncryptedPersons
    from reveille.adapters.postgres_blobs import PostgresBlobs
    from reveille.adapters.redis_fanout import RedisFanout
    from reveille.adapters.sealing_store import SealingStore

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
    sealing: the log as the service has it, where it is encrypted. persons: whose keys can be erased, for ingress.
    fanout: None where there is no Redis. parts: what else the process does all the time.
    """

    ports: Ports
    relay: Relay
    relayed: SqlRelayPositions
    leases: SqlLeases
    blobs: Callable[[], Awaitable[Blobs]]
    checks: dict[str, Check]
    closing: AsyncExitStack
    fanout: "RedisFanout | None"
    parts: Sequence[Part]
    telemetry: Telemetry
    sealing: "SealingStore | None"
    persons: Callable[[], "Awaitable[EncryptedPersons | None]"]


def prepare(settings: ServeSettings, service: str) -> None:
    """Bring the service's schemas to this build's. Raises Misconfigured. Call it outside of an event loop."""
    migrations.migrate(settings.views, service)
    migrations.migrate_relays(settings.views)


async def prepare_log(settings: ServeSettings) -> None:
    """The same for what all services share: the log, the blobs and the data keys. Raises Misconfigured."""
    if settings.event_store.startswith(POSTGRES):
        from reveille.adapters.postgres_store import prepare_log as prepare_postgres

        await prepare_postgres(settings.event_store, name="reveille migrate")
    else:
        # It makes its streams as they come; whether it is there is worth knowing.
        await (await _open_store(settings, "migrate")).close()
    await (await _open_blobs(settings)).close()
    from reveille.adapters.postgres_data_keys import prepare_data_keys

    # Also where nothing is encrypted: the services that begin to may not be allowed to make tables.
    await prepare_data_keys(settings.blobs_url, name="reveille migrate")


async def prepare_topics(settings: ServeSettings) -> None:
    """Make the topics of all services, or see that they are as they must be. Raises Misconfigured."""
    shared = SqlTransactions(open_engine(settings.views, migrations.schema_of(RELAYS)))
    try:
        relayed = SqlRelayPositions(shared)
        await _agree(relayed, settings.partitions)
        await (await _open_bus(settings, SERVICES, relayed, SystemClock(), None)).close()
    finally:
        await shared.close()


async def open_cluster(settings: ServeSettings, service: str) -> Cluster:
    """Raises Misconfigured with one clear line where something is away or not as it must be."""
    async with AsyncExitStack() as stack:
        cluster = await _open(settings, service, stack)
        cluster.closing.push_async_exit(stack.pop_all())
        return cluster


async def _open(settings: ServeSettings, service: str, stack: AsyncExitStack) -> Cluster:
    clock, ids = SystemClock(), UuidV7Ids()
    telemetry = open_telemetry(settings.otlp_endpoint, sample=settings.trace_sample, slow=settings.trace_slow)
    stack.callback(telemetry.shutdown)
    spans, measures = telemetry.spans(service, instance=settings.name, version=version("reveille")), Measures()
    store = await _open_store(settings, service)
    stack.push_async_callback(store.close)
    fanout = await _open_fanout(settings, stack) if service in ("ingress", *NUDGING) else None
    system = "postgresql" if settings.event_store.startswith(POSTGRES) else "eventstoredb"
    encryption = await cluster_encryption(settings, settings.blobs_url, settings.key, name=f"reveille {service}")
    sealing: SealingStore | None = None
    if encryption is not None:
        stack.push_async_callback(encryption.close)
        sealing = encryption.store(store, EVENT_TYPES)
    opened = None if sealing is None else sealing.opened
    appending: EventStore = MeasuredStore(sealing or store, measures, spans, system=system)
    parts: list[Part] = []
    if fanout is not None and service in NUDGING:
        from reveille.adapters.nudging import NudgingStore
        from reveille.adapters.nudging_interest import Interest

        interest = Interest(fanout)
        appending = NudgingStore(appending, fanout, interest)
        parts.append(interest.run)
    views = SqlTransactions(open_engine(settings.views, migrations.schema_of(service)))
    stack.push_async_callback(views.close)
    shared = SqlTransactions(open_engine(settings.views, migrations.schema_of(RELAYS)))
    stack.push_async_callback(shared.close)
    relayed = SqlRelayPositions(shared)
    await _agree(relayed, settings.partitions)
    topics, security = _topics(settings), _security(settings)
    bus = await _open_bus(settings, [service], relayed, clock, opened)
    stack.push_async_callback(bus.close)
    publisher = KafkaPublisher(
        brokers(settings.bus), ROUTES, topics=topics, read_one=store.read_one, security=security, opened=opened
    )
    stack.push_async_callback(publisher.close)
    leases = SqlLeases(shared, clock)
    traced = TracedPublisher(publisher, spans, service=service, system="kafka")
    relay = Relay(
        service,
        store=store,
        publisher=publisher if isinstance(spans, NoSpans) else traced,
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
        measures=measures,
    )

    async def blobs() -> Blobs:
        opened = await _open_blobs(settings)
        closing.push_async_callback(opened.close)
        return opened if encryption is None else encryption.blobs(opened)

    async def persons() -> "EncryptedPersons | None":
        if encryption is None:
            return None
        opened = await _open_blobs(settings)
        closing.push_async_callback(opened.close)
        return encryption.persons(store, opened)

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
        telemetry=telemetry,
        sealing=sealing,
        persons=persons,
    )


def _topics(settings: ServeSettings) -> Topics:
    return Topics(prefix=settings.topic_prefix, partitions=settings.partitions, replication=settings.replication)


def _security(settings: ServeSettings) -> KafkaSecurity:
    return KafkaSecurity.of(
        settings.kafka_security,
        pem=settings.kafka_pem,
        mechanism=settings.kafka_sasl,
        user=settings.kafka_user,
        password=settings.kafka_password,
    )


async def _open_bus(
    settings: ServeSettings,
    services: Sequence[str],
    relayed: SqlRelayPositions,
    clock: Clock,
    opened: Opened | None,
) -> KafkaBus:
    return await KafkaBus.open(
        settings.bus,
        ROUTES,
        services=services,
        topics=_topics(settings),
        decode=EVENT_TYPES.decode,
        relayed=relayed.load,
        clock=clock,
        instance=settings.name,
        security=_security(settings),
        opened=opened,
    )


async def _open_fanout(settings: ServeSettings, stack: AsyncExitStack) -> "RedisFanout | None":
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


async def _open_blobs(settings: ServeSettings) -> "PostgresBlobs":
    from reveille.adapters.postgres_blobs import PostgresBlobs

    return await PostgresBlobs.open(settings.blobs_url)


async def _open_store(settings: ServeSettings, service: str) -> ClosingStore:
    """Only what is used is imported: a client of the other store costs memory in every process."""
    if settings.event_store.startswith(POSTGRES):
        from reveille.adapters.postgres_store import PostgresEventStore

        return await PostgresEventStore.open(settings.event_store, EVENT_TYPES, name=f"reveille {service}")
    from reveille.adapters.eventstoredb import EventStoreDb

    return await EventStoreDb.open(settings.event_store, EVENT_TYPES)
