"""The view of executions: which there are, in order, with what one filters by; the rest is read from their streams."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import BigInteger, Column, Connection, MetaData, Table, Text, bindparam, delete, select, update

from reveille.adapters.sql import upsert
from reveille.contracts.planner.v1.events_pb2 import (
    ExecutionCancelled,
    ExecutionCompleted,
    ExecutionFailed,
    ExecutionStarted,
    PlanUpdated,
    StepPlanned,
    StepReady,
    StepReleased,
    StepRetryScheduled,
    StepWaiting,
)
from reveille.kernel.events import Recorded, key_of, tenant_of

executions: Final = Table(
    "executions",
    MetaData(),
    Column("tenant", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("status", Text, nullable=False),
    Column("agent", Text, nullable=False),
    Column("signal_id", Text, nullable=False),
    Column("blueprint", Text, nullable=False),
)
TYPES: Final = (
    ExecutionStarted,
    StepPlanned,
    StepReady,
    StepWaiting,
    StepReleased,
    StepRetryScheduled,
    ExecutionCompleted,
    ExecutionFailed,
    ExecutionCancelled,
    PlanUpdated,
)
_ONE: Final = update(executions).where(executions.c.tenant == bindparam("of"), executions.c.id == bindparam("key"))
_MOVED: Final = _ONE.values(status=bindparam("now"))
_PLANNED: Final = _ONE.values(agent=bindparam("now"))


class Executions:
    name = "executions"
    types: frozenset[str] | None = frozenset(cls.DESCRIPTOR.full_name for cls in TYPES)

    def project(self, connection: Connection, events: Sequence[Recorded]) -> None:
        started: dict[str, dict[str, Any]] = {}
        # What became of those that an earlier transaction has taken in: one ends anywhere, also within an append.
        planned: dict[str, str] = {}
        moved: dict[str, str] = {}
        for event in events:
            match event.msg:
                case ExecutionStarted(signal_ids=signal_ids, blueprint=blueprint):
                    started[event.stream] = {
                        "tenant": tenant_of(event.stream),
                        "id": key_of(event.stream),
                        "position": event.position,
                        "status": "running",
                        "agent": "",
                        "signal_id": next(iter(signal_ids), ""),
                        "blueprint": blueprint,
                    }
                case StepPlanned(agent=agent):
                    planned[event.stream] = agent
                case StepReady() | StepReleased():
                    moved[event.stream] = "running"
                case StepRetryScheduled() | StepWaiting():
                    moved[event.stream] = "waiting"
                case ExecutionCompleted():
                    moved[event.stream] = "completed"
                case ExecutionFailed():
                    moved[event.stream] = "failed"
                case ExecutionCancelled():
                    moved[event.stream] = "cancelled"
                case PlanUpdated(status=status):
                    moved[event.stream] = status
        for stream, row in started.items():
            row["status"] = moved.pop(stream, row["status"])
            row["agent"] = planned.pop(stream, row["agent"])
        upsert(connection, executions, list(started.values()))
        for statement, changes in ((_MOVED, moved), (_PLANNED, planned)):
            if changes:
                rows = [{"of": tenant_of(stream), "key": key_of(stream), "now": to} for stream, to in changes.items()]
                connection.execute(statement, rows)

    def clear(self, connection: Connection) -> None:
        connection.execute(delete(executions))


def page(
    connection: Connection,
    tenant: str,
    *,
    limit: int,
    before: int,
    status: str,
    agent: str,
    signal_id: str,
    blueprint: str,
) -> list[tuple[str, int]]:
    """(id, position), the newest first; filters of "" and a `before` of 0 are none."""
    wanted = select(executions.c.id, executions.c.position).where(executions.c.tenant == tenant)
    if before:
        wanted = wanted.where(executions.c.position < before)
    for column, value in (
        (executions.c.status, status),
        (executions.c.agent, agent),
        (executions.c.signal_id, signal_id),
        (executions.c.blueprint, blueprint),
    ):
        if value:
            wanted = wanted.where(column == value)
    rows = connection.execute(wanted.order_by(executions.c.position.desc()).limit(limit))
    return [(row.id, row.position) for row in rows]
