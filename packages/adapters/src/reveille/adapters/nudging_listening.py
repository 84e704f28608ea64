"""Hears nudges for the streams that are watched in this process, and has the log read at once."""

import asyncio
from collections.abc import Callable, Collection
from typing import Protocol

from reveille.adapters.nudging_interest import AGAIN_SECONDS, announce
from reveille.kernel.errors import Transient
from reveille.kernel.event_store import EventStore
from reveille.kernel.fanout import Fanout


class Watch(Protocol):
    """As news of an execution."""

    @property
    def version(self) -> int: ...

    async def wait(self, version: int) -> None: ...


class Watched(Protocol):
    """listened: rises when `streams`, what somebody watches here, are others."""

    @property
    def listened(self) -> Watch: ...

    @property
    def streams(self) -> Collection[str]: ...


class Listening:
    """On the channels of watched streams alone. `run` ends only by cancellation."""

    def __init__(self, watched: Watched, *, fanout: Fanout, store: EventStore, reached: Callable[[], int]) -> None:
        """reached: the position at which the views stand; what is before it needs no haste."""
        self._watched = watched
        self._fanout = fanout
        self._store = store
        self._reached = reached
        self._wanted = 0
        self._nudged = asyncio.Event()
        self._hearing: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._look(), name="nudged reading")
                tasks.create_task(self._announce(), name="announcing what is watched")
                while True:
                    version = self._watched.listened.version
                    await self._hear_those(tasks)
                    await self._watched.listened.wait(version)
        finally:
            self._hearing.clear()

    async def _hear_those(self, tasks: asyncio.TaskGroup) -> None:
        streams = set(self._watched.streams)
        for stream in self._hearing.keys() - streams:
            self._hearing.pop(stream).cancel()
        new = streams - self._hearing.keys()
        for stream in new:
            self._hearing[stream] = tasks.create_task(self._hear(stream))
        if new:
            await announce(self._fanout, new)

    async def _hear(self, stream: str) -> None:
        async with self._fanout.subscribe(stream) as messages:
            async for message in messages:
                if message.isdigit():
                    self._wanted = max(self._wanted, int(message))
                    self._nudged.set()

    async def _look(self) -> None:
        """However many nudges come, one look at a time."""
        while True:
            await self._nudged.wait()
            self._nudged.clear()
            if self._wanted > self._reached():
                try:
                    await self._store.head()
                except Transient:
                    pass  # it is followed anyway

    async def _announce(self) -> None:
        while True:
            await asyncio.sleep(AGAIN_SECONDS)
            await announce(self._fanout, self._watched.streams)
