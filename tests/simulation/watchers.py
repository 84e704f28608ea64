"""People who watch executions on any replica of ingress: they come late, lose connections, and go on elsewhere."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Final

from reveille.contracts.planner.v1.events_pb2 import ExecutionStarted
from reveille.kernel.errors import Transient
from reveille.kernel.event_store import EventStore
from reveille.kernel.events import key_of, tenant_of
from tests.simulation.outside import Door

LOOK_SECONDS: Final = 1.0


@dataclass(slots=True, kw_only=True)
class Watched:
    """What somebody saw of an execution: sequence, position and text of each live event.

    begin: the sequence behind which he began; None: he never came through. open: he was there to the end.
    """

    tenant: str
    execution_id: str
    begin: int | None
    got: list[tuple[int, int, str]] = field(default_factory=list)
    open: bool = False

    @property
    def texts(self) -> list[str]:
        return [text for _, _, text in self.got]

    @property
    def cursor(self) -> int | None:
        return self.got[-1][0] if self.got else self.begin


class Watcher:
    def __init__(self, random: Random, doors: Callable[[], list[Door]], store: EventStore) -> None:
        self._random = random
        self._doors = doors
        self._store = store
        self.watched: list[Watched] = []
        self.errors: list[BaseException] = []
        # While he is restless he goes elsewhere at any time.
        self.restless = True

    async def run(self) -> None:
        await asyncio.sleep(self._random.uniform(1.0, 25.0))
        watched: Watched | None = None
        while True:
            if watched is None or (self.restless and self._random.random() < 0.2):
                watched = await self._choose()
            await self._watch(watched)
            await asyncio.sleep(self._random.uniform(0.0, 2.0))

    async def _choose(self) -> Watched:
        """Mostly a plan; from its beginning, from somewhere, or from now on."""
        while True:
            begun = [
                (event.msg, event.stream)
                for event in await self._store.read_all(0, 100_000, category="execution")
                if isinstance(event.msg, ExecutionStarted)
            ]
            plans = [stream for started, stream in begun if started.blueprint]
            if begun and (plans or not self.restless or self._random.random() < 0.2):
                streams = plans if plans and self._random.random() < 0.8 else [stream for _, stream in begun]
                stream = self._random.choice(streams)
                begin = self._random.choice((0, 0, 3, None))
                watched = Watched(tenant=tenant_of(stream), execution_id=key_of(stream), begin=begin)
                self.watched.append(watched)
                return watched
            await asyncio.sleep(LOOK_SECONDS)

    async def _watch(self, watched: Watched) -> None:
        """On some replica, until it is gone or he is."""
        doors = [door for door in self._doors() if door.process.alive]
        if not doors:
            return
        door = self._random.choice(doors)
        following = asyncio.ensure_future(self._follow(door, watched))
        dying = asyncio.ensure_future(door.process.died.wait())
        leaving = asyncio.ensure_future(self._tire())
        watched.open = True
        try:
            await asyncio.wait((following, dying, leaving), return_when=asyncio.FIRST_COMPLETED)
            watched.open = False
        finally:
            for one in (following, dying, leaving):
                one.cancel()
        await asyncio.wait((following,))
        error = None if following.cancelled() else following.exception()
        if error is not None and not isinstance(error, Transient):
            self.errors.append(error)

    async def _tire(self) -> None:
        await asyncio.sleep(self._random.choice((0.05, 2.0, 10.0, 30.0)))
        if not self.restless:
            await asyncio.get_running_loop().create_future()

    async def _follow(self, door: Door, watched: Watched) -> None:
        limit = self._random.choice((1, 3, 100))
        async with door.live.watch(watched.tenant, watched.execution_id) as feed:
            if watched.begin is None:
                watched.begin = feed.last
            while True:
                version = feed.watch.version
                entries = await feed.after(watched.cursor or 0, limit)
                if not entries:
                    await feed.watch.wait(version)
                for entry in entries:
                    watched.got.append((entry.sequence, entry.position, entry.text))
