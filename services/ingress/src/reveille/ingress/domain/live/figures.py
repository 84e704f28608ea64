"""Figures of an execution, counted while its events are folded."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Durations:
    """Milliseconds of the runs of an agent that have ended."""

    runs: int = 0
    total: float = 0.0
    longest: float = 0.0

    def add(self, took: float) -> None:
        self.runs += 1
        self.total += took
        self.longest = max(self.longest, took)


@dataclass(slots=True)
class Quality:
    """Of a department's work. score: as the department has ended, else of its last check."""

    score: float = 0.0
    checks: int = 0
    passed: int = 0
    complete: bool = False


@dataclass(slots=True)
class Figures:
    runs: int = 0
    revisions: int = 0
    agents: set[str] = field(default_factory=set)
    tokens: dict[str, int] = field(default_factory=dict)
    durations: dict[str, Durations] = field(default_factory=dict)
    quality: dict[str, Quality] = field(default_factory=dict)

    def began(self, agent: str) -> None:
        self.runs += 1
        self.agents.add(agent)

    def ended(self, agent: str, *, tokens: int, took: float) -> None:
        self.tokens[agent] = self.tokens.get(agent, 0) + tokens
        self.durations.setdefault(agent, Durations()).add(took)

    def checked(self, department: str, *, score: float, passed: bool) -> None:
        found = self.quality.setdefault(department, Quality())
        found.checks += 1
        found.passed += passed
        found.score, found.complete = score, False

    def completed(self, department: str, score: float) -> None:
        found = self.quality.setdefault(department, Quality())
        found.score, found.complete = score, True

    @property
    def used(self) -> int:
        """Tokens of all runs that have ended."""
        return sum(self.tokens.values())

    @property
    def mean_quality(self) -> float | None:
        """Of the departments that have ended; None: none has."""
        scores = [one.score for one in self.quality.values() if one.complete]
        return sum(scores) / len(scores) if scores else None

    def shown(self) -> Mapping[str, Any]:
        """As the API tells them; times in milliseconds."""
        return {
            "durations": {
                agent: {"runs": one.runs, "mean": round(one.total / one.runs, 3), "max": one.longest}
                for agent, one in sorted(self.durations.items())
            },
            "quality": {
                department: {"score": one.score, "checks": one.checks, "passed": one.passed}
                for department, one in sorted(self.quality.items())
            },
            "tokens": {"used": self.used, "by_agent": dict(sorted(self.tokens.items()))},
        }
