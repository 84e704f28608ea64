"""What the figures of one invocation share: folders for their data, how much they do, and who hears of it."""

import itertools
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from bench.running import Running, platform


class Say(Protocol):
    def __call__(self, what: str, /) -> None: ...


@dataclass(slots=True, kw_only=True)
class Session:
    """quick: fewer and smaller rounds. say: tells what is being done. profile: where platforms write their profiles."""

    folder: Path
    quick: bool
    say: Say
    profile: Path | None = None
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def pick(self, full: int, quick: int) -> int:
        return quick if self.quick else full

    def fresh(self) -> Path:
        """The name of a folder that is not there yet."""
        return self.folder / str(next(self._numbers))

    def rounds(self, what: str, full: int, quick: int) -> Iterator[int]:
        count = self.pick(full, quick)
        for number in range(1, count + 1):
            self.say(f"{what}: round {number} of {count}")
            yield number

    def platform(
        self, folder: Path, fleet: str, settings: Mapping[str, str] | None = None
    ) -> AbstractContextManager[Running]:
        return platform(folder, fleet, profile=self.profile, settings=settings)
