"""The view of approvals: which there are, in order, and which are open; the rest is read from their executions."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import BigInteger, Column, Connection, MetaData, Table, Text, bindparam, delete, select, update

from reveille.adapters.sql import upsert
from reveille.contracts.planner.v1.events_pb2 import ApprovalRequested, ApprovalResolved
from reveille.kernel.events import Recorded, key_of, tenant_of
from reveille.planner.application.telling import OPEN, status_of

approvals: Final = Table(
    "approvals",
    MetaData(),
    Column("tenant", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("execution_id", Text, nullable=False),
    Column("status", Text, nullable=False),
)
TYPES: Final = (ApprovalRequested, ApprovalResolved)
_RESOLVED: Final = (
    update(approvals)
    .where(approvals.c.tenant == bindparam("of"), approvals.c.id == bindparam("key"))
    .values(status=bindparam("now"))
)


class Approvals:
    name = "approvals"
    types: frozenset[str] | None = frozenset(cls.DESCRIPTOR.full_name for cls in TYPES)

    def project(self, connection: Connection, events: Sequence[Recorded]) -> None:
        asked: dict[tuple[str, str], dict[str, Any]] = {}
        # Of those that an earlier transaction has taken in.
        resolved: list[dict[str, str]] = []
        for event in events:
            tenant = tenant_of(event.stream)
            match event.msg:
                case ApprovalRequested(approval_id=id):
                    asked[tenant, id] = {
                        "tenant": tenant,
                        "id": id,
                        "position": event.position,
                        "execution_id": key_of(event.stream),
                        "status": OPEN,
                    }
                case ApprovalResolved(approval_id=id) as told:
                    if (tenant, id) in asked:
                        asked[tenant, id]["status"] = status_of(told)
                    else:
                        resolved.append({"of": tenant, "key": id, "now": status_of(told)})
        upsert(connection, approvals, list(asked.values()))
        if resolved:
            connection.execute(_RESOLVED, resolved)

    def clear(self, connection: Connection) -> None:
        connection.execute(delete(approvals))


def execution_of(connection: Connection, tenant: str, approval_id: str) -> str | None:
    found: str | None = connection.execute(
        select(approvals.c.execution_id).where(approvals.c.tenant == tenant, approvals.c.id == approval_id)
    ).scalar()
    return found


def page(
    connection: Connection, tenant: str, *, limit: int, before: int, status: str, execution_id: str
) -> list[tuple[str, str, int]]:
    """(id, execution id, position), the newest first; filters of "" and a `before` of 0 are none."""
    wanted = select(approvals.c.id, approvals.c.execution_id, approvals.c.position).where(approvals.c.tenant == tenant)
    if before:
        wanted = wanted.where(approvals.c.position < before)
    for column, value in ((approvals.c.status, status), (approvals.c.execution_id, execution_id)):
        if value:
            wanted = wanted.where(column == value)
    rows = connection.execute(wanted.order_by(approvals.c.position.desc()).limit(limit))
    return [(row.id, row.execution_id, row.position) for row in rows]
