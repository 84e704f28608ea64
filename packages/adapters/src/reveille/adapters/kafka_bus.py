"""EventBus on Kafka: each service's inbox is a topic, which its replicas share as a consumer group."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Final, TypeVar

from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from aiokafka.structs import TopicPartition

from reveille.adapters import kafka_topics
from reveille.adapters.kafka_clients import ended, started
from reveille.adapters.kafka_consumer import KafkaConsumer, Opened
from reveille.adapters.kafka_records import Decode
from reveille.adapters.kafka_security import PLAINTEXT, KafkaSecurity
from reveille.adapters.kafka_topics import REQUEST_MS, START_SECONDS, Topics
from reveille.kernel.clock import Clock
from reveille.kernel.errors import Misconfigured, Transient, said
from reveille.kernel.event_bus import Routes

T = TypeVar("T")

# A member that is gone is missed after so long; one that comes back before keeps its partitions.
SESSION_SECONDS: Final = 10.0
CLOSE_SECONDS: Final = 1.0

# How far each service's relay has come, by service.
Relayed = Callable[[], Awaitable[Mapping[str, int]]]


class KafkaBus:
    """One process's way to the brokers. Consumers are its own to close."""

    def __init__(
        self,
        brokers: Sequence[str],
        routes: Routes,
        admin: AIOKafkaAdminClient,
        asker: AIOKafkaConsumer,
        *,
        topics: Topics,
        decode: Decode,
        relayed: Relayed,
        clock: Clock,
        instance: str,
        session_seconds: float,
        security: KafkaSecurity,
        opened: Opened | None,
    ) -> None:
        self._brokers = list(brokers)
        self._routes = routes
        self._admin = admin
        # It fetches nothing: what comes over one connection a broker answers in turn, and a fetch waits for a second.
        self._asker = asker
        self._topics = topics
        self._decode = decode
        self._relayed = relayed
        self._clock = clock
        self._instance = instance
        self._session_seconds = session_seconds
        self._security = security
        self._opened = opened

    @classmethod
    async def open(
        cls,
        url: str,
        routes: Routes,
        *,
        services: Collection[str],
        topics: Topics,
        decode: Decode,
        relayed: Relayed,
        clock: Clock,
        instance: str = "",
        session_seconds: float = SESSION_SECONDS,
        security: KafkaSecurity = PLAINTEXT,
        opened: Opened | None = None,
    ) -> "KafkaBus":
        """Connect, and make or check the topics that the services read and write.

        instance: what this process is called, the same after a restart ("": nobody's place is kept). Raises
        Misconfigured with one line where the brokers are away or a topic is not as it must be.
        """
        # What it logs is that brokers are away, many times a second; our own checks say so once.
        logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
        brokers = kafka_topics.brokers(url)
        if reason := await security.refusal(brokers):
            raise Misconfigured(f"kafka at {','.join(brokers)} does not let this process in: {reason}")
        options = {"bootstrap_servers": brokers, "request_timeout_ms": REQUEST_MS, **security.options}
        admin = AIOKafkaAdminClient(**options)
        asker = AIOKafkaConsumer(enable_auto_commit=False, **options)
        try:
            async with asyncio.timeout(2 * START_SECONDS):
                await started(admin.start())
                await started(asker.start())
            names = {name for service in services for name in topics.of(service, routes)}
            await kafka_topics.ensure(admin, names, topics)
        except (KafkaError, OSError, TimeoutError) as error:
            await _closed(admin, asker)
            raise Misconfigured(f"kafka at {','.join(brokers)} does not answer: {said(error)}") from error
        except BaseException:
            await _closed(admin, asker)
            raise
        return cls(
            brokers,
            routes,
            admin,
            asker,
            topics=topics,
            decode=decode,
            relayed=relayed,
            clock=clock,
            instance=instance,
            session_seconds=session_seconds,
            security=security,
            opened=opened,
        )

    async def close(self) -> None:
        await _closed(self._admin, self._asker)

    async def check(self) -> None:
        """Raises Transient where no broker answers."""
        await asked(self._admin.describe_cluster())

    async def consumer(self, service: str, replica: str) -> KafkaConsumer:
        session_ms = int(self._session_seconds * 1000)
        name = f"{service}-{self._instance}" if self._instance else ""
        inner = AIOKafkaConsumer(
            bootstrap_servers=self._brokers,
            group_id=self._topics.group(service),
            group_instance_id=name or None,
            client_id=f"reveille-{service}-{self._instance or replica}",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=session_ms,
            heartbeat_interval_ms=max(100, session_ms // 5),
            rebalance_timeout_ms=session_ms,
            # A turn in which the log is away takes as long as its time-outs; only one that never ends is out.
            max_poll_interval_ms=10 * 60 * 1000,
            request_timeout_ms=REQUEST_MS,
            max_partition_fetch_bytes=1024 * 1024,
            # An idle consumer asks so often; what comes is answered at once.
            fetch_max_wait_ms=1000,
            **self._security.options,
        )
        consumer = KafkaConsumer(
            inner,
            self._topics.inbox(service),
            partitions=self._topics.partitions,
            decode=self._decode,
            clock=self._clock,
            relayed=lambda position: self._has_relayed(service, position),
            committed=lambda: self._committed(service),
            ends=lambda partitions: self._ends(service, partitions),
            name=name,
            opened=self._opened,
        )
        try:
            await asked(started(inner.start()))
            consumer.join()
        except BaseException:
            await consumer.close()
            raise
        return consumer

    async def _has_relayed(self, service: str, position: int) -> bool:
        """Whether all that the log held up to a position is in the service's inbox."""
        relayed = await self._relayed()
        return all(relayed.get(sender, 0) >= position for sender in kafka_topics.senders(service, self._routes))

    async def _ends(self, service: str, partitions: Collection[int]) -> dict[int, int]:
        """By partition of the service's inbox: the offset behind its last record."""
        topic = self._topics.inbox(service)
        found = await asked(self._asker.end_offsets([TopicPartition(topic, partition) for partition in partitions]))
        return {at.partition: end for at, end in found.items()}

    async def _committed(self, service: str) -> dict[int, int]:
        """What the service's group has answered, by partition: the offset of the next record."""
        group, topic = self._topics.group(service), self._topics.inbox(service)
        found = await asked(self._admin.list_consumer_group_offsets(group))
        return {at.partition: one.offset for at, one in found.items() if at.topic == topic}


async def asked(answer: Awaitable[T]) -> T:
    """What the brokers say. Raises Transient where they do not."""
    try:
        async with asyncio.timeout(START_SECONDS):
            return await answer
    except (KafkaError, TimeoutError, OSError) as error:
        raise Transient(f"kafka does not answer: {said(error)}") from error


async def _closed(admin: AIOKafkaAdminClient, asker: AIOKafkaConsumer) -> None:
    await ended(admin.close(), admin._client, CLOSE_SECONDS)
    await ended(asker.stop(), asker._client, CLOSE_SECONDS)
