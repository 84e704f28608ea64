"""What goes wrong, how often, and how often it did: all from one seed."""

from collections import Counter
from dataclasses import dataclass
from random import Random
from typing import Literal

Fate = Literal["done", "refused", "lost", "late", "unheard", "mixed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Odds:
    """Chances per step of a port, and the mean seconds between blows from outside (0: none)."""

    crash: float = 0.0
    delay: float = 0.0
    unknown: float = 0.0
    refuse: float = 0.0
    duplicate: float = 0.0
    shuffle: bool = False
    lag: float = 0.0
    blows: float = 0.0


def odds(random: Random) -> Odds:
    """A mix of its own for each seed: faults hide behind others where all are always there."""
    return Odds(
        crash=random.choice((0.0, 0.0003, 0.001)),
        delay=random.choice((0.02, 0.2, 0.5)),
        unknown=random.choice((0.0, 0.03, 0.15)),
        refuse=random.choice((0.0, 0.0, 0.01)),
        duplicate=random.choice((0.0, 0.05, 0.3)),
        shuffle=random.random() < 0.8,
        lag=random.choice((0.0, 0.0, 0.05, 0.3)),
        blows=random.choice((0.0, 3.0, 8.0, 20.0)),
    )


class Faults:
    def __init__(self, random: Random, odds: Odds) -> None:
        self.random = random
        self.odds = odds
        self.counts: Counter[str] = Counter()
        self.stormy = False

    def stop(self) -> None:
        self.odds = Odds()
        self.stormy = False

    def lag(self) -> float:
        """For how long nothing of a sender comes through."""
        return self.random.choice((0.05, 1.0, 6.0)) * self.random.random() if self._happens(self.odds.lag) else 0.0

    def crash(self) -> bool:
        return self._happens(self.odds.crash)

    def duplicate(self) -> bool:
        return self._happens(self.odds.duplicate)

    def refuse(self) -> bool:
        return self._counted("refused", self.odds.refuse)

    def delay(self) -> float:
        """Mostly none or some milliseconds, now and then long enough for others to overtake."""
        if not self._happens(self.odds.delay):
            return 0.0
        return self.random.uniform(0.0, 1.5 if self.random.random() < 0.02 else 0.004)

    def fate(self) -> Fate:
        """Of an append: most are done; of the rest nobody hears whether, or when, they are written."""
        if self._happens(self.odds.refuse):
            self.counts["refused"] += 1
            return "refused"
        if not self._happens(0.9 if self.stormy else self.odds.unknown):
            return "done"
        self.counts["unknown"] += 1
        return self.random.choice(("lost", "late", "unheard", "mixed"))

    def _happens(self, chance: float) -> bool:
        return chance > 0.0 and self.random.random() < chance

    def _counted(self, name: str, chance: float) -> bool:
        happens = self._happens(chance)
        self.counts[name] += happens
        return happens
