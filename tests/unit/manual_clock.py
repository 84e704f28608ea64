"""A clock that stands still until it is told otherwise."""

import asyncio

from reveille.kernel.clock import SECOND

# 2026-11-21T12:00:00Z
NOON = 1_795_262_400 * SECOND


class ManualClock:
    """Whoever sleeps lets the others have their turn and takes his time with him."""

    def __init__(self, now: int = NOON) -> None:
        self._now = now
        # Somebody has.
        self.slept = asyncio.Event()

    def now(self) -> int:
        return self._now

    def set(self, now: int) -> None:
        self._now = now

    def advance(self, seconds: float) -> None:
        self._now += round(seconds * SECOND)

    async def sleep(self, seconds: float) -> None:
        self.advance(seconds)
        self.slept.set()
        await asyncio.sleep(0)
