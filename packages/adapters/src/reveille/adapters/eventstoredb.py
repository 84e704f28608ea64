"""EventStore on EventStoreDB 22.10 or newer; its client library is imported when a store is opened, not before.

An event's position is its commit position: rising, with gaps, since the server's own events stand in the same log.
What is ours is told from theirs and from other people's by the stream's name, on the server: `<tenant>.<category>`.
One subscription feeds a tail in memory, from which all readers of the process are served.
"""

import asyncio
import logging
import random
import re
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Final

from reveille.adapters.cancelling import cancellations, raise_if_cancelled
from reveille.adapters.log_tail import LogTail
from reveille.adapters.together import together
from reveille.kernel.errors import Misconfigured, Transient, Unknown
from reveille.kernel.event_store import NO_STREAM, Append, Appended, Conflict, check_size
from reveille.kernel.events import EventTypes, Recorded

if TYPE_CHECKING:
    from reveille.adapters.eventstoredb_client import Connection

logger = logging.getLogger(__name__)

# Whole names of streams. A snapshot's stream has no dot before its first hyphen, and so is none of them.
OURS: Final = r"[a-z0-9_]+\.[a-z0-9_]+(-.*)?"
CATEGORY: Final = r"[a-z0-9_]+\.{}(-.*)?"
SNAPSHOTS: Final = "snapshot-"
# Seconds that one call to the server may take.
DEADLINE: Final = 5.0
# Seconds without an event after which the server is asked whether there was none.
SILENCE: Final = 3.0
# Seconds that a reader waits for the tail to show what this process has written; then the server is asked.
LAG: Final = 1.0
MAX_IN_FLIGHT: Final = 64
MAX_POSITION: Final = 2**63 - 1
REMEMBERED: Final = 10_000
FIRST_BACKOFF: Final = 0.1
MAX_BACKOFF: Final = 5.0


class EventStoreDb:
    """Appends return when the leading node has committed them. The client is one channel, shared by everyone.

    An append is `repeated` where the answer's position is not beyond all that this process had seen before, or where
    the same events went out before without an answer: the ids in the stream then decide. Ids are fresh, so no other
    process can have sent them.
    """

    def __init__(self, connection: "Connection", head: int, *, silence: float = SILENCE) -> None:
        self._connection = connection
        self._silence = silence
        self._tail = LogTail(head)
        self._written = 0
        self._free = asyncio.Semaphore(MAX_IN_FLIGHT)
        self._sending: dict[bytes, asyncio.Future[None]] = {}
        self._unanswered: dict[bytes, None] = {}
        self._limited: dict[str, None] = {}
        self._running: asyncio.Task[None] | None = None

    @classmethod
    async def open(
        cls, uri: str, types: EventTypes, *, deadline: float = DEADLINE, silence: float = SILENCE
    ) -> "EventStoreDb":
        """`esdb://host:2113?tls=false`, `esdb://user:password@a,b,c`, `esdb+discover://…`.

        Raises Misconfigured where no server answers there, or refuses.
        """
        try:
            from reveille.adapters.eventstoredb_client import Connection
        except ImportError as error:
            raise Misconfigured(f"the event store is EventStoreDB, and {error.name} is not installed") from error
        connection = Connection(uri, types, deadline=deadline)
        try:
            head = await connection.last_position(OURS)
        except Transient as error:
            await connection.close()
            raise Misconfigured(f"EventStoreDB cannot be used: {error}") from error
        store = cls(connection, head, silence=silence)
        store._start()
        return store

    def _start(self) -> None:
        self._running = asyncio.create_task(self._run(), name="eventstoredb tail")
        self._running.add_done_callback(self._stopped)

    async def close(self) -> None:
        if self._running is not None:
            self._running.cancel()
            await asyncio.wait([self._running])
        await self._connection.close()

    async def append(self, batch: Sequence[Append]) -> list[Appended | Conflict]:
        """The streams of a batch go at once; where one of them fails, the others have been tried all the same."""
        check_size(batch)
        tried = await together([self._try(append) for append in batch])
        outcomes = [outcome for outcome in tried if not isinstance(outcome, Transient)]
        if len(outcomes) == len(batch):
            return outcomes
        errors = [outcome for outcome in tried if isinstance(outcome, Transient)]
        for error in errors:
            if isinstance(error, Unknown):
                raise error
        if any(isinstance(one, Appended) and append.events for one, append in zip(tried, batch, strict=True)):
            raise Unknown(f"a part of the batch was not written: {errors[0]}", retry_after=errors[0].retry_after)
        raise errors[0]

    async def read_streams(self, after: Mapping[str, int]) -> dict[str, list[Recorded]]:
        found = await together([self._read_stream(stream, revision + 1) for stream, revision in after.items()])
        return dict(zip(after, found, strict=True))

    async def read_backwards(self, stream: str, limit: int) -> list[Recorded]:
        return await self._connection.read_backwards(stream, limit)

    async def read_one(self, stream: str, revision: int) -> Recorded:
        found = self._tail.one(stream, revision)
        if found is None:
            read = await self._read_stream(stream, revision, 1) if revision >= 0 else []
            if not read or read[0].revision != revision:
                raise KeyError(f"stream {stream} has no revision {revision}")
            found = read[0]
        return found

    async def read_at(self, positions: Sequence[int]) -> list[Recorded]:
        found = await together([self._read_at(position) for position in positions])
        return [event for event in found if event is not None]

    async def read_all(self, after: int, limit: int, *, category: str | None = None) -> list[Recorded]:
        """Of what other processes write, the tail may be some milliseconds behind; `head` is not."""
        if await self._caught_up():
            found = self._tail.after(after, limit, category)
            if found is not None:
                return found
        streams = OURS if category is None else CATEGORY.format(re.escape(category))
        return await self._connection.read_all(after, limit, streams)

    async def wait(self, after: int) -> None:
        await self._tail.wait(after)

    async def head(self) -> int:
        """Asked of the server, which looks backwards through its log for the first event of ours."""
        return await self._connection.last_position(OURS)

    async def snapshot(self, stream: str) -> bytes | None:
        return await self._connection.last_data(SNAPSHOTS + stream)

    async def save_snapshot(self, stream: str, snapshot: bytes) -> None:
        name = SNAPSHOTS + stream
        if name not in self._limited:
            await self._connection.append_raw(
                f"$${name}", "$metadata", b'{"$maxCount":1}', content_type="application/json"
            )
            _remember(self._limited, name)
        await self._connection.append_raw(name, "snapshot", snapshot)

    async def _try(self, append: Append) -> Appended | Conflict | Transient:
        try:
            async with self._free:
                return await (self._append(append) if append.events else self._check(append))
        except Transient as error:
            return error

    async def _append(self, append: Append) -> Appended | Conflict:
        first = append.events[0].id
        while (sent := self._sending.get(first)) is not None:
            await asyncio.wait([sent])  # one after the other, so that it is known which of them has written
        seen, unanswered = self._known(), first in self._unanswered
        answered = self._sending[first] = asyncio.get_running_loop().create_future()
        try:
            position = await self._connection.append(append.stream, append.expected, append.events)
        except (Unknown, asyncio.CancelledError):
            _remember(self._unanswered, first)
            raise
        finally:
            del self._sending[first]
            answered.set_result(None)
        if position is None or unanswered or not seen < position <= MAX_POSITION:
            return await self._compare(append)
        self._written = max(self._written, position)
        return Appended(append.expected + len(append.events), position)

    async def _compare(self, append: Append) -> Appended | Conflict:
        """The same events at the same place are the same append, sent again because its answer was lost."""
        there = await self._connection.read_stream(append.stream, append.expected + 1, len(append.events))
        if [event.id for event in there] == [event.id for event in append.events]:
            self._written = max(self._written, there[-1].position)
            return Appended(there[-1].revision, there[-1].position, repeated=True)
        last = await self._connection.read_backwards(append.stream, 1)
        return Conflict(append.stream, append.expected, last[0].revision if last else NO_STREAM)

    async def _check(self, append: Append) -> Appended | Conflict:
        last = await self._connection.read_backwards(append.stream, 1)
        revision = last[0].revision if last else NO_STREAM
        if revision != append.expected:
            return Conflict(append.stream, append.expected, revision)
        return Appended(revision, max(self._known(), last[0].position if last else 0))

    async def _read_stream(self, stream: str, start: int, limit: int | None = None) -> list[Recorded]:
        async with self._free:
            return await self._connection.read_stream(stream, start, limit)

    async def _read_at(self, position: int) -> Recorded | None:
        async with self._free:
            return await self._connection.read_at(position, OURS)

    def _known(self) -> int:
        return max(self._tail.head, self._written)

    async def _caught_up(self) -> bool:
        """Whether the tail shows everything that this process has written."""
        if self._tail.head >= self._written:
            return True
        try:
            async with asyncio.timeout(LAG):
                await self._tail.wait(self._written - 1)
        except TimeoutError:
            return False
        return True

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._connection.close_what_was_left(), name="eventstoredb closing")
            tasks.create_task(self._keep_subscribed(), name="eventstoredb subscribing")

    def _stopped(self, running: "asyncio.Task[None]") -> None:
        error = Transient("the log is closed") if running.cancelled() else running.exception()
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        if error is not None:
            self._tail.end(error)

    async def _keep_subscribed(self) -> None:
        failures, since = 0, cancellations()
        while True:
            before = self._tail.head
            try:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._watch(), name="eventstoredb watchdog")
                    await self._feed()
            except* Transient as lost:
                if not failures:
                    logger.warning("the log's tail is subscribed to again: %s", lost.exceptions[0])
            raise_if_cancelled(since)
            failures = 0 if self._tail.head > before else min(failures + 1, 10)
            await asyncio.sleep(random.uniform(0.5, 1) * min(FIRST_BACKOFF * 2**failures, MAX_BACKOFF))

    async def _feed(self) -> None:
        async with aclosing(self._connection.subscription(self._tail.head, OURS)) as events:
            async for event in events:
                self._tail.extend([event])
        raise Transient("the server ended the subscription")

    async def _watch(self) -> None:
        """A subscription may go silent for ever, as after a failover; so may a log in which nothing happens."""
        while True:
            heard = self._tail.head
            await asyncio.sleep(self._silence)
            if self._tail.head > heard:
                continue
            head = await self.head()
            try:
                async with asyncio.timeout(self._silence):
                    await self._tail.wait(head - 1)
            except TimeoutError:
                raise Transient(f"the subscription is silent at {self._tail.head}, the log is at {head}") from None


def _remember(those: dict[Any, None], one: Any) -> None:
    those[one] = None
    if len(those) > REMEMBERED:
        del those[next(iter(those))]
