"""What every service is put together from, on whatever ports: its consumer, its desk, its views and its timers."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from zlib import crc32

from reveille.kernel.clock import SECOND, Clock
from reveille.kernel.dead_letters import DeadLetters
from reveille.kernel.decider import Decider
from reveille.kernel.errors import Transient
from reveille.kernel.event_bus import EventBus
from reveille.kernel.event_store import EventStore
from reveille.kernel.facts import Facts
from reveille.kernel.handling import Desk, Handling
from reveille.kernel.ids import Ids
from reveille.kernel.measuring import Measures
from reveille.kernel.parking import Parking
from reveille.kernel.parking import decider as parked
from reveille.kernel.processing import Processing, Reactor
from reveille.kernel.spans import NoSpans, Spans
from reveille.kernel.timers import Fires, Timers, TimerTable
from reveille.kernel.views import Follower, Observer, Positions, Transactions, View

logger = logging.getLogger(__name__)

# What went well for so long has not been failing.
STEADY_SECONDS: Final = 30
MAX_BACKOFF_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """What a process hands to a service. `transactions` and `positions` are of this service's own views."""

    store: EventStore
    bus: EventBus
    transactions: Transactions
    positions: Positions
    clock: Clock
    ids: Ids
    replica: str
    spans: Spans = field(default_factory=NoSpans)
    measures: Measures = field(default_factory=Measures)


class Service:
    """One service in one process. `run` ends only by cancellation or with the first error of any of its parts."""

    def __init__(
        self,
        name: str,
        ports: Ports,
        *,
        deciders: Iterable[Decider] = (),
        reactors: Mapping[str, Reactor] | None = None,
        views: Iterable[View] = (),
        timers: tuple[TimerTable, Fires] | None = None,
        observer: Observer | None = None,
    ) -> None:
        """observer: of what the views take in."""
        self.name = name
        self.ports = ports
        # What else it does all the time, and what must come to an end before it stops.
        self.parts: list[Callable[[], Coroutine[Any, Any, None]]] = []
        self.drains: list[Callable[[float], Coroutine[Any, Any, None]]] = []
        self._inbox: asyncio.Task[None] | None = None
        self.facts = Facts(ports.store)
        self.handling = Handling([*deciders, parked], store=ports.store, ids=ports.ids, replica=ports.replica)
        # What is kept in memory of what the log says, to be read again: something of it may have been erased.
        self.forgets: list[Callable[[], None]] = [self.handling.forget]
        self.follower = Follower(
            views,
            store=ports.store,
            transactions=ports.transactions,
            positions=ports.positions,
            clock=ports.clock,
            observer=observer,
        )
        self.processing: Processing | None = None
        self.dead_letters: DeadLetters | None = None
        parking = Parking(name, handling=self.handling, clock=ports.clock)
        self.desk = Desk(self.handling, parking.park)
        if reactors:
            self.processing = Processing(
                name,
                reactors,
                handling=self.handling,
                desk=self.desk,
                parking=parking,
                bus=ports.bus,
                clock=ports.clock,
                replica=ports.replica,
                spans=ports.spans,
                measures=ports.measures,
            )
            self.dead_letters = DeadLetters(
                name, reactors, handling=self.handling, desk=self.desk, store=ports.store, clock=ports.clock
            )
        self.timers: Timers | None = None
        if timers:
            table, fires = timers
            self.timers = Timers(
                table,
                fires,
                read=ports.transactions.run,
                caught_up=self.caught_up,
                desk=self.desk,
                clock=ports.clock,
            )

    def forget(self) -> None:
        for forget in self.forgets:
            forget()

    async def caught_up(self) -> None:
        """Return when the inbox is answered up to what the log held on entering."""
        if self.processing is not None:
            await self.processing.answered(await self.ports.store.head())

    async def decided(self, position: int, timeout: float = 5.0) -> None:
        """Return when the service has answered its inbox up to a position, and the views know what came of it.

        Raises Transient after `timeout` seconds.
        """
        try:
            async with asyncio.timeout(timeout):
                if self.processing is not None:
                    await self.processing.answered(position)
        except TimeoutError:
            raise Transient(f"{self.name} has not answered its inbox up to position {position} yet") from None
        await self.follower.wait_for(max(position, await self.ports.store.head()), timeout)

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.desk.run(), name=f"{self.name} desk")
            tasks.create_task(self._lasting(self.follower.run), name=f"{self.name} views")
            for part in self.parts:
                tasks.create_task(self._lasting(part), name=f"{self.name} {part.__qualname__}")
            if self.processing is not None:
                self._inbox = tasks.create_task(self._lasting(self.processing.run), name=f"{self.name} inbox")
            if self.timers is not None:
                tasks.create_task(self._lasting(self.timers.run), name=f"{self.name} timers")

    async def _lasting(self, part: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """A log or a database that is away ends no service: the part begins again, and less and less often."""
        clock, failures = self.ports.clock, 0
        while True:
            began = clock.now()
            try:
                return await _uncancelled(part)
            except Transient as error:
                failures = failures + 1 if clock.now() - began < STEADY_SECONDS * SECOND else 1
                logger.warning("%s: %s begins again: %s", self.name, part.__qualname__, error)
                await clock.sleep(self._backoff(part.__qualname__, failures, error.retry_after))

    def _backoff(self, part: str, failures: int, least: float) -> float:
        """Seconds: doubling, and spread over replicas and parts, so that what comes back is not met by all at once."""
        spread = crc32(f"{self.ports.replica} {part} {failures}".encode()) / 2**32
        doubled: float = least * 2 ** min(failures - 1, 10)
        return min(doubled, MAX_BACKOFF_SECONDS) * (0.5 + spread)

    async def drain(self, grace: float) -> None:
        """Take nothing new, and let what is under way come to its end within `grace` seconds."""
        if self._inbox is not None:
            self._inbox.cancel()
            await asyncio.wait([self._inbox])
        for drain in self.drains:
            await drain(grace)


async def _uncancelled(part: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """A client that cancels what it then waits for itself ends as cancelled, though nobody has cancelled its caller.

    A task group would take the part for one that has come to its end, and the service would go on without it. Raises
    Transient instead.
    """
    task = asyncio.current_task()
    assert task is not None
    since = task.cancelling()
    try:
        await part()
    except asyncio.CancelledError as error:
        if task.cancelling() > since:
            raise
        raise Transient("what it waited for was cancelled") from error
