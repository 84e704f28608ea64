"""What a run of the day comes to: what it used, how soon it acted, and what of it the oracle holds for right."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bench.figure import percentile
from bench.tokens.happening import REVIEWER
from bench.tokens.oracle import Due, Expected
from bench.tokens.reading import Act, Reading
from reveille.contracts.ingress.v1.events_pb2 import Limits
from reveille.kernel.pricing import cost, cost_of_any

# Work on the time itself, such as a report, belongs to what was due so long before.
OF_ITS_TIME: Final = 3_600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """reactions: seconds from when something came to be due until its skill was entered, but for what is handed on.

    twice: pairs of a happening and an agent that were worked on more than once. needless: such as nobody wanted.
    """

    due: int
    missed: Sequence[str]
    twice: Sequence[str]
    needless: Sequence[str]
    reactions: Sequence[float]

    @property
    def acted(self) -> int:
        return self.due - len(self.missed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """money: in the fleet's currency; None where it names no price. suppressed: wakes that would have gone round."""

    tokens: int
    money: float | None
    reviews: int
    review_tokens: int
    wakes: int
    suppressed: int
    model_calls: int
    events: int
    judged: Judged

    @property
    def tokens_per_review(self) -> float:
        return self.review_tokens / self.reviews if self.reviews else 0.0

    def reaction(self, share: float) -> float:
        return percentile(self.judged.reactions, share) if self.judged.reactions else 0.0


class Unsound(Exception):
    """The log does not hold together: its figures are worth nothing."""


def score(reading: Reading, expected: Expected, limits: Limits) -> Score:
    """Raises Unsound where the ledger says something else than the runs, or a message or run was given up."""
    if reading.settled != reading.tokens:
        raise Unsound(f"the ledger settled {reading.settled} tokens, the runs used {reading.tokens}")
    if reading.parked or reading.failed:
        raise Unsound(f"parked or failed: {'; '.join([*reading.parked, *reading.failed][:3])}")
    acts = reading.acts()
    return Score(
        tokens=reading.tokens,
        money=_money(reading, limits),
        reviews=sum(act.agent == REVIEWER and not act.handed for act in acts),
        review_tokens=sum(run.used for run in reading.runs.values() if run.agent == REVIEWER),
        wakes=reading.wakes,
        suppressed=reading.suppressed,
        model_calls=len(reading.model_tokens),
        events=reading.events,
        judged=judge(acts, expected),
    )


def judge(acts: Sequence[Act], expected: Expected) -> Judged:
    of_pair: dict[tuple[str, str], list[Act]] = defaultdict(list)
    for act in acts:
        for key in act.keys:
            of_pair[key, act.agent].append(act)
    timed = [act for act in acts if not act.keys]
    missed: list[str] = []
    reactions: list[float] = []
    wanted: set[tuple[str, str]] = set()
    twice = [f"{key} by {agent}" for (key, agent), found in of_pair.items() if len(found) > 1]
    for due in expected.due:
        wanted.update((key, due.agent) for key in due.keys)
        found = [of_pair.get((key, due.agent), []) for key in due.keys] or [_on_time(due, timed)]
        if not all(found):
            missed.append(f"{due.why} at {_clock(due.at)} by {due.agent} ({', '.join(due.keys)})")
            continue
        if not due.handed:
            entered = max(min(act.at for act in its) for its in found)
            reactions.append(max(0.0, entered - due.at))
        if not due.keys:
            timed = [act for act in timed if act not in found[0]]
            twice += [f"{due.why} by {due.agent}"] * (len(found[0]) - 1)
    needless = [f"{key} by {agent}" for key, agent in of_pair if (key, agent) not in wanted | expected.allowed]
    needless += [f"work on the time at {_clock(act.at)} by {act.agent}" for act in timed]
    return Judged(due=len(expected.due), missed=missed, twice=twice, needless=needless, reactions=reactions)


def _on_time(due: Due, timed: Sequence[Act]) -> list[Act]:
    return [act for act in timed if act.agent == due.agent and due.at <= act.at < due.at + OF_ITS_TIME]


def _money(reading: Reading, limits: Limits) -> float | None:
    found = [cost(limits, *call) for call in reading.model_tokens]
    counted = sum(taken + given for _, taken, given in reading.model_tokens)
    found.append(cost_of_any(limits, reading.tokens - counted) if reading.tokens > counted else 0.0)
    return None if None in found else sum(one for one in found if one is not None)


def _clock(at: float) -> str:
    return f"{int(at // 3600):02}:{int(at % 3600 // 60):02}:{int(at % 60):02}"
