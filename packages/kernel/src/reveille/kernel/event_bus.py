"""The port of the bus: partitioned inboxes, consumed by groups, at least once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol
from zlib import crc32

from reveille.kernel.events import Recorded

# What keeps events in order among each other; None: this one is not for the service.
Key = Callable[[Recorded], str | None]
# By event type: which services' inboxes it goes to, and by which key.
Routes = Mapping[str, Mapping[str, Key]]


# Not frozen, for the time it takes to make one.
@dataclass(slots=True, eq=False)
class Message:
    """An event in an inbox. Per partition and sender, `event.position` rises; per partition, `offset` rises.

    error: why the record is no event of ours ("": it is one). `event` then holds what could be made of it, its data as
    it came, a position of minus the offset minus 1, and a stream of its tenant that nobody writes. headers: as they
    came; none where the bus is the log's own tail.
    """

    event: Recorded
    sender: str
    partition: int
    offset: int
    error: str = ""
    headers: Mapping[str, bytes] | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """assigned: partitions that came to this consumer since the last batch; what it knew of their streams is stale."""

    messages: list[Message]
    assigned: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Lag:
    """Of one partition. messages: that are not answered. since: the time of the oldest of them; 0: there is none."""

    messages: int
    since: int


class Consumer(Protocol):
    async def receive(self, limit: int) -> Batch:
        """Wait for messages, or an assignment. Each partition's messages come in order, from behind its last ack."""
        ...

    async def ack(self, offsets: Mapping[int, int]) -> None:
        """Per partition: all up to this offset is done. Durable soon, not at once. Foreign partitions are ignored."""
        ...

    async def hold(self, partition: int, offset: int, seconds: float) -> None:
        """Deliver nothing of the partition for so long, then again from this offset on."""
        ...

    async def behind(self, position: int) -> bool:
        """Whether something that the log held up to this position is not yet acked, by whichever member it is for."""
        ...

    async def lag(self) -> Mapping[int, Lag]:
        """By partition of this member, for people who watch it. Raises Transient where the bus cannot be asked."""
        ...

    async def close(self) -> None:
        """Leave the group; unacked messages go to the others."""
        ...


class EventBus(Protocol):
    async def consumer(self, service: str, replica: str) -> Consumer:
        """Join the service's group. Each partition belongs to one member at a time, as far as the group knows."""
        ...


def partition_of(key: str, partitions: int) -> int:
    return crc32(key.encode()) % partitions
