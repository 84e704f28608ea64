"""The view `timeline` in SQL: it knows where the events of plans stand, the log has the rest."""

from collections.abc import Collection, Iterable, Sequence
from itertools import islice
from typing import Any, Final

from sqlalchemy import Connection, Select, bindparam, delete, func, select

from reveille.adapters.sql import upsert
from reveille.ingress.adapters.sql.tables import plan_results, plans, timeline, timeline_counts
from reveille.ingress.application.projections.timeline import (
    ENDS,
    NAMES,
    Place,
    Plan,
    Totals,
    Wanted,
    execution_stream,
    result_change,
    tells_plan,
)
from reveille.kernel.events import Recorded, key_of, stream_name, tenant_of

# Executions that are under way; of those that are not in memory any more the table knows.
MAX_KNOWN: Final = 50_000
# Far below what drivers take as parameters of one statement.
MANY: Final = 500
PARTY: Final = "party"

_PLAN: Final = select(plans).where(plans.c.tenant == bindparam("of"), plans.c.execution_id == bindparam("id"))
_PLACES: Final = select(timeline.c.execution_id, timeline.c.sequence, timeline.c.position)
_GONE: Final = delete(plan_results).where(
    plan_results.c.tenant == bindparam("of"),
    plan_results.c.execution_id == bindparam("id"),
    plan_results.c.step == bindparam("called"),
)


class SqlTimeline:
    name = "timeline"
    types: frozenset[str] | None = frozenset(NAMES)

    def __init__(self) -> None:
        # By the stream of an execution that is under way, whether it is a plan: so that the events of plain wakes, by
        # far the most of them, cost a look into a dictionary. What is told once of an execution stays true.
        self._known: dict[str, bool] = {}

    def project(self, connection: Connection, events: Sequence[Recorded]) -> None:
        told = self._of_plans(connection, events)
        if not told:
            return
        changed = _load(connection, {stream for stream, _ in told})
        results: dict[tuple[str, str, str], bool] = {}
        rows: list[dict[str, Any]] = []
        for stream, event in told:
            plan = changed[stream]
            plan.take(event.msg)
            if (change := result_change(event.msg)) is not None:
                results[plan.tenant, plan.execution_id, change[0]] = change[1]
            rows.append(
                {
                    "tenant": plan.tenant,
                    "execution_id": plan.execution_id,
                    "sequence": plan.last,
                    "position": event.position,
                    "type": NAMES[event.type],
                    "at": event.meta.time,
                }
            )
        upsert(connection, timeline, rows)
        upsert(connection, plans, [_row_of(plan) for plan in changed.values()])
        _count(connection, rows)
        _keep_results(connection, results)

    def clear(self, connection: Connection) -> None:
        for table in (timeline, plans, plan_results, timeline_counts):
            connection.execute(delete(table))

    def _of_plans(self, connection: Connection, events: Sequence[Recorded]) -> list[tuple[str, Recorded]]:
        """Each with the stream of its execution."""
        known = self._known
        if len(known) > MAX_KNOWN:
            known.clear()
        streams: list[str] = []
        unknown: set[str] = set()
        for event in events:
            stream = execution_stream(event)
            streams.append(stream)
            tells = tells_plan(event)
            if tells is not None:
                known[stream] = tells
            elif stream not in known:
                unknown.add(stream)
        # The first event of each tells, and what came before these events is in the table.
        unknown -= known.keys()
        for stream in unknown:
            known[stream] = False
        for plan in _find(connection, unknown):
            known[_stream(plan)] = True
        told = [(stream, event) for stream, event in zip(streams, events, strict=True) if known[stream]]
        for stream, event in zip(streams, events, strict=True):
            # A plan goes on when its inputs change.
            if event.type in ENDS and not known.get(stream, True):
                del known[stream]
        return told

    def find(self, connection: Connection, tenant: str, execution_id: str) -> Plan | None:
        row = connection.execute(_PLAN, {"of": tenant, "id": execution_id}).mappings().first()
        return None if row is None else Plan(**row)

    def after(
        self, connection: Connection, tenant: str, execution_id: str, *, sequence: int, limit: int, wanted: Wanted
    ) -> list[Place]:
        statement = _PLACES.where(
            timeline.c.tenant == tenant, timeline.c.execution_id == execution_id, timeline.c.sequence > sequence
        )
        return _places(connection, _having(statement, wanted).order_by(timeline.c.sequence).limit(limit))

    def before(
        self, connection: Connection, tenant: str, execution_id: str, *, sequence: int, limit: int, types: Sequence[str]
    ) -> list[Place]:
        statement = _PLACES.where(
            timeline.c.tenant == tenant, timeline.c.execution_id == execution_id, timeline.c.sequence < sequence
        )
        wanted = Wanted(types=types)
        return _places(connection, _having(statement, wanted).order_by(timeline.c.sequence.desc()).limit(limit))

    def newest(self, connection: Connection, tenant: str, *, before: int, limit: int, wanted: Wanted) -> list[Place]:
        statement = _PLACES.where(timeline.c.tenant == tenant)
        if before:
            statement = statement.where(timeline.c.position < before)
        return _places(connection, _having(statement, wanted).order_by(timeline.c.position.desc()).limit(limit))

    def position_of(self, connection: Connection, tenant: str, execution_id: str, sequence: int) -> int | None:
        statement = select(timeline.c.position).where(
            timeline.c.tenant == tenant, timeline.c.execution_id == execution_id, timeline.c.sequence == sequence
        )
        found: int | None = connection.execute(statement).scalar()
        return found

    def counts(self, connection: Connection, tenant: str, execution_id: str) -> dict[str, int]:
        statement = (
            select(timeline.c.type, func.count())
            .where(timeline.c.tenant == tenant, timeline.c.execution_id == execution_id)
            .group_by(timeline.c.type)
        )
        return _by_name(connection, statement)

    def totals(self, connection: Connection, tenant: str) -> Totals:
        of_tenant = plans.c.tenant == tenant
        statuses = select(plans.c.status, func.count()).where(of_tenant).group_by(plans.c.status)
        types = select(timeline_counts.c.type, timeline_counts.c.counted).where(timeline_counts.c.tenant == tenant)
        all_plans, inputs = connection.execute(select(func.count(), func.sum(plans.c.inputs)).where(of_tenant)).one()
        parties = select(func.count()).where(of_tenant, plans.c.blueprint == PARTY)
        results = select(func.count()).select_from(plan_results).where(plan_results.c.tenant == tenant)
        return Totals(
            plans=all_plans,
            parties=connection.execute(parties).scalar_one(),
            inputs=int(inputs or 0),
            results=connection.execute(results).scalar_one(),
            statuses=_by_name(connection, statuses),
            types=_by_name(connection, types),
        )


def _having(statement: Select[Any], wanted: Wanted) -> Select[Any]:
    if wanted.types:
        statement = statement.where(timeline.c.type.in_(wanted.types))
    if wanted.since:
        statement = statement.where(timeline.c.at >= wanted.since)
    if wanted.until:
        statement = statement.where(timeline.c.at < wanted.until)
    return statement


def _places(connection: Connection, statement: Select[Any]) -> list[Place]:
    return [Place(*row) for row in connection.execute(statement)]


def _by_name(connection: Connection, statement: Select[Any]) -> dict[str, int]:
    return dict(sorted(tuple(row) for row in connection.execute(statement)))


def _load(connection: Connection, streams: Collection[str]) -> dict[str, Plan]:
    """As the table has them; a plan that it does not have begins."""
    found = {_stream(plan): plan for plan in _find(connection, streams)}
    return {
        stream: found.get(stream) or Plan(tenant=tenant_of(stream), execution_id=key_of(stream))
        for stream in sorted(streams)
    }


def _find(connection: Connection, streams: Iterable[str]) -> list[Plan]:
    asked = set(streams)
    ids = iter(sorted({key_of(stream) for stream in asked}))
    found: list[Plan] = []
    while some := list(islice(ids, MANY)):
        rows = connection.execute(select(plans).where(plans.c.execution_id.in_(some))).mappings()
        # Two tenants may have an execution of one id.
        found += [plan for row in rows if _stream(plan := Plan(**row)) in asked]
    return found


def _stream(plan: Plan) -> str:
    return stream_name(plan.tenant, "execution", plan.execution_id)


def _row_of(plan: Plan) -> dict[str, Any]:
    return {
        "tenant": plan.tenant,
        "execution_id": plan.execution_id,
        "last": plan.last,
        "blueprint": plan.blueprint,
        "status": plan.status,
        "inputs": plan.inputs,
    }


def _count(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    counts: dict[tuple[str, str], int] = {}
    for row in rows:
        key = (row["tenant"], row["type"])
        counts[key] = counts.get(key, 0) + 1
    tenants = sorted({tenant for tenant, _ in counts})
    for one in connection.execute(select(timeline_counts).where(timeline_counts.c.tenant.in_(tenants))):
        if (one.tenant, one.type) in counts:
            counts[one.tenant, one.type] += one.counted
    upsert(
        connection,
        timeline_counts,
        [{"tenant": tenant, "type": name, "counted": count} for (tenant, name), count in counts.items()],
    )


def _keep_results(connection: Connection, results: dict[tuple[str, str, str], bool]) -> None:
    there = [key for key, is_there in results.items() if is_there]
    gone = [key for key, is_there in results.items() if not is_there]
    upsert(connection, plan_results, [{"tenant": of, "execution_id": id, "step": step} for of, id, step in there])
    if gone:
        connection.execute(_GONE, [{"of": of, "id": id, "called": step} for of, id, step in gone])
