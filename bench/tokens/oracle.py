"""Who should have done what: judged from what happened in truth, not from payloads, rules or signals.

This is what the people who wrote the fleet want of it, said once more in plain code that shares nothing with the rule
engine: if the two disagree, one of them is wrong.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from bench.tokens.day import HOUR
from bench.tokens.happening import LEADER, OPERATOR, REVIEWER, Alert, Change, Happening, Issue, PipelineRun
from bench.tokens.words import BOTS

REPORT_AT: Final = 7 * HOUR
FLAKY_COUNT: Final = 3
FLAKY_WITHIN: Final = 15 * 60.0
# An agent may go on about its own acts for so long (the fleet's `max_hops`).
OWN_ACTS: Final = 3
# To whom the leader hands an issue, by what it is about in truth.
TAKERS: Final = {"bug": REVIEWER, "feature": REVIEWER, "security": REVIEWER, "infrastructure": OPERATOR}


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """An agent should act on these happenings; on none of them: on the time. at: when it came to be due.

    handed: another agent is to hand it on, so that it comes later than what the day itself wakes for.
    """

    agent: str
    keys: tuple[str, ...]
    at: float
    why: str
    handed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """allowed: pairs of a happening and an agent that may act on it and need not. All other acts are needless."""

    due: Sequence[Due]
    allowed: frozenset[tuple[str, str]]


def expected(happened: Iterable[Happening], *, begin: float, end: float) -> Expected:
    """happened: in the order of their times."""
    due: list[Due] = []
    allowed: set[tuple[str, str]] = set()
    failures: dict[str, list[Happening]] = {}
    own_acts = 0
    for one in happened:
        match one.truth:
            case Change() as change if _to_review(change):
                due.append(Due(agent=REVIEWER, keys=(one.key,), at=one.at, why=f"change {change.action}"))
            case Issue(action="opened", by=by, topic=topic) if by not in BOTS:
                own_acts = 0
                due.append(Due(agent=LEADER, keys=(one.key,), at=one.at, why=f"issue about a {topic}"))
                if topic in TAKERS:
                    why = f"{topic} handed on"
                    due.append(Due(agent=TAKERS[topic], keys=(one.key,), at=one.at, why=why, handed=True))
            case Issue(action="opened"):
                own_acts += 1
                if own_acts <= OWN_ACTS:
                    allowed.add((one.key, LEADER))
            case Alert(status="firing", severity="critical" | "page"):
                due.append(Due(agent=OPERATOR, keys=(one.key,), at=one.at, why="urgent alert"))
            case PipelineRun(repository=repository, outcome="failure"):
                row = [*failures.get(repository, []), one]
                row = [other for other in row if one.at - other.at <= FLAKY_WITHIN]
                if len(row) >= FLAKY_COUNT:
                    keys = tuple(other.key for other in row)
                    due.append(Due(agent=OPERATOR, keys=keys, at=one.at, why="flaky pipeline"))
                    row = []
                failures[repository] = row
    if begin <= REPORT_AT < end:
        due.append(Due(agent=LEADER, keys=(), at=REPORT_AT, why="morning report"))
    return Expected(due=due, allowed=frozenset(allowed))


def _to_review(change: Change) -> bool:
    if change.action not in ("opened", "synchronize", "ready_for_review") or change.draft or change.into != "main":
        return False
    return any(file.startswith("src/") and not file.startswith("src/generated/") for file in change.files)
