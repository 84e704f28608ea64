"""The floor of what passes through the bus: the same records through bare topics of Kafka."""

import asyncio
import logging
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, TypeVar

import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from bench.running import PATIENCE
from reveille.adapters.kafka_records import headers_of
from reveille.cli.catalogue import EVENT_TYPES, ROUTES
from reveille.kernel.event_bus import partition_of
from reveille.kernel.events import About, Meta, Origin, Recorded

T = TypeVar("T")

PARTITIONS: Final = 12
# Of one request to one partition; what the platform uses.
BATCH_BYTES: Final = 512 * 1024
# Events that the producer has in its hands at a time, as many as a relay.
AT_ONCE: Final = 2_000

# Key, value, headers, and the partition that the key says.
Record = tuple[bytes, bytes, list[tuple[str, bytes]], int]


def records(rows: Sequence[Any]) -> list[Record]:
    """What a relay makes of rows of the log: one for its service's topic and one for each inbox."""
    made: list[Record] = []
    for row in rows:
        position, stream, revision, id, type_name, data, at, correlation, trace, hop, *origin, replica = row
        meta = Meta(at, About(correlation, trace, hop), Origin(*origin), replica)
        event = Recorded(id, type_name, data, meta, EVENT_TYPES.decode(type_name, data), position, stream, revision)
        headers = headers_of(event)
        for key in (stream, *(key_of(event) for key_of in ROUTES.get(type_name, {}).values())):
            made.append((key.encode(), data, headers, partition_of(key, PARTITIONS)))
    return made


def pass_seconds(brokers: str, made: Sequence[Record]) -> float:
    """From the first record that is sent to the last that has come back, in one process."""

    async def run(topic: str) -> float:
        consumer = AIOKafkaConsumer(topic, bootstrap_servers=brokers, auto_offset_reset="earliest")
        await consumer.start()
        try:
            await assigned(consumer)
            began = time.monotonic()
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(_produce(brokers, topic, made))
                count = 0
                while count < len(made):
                    found = await consumer.getmany(timeout_ms=1000)
                    count += sum(map(len, found.values()))
                    if time.monotonic() - began > PATIENCE:
                        raise TimeoutError(f"{count} of {len(made)} records came back in {PATIENCE:g} s")
                return time.monotonic() - began
        finally:
            await consumer.stop()

    return uvloop.run(with_topic(brokers, run))


async def with_topic(brokers: str, run: Callable[[str], Awaitable[T]]) -> T:
    """Run on a topic that is there only for it."""
    # What it logs is that brokers do not know of a topic yet that was made a moment ago.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    topic = f"bench.raw.{uuid.uuid4().hex}"
    admin = AIOKafkaAdminClient(bootstrap_servers=brokers)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, PARTITIONS, 1)])
        return await run(topic)
    finally:
        await admin.delete_topics([topic])
        await admin.close()


async def assigned(consumer: AIOKafkaConsumer) -> None:
    """Return when it reads from the partitions' beginning."""
    async with asyncio.timeout(PATIENCE):
        while len(consumer.assignment()) < PARTITIONS:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.05)
    for at in consumer.assignment():
        await consumer.position(at)


async def _produce(brokers: str, topic: str, made: Sequence[Record]) -> None:
    producer = AIOKafkaProducer(
        bootstrap_servers=brokers, acks="all", enable_idempotence=True, max_batch_size=BATCH_BYTES
    )
    await producer.start()
    try:
        for start in range(0, len(made), AT_ONCE):
            by_partition: dict[int, list[Record]] = {}
            for record in made[start : start + AT_ONCE]:
                by_partition.setdefault(record[3], []).append(record)
            sent: list[asyncio.Future[Any]] = []
            for partition, rows in by_partition.items():
                batch = producer.create_batch()
                for key, value, headers, _ in rows:
                    if batch.append(timestamp=None, key=key, value=value, headers=headers) is None:
                        sent.append(await producer.send_batch(batch, topic, partition=partition))
                        batch = producer.create_batch()
                        batch.append(timestamp=None, key=key, value=value, headers=headers)
                sent.append(await producer.send_batch(batch, topic, partition=partition))
            await asyncio.gather(*sent)
    finally:
        await producer.stop()
