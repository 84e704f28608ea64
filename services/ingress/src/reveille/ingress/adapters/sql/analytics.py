"""The view `analytics` in SQL. Bucket 0 holds no figures, but what runs' model calls came to so far."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, bindparam, delete, func, select

from reveille.adapters.sql import insert_for, upsert
from reveille.ingress.adapters.sql.tables import analytics
from reveille.ingress.application.projections.analytics import (
    MEASURES,
    Calls,
    Runs,
    Sum,
    Sums,
    Tally,
    measured,
    runs_of,
)
from reveille.kernel.events import Recorded

# Of a run that goes on: tokens counted, and calls without an answer. Of one that has ended: when, and such calls.
CALLS: Final = "calls"
LATE: Final = "late"
_NAMES: Final = ("tenant", "bucket", "measure", "label", "total", "counted")
_OF_RUN: Final = delete(analytics).where(
    analytics.c.tenant == bindparam("of"),
    analytics.c.bucket == 0,
    analytics.c.measure == bindparam("kept_as"),
    analytics.c.label == bindparam("run"),
)


class SqlAnalytics:
    name = "analytics"
    types: frozenset[str] | None = None

    def project(self, connection: Connection, events: Sequence[Recorded]) -> None:
        some = measured(events)
        known = _load(connection, runs_of(some))
        before = {run: (_kept_as(calls), calls.counted, calls.unanswered) for run, calls in known.items()}
        tally = Tally(known)
        tally.count(events)
        for event in some:
            tally.measure(event)
        _add(connection, tally.sums)
        gone = [
            {"of": run[0], "kept_as": kept_as, "run": run[1]}
            for run, (kept_as, _, _) in before.items()
            if run not in tally.runs or _kept_as(tally.runs[run]) != kept_as
        ]
        if gone:
            connection.execute(_OF_RUN, gone)
        # Before those of these events are written: of them `runs` has forgotten itself what it must.
        if tally.forgotten:
            old = delete(analytics).where(analytics.c.bucket == 0, analytics.c.measure == LATE)
            connection.execute(old.where(analytics.c.total < tally.forgotten))
        changed = {
            run: calls
            for run, calls in tally.runs.items()
            if before.get(run) != (_kept_as(calls), calls.counted, calls.unanswered)
        }
        upsert(connection, analytics, [_row(run, calls) for run, calls in changed.items()])

    def clear(self, connection: Connection) -> None:
        connection.execute(delete(analytics))

    def between(self, connection: Connection, tenant: str, *, since: int, until: int, size: int) -> list[Sum]:
        bucket = analytics.c.bucket
        begins = (bucket // size * size).label("begins")
        wanted = (
            select(
                begins,
                analytics.c.measure,
                analytics.c.label,
                func.sum(analytics.c.total),
                func.sum(analytics.c.counted),
            )
            .where(analytics.c.tenant == tenant, bucket >= since, bucket < until, analytics.c.measure.in_(MEASURES))
            .group_by(begins, analytics.c.measure, analytics.c.label)
            .order_by(begins, analytics.c.measure, analytics.c.label)
        )
        return [
            Sum(int(at), measure, label, float(total), int(count))
            for at, measure, label, total, count in connection.execute(wanted)
        ]


def _load(connection: Connection, wanted: set[tuple[str, str]]) -> Runs:
    found: Runs = {}
    for tenant in sorted({tenant for tenant, _ in wanted}):
        runs = sorted(run for of, run in wanted if of == tenant)
        rows = select(analytics).where(
            analytics.c.tenant == tenant,
            analytics.c.bucket == 0,
            analytics.c.measure.in_((CALLS, LATE)),
            analytics.c.label.in_(runs),
        )
        for row in connection.execute(rows):
            calls = Calls(unanswered=row.counted)
            if row.measure == LATE:
                calls.ended = int(row.total)
            else:
                calls.counted = int(row.total)
            found[tenant, row.label] = calls
    return found


def _kept_as(calls: Calls) -> str:
    return LATE if calls.ended else CALLS


def _row(run: tuple[str, str], calls: Calls) -> dict[str, object]:
    total = calls.ended or calls.counted
    return dict(zip(_NAMES, (run[0], 0, _kept_as(calls), run[1], float(total), calls.unanswered), strict=True))


def _add(connection: Connection, sums: Sums) -> None:
    statement = insert_for(connection, analytics)
    added = {name: analytics.c[name] + statement.excluded[name] for name in ("total", "counted")}
    statement = statement.on_conflict_do_update(index_elements=["tenant", "bucket", "measure", "label"], set_=added)
    rows = [
        dict(zip(_NAMES, (*key, float(total), int(counted)), strict=True))
        for key, (total, counted) in sorted(sums.items())
    ]
    if rows:
        connection.execute(statement, rows)
