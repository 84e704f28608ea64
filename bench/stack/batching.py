"""An ingress of the stack that takes batches in its own process."""

import asyncio
import json
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import uvloop
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient

from bench import collecting
from bench.fleet import fleet
from bench.running import PATIENCE
from bench.sending import BATCH, SENDERS, bodies, send
from reveille.adapters.kafka_topics import Topics, brokers
from reveille.adapters.settings import read_settings
from reveille.cli import cluster
from reveille.cli.cluster import Cluster
from reveille.cli.settings import ServeSettings
from reveille.ingress import bootstrap
from reveille.ingress.bootstrap import fleet_from
from reveille.ingress.settings import Settings as IngressSettings

LOOK_EVERY = 0.02


@dataclass(frozen=True, slots=True)
class Taken:
    """seconds: from the first batch to when the analyzer has answered all. cpu: seconds that this process used.

    after: the log's position before the first batch.
    """

    seconds: float
    cpu: float
    after: int


def run(environment: Mapping[str, str], count: int) -> Taken:
    """In the place of the replica of ingress that the environment describes: with its relay and its views."""
    settings = read_settings(ServeSettings, environment)
    cluster.prepare(settings, "ingress")
    return uvloop.run(_run(settings, environment, count))


async def _run(settings: ServeSettings, environment: Mapping[str, str], count: int) -> Taken:
    opened = await cluster.open_cluster(settings, "ingress")
    async with opened.closing:
        receiving = read_settings(IngressSettings, {**environment, "REVEILLE_MODE": "cluster"})
        ingress = bootstrap.build(opened.ports, receiving, blobs=await opened.blobs(), key=settings.key)
        ingress.service.parts.append(opened.relay.run)
        await ingress.fleets.load()
        await ingress.fleets.apply(fleet_from(fleet(), file="the fleet of the bench"))
        running = asyncio.create_task(ingress.service.run())
        try:
            await _take(ingress, opened, settings, list(bodies("warming", SENDERS * BATCH)))
            measured = list(bodies("measured", count))
            after = await opened.ports.store.head()
            collecting.tame()
            began, used = time.monotonic(), time.process_time()
            await _take(ingress, opened, settings, measured)
            return Taken(time.monotonic() - began, time.process_time() - used, after)
        finally:
            running.cancel()
            await asyncio.wait([running])
            await opened.relay.leave(0)


async def _take(ingress: bootstrap.Ingress, opened: Cluster, settings: ServeSettings, events: list[bytes]) -> None:
    await send(ingress.receiving, events)
    await _answered(await opened.ports.store.head(), opened, settings)


async def _answered(position: int, opened: Cluster, settings: ServeSettings) -> None:
    """Return when the analyzer has answered what the log holds up to a position, and Kafka knows that it has."""
    topics = Topics(prefix=settings.topic_prefix, partitions=settings.partitions)
    group, inbox = topics.group("analyzer"), topics.inbox("analyzer")
    admin = AIOKafkaAdminClient(bootstrap_servers=brokers(settings.bus))
    consumer = AIOKafkaConsumer(inbox, bootstrap_servers=brokers(settings.bus))
    try:
        await admin.start()
        await consumer.start()
        async with asyncio.timeout(PATIENCE):
            while (await opened.relayed.load()).get("ingress", 0) < position:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(LOOK_EVERY)
            ends = await consumer.end_offsets(list(consumer.assignment()))
            while True:
                done = await admin.list_consumer_group_offsets(group)
                if all(at in done and done[at].offset >= end for at, end in ends.items() if end):
                    return
                await asyncio.sleep(LOOK_EVERY)
    finally:
        await consumer.stop()
        await admin.close()


if __name__ == "__main__":
    print(json.dumps(asdict(run(os.environ, int(sys.argv[1])))))
