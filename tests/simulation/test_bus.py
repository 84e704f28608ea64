"""The bus of a simulation shuffles what the port lets it shuffle, and loses nothing."""

import asyncio
from collections.abc import AsyncIterator, Callable
from random import Random

import pytest

from reveille.adapters.embedded_bus import EmbeddedBus
from reveille.adapters.inline_store import InlineEventStore
from reveille.contracts.common.v1.common_pb2 import MessageParked
from reveille.contracts.planner.v1.events_pb2 import StepReady
from reveille.kernel.clock import SystemClock
from reveille.kernel.event_bus import Message, Routes
from reveille.kernel.event_store import NO_STREAM, Append
from reveille.kernel.events import About, Meta, new_event
from reveille.kernel.ids import UuidV7Ids
from tests.simulation.bus import ShufflingBus, ShufflingConsumer
from tests.simulation.faults import Faults, Odds
from tests.simulation.process import Process
from tests.simulation.services import EVENT_TYPES

ROUTES: Routes = {
    "reveille.common.v1.MessageParked": {"one": lambda event: "key"},
    "reveille.planner.v1.StepReady": {"one": lambda event: "key"},
}
Join = Callable[[str], ShufflingBus]


@pytest.fixture
async def store() -> AsyncIterator[InlineEventStore]:
    """Twenty events of each of two senders."""
    store, ids = InlineEventStore(EVENT_TYPES), UuidV7Ids()
    for number in range(40):
        event = MessageParked() if number % 2 else StepReady()
        await store.append([Append(f"t.a-{number}", NO_STREAM, [new_event(ids.new(), event, Meta(0, About("c")))])])
    yield store
    await store.close()


@pytest.fixture
def join(store: InlineEventStore) -> Join:
    bus = EmbeddedBus(ROUTES, store=store, positions=store, clock=SystemClock(), partitions=2)
    faults = Faults(Random(1), Odds(shuffle=True, duplicate=0.1))
    return lambda replica: ShufflingBus(bus, Process("one", replica, faults))


async def receive(consumer: ShufflingConsumer, until: int) -> list[Message]:
    """Until it has given so many different messages."""
    messages: list[Message] = []
    while len({message.event.position for message in messages}) < until:
        messages += (await asyncio.wait_for(consumer.receive(100), 5)).messages
    return messages


def firsts(messages: list[Message]) -> list[Message]:
    seen: dict[int, Message] = {}
    for message in messages:
        seen.setdefault(message.event.position, message)
    return list(seen.values())


async def test_what_one_sender_sent_comes_in_its_order(join: Join) -> None:
    messages = firsts(await receive(await join("r1").consumer("one", "r1"), 40))
    for sender in ("common", "planner"):
        positions = [message.event.position for message in messages if message.sender == sender]
        assert positions == sorted(positions)


async def test_senders_overtake_each_other(join: Join) -> None:
    positions = [
        message.event.position for message in firsts(await receive(await join("r1").consumer("one", "r1"), 40))
    ]
    assert positions != sorted(positions)


async def test_what_overtook_and_was_acknowledged_does_not_acknowledge_the_other(join: Join) -> None:
    bus = join("r1")
    consumer = await bus.consumer("one", "r1")
    messages: list[Message] = []
    while len(messages) < 15:
        messages += (await consumer.receive(5)).messages
    await consumer.ack({message.partition: message.offset for message in messages})
    acked = {message.event.position for message in messages}
    await consumer.receive(1)  # the acknowledgement goes with it
    bus.expire()
    rest = {
        message.event.position for message in await receive(await join("r2").consumer("one", "r2"), 40 - len(acked))
    }
    assert acked | rest == set(range(1, 41))


async def test_a_member_that_was_given_up_joins_again(join: Join) -> None:
    bus = join("r1")
    consumer = await bus.consumer("one", "r1")
    await receive(consumer, 10)
    bus.expire()
    assert len(await receive(consumer, 40)) >= 40
