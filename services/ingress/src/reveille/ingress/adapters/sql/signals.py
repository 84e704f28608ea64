"""The view `signals` in SQL."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, select, update

from reveille.adapters.sql import upsert
from reveille.contracts.ingress.v1.events_pb2 import SubjectErased
from reveille.ingress.adapters.sql.tables import HAS_REPOSITORY, signals
from reveille.ingress.application.projections.signals import ERASED, RECEIVED, SignalRow, row_of
from reveille.kernel.events import Recorded, tenant_of

_NEWEST: Final = select(signals).order_by(signals.c.position.desc())


class SqlSignals:
    name = "signals"
    types: frozenset[str] | None = frozenset({RECEIVED, ERASED})

    def project(self, connection: Connection, events: Sequence[Recorded]) -> None:
        upsert(connection, signals, [row_of(event) for event in events if event.type == RECEIVED])
        for event in events:
            if isinstance(event.msg, SubjectErased):
                of_subject = (signals.c.tenant == tenant_of(event.stream), signals.c.key_id.in_(event.msg.key_ids))
                connection.execute(update(signals).where(*of_subject).values(repository=""))

    def clear(self, connection: Connection) -> None:
        connection.execute(delete(signals))

    def find(self, connection: Connection, tenant: str, id: bytes) -> SignalRow | None:
        row = connection.execute(select(signals).where(signals.c.id == id, signals.c.tenant == tenant)).first()
        return None if row is None else _row(row)

    def newest(
        self, connection: Connection, tenant: str, *, before: int, limit: int, having: Mapping[str, str]
    ) -> list[SignalRow]:
        statement = _NEWEST.where(signals.c.tenant == tenant).limit(limit)
        if before:
            statement = statement.where(signals.c.position < before)
        for column, value in having.items():
            statement = statement.where(signals.c[column] == value)
        if "repository" in having:
            # Said again, as the index of repositories holds only signals that have one.
            statement = statement.where(HAS_REPOSITORY)
        return [_row(row) for row in connection.execute(statement)]


def _row(row: Row[Any]) -> SignalRow:
    return SignalRow(row.position, row.tenant, row.id, row.key, row.source, row.kind)
