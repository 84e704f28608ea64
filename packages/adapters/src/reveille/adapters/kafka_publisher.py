"""Publishing events on Kafka: each to its service's public topic and to the inboxes that its routes name."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from itertools import chain
from typing import Any, Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from reveille.adapters.kafka_clients import ended, started
from reveille.adapters.kafka_consumer import Opened
from reveille.adapters.kafka_records import headers_of
from reveille.adapters.kafka_security import PLAINTEXT, KafkaSecurity
from reveille.adapters.kafka_topics import REQUEST_MS, START_SECONDS, Topics
from reveille.contracts.common.v1.common_pb2 import DeadLetterDropped, DeadLetterRetried, EventRef, MessageParked
from reveille.kernel.errors import Transient, said
from reveille.kernel.event_bus import Routes, partition_of
from reveille.kernel.events import Recorded, key_of, service_of, tenant_of
from reveille.kernel.sealing import open_sealed

# Of one request to one partition.
BATCH_BYTES: Final = 512 * 1024
STOP_SECONDS: Final = 1.0
PARKED: Final = MessageParked.DESCRIPTOR.full_name

# Topic and partition, and the key, value and headers of what goes there.
_Place = tuple[str, int]
_Record = tuple[bytes, bytes, list[tuple[str, bytes]]]

ReadOne = Callable[[str, int], Awaitable[Recorded]]


class KafkaPublisher:
    """One idempotent producer; after a failure it is a new one. See `Publisher` for what is promised."""

    def __init__(
        self,
        brokers: Sequence[str],
        routes: Routes,
        *,
        topics: Topics,
        read_one: ReadOne,
        security: KafkaSecurity = PLAINTEXT,
        opened: Opened | None = None,
    ) -> None:
        """read_one: of the log; what was parked is published as it came. opened: of events that are encrypted."""
        self._brokers = list(brokers)
        self._routes = routes
        self._topics = topics
        self._read_one = read_one
        self._security = security
        self._opened = opened
        self._producer: AIOKafkaProducer | None = None

    async def publish(self, events: Sequence[Recorded]) -> None:
        records = await self._records(events)
        try:
            async with asyncio.timeout(REQUEST_MS / 1000 + START_SECONDS):
                await self._send(records)
        except (KafkaError, TimeoutError, OSError) as error:
            await self.close()
            raise Transient(f"kafka does not take events: {said(error)}") from error
        except asyncio.CancelledError:
            # What it still had in its hands must not be sent when somebody else relays.
            await self.close()
            raise

    async def close(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            await ended(producer.stop(), producer.client, STOP_SECONDS, lambda: _sending(producer))
            _fail_the_rest(producer)

    async def _records(self, events: Sequence[Recorded]) -> dict[_Place, list[_Record]]:
        records: dict[_Place, list[_Record]] = {}
        topics, count = self._topics, self._topics.partitions
        for event in events:
            if event.type == PARKED:
                place, record = await self._dead_letter(event)
                records.setdefault(place, []).append(record)
                continue
            headers = headers_of(event)
            at = (topics.events(_writer(event)), partition_of(event.stream, count))
            records.setdefault(at, []).append((event.stream.encode(), event.data, headers))
            for service, key_of_event in self._routes.get(event.type, {}).items():
                key = key_of_event(event)
                if key is None:
                    continue
                at = (topics.inbox(service), partition_of(key, count))
                records.setdefault(at, []).append((key.encode(), event.data, headers))
        return records

    async def _dead_letter(self, event: Recorded) -> tuple[_Place, _Record]:
        """The message as it came, and in further headers why it was parked. What cannot be opened keeps nobody back."""
        parked, unreadable = event.msg, ""
        if self._opened is not None:
            (opened,) = await self._opened([event])
            parked, unreadable = opened.msg or parked, opened.unreadable
        assert isinstance(parked, MessageParked)
        value: bytes
        headers: list[tuple[str, bytes]]
        if unreadable:
            value, headers = b"", []
        elif parked.HasField("record"):
            value, headers = open_sealed(parked.record), _given(parked)
        else:
            original = await self._original(parked.event)
            value, headers = (original.data, headers_of(original)) if original else (b"", [])
        headers = [
            *headers,
            ("reveille_error", (f"{parked.error}; {unreadable}" if unreadable else parked.error).encode()),
            ("reveille_attempts", b"%d" % parked.attempts),
            ("reveille_service", parked.service.encode()),
            ("reveille_partition", b"%d" % parked.partition),
            ("reveille_letter", f"{event.stream}@{event.revision}".encode()),
            ("reveille_tenant", tenant_of(event.stream).encode()),
        ]
        partition = int(key_of(event.stream).rpartition("-")[2]) % self._topics.partitions
        return (self._topics.deadletter(parked.service), partition), (event.stream.encode(), value, headers)

    async def _original(self, ref: EventRef) -> Recorded | None:
        try:
            return await self._read_one(ref.stream, ref.revision)
        except KeyError:  # somebody sent what the log does not hold
            return None

    async def _send(self, records: dict[_Place, list[_Record]]) -> None:
        producer = await self._started()
        sent: list[asyncio.Future[Any]] = []
        for (topic, partition), rows in records.items():
            batch = producer.create_batch()
            for key, value, headers in rows:
                if batch.append(timestamp=None, key=key, value=value, headers=headers) is None:
                    sent.append(await producer.send_batch(batch, topic, partition=partition))
                    batch = producer.create_batch()
                    # The first record of a batch always fits.
                    batch.append(timestamp=None, key=key, value=value, headers=headers)
            sent.append(await producer.send_batch(batch, topic, partition=partition))
        await asyncio.gather(*sent)

    async def _started(self) -> AIOKafkaProducer:
        if self._producer is None:
            producer = AIOKafkaProducer(
                bootstrap_servers=self._brokers,
                acks="all",
                enable_idempotence=True,
                max_batch_size=BATCH_BYTES,
                max_request_size=4 * BATCH_BYTES,
                request_timeout_ms=REQUEST_MS,
                **self._security.options,
            )
            self._producer = producer
            await started(producer.start())
        return self._producer


def _writer(event: Recorded) -> str:
    """The service that wrote it; of what every service may write it says itself which."""
    if isinstance(event.msg, DeadLetterRetried | DeadLetterDropped):
        return event.msg.service
    return service_of(event.type)


def _sending(producer: AIOKafkaProducer) -> list["asyncio.Task[None]"]:
    sender = producer._sender
    return [sender.sender_task] if sender is not None and sender.sender_task is not None else []


def _fail_the_rest(producer: AIOKafkaProducer) -> None:
    """Whoever waits for what was still to be sent is told; of what nobody waits for, nobody complains."""
    accumulator = producer._message_accumulator
    batches = [*chain.from_iterable(accumulator._batches.values()), *accumulator._pending_batches]
    accumulator.fail_all(KafkaError("the producer was ended"))
    for batch in batches:
        if not batch.future.cancelled():
            batch.future.exception()


def _given(parked: MessageParked) -> list[tuple[str, bytes]]:
    if not parked.HasField("headers"):
        return []
    return [(name, value.encode()) for name, value in json.loads(open_sealed(parked.headers)).items()]
