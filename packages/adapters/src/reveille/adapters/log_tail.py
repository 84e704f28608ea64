"""The last events of a log in memory, for everyone who follows it closely."""

import asyncio
from collections.abc import Sequence
from typing import Final

from reveille.kernel.events import Recorded, category_of

KEPT: Final = 20_000


class LogTail:
    """Positions must follow each other without a gap, as they do where one writer gives them."""

    def __init__(self, head: int, kept: int = KEPT) -> None:
        self.head = head
        self._kept = kept
        self._first = head + 1
        self._events: list[Recorded] = []
        self._by_revision: dict[tuple[str, int], Recorded] = {}
        self._waiting: list[asyncio.Future[None]] = []

    def extend(self, events: Sequence[Recorded]) -> None:
        if not events:
            return
        self._events += events
        for event in events:
            self._by_revision[event.stream, event.revision] = event
        self.head = events[-1].position
        if len(self._events) > 2 * self._kept:
            dropped = len(self._events) - self._kept
            for event in self._events[:dropped]:
                del self._by_revision[event.stream, event.revision]
            del self._events[:dropped]
            self._first += dropped
        waiting, self._waiting = self._waiting, []
        for waiter in waiting:
            if not waiter.done():
                waiter.set_result(None)

    def after(self, position: int, limit: int, category: str | None = None) -> list[Recorded] | None:
        """None where the tail does not reach back so far."""
        start = position + 1 - self._first
        if start < 0:
            return None
        if category is None:
            return self._events[start : start + limit]
        found = (event for event in self._events[start:] if category_of(event.stream) == category)
        return [event for event, _ in zip(found, range(limit), strict=False)]

    def one(self, stream: str, revision: int) -> Recorded | None:
        return self._by_revision.get((stream, revision))

    async def wait(self, after: int) -> None:
        while self.head <= after:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(waiter)
            await waiter
