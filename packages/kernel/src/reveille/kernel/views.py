"""Views follow the log by position: the rows and the position that they stand for change in one transaction."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, Protocol, TypeVar

from reveille.kernel.clock import Clock
from reveille.kernel.errors import Transient
from reveille.kernel.event_store import EventStore
from reveille.kernel.events import Recorded

T = TypeVar("T")

# Events that one transaction takes in: rows that change several times in it are written once.
BATCH: Final = 2_000
# Seconds between two transactions while somebody looks on: what he sees is to be 50 ms old at most.
OBSERVED_PAUSE: Final = 0.02


class Transactions(Protocol):
    """A database of views. The connection is a SQLAlchemy Core connection."""

    async def run(self, work: Callable[[Any], T]) -> T:
        """Run `work(connection)` in a transaction of its own: committed when it returns, undone when it raises."""
        ...


class View(Protocol):
    """One read model. Its name is the key of its position."""

    name: str
    # The full names of the event types that change it; None: all.
    types: frozenset[str] | None

    def project(self, connection: Any, events: Sequence[Recorded]) -> None:
        """Take in events, in order and each once."""
        ...

    def clear(self, connection: Any) -> None: ...


class Positions(Protocol):
    def load(self, connection: Any, view: str) -> int: ...

    def save(self, connection: Any, view: str, position: int) -> None: ...


class Observer(Protocol):
    """Who is told what the log has got, and when the views have taken it in."""

    def coming(self, events: Sequence[Recorded]) -> None:
        """In the log's order, each at least once, before the views have them: for whoever needs none of these."""
        ...

    def seen(self, events: Sequence[Recorded]) -> None:
        """In the log's order, each at least once, when every view stands behind them; on every replica all of them."""
        ...

    def is_waiting(self) -> bool:
        """Somebody wants to hear of the next event soon."""
        ...


class Follower:
    """Keeps the views of one service up to date, all at one position."""

    def __init__(
        self,
        views: Iterable[View],
        *,
        store: EventStore,
        transactions: Transactions,
        positions: Positions,
        clock: Clock,
        pause: float = 0.1,
        observer: Observer | None = None,
    ) -> None:
        self._observer = observer
        self._views = list(views)
        self._store = store
        self._transactions = transactions
        self._positions = positions
        self._clock = clock
        # Between two transactions, so that under load many events share one; nobody who waits for a view waits for it.
        self._pause = pause
        self._reached = 0
        self._waiters: list[tuple[int, asyncio.Future[None]]] = []

    @property
    def position(self) -> int:
        return self._reached

    async def run(self) -> None:
        began = await self._transactions.run(self._start)
        # Begun again, its observer stands where it stood: another replica may have taken the views further meanwhile.
        self._advance(min(began, self._reached) if self._reached else began)
        while True:
            events = await self._store.read_all(self._reached, BATCH)
            if not events:
                await self._store.wait(self._reached)
                continue
            await self.take_in(events)
            if len(events) < BATCH and not self._waiters:
                observed = self._observer is not None and self._observer.is_waiting()
                await self._clock.sleep(min(self._pause, OBSERVED_PAUSE) if observed else self._pause)

    async def catch_up(self) -> int:
        """Take in all that the log holds now; for a rebuild."""
        self._reached = await self._transactions.run(self._start)
        while events := await self._store.read_all(self._reached, BATCH):
            await self.take_in(events)
        return self._reached

    async def clear(self) -> None:
        def work(connection: Any) -> None:
            # Positions first, as whoever takes events in locks them: else each may wait for what the other has locked.
            for view in self._views:
                self._positions.load(connection, view.name)
            for view in self._views:
                view.clear(connection)
                self._positions.save(connection, view.name, 0)

        await self._transactions.run(work)
        self._reached = 0

    async def take_in(self, events: Sequence[Recorded]) -> None:
        """The views may stand further already (another replica keeps them too), or not as far (they were cleared)."""
        since, after = self._reached, events[-1].position
        if self._observer is not None:
            self._observer.coming(events)

        def work(connection: Any) -> int:
            stands = [self._positions.load(connection, view.name) for view in self._views]
            if min(stands, default=since) < since:
                return min(stands)
            for view, at in zip(self._views, stands, strict=True):
                if at >= after:
                    continue
                mine = [e for e in events if e.position > at and (view.types is None or e.type in view.types)]
                if mine:
                    view.project(connection, mine)
                self._positions.save(connection, view.name, after)
            return after

        reached = await self._transactions.run(work)
        self._advance(reached)
        if self._observer is not None and reached >= after:
            self._observer.seen(events)

    async def wait_for(self, position: int, timeout: float = 5.0) -> None:
        """Return when the views stand at this position or later. Raises Transient after `timeout` seconds."""
        if position <= self._reached:
            return
        arrived: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.append((position, arrived))
        try:
            await asyncio.wait_for(arrived, timeout)
        except TimeoutError:
            raise Transient(f"views are at position {self._reached}, asked to wait for {position}") from None

    def _start(self, connection: Any) -> int:
        return min((self._positions.load(connection, view.name) for view in self._views), default=0)

    def _advance(self, position: int) -> None:
        self._reached = position
        waiting, self._waiters = self._waiters, []
        for at, arrived in waiting:
            if at > position:
                self._waiters.append((at, arrived))
            elif not arrived.done():
                arrived.set_result(None)
