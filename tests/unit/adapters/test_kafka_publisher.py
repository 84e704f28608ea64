"""What is published of a dead letter that nobody can read any more: the relay goes on."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from reveille.adapters.kafka_publisher import KafkaPublisher
from reveille.adapters.kafka_topics import Topics
from reveille.contracts.common.v1.common_pb2 import MessageParked, Sealed
from reveille.kernel.errors import Transient
from reveille.kernel.events import About, Meta, Recorded

pytestmark = pytest.mark.asyncio
WHY = "record of reveille.common.v1.MessageParked cannot be opened: its bytes do not fit its key and its place"


class Producer:
    """sent: by topic and partition, the value and the headers of each record."""

    def __init__(self) -> None:
        self.sent: dict[tuple[str, int], list[tuple[bytes, dict[str, bytes]]]] = {}

    def create_batch(self) -> "Batch":
        return Batch()

    async def send_batch(self, batch: "Batch", topic: str, *, partition: int) -> "asyncio.Future[None]":
        self.sent.setdefault((topic, partition), []).extend(batch.rows)
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done


class Batch:
    def __init__(self) -> None:
        self.rows: list[tuple[bytes, dict[str, bytes]]] = []

    def append(self, *, timestamp: None, key: bytes, value: bytes, headers: Sequence[tuple[str, bytes]]) -> object:
        self.rows.append((value, dict(headers)))
        return self


def parked() -> Recorded:
    """As the log has it, encrypted."""
    msg = MessageParked(service="planner", partition=3, error="no blueprint", attempts=2)
    msg.record.CopyFrom(Sealed(key_id="rk" + "a" * 20, data=b"ciphertext"))
    type_name = MessageParked.DESCRIPTOR.full_name
    at = "t.deadletter-planner-3"
    return Recorded(b"1" * 16, type_name, msg.SerializeToString(), Meta(7, About("c")), msg, 9, at, 0)


def publisher(producer: Any, opened: Any) -> KafkaPublisher:
    async def nothing(stream: str, revision: int) -> Recorded:
        raise KeyError(stream)

    topics = Topics(prefix="reveille", partitions=12, replication=1)
    made = KafkaPublisher(["nowhere:1"], {}, topics=topics, read_one=nothing, opened=opened)
    made._producer = producer
    return made


async def test_a_dead_letter_that_cannot_be_opened_is_published_without_its_record() -> None:
    async def opened(events: Sequence[Recorded]) -> list[Recorded]:
        return [replace(event, msg=None, unreadable=WHY) for event in events]

    producer = Producer()
    await publisher(producer, opened).publish([parked()])
    ((value, headers),) = producer.sent["reveille.planner.deadletter.v1", 3]
    assert value == b""
    assert headers["reveille_error"] == f"no blueprint; {WHY}".encode()
    assert headers["reveille_letter"] == b"t.deadletter-planner-3@0"


async def test_where_the_keys_are_away_it_waits() -> None:
    async def opened(events: Sequence[Recorded]) -> list[Recorded]:
        raise Transient("the table of data keys is away")

    producer = Producer()
    with pytest.raises(Transient, match="data keys"):
        await publisher(producer, opened).publish([parked()])
    assert producer.sent == {}
