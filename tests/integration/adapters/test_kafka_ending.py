"""What is closed has ended, also where the broker says nothing any more."""

import asyncio
import gc
import logging
import shutil
from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import pytest
from aiokafka.conn import AIOKafkaConnection

from deploy.native.kafka_server import kafka
from deploy.native.places import temporary_folder
from deploy.native.server import Server
from reveille.adapters.kafka_bus import KafkaBus
from reveille.adapters.kafka_publisher import KafkaPublisher
from reveille.adapters.kafka_topics import Topics, brokers
from reveille.contracts.common.v1.common_pb2 import Json
from reveille.kernel.clock import SystemClock
from reveille.kernel.events import About, Meta, Recorded, new_event
from tests.contract.buses import ROUTES, TYPES


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


async def test_no_task_and_no_connection_is_left_where_the_broker_falls_silent(broker: Server, quiet: None) -> None:
    url, topics = f"kafka://{broker.address}", Topics(prefix=f"test-{uuid4().hex[:12]}", partitions=1)
    publisher = KafkaPublisher(brokers(url), ROUTES, topics=topics, read_one=_nothing)
    bus = await KafkaBus.open(
        url,
        ROUTES,
        services=["common", "one"],
        topics=topics,
        decode=TYPES.decode,
        relayed=_relayed,
        clock=SystemClock(),
    )
    consumer = await bus.consumer("one", "first")
    new = new_event(bytes(16), Json(text="said"), Meta(0, About("c")))
    event = Recorded(new.id, new.type, new.data, new.meta, new.msg, 1, "t.a-1", 0)
    await publisher.publish([event])
    while not (await consumer.receive(10)).messages:
        pass
    publishing = asyncio.create_task(publisher.publish([event]))
    broker.pause()
    try:
        await asyncio.sleep(1)
        publishing.cancel()
        await asyncio.wait([publishing])
        await consumer.close()
        await bus.close()
    finally:
        broker.resume()


async def _relayed() -> dict[str, int]:
    return {}


async def _nothing(stream: str, revision: int) -> Recorded:
    raise KeyError(stream)
