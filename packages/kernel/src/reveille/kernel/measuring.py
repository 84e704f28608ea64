"""What a service counts while it works: plain numbers, which whoever tells them gives names."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from typing import Final

# Seconds. From what a wake takes embedded (milliseconds) to what a run may take.
_MILLISECONDS: Final = (1, 2, 3, 5, 8, 15, 30, 60, 125, 250, 500)
BOUNDS: Final = (*(bound / 1000 for bound in _MILLISECONDS), 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)


class Histogram:
    """`counts`: by bucket, the last is what lies above all bounds. A value on a bound is below it."""

    __slots__ = ("bounds", "counts", "sum")

    def __init__(self, bounds: Sequence[float] = BOUNDS) -> None:
        self.bounds = tuple(bounds)
        self.counts = [0] * (len(bounds) + 1)
        self.sum = 0.0

    def observe(self, seconds: float, times: int = 1) -> None:
        # A clock that was set back must not let a sum fall.
        seconds = max(0.0, seconds)
        self.counts[bisect_left(self.bounds, seconds)] += times
        self.sum += seconds * times

    @property
    def count(self) -> int:
        return sum(self.counts)


class Measures:
    """Of one service in one process, since it began.

    appended: events by their full type. append: how long an append took. refused: appends that did not succeed, by
    why. handling: from receiving a message to having answered it.
    """

    __slots__ = ("append", "appended", "handling", "refused")

    def __init__(self) -> None:
        self.appended: Counter[str] = Counter()
        self.append = Histogram()
        self.refused: Counter[str] = Counter()
        self.handling = Histogram()
