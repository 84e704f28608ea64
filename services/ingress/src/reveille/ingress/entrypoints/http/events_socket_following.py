"""From one execution's feed into a socket's queue: first what was before, as the client takes it, then what comes."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Final

from reveille.ingress.application.live import Feed, LiveEntry
from reveille.ingress.entrypoints.http.events_socket_queue import Outgoing, Source
from reveille.ingress.entrypoints.http.live_messages import Wanted
from reveille.kernel.errors import Transient

# Who has no less before him after so long, while the queue is full, does not keep up: a burst is no lag.
LAG_SECONDS: Final = 1.0
# What was there before may be on its way to him beside that of many others.
HISTORY_LAG_SECONDS: Final = 5.0


class Follower:
    """cursor: the last sequence that needs not be queued any more."""

    def __init__(
        self,
        feed: Feed,
        *,
        cursor: int,
        wanted: Wanted,
        source: Source,
        outgoing: Outgoing,
        relieve: Callable[[], None],
    ) -> None:
        """relieve: ends the fullest subscription of the socket."""
        self.feed = feed
        self.cursor = cursor
        self._wanted = wanted
        self._source = source
        self._outgoing = outgoing
        self._relieve = relieve
        # What lies in the store waits there until the client has taken what was before it.
        self._history = feed.last
        # Since when the queue has been full, and what was before him then; None: he was at the end since.
        self._full: tuple[float, int] | None = None

    async def catch_up(self) -> None:
        """Return when what was there before is queued."""
        while self.cursor < self._history:
            await self._queue(await self._next())

    async def run(self) -> None:
        """Return when the execution has ended and all of it is queued."""
        while True:
            entries = await self._next()
            if entries:
                await self._queue(entries)
            elif self.feed.ended:
                return
            else:
                self._full = None
                await self.feed.tell(self._take)

    def _take(self, entry: LiveEntry) -> bool:
        if self._wanted.takes(entry) and not self._outgoing.put(self._source, entry, self._level):
            return False
        self.cursor = entry.sequence
        return True

    async def _next(self) -> list[LiveEntry]:
        while True:
            try:
                return await self.feed.after(self.cursor)
            except Transient as error:
                await asyncio.sleep(error.retry_after)

    async def _queue(self, entries: Iterable[LiveEntry]) -> None:
        for entry in entries:
            if self._wanted.takes(entry):
                while not self._outgoing.put(self._source, entry, self._level):
                    await self._room()
            self.cursor = entry.sequence

    async def _room(self) -> None:
        live = self.cursor >= self._history
        now = asyncio.get_running_loop().time()
        since, before = self._full = self._full or (now, self._before)
        try:
            async with asyncio.timeout_at(since + (LAG_SECONDS if live else HISTORY_LAG_SECONDS)):
                await self._outgoing.room(self._level)
        except TimeoutError:
            if self._before < before:
                self._full = now, self._before
            else:
                self._full = None
                self._relieve()

    @property
    def _before(self) -> int:
        """Events that he has yet to get."""
        return self.feed.last - self.cursor

    @property
    def _level(self) -> int:
        """What is read from the store leaves room for what is live, of others."""
        capacity = self._outgoing.capacity
        return capacity if self.cursor >= self._history else max(1, capacity // 2)
