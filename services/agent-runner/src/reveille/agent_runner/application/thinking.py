"""How much executions may say of their work: so much at a time is recorded, and the rest is counted."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from reveille.kernel.clock import SECOND, Clock

# Executions of which something is known; more are there only where so many say something within a few seconds.
MAX_KNOWN: Final = 10_000
# An execution may say as much at once as it may in so many seconds.
BURST_SECONDS: Final = 2
# Then nobody will be told of what was dropped: the execution has no run here any more.
FORGOTTEN: Final = 3_600 * SECOND


@dataclass(slots=True)
class _Execution:
    """room: for how many thoughts there was room at that time. dropped: that nobody has told of yet."""

    room: float
    at: int
    dropped: int = 0


class Thinking:
    """A bucket of tokens for each execution that this process has runs of.

    Nobody waits: what there is no room for is dropped, and its number told by the next thought that is recorded, or by
    the end of a run of the execution. What decides anything is never limited.
    """

    def __init__(self, rate: float, clock: Clock) -> None:
        """rate: thoughts a second."""
        self._rate = rate
        self._burst = max(1.0, rate * BURST_SECONDS)
        self._clock = clock
        self._known: OrderedDict[tuple[str, str], _Execution] = OrderedDict()

    def admits(self, tenant: str, execution_id: str) -> bool:
        """Whether there is room for one more; it is taken, or the thought counts as dropped."""
        one = self._refilled((tenant, execution_id))
        if one.room < 1:
            one.dropped += 1
            return False
        one.room -= 1
        return True

    def take_dropped(self, tenant: str, execution_id: str) -> int:
        """How many to tell of; they are told of once."""
        one = self._known.get((tenant, execution_id))
        if one is None:
            return 0
        dropped, one.dropped = one.dropped, 0
        return dropped

    def give_back(self, tenant: str, execution_id: str, dropped: int) -> None:
        """What was to tell of them was not recorded."""
        if dropped:
            self._refilled((tenant, execution_id)).dropped += dropped

    def _refilled(self, key: tuple[str, str]) -> _Execution:
        now = self._clock.now()
        one = self._known.get(key)
        if one is None:
            one = self._known[key] = _Execution(self._burst, now)
            self._forget(now)
        # A clock that was set back takes nothing away.
        one.room = min(self._burst, one.room + max(0, now - one.at) * self._rate / SECOND)
        one.at = now
        self._known.move_to_end(key)
        return one

    def _forget(self, now: int) -> None:
        """Those that could say everything again and have nothing to tell of: a new one is no different."""
        full = self._burst / self._rate * SECOND
        while len(self._known) > MAX_KNOWN:
            key, oldest = next(iter(self._known.items()))
            if now - oldest.at < (FORGOTTEN if oldest.dropped else full):
                return
            del self._known[key]
