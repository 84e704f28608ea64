"""What the dead have left behind, found by the leases of the living: runs are interrupted, connections closed."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final

from reveille.agent_runner.domain.agent import Disconnect
from reveille.agent_runner.domain.run import Interrupt
from reveille.kernel.clock import Clock
from reveille.kernel.errors import Transient
from reveille.kernel.events import About, Origin, key_of
from reveille.kernel.handling import Cause, Desk, Work
from reveille.kernel.leases import Leases

# A run whose owner is gone is found within 10 s: the lease runs out after 6, and is looked at every 2.
LEASE_SECONDS: Final = 6.0
EVERY_SECONDS: Final = 2.0
PREFIX: Final = "runner/"
AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Orphan:
    """A run whose replica is gone."""

    stream: str
    about: About
    cause: bytes


@dataclass(frozen=True, slots=True)
class Lost:
    """A remote agent's connection whose replica is gone."""

    stream: str
    session: str
    about: About
    cause: bytes


Find = Callable[[Collection[str], int], Awaitable[Sequence[Orphan]]]
FindLost = Callable[[Collection[str], int], Awaitable[Sequence[Lost]]]


async def _none_lost(alive: Collection[str], limit: int) -> Sequence[Lost]:
    return ()


class Orphans:
    """Keeps this replica's lease, and ends what the dead have left behind."""

    def __init__(
        self,
        find: Find,
        *,
        leases: Leases,
        desk: Desk,
        clock: Clock,
        replica: str,
        alone: bool,
        find_lost: FindLost = _none_lost,
    ) -> None:
        self._find = find
        self._find_lost = find_lost
        self._leases = leases
        self._desk = desk
        self._clock = clock
        self._replica = replica
        # No other replica can be alive: every lease but one's own is left over from a process that is gone.
        self._alone = alone
        self._left = False

    async def run(self) -> None:
        while not self._left:
            try:
                await self.turn()
            except Transient:
                pass  # the database of leases is away; a lease that runs out meanwhile is taken anew
            await self._clock.sleep(EVERY_SECONDS)

    async def turn(self) -> int:
        """Renew, look once, and say how much was ended."""
        await self._leases.renew(PREFIX + self._replica, self._replica, LEASE_SECONDS)
        held = () if self._alone else await self._leases.holders(PREFIX)
        alive = {name.removeprefix(PREFIX) for name in held} | {self._replica}
        works = [
            Work(Cause(orphan.about, Origin(orphan.cause)), [(orphan.stream, Interrupt(now=self._clock.now()))])
            for orphan in await self._find(alive, AT_ONCE)
        ]
        works += [self._closed(lost) for lost in await self._find_lost(alive, AT_ONCE)]
        if works:
            await self._desk.submit(works)
        return len(works)

    def _closed(self, lost: Lost) -> Work:
        gone = Disconnect(
            now=self._clock.now(), agent=key_of(lost.stream), session=lost.session, reason="its replica is gone"
        )
        return Work(Cause(lost.about, Origin(lost.cause)), [(lost.stream, gone)])

    async def leave(self, grace: float) -> None:
        """Give the lease back: whatever this replica may have left is found at once."""
        self._left = True
        await self._leases.release(PREFIX + self._replica, self._replica)
