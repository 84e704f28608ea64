"""Time and ids of a simulation: an event loop whose time jumps, a wall clock on it, and ids from a seed."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from random import Random
from typing import Any, Final

from reveille.kernel.clock import SECOND
from reveille.kernel.ids import uuid7

# 2026-11-20T23:59:45Z: midnight comes while signals do.
START: Final = 1_795_219_185 * SECOND


class Deadlock(Exception):
    """Nothing is ready and no timer is set: whoever waits would wait for ever."""


class VirtualLoop(asyncio.BaseEventLoop):
    """Runs what is ready, then jumps to the next timer. No descriptors, no threads, and so no chance in it."""

    def __init__(self) -> None:
        super().__init__()
        self._elapsed = 0.0
        self._thread = threading.get_ident()
        # Tasks of dead processes wait for nobody; without this they would go whenever the garbage collector comes.
        self.tasks: dict[asyncio.Task[Any], None] = {}
        self._selector = self  # BaseEventLoop asks it what is ready, and for how long it may wait
        self._clock_resolution = 1e-6

    def time(self) -> float:
        return self._elapsed

    def select(self, timeout: float | None) -> list[Any]:
        if timeout is None:
            raise Deadlock("nothing is ready and no timer is set")
        self._elapsed += timeout
        return []

    def _process_events(self, events: list[Any]) -> None: ...

    def create_task(self, coro: Coroutine[Any, Any, Any], **options: Any) -> "asyncio.Task[Any]":  # type: ignore[override]
        task = super().create_task(coro, **options)
        self.tasks[task] = None
        task.add_done_callback(self.tasks.pop)
        return task

    def call_soon_threadsafe(  # type: ignore[override]
        self, callback: Callable[..., object], *args: Any, context: Any = None
    ) -> asyncio.Handle:
        if threading.get_ident() != self._thread:
            raise RuntimeError(f"{callback!r} comes from another thread, which a simulation has not")
        return self.call_soon(callback, *args, context=context)


class Wall:
    """What people call the time; it can be set."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop
        self._set_by = 0

    def now(self) -> int:
        return START + self._set_by + round(self._loop.time() * SECOND)

    def jump(self, seconds: float) -> None:
        self._set_by += round(seconds * SECOND)


class WallClock:
    """The wall's time on a machine that is `skew` seconds ahead of it."""

    def __init__(self, wall: Wall, skew: float = 0.0) -> None:
        self._wall = wall
        self._skew = round(skew * SECOND)

    def now(self) -> int:
        return self._wall.now() + self._skew

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class SeededIds:
    """UUIDv7 of the wall's time; the same seed gives the same ids."""

    def __init__(self, wall: Wall, random: Random) -> None:
        self._wall = wall
        self._random = random
        self._last = 0

    def new(self) -> bytes:
        self._last = max((self._wall.now() << 12) // 1000, self._last + 1)
        return uuid7(self._last, self._random.randbytes(8))
