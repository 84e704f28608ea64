"""What waits, first in, first out."""

from dataclasses import dataclass, field

from immutables import Map

from reveille.kernel.events import About


@dataclass(frozen=True, slots=True)
class Queued:
    work: bytes
    about: About


@dataclass(frozen=True, slots=True)
class Line:
    """Keys are numbers as text, so that a line can be written down."""

    items: Map[str, Queued] = field(default_factory=Map)
    first: int = 0
    behind: int = 0

    def with_last(self, queued: Queued) -> "Line":
        return Line(self.items.set(str(self.behind), queued), self.first, self.behind + 1)

    def without_first(self) -> "Line":
        return Line(self.items.delete(str(self.first)), self.first + 1, self.behind)

    def head(self) -> Queued:
        return self.items[str(self.first)]
