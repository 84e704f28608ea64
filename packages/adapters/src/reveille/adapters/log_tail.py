"""The last events of a log in memory, for everyone who follows it closely."""

import asyncio
from bisect import bisect_right
from collections.abc import Sequence
from operator import attrgetter
from typing import Final

from reveille.kernel.events import Recorded, category_of

KEPT: Final = 10_000
# Large payloads fill memory before they fill the count.
KEPT_BYTES: Final = 16 * 1024 * 1024


_POSITION: Final = attrgetter("position")


class LogTail:
    """Complete from where it began: `extend` must be given every event in order, and may be given some twice."""

    def __init__(self, head: int, kept: int = KEPT, kept_bytes: int = KEPT_BYTES) -> None:
        self.head = head
        self._kept = kept
        self._kept_bytes = kept_bytes
        self._bytes = 0
        self._before = head  # everything after this position is here
        self._events: list[Recorded] = []
        self._by_revision: dict[tuple[str, int], Recorded] = {}
        self._waiting: list[asyncio.Future[None]] = []
        self._ended: BaseException | None = None

    @property
    def last(self) -> Recorded | None:
        return self._events[-1] if self._events else None

    def end(self, error: BaseException) -> None:
        """Nothing comes any more: everyone who waits is told why, and so is everyone who asks later."""
        self._ended = self._ended or error
        self._wake()

    def check(self) -> None:
        """Raises what the tail ended with."""
        if self._ended is not None:
            raise self._ended

    def extend(self, events: Sequence[Recorded]) -> None:
        if events and events[0].position <= self.head:  # at the seam of two subscriptions
            events = [event for event in events if event.position > self.head]
        if not events:
            return
        self._events += events
        for event in events:
            self._by_revision[event.stream, event.revision] = event
            self._bytes += len(event.data)
        self.head = events[-1].position
        # Twice as much before half goes: taking one from the front for each that comes would move all each time.
        if len(self._events) > 2 * self._kept or self._bytes > 2 * self._kept_bytes:
            self._forget()
        self._wake()

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, []
        for waiter in waiting:
            if not waiter.done():
                waiter.set_result(None)

    def _forget(self) -> None:
        dropped = 0
        while len(self._events) - dropped > self._kept or self._bytes > self._kept_bytes:
            event = self._events[dropped]
            del self._by_revision[event.stream, event.revision]
            self._bytes -= len(event.data)
            dropped += 1
        self._before = self._events[dropped - 1].position
        del self._events[:dropped]

    def after(self, position: int, limit: int, category: str | None = None) -> list[Recorded] | None:
        """None where the tail does not reach back so far."""
        if position < self._before:
            return None
        start = bisect_right(self._events, position, key=_POSITION)
        if category is None:
            return self._events[start : start + limit]
        found = (event for event in self._events[start:] if category_of(event.stream) == category)
        return [event for event, _ in zip(found, range(limit), strict=False)]

    def one(self, stream: str, revision: int) -> Recorded | None:
        return self._by_revision.get((stream, revision))

    async def wait(self, after: int) -> None:
        while self.head <= after:
            self.check()
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(waiter)
            await waiter
