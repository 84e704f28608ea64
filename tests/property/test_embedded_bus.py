"""Whatever its consumers do, the embedded bus delivers everything, and in order in each partition."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from reveille.adapters.embedded_bus import EmbeddedBus, EmbeddedConsumer
from reveille.adapters.inline_store import InlineEventStore
from reveille.contracts.common.v1.common_pb2 import EventRef, Json
from reveille.kernel.clock import SECOND
from reveille.kernel.event_bus import Message, Routes
from tests.unit.log import EVENT_TYPES, Log
from tests.unit.manual_clock import ManualClock

PARTITIONS: Final = 3
ROUTES: Final[Routes] = {Json.DESCRIPTOR.full_name: {"svc": lambda event: event.msg.text}}  # type: ignore[union-attr]

WHO: Final = st.integers(0, 3)
OPS: Final = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.lists(st.sampled_from("abcdefg-"), min_size=1, max_size=6)),
        st.tuples(st.just("receive"), WHO, st.integers(1, 5)),
        st.tuples(st.just("receive"), WHO, st.integers(1, 5)),
        st.tuples(st.just("ack"), WHO, st.integers(1, 6)),
        st.tuples(st.just("ack"), WHO, st.integers(1, 6)),
        st.tuples(st.just("hold"), WHO, st.sampled_from([0.0, 1.0, 30.0])),
        st.tuples(st.just("join"), WHO),
        st.tuples(st.just("leave"), WHO),
        st.tuples(st.just("wait"), st.sampled_from([0.1, 1.0, 30.0])),
    ),
    min_size=15,
    max_size=60,
)


@dataclass(slots=True, eq=False)
class Member:
    """A consumer, what it has got and not acknowledged, how far it has got, and until when it wants nothing."""

    consumer: EmbeddedConsumer
    pending: list[Message] = field(default_factory=list)
    reached: dict[int, int] = field(default_factory=dict)
    silent: dict[int, int] = field(default_factory=dict)
    assigned: frozenset[int] = frozenset()


class World:
    def __init__(self) -> None:
        self.store = InlineEventStore(EVENT_TYPES)
        self.log = Log(self.store)
        self.clock = ManualClock()
        self.members: list[Member] = []
        self.written: list[int] = []
        # First deliveries by partition, and the highest acknowledgement that its owner gave.
        self.delivered: dict[int, list[int]] = defaultdict(list)
        self.acked: dict[int, int] = defaultdict(int)
        self.answered: set[int] = set()
        self.open()

    def open(self) -> None:
        """A process begins anew: it goes on from what was saved."""
        self.members = []
        self.acked.clear()
        self.bus = EmbeddedBus(ROUTES, store=self.store, positions=self.store, clock=self.clock, partitions=PARTITIONS)

    async def do(self, op: tuple[object, ...]) -> None:
        match op:
            case ("write", list(keys)):
                for key in keys:
                    await self._write(key)
            case ("join", _):
                self.members.append(Member(await self.bus.consumer("svc", "replica")))
            case ("wait", float(seconds)):
                self.clock.advance(seconds)
            case (str(what), int(who), *rest) if self.members:
                await self._let(self.members[who % len(self.members)], what, *rest)

    async def drain(self) -> None:
        """Everybody leaves, and one consumer answers all that is left."""
        for member in self.members:
            await member.consumer.close()
        self.clock.advance(60)
        self.members = [Member(await self.bus.consumer("svc", "last"))]
        while await self._receive(self.members[0], 100):
            await self._ack(self.members[0], 1000)

    async def _write(self, key: str) -> None:
        # An event that nobody has asked for lies between.
        msg = EventRef() if key == "-" else Json(text=key)
        (event,) = await self.log.write(f"t.{key}-1", msg)
        if key != "-":
            self.written.append(event.position)

    async def _let(self, member: Member, what: str, *rest: object) -> None:
        match what, rest:
            case "receive", (int(limit),):
                await self._receive(member, limit)
            case "ack", (int(count),):
                await self._ack(member, count)
            case "hold", (float(seconds),) if member.pending:
                first = member.pending[0]
                await member.consumer.hold(first.partition, first.offset, seconds)
                member.pending = [message for message in member.pending if message.partition != first.partition]
                member.reached[first.partition] = first.offset - 1
                if self._owners()[first.partition] is member:
                    member.silent[first.partition] = self.clock.now() + round(seconds * SECOND)
            case "leave", _:
                await member.consumer.close()
                self.members.remove(member)

    async def _receive(self, member: Member, limit: int) -> bool:
        receiving = asyncio.ensure_future(member.consumer.receive(limit))
        for _ in range(3):  # in memory it takes no longer
            await asyncio.sleep(0)
        if not receiving.done():
            receiving.cancel()
            await asyncio.gather(receiving, return_exceptions=True)
            return False
        batch = receiving.result()
        assert len(batch.messages) <= limit
        if batch.assigned or not batch.messages:
            member.assigned, member.pending, member.reached, member.silent = batch.assigned, [], {}, {}
        for message in batch.messages:
            self._got(member, message)
        return True

    def _got(self, member: Member, message: Message) -> None:
        partition, position = message.partition, message.offset
        assert partition in member.assigned, "a message of a partition that belongs to somebody else"
        assert position > member.reached.get(partition, 0), "within a partition, positions rise"
        assert position > self.acked[partition], "what was acknowledged is over"
        assert self.clock.now() >= member.silent.get(partition, 0), "what is held is silent"
        member.reached[partition] = position
        member.pending.append(message)
        if position not in self.delivered[partition]:
            self.delivered[partition].append(position)

    async def _ack(self, member: Member, count: int) -> None:
        """As far as each partition has come in the first so many messages."""
        done, member.pending = member.pending[:count], member.pending[count:]
        offsets = {message.partition: message.offset for message in done}
        await member.consumer.ack(offsets)
        current = self._owners()
        for partition, offset in offsets.items():
            if current.get(partition) is member:
                self.acked[partition] = max(self.acked[partition], offset)
                self.answered |= {message.offset for message in done if message.partition == partition}

    def _owners(self) -> dict[int, Member]:
        """Partitions are dealt out in turn to the members, in the order in which they came."""
        return {partition: self.members[partition % len(self.members)] for partition in range(PARTITIONS)}


async def _play(ops: list[tuple[object, ...]], restart_at: int | None) -> World:
    world = World()
    await world.do(("join", 0))
    for number, op in enumerate(ops):
        if number == restart_at:
            world.open()
        await world.do(op)
    await world.drain()
    await world.store.close()
    return world


def _check(world: World) -> None:
    delivered = sorted(position for positions in world.delivered.values() for position in positions)
    assert delivered == world.written, "each message is delivered"
    assert sorted(world.answered) == world.written, "and again, until it is acknowledged"
    for positions in world.delivered.values():
        assert positions == sorted(positions), "nothing is delivered for the first time after what is behind it"


@given(ops=OPS)
@settings(max_examples=300)
def test_everything_is_delivered_and_in_order_whatever_the_members_do(ops: list[tuple[object, ...]]) -> None:
    _check(asyncio.run(_play(ops, None)))


@given(ops=OPS, restart_at=st.integers(0, 59))
@settings(max_examples=150)
def test_everything_is_delivered_also_when_the_process_begins_anew(
    ops: list[tuple[object, ...]], restart_at: int
) -> None:
    _check(asyncio.run(_play(ops, restart_at)))
