"""What waits, first in, first out; and whoever has not to be waited for any more leaves from wherever it stands."""

from dataclasses import dataclass, field

from immutables import Map

from reveille.kernel.events import About


@dataclass(frozen=True, slots=True)
class Queued:
    run_id: str
    work: bytes
    about: About


@dataclass(frozen=True, slots=True)
class Line:
    """Keys are numbers as text, so that a line can be written down. places: by run, its number."""

    items: Map[str, Queued] = field(default_factory=Map)
    places: Map[str, str] = field(default_factory=Map)
    first: int = 0
    behind: int = 0

    def __contains__(self, run_id: str) -> bool:
        return run_id in self.places

    def with_last(self, queued: Queued) -> "Line":
        number = str(self.behind)
        places = self.places.set(queued.run_id, number)
        return Line(self.items.set(number, queued), places, self.first, self.behind + 1)

    def without(self, run_id: str) -> "Line":
        """Nothing changes where it does not wait."""
        number = self.places.get(run_id)
        if number is None:
            return self
        items, first = self.items.delete(number), self.first
        while first < self.behind and str(first) not in items:  # each place is passed once
            first += 1
        return Line(items, self.places.delete(run_id), first, self.behind)

    def head(self) -> Queued:
        return self.items[str(self.first)]

    def get(self, run_id: str) -> Queued | None:
        number = self.places.get(run_id)
        return None if number is None else self.items[number]
