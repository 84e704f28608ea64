"""The bus as a cluster's is: what comes from different senders overtakes, comes twice, and members lose their place."""

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from reveille.adapters.embedded_bus import EmbeddedBus, EmbeddedConsumer
from reveille.kernel.event_bus import Batch, Lag, Message
from tests.simulation.process import Process

REMEMBERED: Final = 6


@dataclass(slots=True)
class _Partition:
    """`waiting`: by sender, what came and was not delivered. `out`: delivered, by the number it was delivered under.

    Numbers are what the service acknowledges; the bus knows only its own offsets, of which `done` are answered.
    """

    waiting: dict[str, deque[Message]] = field(default_factory=dict)
    out: dict[int, int] = field(default_factory=dict)
    done: set[int] = field(default_factory=set)
    before: dict[str, deque[Message]] = field(default_factory=dict)


class ShufflingBus:
    """One process's way to the bus."""

    def __init__(self, bus: EmbeddedBus, process: Process) -> None:
        self._bus = bus
        self._process = process
        self.consumers: list[ShufflingConsumer] = []

    async def consumer(self, service: str, replica: str) -> "ShufflingConsumer":
        await self._process.step()
        consumer = ShufflingConsumer(self._bus, await self._bus.consumer(service, replica), self._process)
        self.consumers.append(consumer)
        return consumer

    def expire(self) -> None:
        """The group has not heard from this process for too long."""
        for consumer in self.consumers:
            consumer.expire()


class ShufflingConsumer:
    """Keeps the order of one sender in one partition and no other order, as the port promises no other."""

    def __init__(self, bus: EmbeddedBus, inner: EmbeddedConsumer, process: Process) -> None:
        self._bus = bus
        self._inner = inner
        self._process = process
        self._faults = process.faults
        self._partitions: dict[int, _Partition] = {}
        self._number = 0
        # By sender, the time until which nothing of it comes through.
        self._lags: dict[str, float] = {}
        self._expired = False
        self._patience: asyncio.Timeout | None = None

    async def receive(self, limit: int) -> Batch:
        while True:
            await self._process.step()
            if self._expired and not self._lingers():
                await self._join_again()
            await self._flush()
            assigned = frozenset() if self._expired else await self._fetch(limit)
            await self._process.step()
            if assigned:
                self._partitions = {partition: _Partition() for partition in assigned}
                return Batch([], assigned)
            if messages := self._pick(limit):
                return Batch(messages)

    def expire(self) -> None:
        """Out of the group: the partitions go to others, and this member does not know it yet."""
        if not self._expired:
            self._expired = True
            self._inner.leave()
            if self._patience is not None:
                self._patience.reschedule(0.0)

    def _lingers(self) -> bool:
        """It goes on with what it had fetched before it asks the group again."""
        return any(one.waiting for one in self._partitions.values()) and self._faults.random.random() < 0.7

    async def _join_again(self) -> None:
        self._partitions = {}
        self._inner = await self._bus.consumer(self._process.service, self._process.replica)
        self._expired = False

    async def _fetch(self, limit: int) -> frozenset[int]:
        """Take in what the bus has; wait for it only where there is nothing to deliver."""
        now = asyncio.get_running_loop().time()
        lags = [self._lags.get(sender, 0.0) for one in self._partitions.values() for sender in one.waiting]
        until = max(min(lags), now + self._faults.random.uniform(0, 0.01)) if lags else None
        try:
            async with asyncio.timeout_at(until) as patience:
                self._patience = patience
                batch = await self._inner.receive(limit)
        except TimeoutError:
            return frozenset()
        finally:
            self._patience = None
        for message in batch.messages:
            partition = self._partitions[message.partition]
            partition.waiting.setdefault(message.sender, deque()).append(message)
            if lag := self._faults.lag():
                self._lags[message.sender] = now + lag
        return batch.assigned

    def _pick(self, limit: int) -> list[Message]:
        random, picked = self._faults.random, list[Message]()
        now = asyncio.get_running_loop().time()
        most = min(limit, random.choice((1, 3, limit))) if self._faults.odds.shuffle else limit
        while len(picked) < most:
            heads = [
                (key, sender)
                for key, one in self._partitions.items()
                for sender in one.waiting
                if self._lags.get(sender, 0.0) <= now
            ]
            if not heads:
                break
            if not self._faults.odds.shuffle:
                heads.sort(key=lambda head: self._partitions[head[0]].waiting[head[1]][0].offset)
            key, sender = random.choice(heads) if self._faults.odds.shuffle else heads[0]
            partition = self._partitions[key]
            if self._faults.duplicate() and sender in partition.before:
                picked += [self._numbered(message, None) for message in partition.before.pop(sender)]
            message = partition.waiting[sender].popleft()
            if not partition.waiting[sender]:
                del partition.waiting[sender]
            partition.before.setdefault(sender, deque(maxlen=REMEMBERED)).append(message)
            picked.append(self._numbered(message, partition))
        return picked

    def _numbered(self, message: Message, partition: _Partition | None) -> Message:
        self._number += 1
        if partition is None:
            self._faults.counts["duplicates"] += 1
        else:
            partition.out[self._number] = message.offset
        return Message(message.event, message.sender, message.partition, self._number)

    async def ack(self, offsets: Mapping[int, int]) -> None:
        """An acknowledgement is sent with the next fetch; a member that dies before has answered and not said so."""
        await self._process.step()
        for key, number in offsets.items():
            partition = self._partitions.get(key)
            if partition is not None:
                acked = [one for one in partition.out if one <= number]
                partition.done |= {partition.out.pop(one) for one in acked}

    async def _flush(self) -> None:
        """The bus takes one offset a partition: up to the first that is not answered yet."""
        offsets = {}
        for key, partition in self._partitions.items():
            open_ = [*partition.out.values(), *(one.offset for queue in partition.waiting.values() for one in queue)]
            first = min(open_, default=None)
            done = {one for one in partition.done if first is None or one < first}
            if done:
                offsets[key] = max(done)
                partition.done -= done
        if offsets:
            await self._inner.ack(offsets)

    async def hold(self, partition: int, offset: int, seconds: float) -> None:
        await self._process.step()
        await self._flush()
        held = self._partitions.get(partition)
        if held is None or self._expired:
            return
        self._faults.counts["held"] += 1
        waiting = [one.offset for queue in held.waiting.values() for one in queue]
        first = min([*held.out.values(), *waiting], default=None)
        self._partitions[partition] = _Partition()
        if first is not None:  # None: it was a duplicate of something answered
            await self._inner.hold(partition, first, seconds)

    async def behind(self, position: int) -> bool:
        await self._process.step()
        await self._flush()
        if any(one.waiting or one.out or one.done for one in self._partitions.values()):
            return True
        return await self._inner.behind(position)

    async def lag(self) -> Mapping[int, Lag]:
        return await self._inner.lag()

    async def close(self) -> None:
        if self._process.alive:
            self._inner.leave()
