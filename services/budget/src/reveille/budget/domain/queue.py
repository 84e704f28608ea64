"""Reservations that wait: by agent, the highest priority first, then the oldest."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from immutables import Map

from reveille.contracts.budget.v1.events_pb2 import Reservation
from reveille.kernel.events import About


@dataclass(frozen=True, slots=True)
class Waiting:
    """A reservation that did not fit, and what it is about. `number` counts the deferrals: the lowest is the oldest."""

    number: int
    run_id: str
    execution_id: str
    agent: str
    tokens: int
    priority: int
    defer: bool
    ask: bool
    reservation: bytes
    about: About

    @property
    def place(self) -> tuple[int, int]:
        return -self.priority, self.number


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """`lines` holds the runs of each agent in their order, `of_execution` those of each execution."""

    runs: Map[str, Waiting] = field(default_factory=Map)
    lines: Map[str, tuple[str, ...]] = field(default_factory=Map)
    of_execution: Map[str, tuple[str, ...]] = field(default_factory=Map)
    deferrals: int = 0

    def __len__(self) -> int:
        return len(self.runs)

    def __contains__(self, run_id: str) -> bool:
        return run_id in self.runs

    def __iter__(self) -> Iterator[Waiting]:
        return iter(self.runs.values())

    def agents(self) -> Iterator[str]:
        return iter(self.lines)

    def line(self, agent: str) -> Iterator[Waiting]:
        return map(self.runs.__getitem__, self.lines.get(agent, ()))

    def get(self, run_id: str) -> Waiting | None:
        return self.runs.get(run_id)

    def concerns(self, agent: str, execution_id: str) -> bool:
        """Whether any of this agent or of this execution waits."""
        return agent in self.lines or execution_id in self.of_execution

    def of(self, execution_id: str) -> Sequence[Waiting]:
        return [self.runs[run_id] for run_id in self.of_execution.get(execution_id, ())]

    def joined(self, asked: Reservation, about: About) -> "Queue":
        one = Waiting(
            self.deferrals + 1,
            asked.run_id,
            asked.execution_id,
            asked.agent,
            asked.tokens,
            asked.priority,
            asked.defer,
            asked.ask,
            asked.SerializeToString(),
            about,
        )
        queue = self.left(one.run_id)
        line = queue.lines.get(one.agent, ())
        # Whoever comes now stands behind all of his priority.
        at = bisect_left(line, one.place, key=lambda run_id: queue.runs[run_id].place)
        siblings = queue.of_execution.get(one.execution_id, ())
        return Queue(
            runs=queue.runs.set(one.run_id, one),
            lines=queue.lines.set(one.agent, (*line[:at], one.run_id, *line[at:])),
            of_execution=queue.of_execution.set(one.execution_id, (*siblings, one.run_id)),
            deferrals=one.number,
        )

    def left(self, run_id: str) -> "Queue":
        """Without it; nothing changes where it does not wait."""
        one = self.runs.get(run_id)
        if one is None:
            return self
        line = self.lines[one.agent]
        at = bisect_left(line, one.place, key=lambda run: self.runs[run].place)
        return Queue(
            runs=self.runs.delete(run_id),
            lines=_set(self.lines, one.agent, line[:at] + line[at + 1 :]),
            of_execution=_set(
                self.of_execution,
                one.execution_id,
                tuple(other for other in self.of_execution[one.execution_id] if other != run_id),
            ),
            deferrals=self.deferrals,
        )


def _set(names: Map[str, tuple[str, ...]], key: str, value: tuple[str, ...]) -> Map[str, tuple[str, ...]]:
    return names.set(key, value) if value else names.delete(key)
