"""What every EventBus promises."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from reveille.adapters.embedded_bus import EmbeddedBus
from reveille.adapters.inline_store import InlineEventStore
from reveille.contracts.common.v1 import common_pb2
from reveille.contracts.common.v1.common_pb2 import MessageParked
from reveille.kernel.clock import SystemClock
from reveille.kernel.event_bus import Batch, Consumer, EventBus, Message, Routes
from reveille.kernel.event_store import NO_STREAM, Append
from reveille.kernel.events import About, EventTypes, Meta, New, new_event
from reveille.kernel.ids import UuidV7Ids

IDS = UuidV7Ids()
ROUTES: Routes = {"reveille.common.v1.MessageParked": {"one": lambda event: event.msg.event_id}}  # type: ignore[union-attr]


class Log:
    """A store and a bus over it, and a way to write to them."""

    def __init__(self) -> None:
        self.store = InlineEventStore(EventTypes([common_pb2]))
        self.bus: EventBus = self.new_bus()
        self._streams = 0

    def new_bus(self) -> EventBus:
        return EmbeddedBus(ROUTES, store=self.store, positions=self.store, clock=SystemClock(), partitions=4)

    async def write(self, *keys: str) -> None:
        for key in keys:
            self._streams += 1
            await self.store.append([Append(f"t.a-{self._streams}", NO_STREAM, [_event(key, self._streams)])])


@pytest.fixture
async def log() -> AsyncIterator[Log]:
    log = Log()
    yield log
    await log.store.close()


def _event(key: str, number: int) -> New:
    return new_event(IDS.new(), MessageParked(event_id=key, attempts=number), Meta(0, About("c")))


def numbers(messages: list[Message]) -> list[int]:
    return [message.event.msg.attempts for message in messages]  # type: ignore[union-attr]


async def receive(consumer: Consumer, count: int) -> list[Message]:
    messages: list[Message] = []
    while len(messages) < count:
        messages += (await asyncio.wait_for(consumer.receive(100), 5)).messages
    return messages


async def nothing_more(consumer: Consumer) -> bool:
    try:
        async with asyncio.timeout(0.05):
            while not (await consumer.receive(100)).messages:
                pass
    except TimeoutError:
        return True
    return False


def last_offsets(messages: list[Message]) -> dict[int, int]:
    return {message.partition: message.offset for message in messages}


async def test_a_consumer_gets_what_was_written_before_and_after_it_came(log: Log) -> None:
    await log.write("a", "b")
    consumer = await log.bus.consumer("one", "r1")
    await log.write("c")
    assert sorted(numbers(await receive(consumer, 3))) == [1, 2, 3]


async def test_the_first_batch_names_the_partitions_that_came(log: Log) -> None:
    consumer = await log.bus.consumer("one", "r1")
    assert await consumer.receive(10) == Batch([], frozenset(range(4)))


async def test_messages_of_one_key_come_in_order_from_one_partition(log: Log) -> None:
    await log.write(*["a", "b", "c"] * 20)
    consumer = await log.bus.consumer("one", "r1")
    by_key: dict[str, list[Any]] = {}
    for message in await receive(consumer, 60):
        by_key.setdefault(message.event.msg.event_id, []).append((message.partition, message.offset))  # type: ignore[union-attr]
    for seen in by_key.values():
        assert len({partition for partition, _ in seen}) == 1
        assert seen == sorted(seen)


async def test_what_is_not_acked_comes_again_to_the_next_process(log: Log) -> None:
    await log.write(*"abcdefgh")
    consumer = await log.bus.consumer("one", "r1")
    messages = await receive(consumer, 8)
    done = messages[:5]
    await consumer.ack(last_offsets(done))
    await consumer.close()
    again = await receive(await log.bus.consumer("one", "r2"), 3)
    assert set(numbers(messages[5:])) <= set(numbers(again))
    lowest = last_offsets(done)
    assert all(message.offset > lowest.get(message.partition, 0) for message in again)


async def test_a_bus_opened_again_goes_on_at_or_before_what_was_acked(log: Log) -> None:
    await log.write(*"abcdefgh")
    consumer = await log.bus.consumer("one", "r1")
    await consumer.ack(last_offsets(await receive(consumer, 8)))
    await log.write("i")
    again = await receive(await log.new_bus().consumer("one", "r2"), 1)
    assert numbers(again)[-1] == 9


async def test_members_of_a_group_share_the_partitions(log: Log) -> None:
    first, second = await log.bus.consumer("one", "r1"), await log.bus.consumer("one", "r2")
    await log.write(*[str(n) for n in range(40)])
    ours: set[int] = set()
    theirs: set[int] = set()
    while len(ours) + len(theirs) < 40:
        for consumer, seen in ((first, ours), (second, theirs)):
            try:
                async with asyncio.timeout(0.05):
                    seen |= set(numbers((await consumer.receive(100)).messages))
            except TimeoutError:
                continue
    assert ours
    assert theirs
    assert not ours & theirs


async def test_a_member_that_leaves_hands_over_what_it_has_not_acked(log: Log) -> None:
    first, second = await log.bus.consumer("one", "r1"), await log.bus.consumer("one", "r2")
    await log.write(*[str(n) for n in range(40)])
    await first.receive(1)
    unacked = (await first.receive(100)).messages
    assert unacked
    await first.close()
    seen: set[int] = set()
    while len(seen) < 40:
        seen |= set(numbers((await asyncio.wait_for(second.receive(100), 5)).messages))


async def test_an_ack_for_a_partition_that_went_elsewhere_changes_nothing(log: Log) -> None:
    first = await log.bus.consumer("one", "r1")
    await log.write(*[str(n) for n in range(40)])
    messages = await receive(first, 40)
    second = await log.bus.consumer("one", "r2")
    batch = await second.receive(100)
    await first.ack(last_offsets(messages))
    lost = {message.offset for message in messages if message.partition in batch.assigned}
    assert {message.offset for message in await receive(second, len(lost))} == lost


async def test_a_held_partition_is_silent_then_repeats_while_others_go_on(log: Log) -> None:
    await log.write(*[str(n) for n in range(20)])
    consumer = await log.bus.consumer("one", "r1")
    messages = await receive(consumer, 20)
    held = messages[0].partition
    of_held = [message.offset for message in messages if message.partition == held]
    await consumer.hold(held, of_held[1], 0.1)
    await consumer.ack(last_offsets([message for message in messages if message.partition != held]))
    await log.write(*[str(n) for n in range(20)])
    others = (await consumer.receive(100)).messages
    assert held not in {message.partition for message in others}
    again = [message for message in await receive(consumer, 1) if message.partition == held]
    assert [message.offset for message in again][: len(of_held) - 1] == of_held[1:]


async def test_a_service_that_nothing_is_routed_to_gets_nothing(log: Log) -> None:
    await log.write("a")
    assert await nothing_more(await log.bus.consumer("other", "r1"))


async def test_a_consumer_is_behind_until_it_has_acked(log: Log) -> None:
    await log.write("a", "b")
    consumer = await log.bus.consumer("one", "r1")
    assert await consumer.behind(2)
    messages = await receive(consumer, 2)
    assert await consumer.behind(2)
    await consumer.ack(last_offsets(messages))
    assert not await consumer.behind(2)
