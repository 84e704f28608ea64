"""One member of a service's consumer group."""

import asyncio
import contextlib
import logging
import random
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener
from aiokafka.errors import IllegalStateError, KafkaError
from aiokafka.structs import ConsumerRecord, TopicPartition

from reveille.adapters.kafka_clients import ended
from reveille.adapters.kafka_records import Decode, Unreadable, event_of, given, unreadable
from reveille.kernel.clock import SECOND, Clock
from reveille.kernel.errors import Misconfigured, Transient, said
from reveille.kernel.event_bus import Batch, Lag, Message, partition_of
from reveille.kernel.events import Recorded

logger = logging.getLogger(__name__)

# As a store that encrypts gives it: the same events in the same order.
Opened = Callable[[Sequence[Recorded]], Awaitable[Sequence[Recorded]]]

# What was answered and is not committed comes again after a crash; it is known to be answered.
COMMIT_SECONDS: Final = 0.2
COMMIT_TIMEOUT: Final = 5.0
IDLE_SECONDS: Final = 1.0
# Records that wait on the broker for so long, while none comes, mean that the client has lost its way.
STUCK_SECONDS: Final = 30.0
LEAVE_SECONDS: Final = 3.0
# Somebody else with this member's name takes its place, and loses it again to this one, at each of their heartbeats.
# How often a member bears that is drawn, so that of two one gives up, and the other goes on.
OUSTED_TIMES: Final = range(3, 13)
OUSTED_SECONDS: Final = 60.0


class KafkaConsumer:
    """Fetches only inside `receive`; the client's own tasks keep the membership while a turn is under way."""

    def __init__(
        self,
        inner: AIOKafkaConsumer,
        topic: str,
        *,
        partitions: int,
        decode: Decode,
        clock: Clock,
        relayed: Callable[[int], Awaitable[bool]],
        committed: Callable[[], Awaitable[Mapping[int, int]]],
        ends: Callable[[Collection[int]], Awaitable[Mapping[int, int]]],
        name: str = "",
        opened: Opened | None = None,
    ) -> None:
        """relayed: whether the inbox holds all up to a position. committed: of the whole group, by partition.

        ends: of these partitions, the offset behind the last record, over another connection than the one that fetches.
        opened: of events that are encrypted; None: none is. name: by which the group knows this member after a restart;
        "": by none.
        """
        self._inner = inner
        self._topic = topic
        self._partitions = range(partitions)
        self._decode = decode
        self._open = opened
        self._clock = clock
        self._relayed = relayed
        self._group_committed = committed
        self._ends = ends
        self._name = name
        self._generation: int | None = None
        self._ousted: list[int] = []
        self._bears = random.choice(OUSTED_TIMES)
        self._assigned: frozenset[int] = frozenset()
        self._new: frozenset[int] | None = None
        # Per partition, the offset behind what is answered; and what of it the broker knows.
        self._answered: dict[int, int] = {}
        self._committed: dict[int, int] = {}
        self._committed_at = 0
        self._held: dict[int, int] = {}
        # What was delivered last; and since when partitions are behind of which nothing was delivered yet.
        self._out: list[Message] = []
        self._behind_since: dict[int, int] = {}
        self._last_came = clock.now()
        self._joining = True

    def join(self) -> None:
        """Take part in the group; the first batch says with which partitions."""
        self._inner.subscribe([self._topic], listener=_Listener(self))

    async def receive(self, limit: int) -> Batch:
        """Raises Misconfigured where another process is a member under this one's name."""
        while True:
            try:
                self._check_name()
                await self._commit_if_due()
                self._release()
                if self._new is not None:
                    assigned, self._new = self._new, None
                    if assigned:
                        return Batch([], assigned)
                found = await self._inner.getmany(timeout_ms=self._patience(), max_records=limit)
                if found:
                    self._last_came = self._clock.now()
                    if messages := await self._opened(self._messages(found)):
                        self._out = messages
                        return Batch(messages)
                else:
                    await self._look_after()
            except (KafkaError, OSError) as error:
                raise Transient(f"kafka does not deliver: {said(error)}") from error

    async def ack(self, offsets: Mapping[int, int]) -> None:
        for partition, offset in offsets.items():
            if partition in self._assigned:
                self._answered[partition] = max(self._answered.get(partition, 0), offset + 1)

    async def hold(self, partition: int, offset: int, seconds: float) -> None:
        if partition not in self._assigned:
            return
        at = self._at(partition)
        try:
            self._inner.pause(at)
            # It may be held late: what was answered meanwhile stays answered.
            self._inner.seek(at, max(offset, self._answered.get(partition, 0)))
        except IllegalStateError:  # it went to another member a moment ago
            return
        self._held[partition] = self._clock.now() + round(seconds * SECOND)

    async def behind(self, position: int) -> bool:
        """Raises Transient where the broker cannot be asked."""
        if not await self._relayed(position):
            return True
        await self._commit()
        ends = await self._ends(self._partitions)
        committed = await self._group_committed()
        return any(committed.get(partition, 0) < end for partition, end in ends.items())

    async def lag(self) -> Mapping[int, Lag]:
        try:
            async with asyncio.timeout(COMMIT_TIMEOUT):
                ends = await self._ends(self._assigned)
                return {partition: await self._lag(self._at(partition), end) for partition, end in ends.items()}
        except (KafkaError, TimeoutError, OSError) as error:
            raise Transient(f"kafka does not say where {self._topic} ends: {said(error)}") from error

    async def _lag(self, at: TopicPartition, end: int) -> Lag:
        answered = self._answered.get(at.partition, 0)
        out = next((one for one in self._out if one.partition == at.partition and one.offset >= answered), None)
        messages = end - (out.offset if out else answered or await self._inner.position(at))
        if messages <= 0:
            self._behind_since.pop(at.partition, None)
            return Lag(0, 0)
        since = self._behind_since.setdefault(at.partition, self._clock.now())
        return Lag(messages, out.event.meta.time if out else since)

    async def close(self) -> None:
        """A member that has a name of its own keeps its place until its session ends, for when it comes back."""
        with contextlib.suppress(Exception):
            await self._commit()
        await ended(self._inner.stop(), self._inner._client, LEAVE_SECONDS, lambda: _tasks(self._inner))

    async def revoked(self) -> None:
        await self._commit()
        self._assigned = frozenset()
        self._held = {}
        self._joining = True
        self._last_came = self._clock.now()

    def assigned(self, partitions: Collection[int]) -> None:
        self._assigned = self._new = frozenset(partitions)
        self._answered, self._committed, self._held = {}, {}, {}
        self._out, self._behind_since = [], {}
        self._joining = False
        self._last_came = self._clock.now()
        self._note_generation()

    def _messages(self, found: Mapping[TopicPartition, Iterable[ConsumerRecord[bytes, bytes]]]) -> list[Message]:
        messages: list[Message] = []
        for at, records in found.items():
            if at.partition in self._assigned and at.partition not in self._held:
                messages += [self._message(record) for record in records]
        return messages

    def _message(self, record: Any) -> Message:
        headers = given(record.headers)
        try:
            event, sender = event_of(record.value, headers, self._decode)
            self._expect_its_place(record)
        except Unreadable as error:
            event = unreadable(record.value, headers, record.offset, record.timestamp * 1000)
            return Message(event, "", record.partition, record.offset, str(error), headers)
        return Message(event, sender, record.partition, record.offset, headers=headers)

    def _expect_its_place(self, record: Any) -> None:
        """What is decided on in another partition may have been answered there. Raises Unreadable."""
        due = partition_of((record.key or b"").decode(errors="replace"), len(self._partitions))
        if due != record.partition:
            raise Unreadable(f"the record is in partition {record.partition}, its key belongs to {due}")

    async def _opened(self, messages: list[Message]) -> list[Message]:
        """What came encrypted is read as the log's own events are. Raises Transient where that cannot be done now."""
        if self._open is None or not messages:
            return messages
        events = await self._open([message.event for message in messages])
        return [
            one if event is one.event else replace(one, event=event, error=one.error or event.unreadable)
            for one, event in zip(messages, events, strict=True)
        ]

    def _patience(self) -> int:
        """Milliseconds until there is something else to do than to wait for records."""
        seconds = IDLE_SECONDS if self._answered == self._committed else COMMIT_SECONDS
        due = min(self._held.values(), default=None)
        if due is not None:
            seconds = min(seconds, (due - self._clock.now()) / SECOND)
        return max(1, round(seconds * 1000))

    def _release(self) -> None:
        now = self._clock.now()
        for partition, until in list(self._held.items()):
            if until <= now:
                del self._held[partition]
                with contextlib.suppress(IllegalStateError):
                    self._inner.resume(self._at(partition))

    async def _commit_if_due(self) -> None:
        if self._clock.now() - self._committed_at >= COMMIT_SECONDS * SECOND:
            await self._commit()

    async def _commit(self) -> None:
        """What cannot be committed now is tried again later, or comes again and is known to be answered."""
        self._committed_at = self._clock.now()
        fresh = {key: offset for key, offset in self._answered.items() if self._committed.get(key) != offset}
        if not fresh:
            return
        try:
            offsets = {self._at(partition): offset for partition, offset in fresh.items()}
            # Not wait_for: up to Python 3.11 it loses a cancellation that comes just as what it waits for is done, and
            # whoever has told this to end would wait for ever.
            async with asyncio.timeout(COMMIT_TIMEOUT):
                await self._inner.commit(offsets)
        except (KafkaError, TimeoutError, OSError) as error:
            logger.debug("offsets of %s are not committed: %s", self._topic, said(error))
            return
        self._committed |= fresh

    def _note_generation(self) -> None:
        """A member that was gone comes back to a later generation; one whose place was taken, to the same.

        The client knows no error for that: it joins again as if its session had ended.
        """
        generation: int = self._inner._coordinator.generation
        if self._name and generation == self._generation:
            now = self._clock.now()
            self._ousted = [*(at for at in self._ousted if now - at < OUSTED_SECONDS * SECOND), now]
        self._generation = generation

    def _check_name(self) -> None:
        if len(self._ousted) >= self._bears:
            raise Misconfigured(
                f"another process reads {self._topic} as {self._name}, expected a REVEILLE_INSTANCE of its own "
                "for each replica"
            )

    async def _look_after(self) -> None:
        """Raises Transient where records wait and none comes, or where the group lets nobody in.

        Who calls then begins with a new client: after a broker was away the old one may wait for ever, without a word.
        """
        if self._clock.now() - self._last_came < STUCK_SECONDS * SECOND:
            return
        self._last_came = self._clock.now()
        if self._joining:
            raise Transient(f"the group that reads {self._topic} has not shared out its partitions")
        open_ = [partition for partition in self._assigned if partition not in self._held]
        if not open_:
            return
        async with asyncio.timeout(COMMIT_TIMEOUT):
            ends = await self._ends(open_)
        stuck = [partition for partition in open_ if ends[partition] > await self._position(self._at(partition))]
        if stuck:
            raise Transient(f"{self._topic} delivers nothing of partitions {stuck}, though they hold more")

    async def _position(self, at: TopicPartition) -> int:
        """Raises TimeoutError where the client does not find out."""
        async with asyncio.timeout(COMMIT_TIMEOUT):
            position: int = await self._inner.position(at)
        return position

    def _at(self, partition: int) -> TopicPartition:
        return TopicPartition(self._topic, partition)


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    """What the group tells its member."""

    def __init__(self, consumer: KafkaConsumer) -> None:
        self._consumer = consumer

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        await self._consumer.revoked()

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        self._consumer.assigned({at.partition for at in assigned})


def _tasks(inner: AIOKafkaConsumer) -> "list[asyncio.Task[Any]]":
    """Those that keep its membership and fetch."""
    found: list[asyncio.Task[Any] | None] = []
    if (coordinator := inner._coordinator) is not None:
        found += [coordinator._coordination_task, coordinator._heartbeat_task, coordinator._commit_refresh_task]
    if (fetcher := inner._fetcher) is not None:
        found += [fetcher._fetch_task, *fetcher._pending_tasks]
    return [task for task in found if task is not None]
