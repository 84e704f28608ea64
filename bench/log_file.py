"""Reading a platform's log beside it: read-only, from where the last look ended."""

import sqlite3
import time
from collections import Counter
from pathlib import Path
from typing import Final

from bench.running import PATIENCE, BenchFailed, Running

COMPLETED: Final = "reveille.planner.v1.ExecutionCompleted"
# None of them may be there: a figure counts only work that was done.
BAD: Final = (
    "reveille.planner.v1.ExecutionFailed",
    "reveille.planner.v1.StepFailed",
    "reveille.agent_runner.v1.RunFailed",
    "reveille.budget.v1.TokensDenied",
    "reveille.common.v1.MessageParked",
)
# A hundredth of the shortest run.
LOOK_EVERY: Final = 0.01


class LogFile:
    def __init__(self, folder: Path) -> None:
        self._db = sqlite3.connect(f"file:{folder / 'data' / 'log.db'}?mode=ro", uri=True, isolation_level=None)
        self._db.execute("PRAGMA busy_timeout = 5000")
        self._types: dict[int, str] = {}
        self.position = 0
        self.counts: Counter[str] = Counter()
        self.look()

    def look(self) -> None:
        """Count what has come since the last look."""
        found = self._db.execute(
            "SELECT type, count(*), max(position) FROM events WHERE position > ? GROUP BY type", (self.position,)
        ).fetchall()
        for type_id, count, position in found:
            if type_id not in self._types:
                self._types = dict(self._db.execute("SELECT id, name FROM types"))
            self.counts[self._types[type_id]] += count
            self.position = max(self.position, position)

    def until_completed(self, count: int, running: Running) -> float:
        """Wait for so many completed executions altogether; the monotonic time at which the last was in the log."""
        moved_at = time.monotonic()
        position = self.position
        while self.counts[COMPLETED] < count:
            time.sleep(LOOK_EVERY)
            self.look()
            if self.position > position:
                moved_at, position = time.monotonic(), self.position
            elif time.monotonic() - moved_at > PATIENCE:
                raise BenchFailed(
                    f"{self.counts[COMPLETED]} of {count} executions completed, and no more came: {self._told()}"
                )
            running.check()
        at = time.monotonic()
        if any(self.counts[type_name] for type_name in BAD):
            raise BenchFailed(f"expected completed executions alone: {self._told()}")
        return at

    def sizes(self, after: int, type_name: str | None = None) -> list[int]:
        """How many bytes of message each event has behind a position."""
        statement = "SELECT length(e.data) FROM events e JOIN types t ON t.id = e.type WHERE e.position > ?"
        if type_name is None:
            rows = self._db.execute(f"{statement} ORDER BY e.position", (after,))
        else:
            rows = self._db.execute(f"{statement} AND t.name = ? ORDER BY e.position", (after, type_name))
        return [size for (size,) in rows]

    def close(self) -> None:
        self._db.close()

    def _told(self) -> str:
        return ", ".join(f"{count} {name.rpartition('.')[2]}" for name, count in sorted(self.counts.items()))
