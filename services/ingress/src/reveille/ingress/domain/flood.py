"""How much one sender may send: a token bucket for each sender and door; and how many places he may hold."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

MICROSECONDS: Final = 1_000_000
# The senders that are remembered; who is forgotten starts with a full bucket.
MAX_SENDERS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Rate:
    requests: int
    seconds: int


class Buckets:
    """A bucket holds the requests of one period, and fills up evenly over a period."""

    def __init__(self, rate: Rate) -> None:
        self._full = float(rate.requests)
        self._per_microsecond = rate.requests / (rate.seconds * MICROSECONDS)
        self._buckets: OrderedDict[tuple[str, str], tuple[float, int]] = OrderedDict()

    def take(self, sender: str, door: str, now: int) -> float:
        """0 where the request may pass, else the seconds after which one may. now: microseconds."""
        key = (sender, door)
        left, since = self._buckets.pop(key, (self._full, now))
        # A clock that steps backwards fills nothing.
        left = min(self._full, left + max(0, now - since) * self._per_microsecond)
        passes = left >= 1
        self._buckets[key] = (left - 1 if passes else left, now)
        if len(self._buckets) > MAX_SENDERS:
            self._buckets.popitem(last=False)
        return 0.0 if passes else (1 - left) / self._per_microsecond / MICROSECONDS


class Places:
    """How many of something each holder has at a time."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._taken: dict[str, int] = {}

    def take(self, holder: str) -> bool:
        """Whether there was one left."""
        taken = self._taken.get(holder, 0)
        if taken >= self.most:
            return False
        self._taken[holder] = taken + 1
        return True

    def taken(self, holder: str) -> int:
        return self._taken.get(holder, 0)

    def leave(self, holder: str) -> None:
        taken = self._taken[holder] - 1
        if taken:
            self._taken[holder] = taken
        else:
            del self._taken[holder]
