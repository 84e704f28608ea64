"""What the platform has recorded: the log, read as a service reads it, and the topics, read by a plain client."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.structs import TopicPartition

from reveille.adapters.kafka_topics import PARTITIONS
from reveille.adapters.postgres_store import PostgresEventStore
from reveille.cli.catalogue import EVENT_TYPES, SERVICES
from reveille.kernel.events import Recorded

LOOK: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A record of a topic as anybody reads it."""

    partition: int
    offset: int
    key: bytes
    value: bytes
    headers: Mapping[str, str]


async def read_log(database_url: str) -> list[Recorded]:
    store = await PostgresEventStore.open(database_url, EVENT_TYPES, name="chaos")
    try:
        found: list[Recorded] = []
        while events := await store.read_all(found[-1].position if found else 0, LOOK):
            found += events
        return found
    finally:
        await store.close()


def topics_of(prefix: str) -> list[str]:
    """All that the services write to: who writes nowhere has dead letters all the same."""
    inboxes = [f"{prefix}.{service}.inbox.v1" for service in SERVICES if service != "ingress"]
    events = [f"{prefix}.{service}.events.v1" for service in SERVICES]
    letters = [f"{prefix}.{service}.deadletter.v1" for service in SERVICES]
    return [*inboxes, *events, *letters]


async def read_topics(broker: str, topics: Collection[str]) -> dict[str, list[Published]]:
    """All that they hold now, each partition in its order."""
    consumer = AIOKafkaConsumer(bootstrap_servers=broker, auto_offset_reset="earliest", enable_auto_commit=False)
    await consumer.start()
    try:
        at = [TopicPartition(topic, partition) for topic in topics for partition in range(PARTITIONS)]
        consumer.assign(at)
        ends = await consumer.end_offsets(at)
        found: dict[str, list[Published]] = {topic: [] for topic in topics}
        while any([await consumer.position(one) < ends[one] for one in at]):
            for one, records in (await consumer.getmany(timeout_ms=200)).items():
                found[one.topic] += [_published(record) for record in records]
        return found
    finally:
        await consumer.stop()


async def remove_topics(broker: str, topics: Collection[str]) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=broker)
    await admin.start()
    try:
        await admin.delete_topics(list(topics))
    finally:
        await admin.close()


def _published(record: Any) -> Published:
    headers = {name: (value or b"").decode(errors="replace") for name, value in record.headers}
    return Published(
        partition=record.partition,
        offset=record.offset,
        key=record.key or b"",
        value=record.value or b"",
        headers=headers,
    )
