"""A client of Kafka that has lost its way is given up, whatever it waits for."""

import asyncio
from collections.abc import Collection, Mapping
from typing import Any

import pytest
from aiokafka.structs import ConsumerRecord, TopicPartition

from reveille.adapters import kafka_consumer
from reveille.adapters.kafka_consumer import STUCK_SECONDS, KafkaConsumer
from reveille.adapters.kafka_records import headers_of
from reveille.kernel.clock import SECOND
from reveille.kernel.errors import Misconfigured, Transient
from reveille.kernel.event_bus import partition_of
from reveille.kernel.events import About, Meta, Recorded
from tests.unit.manual_clock import ManualClock

pytestmark = pytest.mark.asyncio


class Coordinator:
    """Its tasks are over."""

    generation = 1
    _coordination_task = _heartbeat_task = _commit_refresh_task = None


class Connections:
    closed = False

    async def close(self) -> None:
        self.closed = True


class SilentClient:
    """Brings nothing, as it does when its group or its broker does not answer; each look takes a second."""

    def __init__(self, clock: ManualClock, *, end: int = 0, position: int | None = None) -> None:
        self._clock = clock
        self._end = end
        self._position = position
        self._coordinator = Coordinator()
        self._fetcher = None
        self._client = self.connections = Connections()

    def subscribe(self, topics: list[str], listener: object) -> None:
        pass

    async def getmany(self, **given: int) -> dict[TopicPartition, Any]:
        self._clock.advance(1)
        await asyncio.sleep(0)
        return {}

    async def ends(self, partitions: Collection[int]) -> dict[int, int]:
        return dict.fromkeys(partitions, self._end)

    async def position(self, partition: TopicPartition) -> int:
        if self._position is None:
            await asyncio.Event().wait()
        assert self._position is not None
        return self._position

    async def stop(self) -> None:
        raise asyncio.CancelledError  # as the real one does where it has cancelled what it then waits for

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        pass


class OneRecord(SilentClient):
    """Brings one record at once, under a key, in a partition."""

    def __init__(self, clock: ManualClock, *, key: bytes | None, partition: int) -> None:
        super().__init__(clock)
        self._at = TopicPartition("reveille.planner.inbox.v1", partition)
        event = Recorded(bytes(16), "t.v1.Thing", b"", Meta(clock.now(), About("a")), None, 7, "t.thing-1", 0)
        self._record = ConsumerRecord(
            *self._at,
            3,
            0,
            0,
            key,
            event.data,
            None,
            0,
            0,
            tuple(headers_of(event)),
        )

    async def getmany(self, **given: int) -> dict[TopicPartition, Any]:
        return {self._at: [self._record]}


def consumer(client: SilentClient, clock: ManualClock, *, name: str = "") -> KafkaConsumer:
    async def relayed(position: int) -> bool:
        return True

    async def committed() -> Mapping[int, int]:
        return {}

    made = KafkaConsumer(
        client,
        "reveille.planner.inbox.v1",
        partitions=2,
        decode=lambda type_name, data: None,
        clock=clock,
        relayed=relayed,
        committed=committed,
        ends=client.ends,
        name=name,
    )
    made.join()
    return made


async def given_up(member: KafkaConsumer, clock: ManualClock) -> str:
    began = clock.now()
    with pytest.raises(Transient) as raised:
        async with asyncio.timeout(10):  # else who waits for ever makes the test wait for ever
            await member.receive(10)
    assert clock.now() - began >= STUCK_SECONDS * SECOND
    return str(raised.value)


@pytest.mark.parametrize("key", [b"t", None])
async def test_a_record_in_a_partition_that_is_not_its_keys_is_no_message_of_ours(key: bytes | None) -> None:
    """Who decides on that key is another one, and may have answered it."""
    clock, own = ManualClock(), partition_of((key or b"").decode(), 2)
    errors = []
    for partition in (own, 1 - own):
        member = consumer(OneRecord(clock, key=key, partition=partition), clock)
        member.assigned([0, 1])
        await member.receive(10)
        errors += [message.error for message in (await member.receive(10)).messages]
    assert errors == ["", f"the record is in partition {1 - own}, its key belongs to {own}"]


async def test_a_group_that_lets_nobody_in_is_not_waited_for_for_ever() -> None:
    clock = ManualClock()
    assert "has not shared out" in await given_up(consumer(SilentClient(clock), clock), clock)


async def test_nor_is_one_that_takes_its_partitions_back_and_gives_none() -> None:
    clock = ManualClock()
    member = consumer(SilentClient(clock), clock)
    member.assigned([0])
    assert (await member.receive(10)).assigned == {0}
    await member.revoked()
    assert "has not shared out" in await given_up(member, clock)


async def test_records_that_wait_and_do_not_come_are_noticed() -> None:
    clock = ManualClock()
    member = consumer(SilentClient(clock, end=8, position=7), clock)
    member.assigned([0])
    await member.receive(10)
    assert "delivers nothing of partitions [0]" in await given_up(member, clock)


async def test_a_client_that_does_not_find_out_where_it_is_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kafka_consumer, "COMMIT_TIMEOUT", 0.01)
    clock = ManualClock()
    member = consumer(SilentClient(clock, end=8), clock)
    member.assigned([0])
    await member.receive(10)
    assert "kafka does not deliver" in await given_up(member, clock)


async def test_a_client_that_ends_as_cancelled_cancels_nobody_else_and_leaves_no_connection() -> None:
    clock = ManualClock()
    client = SilentClient(clock)
    closing = asyncio.create_task(consumer(client, clock).close())
    await asyncio.wait([closing])
    assert not closing.cancelled()
    assert client.connections.closed


async def test_a_member_whose_place_is_taken_again_and_again_gives_up() -> None:
    clock = ManualClock()
    member = consumer(SilentClient(clock), clock, name="planner-1")
    for _ in range(max(kafka_consumer.OUSTED_TIMES) + 1):
        member.assigned([0])
    with pytest.raises(Misconfigured, match="as planner-1, expected a REVEILLE_INSTANCE of its own"):
        await member.receive(10)


async def test_a_member_that_comes_back_to_later_generations_goes_on() -> None:
    clock = ManualClock()
    client = SilentClient(clock)
    member = consumer(client, clock, name="planner-1")
    for generation in range(20):
        client._coordinator.generation = generation
        member.assigned([0])
    assert (await member.receive(10)).assigned == {0}


async def test_a_member_that_is_told_to_end_while_it_commits_ends() -> None:
    """Also where the answer comes in the very turn of the loop in which it is told: nobody may swallow that."""
    clock = ManualClock()
    client = SilentClient(clock)
    member = consumer(client, clock)
    answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    asked = asyncio.Event()

    async def commit(offsets: Mapping[TopicPartition, int]) -> None:
        asked.set()
        await answer

    client.commit = commit  # type: ignore[method-assign]
    member.assigned([0])
    await member.receive(1)
    await member.ack({0: 7})
    clock.advance(1)
    receiving = asyncio.create_task(member.receive(1))
    await asyncio.wait_for(asked.wait(), 5)
    answer.set_result(None)
    receiving.cancel()
    done, _ = await asyncio.wait([receiving], timeout=5)
    assert done
    assert receiving.cancelled()
