"""The tail of the log in PostgreSQL, read once for all of a process: what others append, and what it appends itself."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any, Final

from reveille.adapters.log_tail import LogTail
from reveille.adapters.postgres_connection import (
    ANSWER_SECONDS,
    CONNECT_SECONDS,
    DRIVER_ERRORS,
    PostgresConnection,
    line,
    pause,
)
from reveille.adapters.postgres_log import AFTER, CHANNEL, ID_AT, Decode, RecordedRow
from reveille.kernel.errors import Transient
from reveille.kernel.events import Recorded

logger = logging.getLogger(__name__)

# A notification that is lost delays an event by so much; also how soon a connection that is gone is noticed.
LOOK_SECONDS: Final = 1.0
# What others append is read many at a time: at 50 webhooks a second there are 400 appends, which all processes hear of.
# Views may be so late; what a process has appended itself, and what somebody asks for, is read at once.
GATHER_SECONDS: Final = 0.04
CHUNK: Final = 1000
CHUNK_BYTES: Final = 8 * 1024 * 1024
# What this process has appended and the tail has not reached. Beyond it, it is read like what others have appended.
MAX_OWN: Final = 10_000


class PostgresFollower:
    """Feeds the tail. It listens first and reads then, on one connection, so that nothing falls in between."""

    def __init__(
        self, connection: PostgresConnection, tail: LogTail, *, decode: Decode, writing: PostgresConnection
    ) -> None:
        self._connection = connection
        self._writing = writing
        self._tail = tail
        self._decode = decode
        self._own: dict[int, Recorded] = {}
        self._chunk = CHUNK
        # Something is new; and somebody needs it now.
        self._news = asyncio.Event()
        self._needed = asyncio.Event()
        self.reached = tail.head  # the last position that this process has appended

    async def run(self) -> None:
        """Ends only by cancellation, or where the log is no longer the one that was followed: then the tail ends."""
        try:
            while True:
                try:
                    await self._follow()
                except (Transient, *DRIVER_ERRORS) as error:
                    self._connection.drop()
                    logger.warning("the log's tail is cut off and connects again: %s", line(error))
                    await asyncio.sleep(pause(1))
        except Exception as error:
            logger.error("the log cannot be followed any more: %s", line(error))
            self._tail.end(error)

    def appended(self, events: Sequence[Recorded]) -> None:
        """What this process has appended is known: it is not read again."""
        if not events:
            return
        self.reached = events[-1].position
        if events[0].position == self._tail.head + 1:
            self._tail.extend(events)
            if self._own:
                self._join()
            return
        if len(self._own) < MAX_OWN:
            self._own.update({event.position: event for event in events if event.position > self._tail.head})
        self._need()

    def heard(self, head: int) -> None:
        """Somebody has asked how far the log is."""
        if head > self._tail.head:
            self._need()

    def _need(self) -> None:
        self._needed.set()
        self._news.set()

    async def _follow(self) -> None:
        opened = await self._connection.get()
        async with asyncio.timeout(CONNECT_SECONDS):
            await opened.add_listener(CHANNEL, self._notified)
        opened.add_termination_listener(lambda _: self._need())
        await self._check_same(opened)
        while True:
            self._news.clear()
            self._needed.clear()
            await self._read(opened)
            await _within(LOOK_SECONDS, self._news)
            await _within(GATHER_SECONDS, self._needed)

    def _notified(self, connection: Any, pid: int, channel: str, payload: str) -> None:
        # The answer to its own append is on its way, and brings more.
        if pid != self._writing.pid and int(payload) > self._tail.head:
            self._news.set()

    async def _read(self, opened: Any) -> None:
        while True:
            rows = await opened.fetch(AFTER, self._tail.head, self._chunk, timeout=ANSWER_SECONDS)
            self._take(rows)
            if len(rows) < self._chunk:
                return
            size = sum(len(row["data"]) for row in rows) // len(rows) + 1
            self._chunk = max(10, min(CHUNK, CHUNK_BYTES // size))

    def _take(self, rows: Sequence[Any]) -> None:
        events: list[Recorded] = []
        next = self._tail.head + 1
        for row in rows:
            position: int = row[0]
            if position < next:  # it was appended here while it was read
                continue
            if position != next:
                raise RuntimeError(f"position {position} of the log follows {next - 1}, expected {next}")
            own = self._own.pop(position, None)
            events.append(RecordedRow(row, self._decode) if own is None else own)
            next += 1
        self._tail.extend(events)
        if self._own:
            self._join()

    def _join(self) -> None:
        """What this process has appended and what now follows on the tail."""
        events: list[Recorded] = []
        while event := self._own.pop(self._tail.head + 1 + len(events), None):
            events.append(event)
        self._tail.extend(events)

    async def _check_same(self, opened: Any) -> None:
        """A server restored from a backup, or a standby that was behind, has another log at the same positions.

        Whatever this process knows may then be wrong, so that it must begin anew.
        """
        last = self._tail.last
        if last is None:
            return
        found = await opened.fetchval(ID_AT, last.position, timeout=ANSWER_SECONDS)
        if found != last.id:
            raise RuntimeError(f"the log no longer holds the event at position {last.position} that was read from it")


async def _within(seconds: float, event: asyncio.Event) -> None:
    """Until the event is set, or the time is up."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        pass
