"""What every EventBus promises."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from reveille.contracts.common.v1.common_pb2 import Json
from reveille.kernel.event_bus import Batch, Consumer, Lag, Message
from tests.contract.buses import BUSES, NOBODY, PARTITIONS, Log, key_of


@pytest.fixture(params=BUSES)
async def log(request: pytest.FixtureRequest) -> AsyncIterator[Log]:
    async with BUSES[request.param]() as log:
        yield log


def numbers(messages: list[Message]) -> list[int]:
    return [
        int(message.event.msg.text.partition(" ")[2]) for message in messages if isinstance(message.event.msg, Json)
    ]


async def receive(consumer: Consumer, count: int) -> list[Message]:
    messages: list[Message] = []
    while len(messages) < count:
        messages += (await asyncio.wait_for(consumer.receive(100), 20)).messages
    return messages


async def shared(*members: Consumer) -> None:
    """Return when the members have parted the partitions among them."""
    parts: dict[int, frozenset[int]] = {}
    async with asyncio.timeout(20):
        while len(parts) < len(members) or sum(map(len, parts.values())) != PARTITIONS:
            for number, member in enumerate(members):
                try:
                    async with asyncio.timeout(0.05):
                        parts[number] = (await member.receive(100)).assigned
                except TimeoutError:
                    continue


async def at_once(consumer: Consumer) -> list[Message]:
    """What comes within a moment."""
    try:
        async with asyncio.timeout(0.05):
            return (await consumer.receive(100)).messages
    except TimeoutError:
        return []


async def nothing_more(consumer: Consumer) -> bool:
    try:
        async with asyncio.timeout(0.05):
            while not (await consumer.receive(100)).messages:
                pass
    except TimeoutError:
        return True
    return False


async def answered(consumer: Consumer, position: int) -> None:
    """Return when nobody is behind any more."""
    async with asyncio.timeout(20):
        while await consumer.behind(position):  # noqa: ASYNC110 - as `Processing.answered` does
            await asyncio.sleep(0.01)


def last_offsets(messages: list[Message]) -> dict[int, int]:
    return {message.partition: message.offset for message in messages}


async def test_a_consumer_gets_what_was_written_before_and_after_it_came(log: Log) -> None:
    await log.write("a", "b")
    consumer = await log.consumer("r1")
    await log.write("c")
    assert sorted(numbers(await receive(consumer, 3))) == [1, 2, 3]


async def test_an_event_without_a_key_is_not_for_the_service(log: Log) -> None:
    await log.write("a", NOBODY, "b", NOBODY)
    consumer = await log.consumer("r1")
    messages = await receive(consumer, 2)
    assert sorted(numbers(messages)) == [1, 3]
    assert await nothing_more(consumer)
    await consumer.ack(last_offsets(messages))
    await answered(consumer, await log.store.head())


async def test_the_first_batch_names_the_partitions_that_came(log: Log) -> None:
    consumer = await log.consumer("r1")
    assert await consumer.receive(10) == Batch([], frozenset(range(PARTITIONS)))


async def test_messages_of_one_key_come_in_order_from_one_partition(log: Log) -> None:
    await log.write(*["a", "b", "c"] * 20)
    consumer = await log.consumer("r1")
    by_key: dict[str | None, list[Any]] = {}
    for message in await receive(consumer, 60):
        by_key.setdefault(key_of(message.event), []).append((message.partition, message.offset))
    for seen in by_key.values():
        assert len({partition for partition, _ in seen}) == 1
        assert seen == sorted(seen)


async def test_what_is_not_acked_comes_again_to_the_next_process(log: Log) -> None:
    await log.write(*"abcdefgh")
    consumer = await log.consumer("r1")
    messages = await receive(consumer, 8)
    done = messages[:5]
    await consumer.ack(last_offsets(done))
    await consumer.close()
    again = await receive(await log.consumer("r2"), 3)
    assert set(numbers(messages[5:])) <= set(numbers(again))
    lowest = last_offsets(done)
    assert all(message.offset > lowest.get(message.partition, -1) for message in again)


async def test_a_bus_opened_again_goes_on_at_or_before_what_was_acked(log: Log) -> None:
    await log.write(*"abcdefgh")
    consumer = await log.consumer("r1")
    await consumer.ack(last_offsets(await receive(consumer, 8)))
    await log.write("i")
    again = await receive(await log.consumer("r2", anew=True), 1)
    assert numbers(again)[-1] == 9


async def test_a_members_lag_is_what_it_has_not_answered_and_since_when(log: Log) -> None:
    consumer = await log.consumer("r1")
    assert (await consumer.receive(10)).assigned
    assert await consumer.lag() == dict.fromkeys(range(PARTITIONS), Lag(0, 0))
    await log.write("a", NOBODY, "a", "b", "a")
    messages = await receive(consumer, 4)
    of_a = [message for message in messages if key_of(message.event) == "a"]
    b = next(message for message in messages if key_of(message.event) == "b")
    assert of_a[0].partition != b.partition
    assert (await consumer.lag())[of_a[0].partition] == Lag(3, 1)
    assert (await consumer.lag())[b.partition] == Lag(1, 4)
    await consumer.ack({of_a[0].partition: of_a[0].offset, b.partition: b.offset})
    assert (await consumer.lag())[of_a[0].partition] == Lag(2, 3)
    assert (await consumer.lag())[b.partition] == Lag(0, 0)
    await consumer.hold(of_a[1].partition, of_a[1].offset, 0.01)
    assert (await consumer.lag())[of_a[0].partition].messages == 2
    await consumer.ack(last_offsets(await receive(consumer, 2)))
    assert await consumer.lag() == dict.fromkeys(range(PARTITIONS), Lag(0, 0))


async def test_a_lag_counts_what_was_not_delivered_yet_and_only_of_ones_own_partitions(log: Log) -> None:
    first, second = await log.consumer("r1"), await log.consumer("r2")
    await shared(first, second)
    await log.write(*[str(number) for number in range(40)])

    async def lags() -> list[Mapping[int, Lag]]:
        return [await first.lag(), await second.lag()]

    async with asyncio.timeout(20):
        while sum(lag.messages for one in await lags() for lag in one.values()) < 40:  # noqa: ASYNC110 - a relay
            await asyncio.sleep(0.01)
    mine, others = await lags()
    assert set(mine).isdisjoint(others)
    assert set(mine) | set(others) == set(range(PARTITIONS))
    assert all(lag.since > 0 for one in (mine, others) for lag in one.values() if lag.messages)


async def test_members_of_a_group_share_the_partitions(log: Log) -> None:
    first, second = await log.consumer("r1"), await log.consumer("r2")
    await shared(first, second)
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
    first, second = await log.consumer("r1"), await log.consumer("r2")
    await shared(first, second)
    await log.write(*[str(n) for n in range(40)])
    unacked = (await asyncio.wait_for(first.receive(100), 20)).messages
    assert unacked
    await first.close()
    seen: set[int] = set()
    while len(seen) < 40:
        seen |= set(numbers((await asyncio.wait_for(second.receive(100), 20)).messages))


async def test_an_ack_for_a_partition_that_went_elsewhere_changes_nothing(log: Log) -> None:
    first = await log.consumer("r1")
    await log.write(*[str(n) for n in range(40)])
    messages = await receive(first, 40)
    second = await log.consumer("r2")
    batch = await second.receive(100)
    await first.ack(last_offsets(messages))
    lost = {message.offset for message in messages if message.partition in batch.assigned}
    assert {message.offset for message in await receive(second, len(lost))} == lost


async def test_a_held_partition_is_silent_then_repeats_while_others_go_on(log: Log) -> None:
    await log.write(*[str(n) for n in range(20)])
    consumer = await log.consumer("r1")
    messages = await receive(consumer, 20)
    held = messages[0].partition
    of_held = [message.offset for message in messages if message.partition == held]
    await consumer.hold(held, of_held[1], 0.5)
    await consumer.ack(last_offsets([message for message in messages if message.partition != held]))
    await log.write(*[str(n) for n in range(20)])
    others = (await consumer.receive(100)).messages
    assert held not in {message.partition for message in others}
    again: list[int] = []
    while len(again) < len(of_held) - 1:
        again += [message.offset for message in await receive(consumer, 1) if message.partition == held]
    assert again[: len(of_held) - 1] == of_held[1:]


async def test_a_service_that_nothing_is_routed_to_gets_nothing(log: Log) -> None:
    await log.write("a")
    assert await nothing_more(await log.consumer("r1", service="other"))


async def test_a_consumer_is_behind_until_it_has_acked(log: Log) -> None:
    await log.write("a", "b")
    consumer = await log.consumer("r1")
    head = await log.store.head()
    assert await consumer.behind(head)
    messages = await receive(consumer, 2)
    assert await consumer.behind(head)
    await consumer.ack(last_offsets(messages))
    await answered(consumer, head)


async def test_a_consumer_is_behind_until_the_others_have_acked(log: Log) -> None:
    first, second = await log.consumer("r1"), await log.consumer("r2")
    await shared(first, second)
    await log.write(*[str(n) for n in range(40)])
    head = await log.store.head()
    ours: list[Message] = []
    theirs: list[Message] = []
    async with asyncio.timeout(20):
        while len(set(numbers(ours + theirs))) < 40 or not theirs:
            ours += await at_once(first)
            theirs += await at_once(second)
    await first.ack(last_offsets(ours))
    assert await first.behind(head)
    async with asyncio.timeout(20):
        await second.ack(last_offsets(theirs))
        while await second.behind(head) or await first.behind(head):
            # What a late rebalance took from one of them comes again to the other.
            await first.ack(last_offsets(await at_once(first)))
            await second.ack(last_offsets(await at_once(second)))
