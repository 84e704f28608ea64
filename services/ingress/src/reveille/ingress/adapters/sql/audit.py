"""The view `audit` in SQL."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, delete, select

from reveille.adapters.sql import upsert
from reveille.contracts.ingress.v1.events_pb2 import ActDone
from reveille.ingress.adapters.sql.tables import audit
from reveille.ingress.application.projections.audit import row_of
from reveille.kernel.events import Recorded

_NEWEST: Final = select(audit.c.position).order_by(audit.c.position.desc())


class SqlAudit:
    name = "audit"
    types: frozenset[str] | None = frozenset({ActDone.DESCRIPTOR.full_name})

    def project(self, connection: Connection, events: Sequence[Recorded]) -> None:
        upsert(connection, audit, [row_of(event) for event in events])

    def clear(self, connection: Connection) -> None:
        connection.execute(delete(audit))

    def newest(self, connection: Connection, tenant: str, *, before: int, limit: int, by: str, since: int) -> list[int]:
        statement = _NEWEST.where(audit.c.tenant == tenant).limit(limit)
        if before:
            statement = statement.where(audit.c.position < before)
        if by:
            statement = statement.where(audit.c.by == by)
        if since:
            statement = statement.where(audit.c.at >= since)
        return list(connection.execute(statement).scalars())
