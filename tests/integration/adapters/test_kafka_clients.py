"""What is closed has ended, also where the broker says nothing any more."""

import asyncio
import gc
import logging
import shutil
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any
from uuid import uuid4

import pytest
from aiokafka.conn import AIOKafkaConnection
from aiokafka.protocol.metadata import MetadataRequest

from deploy.native.kafka_server import kafka
from deploy.native.places import temporary_folder
from deploy.native.server import Server
from reveille.adapters.kafka_security import KafkaSecurity
from reveille.adapters.kafka_topics import Topics
from tests.integration.adapters.kafka_house import event, opened, publisher_to


@pytest.fixture(scope="module")
def broker() -> Iterator[Server]:
    folder = temporary_folder("reveille-test-")
    started = kafka(folder)
    started.start()
    yield started
    started.stop()
    shutil.rmtree(folder)


@pytest.fixture
async def quiet(caplog: pytest.LogCaptureFixture) -> AsyncIterator[None]:
    """Nothing that a client has begun is there at the end, and nobody complains of it."""
    with caplog.at_level(logging.ERROR, "asyncio"):
        yield
        gc.collect()
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert not [one for one in gc.get_objects() if isinstance(one, AIOKafkaConnection) and one.connected()]
    assert caplog.messages == []


@pytest.mark.parametrize("who", ["bus", "publisher"])
async def test_no_connection_is_left_of_what_is_cancelled_before_its_first_answer(
    broker: Server, quiet: None, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    topics = Topics(prefix=f"test-{uuid4().hex[:12]}", partitions=1)
    publisher = publisher_to(broker.address, topics)
    monkeypatch.setattr(KafkaSecurity, "refusal", _lets_in)
    send = AIOKafkaConnection.send

    def cancelling(self: AIOKafkaConnection, request: object) -> Any:
        if isinstance(request, MetadataRequest):
            beginning.cancel()
        return send(self, request)

    monkeypatch.setattr(AIOKafkaConnection, "send", cancelling)
    beginning = asyncio.ensure_future(opened(broker.address, topics) if who == "bus" else publisher.publish([event()]))
    await asyncio.wait([beginning])
    assert beginning.cancelled()
    await publisher.close()


async def test_no_task_and_no_connection_is_left_where_the_broker_falls_silent(broker: Server, quiet: None) -> None:
    topics = Topics(prefix=f"test-{uuid4().hex[:12]}", partitions=1)
    publisher, bus = publisher_to(broker.address, topics), await opened(broker.address, topics)
    consumer = await bus.consumer("one", "first")
    await publisher.publish([event()])
    while not (await consumer.receive(10)).messages:
        pass
    publishing = asyncio.create_task(publisher.publish([event()]))
    broker.pause()
    try:
        await asyncio.sleep(1)
        publishing.cancel()
        await asyncio.wait([publishing])
        await consumer.close()
        await bus.close()
    finally:
        broker.resume()


async def _lets_in(self: KafkaSecurity, brokers: Sequence[str]) -> str:
    return ""
