"""The view of tokens used, by hour, agent and model. Its sum is what the ledger was told.

A run's end charges what its calls used, and calls without an answer at their caps: what no answer has counted stands
under the model "", as does all that a remote agent uses. An answer after the end moves its tokens from there to its
model.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import BigInteger, Column, Connection, Integer, MetaData, Table, Text, bindparam, delete, func, select

from reveille.adapters.sql import insert_for, upsert
from reveille.contracts.agent_runner.v1.events_pb2 import (
    LateUsageFound,
    ModelAnswered,
    ModelCalled,
    RunCompleted,
    RunFailed,
    RunStarted,
)
from reveille.contracts.agent_runner.v1.queries_pb2 import UsageView
from reveille.kernel.clock import SECOND
from reveille.kernel.events import Recorded, tenant_of

HOUR: Final = 3_600 * SECOND
# No model takes longer to answer: who has not answered by then never will.
LATEST: Final = 24 * HOUR
NO_MODEL: Final = ""
_METADATA: Final = MetaData()

usage: Final = Table(
    "usage",
    _METADATA,
    Column("tenant", Text, primary_key=True),
    Column("hour", BigInteger, primary_key=True),
    Column("agent", Text, primary_key=True),
    Column("model", Text, primary_key=True),
    Column("input", BigInteger, nullable=False),
    Column("output", BigInteger, nullable=False),
    Column("other", BigInteger, nullable=False),
)
# Runs that go on, or wait for answers that may still come; ended: when, 0 while they go on.
usage_runs: Final = Table(
    "usage_runs",
    _METADATA,
    Column("stream", Text, primary_key=True),
    Column("agent", Text, nullable=False),
    Column("counted", BigInteger, nullable=False),
    Column("unanswered", Integer, nullable=False),
    Column("ended", BigInteger, nullable=False),
)
TYPES: Final = (RunStarted, ModelCalled, ModelAnswered, RunCompleted, RunFailed, LateUsageFound)
_GONE: Final = delete(usage_runs).where(usage_runs.c.stream == bindparam("at"))
_FIGURES: Final = ("input", "output", "other")


class Usage:
    name = "usage"
    types: frozenset[str] | None = frozenset(cls.DESCRIPTOR.full_name for cls in TYPES)

    def project(self, connection: Connection, events: Sequence[Recorded]) -> None:
        taken = _Taken(_load(connection, events))
        known = set(taken.runs)
        for event in events:
            taken.take(event)
        _add(connection, taken.sums)
        if gone := known - set(taken.runs):
            connection.execute(_GONE, [{"at": stream} for stream in gone])
        # Before those of these events are written: of them `runs` has forgotten itself what it must.
        if taken.forgotten:
            old = delete(usage_runs).where(usage_runs.c.ended > 0, usage_runs.c.ended < taken.forgotten)
            connection.execute(old)
        upsert(connection, usage_runs, [run.row(stream) for stream, run in taken.runs.items()])

    def clear(self, connection: Connection) -> None:
        connection.execute(delete(usage))
        connection.execute(delete(usage_runs))


def used_since(connection: Connection, tenant: str, since: int) -> list[UsageView]:
    """since: microseconds since 1970; the hour that it lies in counts whole."""
    sums = [func.sum(usage.c[name]).label(name) for name in _FIGURES]
    wanted = select(usage.c.agent, usage.c.model, *sums).where(
        usage.c.tenant == tenant, usage.c.hour >= since // HOUR * HOUR
    )
    rows = connection.execute(wanted.group_by(usage.c.agent, usage.c.model).order_by(usage.c.agent, usage.c.model))
    return [
        UsageView(
            agent=row.agent,
            model=row.model,
            input_tokens=int(row.input),
            output_tokens=int(row.output),
            # Below 0 where the charge lies before `since`, and the answer that took its place after it.
            other_tokens=max(0, int(row.other)),
        )
        for row in rows
    ]


@dataclass(slots=True)
class _Run:
    agent: str
    counted: int = 0
    unanswered: int = 0
    ended: int = 0

    def row(self, stream: str) -> dict[str, Any]:
        counts = {"counted": self.counted, "unanswered": self.unanswered, "ended": self.ended}
        return {"stream": stream, "agent": self.agent, **counts}


# By tenant, hour, agent and model: input, output and other tokens.
_Sums = dict[tuple[str, int, str, str], list[int]]


@dataclass(slots=True)
class _Taken:
    """forgotten: what is not among `runs` and ended before it waits for no answer any more."""

    runs: dict[str, _Run]
    sums: _Sums = field(default_factory=dict)
    forgotten: int = 0

    def take(self, event: Recorded) -> None:
        stream, run = event.stream, self.runs.get(event.stream)
        match event.msg:
            case RunStarted(work=work):
                self.runs[stream] = _Run(work.agent)
            case ModelCalled():
                if run is not None:
                    run.unanswered += 1
            case ModelAnswered() as answer:
                if run is not None:
                    self._answered(event, answer, run)
            case RunCompleted(work=work, tokens_used=tokens) | RunFailed(work=work, tokens_used=tokens):
                self._add(event, work.agent, NO_MODEL, other=tokens - (run.counted if run else 0))
                if run is not None:
                    self._ended(event, run)
            case LateUsageFound(work=work, tokens=tokens):
                self._add(event, work.agent, NO_MODEL, other=tokens)

    def _answered(self, event: Recorded, answer: ModelAnswered, run: _Run) -> None:
        used = answer.input_tokens + answer.output_tokens
        self._add(event, run.agent, answer.model, input=answer.input_tokens, output=answer.output_tokens)
        run.unanswered -= 1
        if not run.ended:
            run.counted += used
            return
        self._add(event, run.agent, NO_MODEL, other=-used)
        if run.unanswered == 0:
            del self.runs[event.stream]

    def _ended(self, event: Recorded, run: _Run) -> None:
        if run.unanswered == 0:
            del self.runs[event.stream]
            return
        run.ended = event.meta.time
        # By this event's own time alone, so that nothing depends on which events came in one batch with it: the time
        # of the log's events does not always grow.
        old = event.meta.time - LATEST
        for stream in [stream for stream, one in self.runs.items() if 0 < one.ended < old]:
            del self.runs[stream]
        self.forgotten = max(self.forgotten, old)

    def _add(self, event: Recorded, agent: str, model: str, *, input: int = 0, output: int = 0, other: int = 0) -> None:
        if input or output or other:
            key = (tenant_of(event.stream), event.meta.time // HOUR * HOUR, agent, model)
            sums = self.sums.setdefault(key, [0, 0, 0])
            for place, figure in enumerate((input, output, other)):
                sums[place] += figure


def _load(connection: Connection, events: Sequence[Recorded]) -> dict[str, _Run]:
    """Runs that these events are about and that do not begin among them."""
    begun: set[str] = set()
    wanted: set[str] = set()
    for event in events:
        if isinstance(event.msg, RunStarted):
            begun.add(event.stream)
        elif event.stream not in begun:
            wanted.add(event.stream)
    if not wanted:
        return {}
    rows = connection.execute(select(usage_runs).where(usage_runs.c.stream.in_(sorted(wanted))))
    return {row.stream: _Run(row.agent, row.counted, row.unanswered, row.ended) for row in rows}


def _add(connection: Connection, sums: _Sums) -> None:
    if not sums:
        return
    statement = insert_for(connection, usage)
    added = {name: usage.c[name] + statement.excluded[name] for name in _FIGURES}
    statement = statement.on_conflict_do_update(index_elements=["tenant", "hour", "agent", "model"], set_=added)
    names = ("tenant", "hour", "agent", "model")
    connection.execute(
        statement,
        [dict(zip((*names, *_FIGURES), (*key, *figures), strict=True)) for key, figures in sorted(sums.items())],
    )
