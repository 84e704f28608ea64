"""Reading a platform's log beside it: read-only, from where the last look ended."""

import time
from collections import Counter
from collections.abc import Callable
from typing import Final, Protocol

from bench.running import PATIENCE, BenchFailed

COMPLETED: Final = "reveille.planner.v1.ExecutionCompleted"
# None of them may be there: a figure counts only work that was done.
BAD: Final = (
    "reveille.planner.v1.ExecutionFailed",
    "reveille.planner.v1.StepFailed",
    "reveille.agent_runner.v1.RunFailed",
    "reveille.budget.v1.TokensDenied",
    "reveille.common.v1.MessageParked",
)


class Rows(Protocol):
    """A log's events, in whatever database they are. pause: seconds between two looks, a hundredth of a run."""

    @property
    def pause(self) -> float: ...

    def since(self, position: int) -> list[tuple[str, int, int]]:
        """By event type, how many there are behind a position and the last one's position."""
        ...

    def sizes(self, after: int, type_name: str | None) -> list[int]:
        """How many bytes of message each event has behind a position; None: of all types."""
        ...

    def close(self) -> None: ...


class Log:
    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self.position = 0
        self.counts: Counter[str] = Counter()
        self.look()

    def look(self) -> None:
        """Count what has come since the last look."""
        for type_name, count, position in self._rows.since(self.position):
            self.counts[type_name] += count
            self.position = max(self.position, position)

    def until_completed(self, count: int, check: Callable[[], None]) -> float:
        """Wait for so many completed executions altogether; the monotonic time at which the last was in the log.

        check: raises where none can come any more.
        """
        moved_at = time.monotonic()
        position = self.position
        while self.counts[COMPLETED] < count:
            time.sleep(self._rows.pause)
            self.look()
            if self.position > position:
                moved_at, position = time.monotonic(), self.position
            elif time.monotonic() - moved_at > PATIENCE:
                raise BenchFailed(
                    f"{self.counts[COMPLETED]} of {count} executions completed, and no more came: {self._told()}"
                )
            check()
        at = time.monotonic()
        if any(self.counts[type_name] for type_name in BAD):
            raise BenchFailed(f"expected completed executions alone: {self._told()}")
        return at

    def sizes(self, after: int, type_name: str | None = None) -> list[int]:
        return self._rows.sizes(after, type_name)

    def close(self) -> None:
        self._rows.close()

    def _told(self) -> str:
        return ", ".join(f"{count} {name.rpartition('.')[2]}" for name, count in sorted(self.counts.items()))
