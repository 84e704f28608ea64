"""Keys in a ring, so that what has run out among many is found a little at a time."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from immutables import Map

# Two for each that is added: what has run out never outgrows what has not for long.
LOOKED_AT: Final = 2


@dataclass(frozen=True, slots=True)
class Rotation:
    """Each key stands in it once: whoever adds one knows that it is not there."""

    keys: Map[str, str] = field(default_factory=Map)
    first: int = 0
    last: int = 0

    def add(self, key: str) -> "Rotation":
        return Rotation(self.keys.set(str(self.last), key), self.first, self.last + 1)

    def sweep(self, ended: Callable[[str], bool]) -> "tuple[Rotation, list[str]]":
        """Look at the next few keys: those that have ended are given back and gone, the others go to the end."""
        keys, first, last, gone = self.keys, self.first, self.last, list[str]()
        for _ in range(min(LOOKED_AT, last - first)):
            key = keys[str(first)]
            keys = keys.delete(str(first))
            first += 1
            if ended(key):
                gone.append(key)
            else:
                keys = keys.set(str(last), key)
                last += 1
        return Rotation(keys, first, last), gone

    def without_first(self) -> "tuple[Rotation, str]":
        key = self.keys[str(self.first)]
        return Rotation(self.keys.delete(str(self.first)), self.first + 1, self.last), key
