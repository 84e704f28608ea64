"""The view `analytics`: what happened in each minute of the log's time, added up by what it is about.

Tokens are told as they are charged, at a run's end. What they cost follows from the models: their calls are counted as
they are answered, and what no answer has counted is `OTHER`, so that at any time the three of them together are what
was charged for runs that have ended, and answered in those that have not. A call whose answer comes after its run's end
moves its tokens from there to its model; no model takes longer to answer than `LATEST`.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from google.protobuf.message import Message

from reveille.contracts.agent_runner.v1.events_pb2 import (
    FAILURE_CANCELLED,
    AgentWoken,
    LateUsageFound,
    ModelAnswered,
    ModelCalled,
    RunCompleted,
    RunFailed,
)
from reveille.contracts.planner.v1.events_pb2 import QualityChecked
from reveille.kernel.clock import SECOND
from reveille.kernel.events import Recorded, key_of, tenant_of

MINUTE: Final = 60 * SECOND
# In minutes.
LATEST: Final = 24 * 60
EVENTS: Final = "events"
WAKES: Final = "wakes"
TOKENS: Final = "tokens"
QUALITY: Final = "quality"
RUNS: Final = "runs"
# By model: what it was told, what it said. OTHER: of which nobody knows whether they went in or out.
INPUT: Final = "input"
OUTPUT: Final = "output"
OTHER: Final = "other"
MEASURES: Final = (EVENTS, WAKES, TOKENS, QUALITY, RUNS, INPUT, OUTPUT, OTHER)

# By tenant, minute, measure and label: the sum of what was measured, and how often it was.
Sums = dict[tuple[str, int, str, str], list[float]]


@dataclass(slots=True)
class Calls:
    """Of one run. counted: tokens of its answered calls. ended: the minute in which it has; 0 while it goes on."""

    counted: int = 0
    unanswered: int = 0
    ended: int = 0


# By tenant and run.
Runs = dict[tuple[str, str], Calls]


@dataclass(frozen=True, slots=True)
class Sum:
    """since: the beginning of its bucket, in minutes since 1970."""

    since: int
    measure: str
    label: str
    total: float
    count: int


class AnalyticsRows(Protocol):
    def between(self, connection: Any, tenant: str, *, since: int, until: int, size: int) -> list[Sum]:
        """In the order of time; bounds and size in minutes. since is a multiple of size, until does not belong to it.

        The part of a day or an hour that lies before `since` is in no bucket.
        """
        ...


def measured(events: Iterable[Recorded]) -> list[Recorded]:
    """Those that are more than one event of their type."""
    return [event for event in events if event.type in _MEASURED]


def runs_of(events: Iterable[Recorded]) -> set[tuple[str, str]]:
    """Of which it must be known what their model calls came to. events: measured ones."""
    found = set()
    for event in events:
        msg: Any = event.msg
        if event.type in _CALLS or (event.type in _ENDS and msg.tokens_used):
            found.add(_run(event.stream))
    return found


@dataclass(slots=True)
class Tally:
    """runs: of those that `runs_of` names, what is known.

    forgotten: of all others, those that had ended before this minute wait for no answer any more.
    """

    runs: Runs
    sums: Sums = field(default_factory=dict)
    forgotten: int = 0

    def count(self, events: Sequence[Recorded]) -> None:
        """Every event of the log passes here, most of them nowhere else: counted before anything is made of them."""
        counts = Counter([(e.stream[: e.stream.index(".")], e.meta.time // MINUTE, e.type) for e in events])
        for (tenant, minute, type_name), count in counts.items():
            self._add(tenant, minute, EVENTS, type_name.rpartition(".")[2], count, count)

    def measure(self, event: Recorded) -> None:
        _MEASURED[event.type](self, event.msg, event.stream, event.meta.time // MINUTE)

    def woken(self, msg: AgentWoken, stream: str, minute: int) -> None:
        self._add(tenant_of(stream), minute, WAKES, msg.work.agent)

    def checked(self, msg: QualityChecked, stream: str, minute: int) -> None:
        self._add(tenant_of(stream), minute, QUALITY, msg.department, msg.score)

    def called(self, msg: ModelCalled, stream: str, minute: int) -> None:
        self.runs.setdefault(_run(stream), Calls()).unanswered += 1

    def answered(self, msg: ModelAnswered, stream: str, minute: int) -> None:
        tenant, _ = run = _run(stream)
        calls = self.runs.get(run)
        if calls is None:
            return  # nobody waited for it any more
        calls.unanswered -= 1
        if used := msg.input_tokens + msg.output_tokens:
            self._add(tenant, minute, INPUT, msg.model, msg.input_tokens)
            self._add(tenant, minute, OUTPUT, msg.model, msg.output_tokens)
        if not calls.ended:
            calls.counted += used
        elif used:
            self._add(tenant, minute, OTHER, "", -used, 0)
        if not calls.unanswered and (calls.ended or not calls.counted):
            del self.runs[run]

    def completed(self, msg: RunCompleted, stream: str, minute: int) -> None:
        self._ended(msg.work.agent, "completed", msg.tokens_used, stream, minute)

    def failed(self, msg: RunFailed, stream: str, minute: int) -> None:
        status = "cancelled" if msg.reason == FAILURE_CANCELLED else "failed"
        self._ended(msg.work.agent, status, msg.tokens_used, stream, minute)

    def found_late(self, msg: LateUsageFound, stream: str, minute: int) -> None:
        tenant = tenant_of(stream)
        self._add(tenant, minute, TOKENS, msg.work.agent, msg.tokens, 0)
        self._add(tenant, minute, OTHER, "", msg.tokens, 0)

    def _ended(self, agent: str, status: str, tokens: int, stream: str, minute: int) -> None:
        tenant, _ = run = _run(stream)
        self._add(tenant, minute, RUNS, status)
        self._add(tenant, minute, TOKENS, agent, tokens)
        calls = self.runs.get(run)
        if other := tokens - (calls.counted if calls else 0):
            self._add(tenant, minute, OTHER, "", other)
        if calls is None:
            return
        if not calls.unanswered:
            del self.runs[run]
            return
        calls.ended = minute
        # By this event's own time alone, so that nothing depends on which events came in one batch with it: the time
        # of the log's events does not always grow.
        old = minute - LATEST
        for key in [key for key, one in self.runs.items() if 0 < one.ended < old]:
            del self.runs[key]
        self.forgotten = max(self.forgotten, old)

    def _add(self, tenant: str, minute: int, measure: str, label: str, total: float = 1, count: int = 1) -> None:
        key = (tenant, minute, measure, label)
        if (figures := self.sums.get(key)) is None:
            self.sums[key] = [total, count]
        else:
            figures[0] += total
            figures[1] += count


def _run(stream: str) -> tuple[str, str]:
    return tenant_of(stream), key_of(stream)


_TYPES: Final[Mapping[type[Message], Callable[[Tally, Any, str, int], None]]] = {
    AgentWoken: Tally.woken,
    QualityChecked: Tally.checked,
    ModelCalled: Tally.called,
    ModelAnswered: Tally.answered,
    RunCompleted: Tally.completed,
    RunFailed: Tally.failed,
    LateUsageFound: Tally.found_late,
}
_MEASURED: Final = {cls.DESCRIPTOR.full_name: measure for cls, measure in _TYPES.items()}
_CALLS: Final = frozenset(cls.DESCRIPTOR.full_name for cls in (ModelCalled, ModelAnswered))
_ENDS: Final = frozenset(cls.DESCRIPTOR.full_name for cls in (RunCompleted, RunFailed))
