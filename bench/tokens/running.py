"""Running a day in virtual time: a loop whose clock jumps, and ids from a seed."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any, Final, TypeVar

from reveille.kernel.clock import SECOND
from tests.simulation.virtual import SeededIds, VirtualLoop, Wall, WallClock

T = TypeVar("T")

# A Monday.
MIDNIGHT: Final = round(datetime(2026, 11, 23, tzinfo=UTC).timestamp())


@dataclass(frozen=True, slots=True, kw_only=True)
class Time:
    """The day's clock and ids. Seconds count from its midnight."""

    clock: WallClock
    ids: SeededIds

    @property
    def seconds(self) -> float:
        return self.clock.now() / SECOND - MIDNIGHT

    async def until(self, seconds: float) -> None:
        if (wait := seconds - self.seconds) > 0:
            await self.clock.sleep(wait)


def run(main: Callable[[Time], Coroutine[Any, Any, T]], *, begin: float, seed: int) -> T:
    """begin: in seconds from midnight."""
    loop = VirtualLoop()
    asyncio.set_event_loop(loop)
    wall = Wall(loop)
    wall.jump(MIDNIGHT + begin - wall.now() / SECOND)
    time = Time(clock=WallClock(wall), ids=SeededIds(wall, Random(seed)))
    try:
        return loop.run_until_complete(main(time))
    finally:
        _close(loop)


def _close(loop: VirtualLoop) -> None:
    while tasks := list(loop.tasks):
        for task in tasks:
            task.cancel()
        loop.run_until_complete(asyncio.wait(tasks, timeout=1.0))
    loop.run_until_complete(loop.shutdown_asyncgens())
    asyncio.set_event_loop(None)
    loop.close()
