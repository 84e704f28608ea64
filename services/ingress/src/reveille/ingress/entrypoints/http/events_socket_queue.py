"""What waits to be said on one socket: answers, and events up to a bound."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Protocol

from reveille.adapters.heard_socket import text_frame
from reveille.ingress.application.live import LiveEntry

# Answers that wait before nothing more is heard: who asks and does not read waits for himself.
MOST_ANSWERS: Final = 100


class Source(Protocol):
    """Whose events wait. `waiting`: how many of them; `ended`: nothing more of it is said."""

    waiting: int
    ended: bool

    def said(self, entry: LiveEntry) -> str:
        """The message that tells it; the same one for all sources of its kind."""
        ...


@dataclass(slots=True, eq=False)
class _Item:
    source: Source | None
    entry: LiveEntry | None
    text: str
    taken: asyncio.Future[None] | None


def _never(frame: bytes) -> bool:
    return False


# What goes to a thousand clients at the same moment is made once; each of a burst's messages is asked for in turn.
frame = lru_cache(maxsize=64)(text_frame)


class Outgoing:
    """First in, first out. Events wait as what all watchers share, and become this socket's when they go out.

    Where nothing waits an event is not queued, but goes out at once.
    """

    def __init__(self, capacity: int, at_once: Callable[[bytes], bool] = _never) -> None:
        """capacity: events that wait at most. at_once: sends a frame within the call, or says that it cannot."""
        self.capacity = capacity
        self._at_once = at_once
        # All that was to be said is said: whoever takes it from here waits for more.
        self._idle = False
        self._items: deque[_Item] = deque()
        self._events = 0
        self._answers = 0
        self._arrived = asyncio.Event()
        self._heard = asyncio.Event()
        # By the number of events below which they go on.
        self._waiting: dict[int, deque[asyncio.Future[None]]] = {}

    def say(self, text: str) -> None:
        self._add(_Item(None, None, text, None))

    async def tell(self, text: str, source: Source) -> None:
        """Return when it is on its way."""
        taken = asyncio.get_running_loop().create_future()
        self._add(_Item(source, None, text, taken))
        await taken

    def put(self, source: Source, entry: LiveEntry, level: int) -> bool:
        """False: so many events wait already."""
        if source.ended:
            return True
        if self._idle and not self._items and self._at_once(frame(source.said(entry))):
            return True
        if self._events >= level:
            return False
        source.waiting += 1
        self._events += 1
        self._items.append(_Item(source, entry, "", None))
        self._arrived.set()
        return True

    async def room(self, level: int) -> None:
        """Return when there was room below this number of events. Whoever comes first goes first."""
        while self._events >= level:
            waiter = asyncio.get_running_loop().create_future()
            self._waiting.setdefault(level, deque()).append(waiter)
            await waiter

    def forget(self, source: Source) -> dict[str, int]:
        """What of it has not gone out does not: by execution, the first sequence of that."""
        firsts: dict[str, int] = {}
        kept: deque[_Item] = deque()
        for item in self._items:
            if item.source is not source:
                kept.append(item)
            elif item.entry is None:
                self._answers -= 1
            else:
                firsts.setdefault(item.entry.execution_id, item.entry.sequence)
                self._events -= 1
        self._items = kept
        source.waiting = 0
        self._let_go_on()
        return firsts

    def first_of(self, source: Source) -> str:
        """The execution of its first event that waits; it has one."""
        return next(item.entry.execution_id for item in self._items if item.source is source and item.entry is not None)

    async def heard(self) -> None:
        """Return when few answers wait."""
        while self._answers >= MOST_ANSWERS:
            self._heard.clear()
            await self._heard.wait()

    async def next(self) -> str:
        while not self._items:
            self._arrived.clear()
            self._idle = True
            try:
                await self._arrived.wait()
            finally:
                self._idle = False
        item = self._items.popleft()
        if item.source is None or item.entry is None:
            self._answers -= 1
            self._heard.set()
            if item.taken is not None and not item.taken.done():
                item.taken.set_result(None)
            return item.text
        item.source.waiting -= 1
        self._events -= 1
        if self._waiting:
            self._let_go_on()
        return item.source.said(item.entry)

    def _add(self, item: _Item) -> None:
        self._answers += 1
        self._items.append(item)
        self._arrived.set()

    def _let_go_on(self) -> None:
        """As many as there is room for: that all of them come for each place would cost more than the events."""
        for level, waiters in list(self._waiting.items()):
            for _ in range(level - self._events):
                if not _wake_first(waiters):
                    del self._waiting[level]
                    break


def _wake_first(waiters: deque[asyncio.Future[None]]) -> bool:
    """False: nobody waits any more."""
    while waiters:
        waiter = waiters.popleft()
        if not waiter.done():
            waiter.set_result(None)
            return True
    return False
