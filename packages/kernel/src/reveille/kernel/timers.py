"""Timers are facts: what is due stands in an event; this fires it, once its owner has handled what came before."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from google.protobuf.message import Message

from reveille.kernel.clock import SECOND, Clock
from reveille.kernel.decider import Command
from reveille.kernel.events import About, Origin
from reveille.kernel.handling import Cause, Desk, Work

# The longest sleep: a clock that is set forwards is noticed within it.
LONGEST: Final = 1.0


@dataclass(frozen=True, slots=True)
class Timer:
    """due: microseconds since 1970; None: the timer is off. One per stream and name: a later one replaces it."""

    name: str
    due: int | None


@dataclass(frozen=True, slots=True)
class Due:
    """A timer whose time has come, with what its event is about."""

    stream: str
    name: str
    due: int
    about: About
    cause: bytes


# Which timers an event sets or puts off.
SetsTimers = Callable[[Message], Sequence[Timer]]
# The command that a timer becomes.
Fires = Callable[[Due, int], Command]


class TimerTable(Protocol):
    def due(self, connection: Any, until: int, limit: int) -> list[Due]: ...

    def next(self, connection: Any) -> int | None: ...


class Timers:
    """Fires a service's timers from its view of them. A timer that fires twice finds its work done in the stream."""

    def __init__(
        self,
        table: TimerTable,
        fires: Fires,
        *,
        read: Callable[[Callable[[Any], Any]], Awaitable[Any]],
        caught_up: Callable[[], Awaitable[None]],
        desk: Desk,
        clock: Clock,
    ) -> None:
        self._table = table
        self._fires = fires
        self._read = read
        self._caught_up = caught_up
        self._desk = desk
        self._clock = clock
        self._fired: set[tuple[str, str, int]] = set()

    async def run(self) -> None:
        while True:
            wait = await self.turn()
            await self._clock.sleep(wait)

    async def turn(self) -> float:
        """Fire what is due; return the seconds until there may be more."""
        now = self._clock.now()
        due: list[Due] = await self._read(lambda connection: self._table.due(connection, now, 500))
        fresh = [one for one in due if (one.stream, one.name, one.due) not in self._fired]
        if fresh:
            await self._caught_up()
            works = [self._work(one) for one in fresh]
            await self._desk.submit(works)
            for one, work in zip(fresh, works, strict=True):
                if work.error is None:
                    self._fired.add((one.stream, one.name, one.due))
            return 0.05
        self._fired &= {(one.stream, one.name, one.due) for one in due}
        following: int | None = await self._read(self._table.next)
        if following is None:
            return LONGEST
        return min(LONGEST, max(0.01, (following - self._clock.now()) / SECOND))

    def _work(self, one: Due) -> Work:
        return Work(Cause(one.about, Origin(one.cause)), [(one.stream, self._fires(one, self._clock.now()))])
