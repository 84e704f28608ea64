"""EventBus without a broker: the store's own tail, seen through the routing tables and split into partitions."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from reveille.kernel.clock import SECOND, Clock
from reveille.kernel.event_bus import Batch, Key, Lag, Message, Routes, partition_of
from reveille.kernel.event_store import EventStore
from reveille.kernel.events import Recorded, service_of

PARTITIONS: Final = 12
# Events of the log that one look takes in, routed or not.
LOOK: Final = 2_000
# Looks that reckoning a lag takes at most: who is further behind is told of as this far behind.
MOST_LOOKS: Final = 20
# The position is saved when it has moved so far, or so much time has passed since.
SAVE_EVERY_EVENTS: Final = 5_000
SAVE_EVERY_SECONDS: Final = 0.5


class TailPositions(Protocol):
    """Where a service stands in the log's tail. Late is harmless: what was done is known to be done."""

    async def position(self, name: str) -> int: ...

    def save_position(self, name: str, position: int) -> None: ...


@dataclass(slots=True)
class _Group:
    """The members of one service and how far its partitions are answered."""

    service: str
    keys: Mapping[str, Key]
    answered: list[int]
    saved: int
    saved_at: int
    members: list["EmbeddedConsumer"] = field(default_factory=list)

    def low(self) -> int:
        """Everything up to here is answered, by whichever member."""
        return min((member.low() for member in self.members), default=0)

    def rebalance(self) -> None:
        for member in self.members:
            member.assign(frozenset())  # first, so that what each has answered counts for whoever comes next
        for index, member in enumerate(self.members):
            member.assign(frozenset(range(index, len(self.answered), len(self.members))))


class EmbeddedBus:
    """Messages are what the log holds already: nothing is written twice, and an offset is a position."""

    def __init__(
        self,
        routes: Routes,
        *,
        store: EventStore,
        positions: TailPositions,
        clock: Clock,
        partitions: int = PARTITIONS,
    ) -> None:
        self._routes = routes
        self._store = store
        self._positions = positions
        self._clock = clock
        self._partitions = partitions
        self._groups: dict[str, _Group] = {}

    async def consumer(self, service: str, replica: str) -> "EmbeddedConsumer":
        group = self._groups.get(service)
        if group is None:
            at = await self._positions.position(f"inbox {service}")
            keys = {type_name: to[service] for type_name, to in self._routes.items() if service in to}
            fresh = _Group(service, keys, [at] * self._partitions, at, self._clock.now())
            group = self._groups.setdefault(service, fresh)
        member = EmbeddedConsumer(group, store=self._store, positions=self._positions, clock=self._clock)
        group.members.append(member)
        group.rebalance()
        return member


class EmbeddedConsumer:
    """One member of a group. What was delivered and is not acked comes again, to whoever has the partition then."""

    def __init__(self, group: _Group, *, store: EventStore, positions: TailPositions, clock: Clock) -> None:
        self._group = group
        self._store = store
        self._positions = positions
        self._clock = clock
        self._assigned: frozenset[int] = frozenset()
        self._new: frozenset[int] = frozenset()
        # Looked at up to here; per partition, delivered up to `_seen` and silent until `_held`.
        self._looked = 0
        self._seen: dict[int, int] = {}
        self._held: dict[int, int] = {}
        self._changed = asyncio.Event()

    def assign(self, partitions: frozenset[int]) -> None:
        answered = self._group.answered
        for partition, seen in self._seen.items():
            if seen <= answered[partition] and partition not in self._held:
                answered[partition] = max(answered[partition], self._looked)
        self._new = partitions
        self._assigned = partitions
        self._seen = {partition: self._group.answered[partition] for partition in partitions}
        self._held = {}
        self._looked = min(self._seen.values(), default=self._looked)
        self._changed.set()

    async def receive(self, limit: int) -> Batch:
        while True:
            self._changed.clear()
            self._release()
            if self._new:
                assigned, self._new = self._new, frozenset()
                return Batch([], assigned)
            looked = self._looked
            events = await self._store.read_all(looked, LOOK) if self._assigned else []
            if self._changed.is_set():
                continue  # the assignment changed meanwhile: what was read may be somebody else's
            if events:
                messages = self._take(events, limit)
                if messages:
                    return Batch(messages)
                self._save()
            else:
                await self._wait(looked)

    def _take(self, events: Sequence[Recorded], limit: int) -> list[Message]:
        keys, count, seen = self._group.keys, len(self._group.answered), self._seen
        messages: list[Message] = []
        for event in events:
            key_of = keys.get(event.type)
            self._looked = event.position
            key = None if key_of is None else key_of(event)
            if key is None:
                continue
            partition = partition_of(key, count)
            if partition not in self._assigned or event.position <= seen[partition] or partition in self._held:
                continue
            seen[partition] = event.position
            sender = service_of(event.type)
            messages.append(Message(event, sender, partition, event.position, event.unreadable))
            if len(messages) == limit:
                break
        return messages

    async def _wait(self, looked: int) -> None:
        """Until the log goes on, the assignment changes or a hold ends."""
        due = min(self._held.values(), default=None)
        timeout = None if due is None else max(0.0, (due - self._clock.now()) / SECOND)
        moved = asyncio.ensure_future(self._store.wait(looked))
        changed = asyncio.ensure_future(self._changed.wait())
        try:
            await asyncio.wait((moved, changed), timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        finally:
            moved.cancel()
            changed.cancel()

    def _release(self) -> None:
        now = self._clock.now()
        for partition, until in list(self._held.items()):
            if until <= now:
                del self._held[partition]
                self._looked = min(self._looked, self._seen[partition])

    async def ack(self, offsets: Mapping[int, int]) -> None:
        answered = self._group.answered
        for partition, offset in offsets.items():
            if partition in self._assigned:
                answered[partition] = max(answered[partition], offset)
                # It may be said late, of a batch from before the partition went and came back.
                self._seen[partition] = max(self._seen[partition], offset)
        self._save()

    async def hold(self, partition: int, offset: int, seconds: float) -> None:
        if partition in self._assigned:
            # It may be held late: what another member has answered meanwhile stays answered.
            self._seen[partition] = max(offset - 1, self._group.answered[partition])
            self._held[partition] = self._clock.now() + round(seconds * SECOND)

    async def behind(self, position: int) -> bool:
        return self._group.low() < position

    async def lag(self) -> Mapping[int, Lag]:
        at = {partition: self._reached(partition) for partition in self._assigned}
        counted, oldest = dict.fromkeys(at, 0), dict.fromkeys(at, 0)
        after = min(at.values(), default=0)
        for _ in range(MOST_LOOKS if at else 0):
            events = await self._store.read_all(after, LOOK)
            for event in events:
                key_of = self._group.keys.get(event.type)
                key = None if key_of is None else key_of(event)
                if key is None:
                    continue
                partition = partition_of(key, len(self._group.answered))
                if partition in at and event.position > at[partition]:
                    counted[partition] += 1
                    oldest[partition] = oldest[partition] or event.meta.time
            if len(events) < LOOK:
                break
            after = events[-1].position
        return {partition: Lag(counted[partition], oldest[partition]) for partition in at}

    async def close(self) -> None:
        self.leave()

    def leave(self) -> None:
        if self in self._group.members:
            self._group.members.remove(self)
            self.assign(frozenset())
            self._group.rebalance()

    def low(self) -> int:
        """Everything up to here is answered in this member's partitions."""
        low = self._looked
        for partition, seen in self._seen.items():
            answered = self._group.answered[partition]
            if seen > answered or partition in self._held:
                low = min(low, answered)
        return low

    def _reached(self, partition: int) -> int:
        """The same of one partition."""
        answered = self._group.answered[partition]
        return answered if self._seen[partition] > answered or partition in self._held else max(answered, self._looked)

    def _save(self) -> None:
        group, now = self._group, self._clock.now()
        low = group.low()
        moved = low - group.saved
        if moved >= SAVE_EVERY_EVENTS or (moved > 0 and now - group.saved_at >= SAVE_EVERY_SECONDS * SECOND):
            group.saved, group.saved_at = low, now
            self._positions.save_position(f"inbox {group.service}", low)
