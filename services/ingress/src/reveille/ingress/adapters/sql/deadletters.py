"""The view `deadletters` in SQL."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, delete, func, select, update

from reveille.adapters.sql import upsert
from reveille.contracts.common.v1.common_pb2 import DeadLetterDropped, DeadLetterRetried, MessageParked
from reveille.ingress.adapters.sql.tables import deadletters
from reveille.ingress.application.projections.deadletters import PARKED, DeadLetterRow, closing, parked_row
from reveille.kernel.events import Recorded

_NEWEST: Final = select(deadletters).order_by(deadletters.c.position.desc())
_OPEN: Final = (
    select(deadletters.c.tenant, deadletters.c.service, func.count())
    .where(deadletters.c.status == PARKED)
    .group_by(deadletters.c.tenant, deadletters.c.service)
)
_CLOSE: Final = (
    update(deadletters)
    .where(deadletters.c.stream == bindparam("at"), deadletters.c.revision == bindparam("revision_at"))
    .values(status=bindparam("now"), closed_position=bindparam("by"))
)


class SqlDeadLetters:
    name = "deadletters"
    types: frozenset[str] | None = frozenset(
        cls.DESCRIPTOR.full_name for cls in (MessageParked, DeadLetterRetried, DeadLetterDropped)
    )

    def project(self, connection: Connection, events: Sequence[Recorded]) -> None:
        upsert(connection, deadletters, [parked_row(one) for one in events if isinstance(one.msg, MessageParked)])
        closed = [
            {"at": found[0].stream, "revision_at": found[0].revision, "now": found[1], "by": event.position}
            for event in events
            if (found := closing(event)) is not None
        ]
        if closed:
            connection.execute(_CLOSE, closed)

    def clear(self, connection: Connection) -> None:
        connection.execute(delete(deadletters))

    def find(self, connection: Connection, tenant: str, id: bytes) -> DeadLetterRow | None:
        statement = select(deadletters).where(deadletters.c.id == id, deadletters.c.tenant == tenant)
        row = connection.execute(statement).first()
        return None if row is None else _row(row)

    def open(self, connection: Connection) -> Mapping[tuple[str, str], int]:
        return {(tenant, service): count for tenant, service, count in connection.execute(_OPEN)}

    def newest(
        self, connection: Connection, tenant: str, *, before: int, limit: int, having: Mapping[str, str]
    ) -> list[DeadLetterRow]:
        statement = _NEWEST.where(deadletters.c.tenant == tenant).limit(limit)
        if before:
            statement = statement.where(deadletters.c.position < before)
        for column, value in having.items():
            statement = statement.where(deadletters.c[column] == value)
        return [_row(row) for row in connection.execute(statement)]


def _row(row: Row[Any]) -> DeadLetterRow:
    return DeadLetterRow(*row)
