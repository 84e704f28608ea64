"""What every figure's rounds have in common: a folder for their data, how much they do, and who hears of it."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.running import Running, platform


@dataclass(slots=True, kw_only=True)
class Bench:
    """quick: fewer and smaller rounds. say: tells what is being done. profile: where platforms write their profiles."""

    folder: Path
    quick: bool
    say: Callable[[str], None]
    profile: Path | None = None
    _names: Iterator[int] = field(default_factory=itertools.count)

    def pick(self, full: int, quick: int) -> int:
        return quick if self.quick else full

    def fresh(self) -> Path:
        """A name of a folder that is not there yet."""
        return self.folder / str(next(self._names))

    def rounds(self, full: int, quick: int, what: str) -> Iterator[int]:
        count = self.pick(full, quick)
        for number in range(1, count + 1):
            self.say(f"{what}: round {number} of {count}")
            yield number

    def platform(self, folder: Path, fleet: str, **more: Any) -> Any:
        """A context manager that gives a Running."""
        return platform(folder, fleet, profile=self.profile, **more)


__all__ = ["Bench", "Running"]
