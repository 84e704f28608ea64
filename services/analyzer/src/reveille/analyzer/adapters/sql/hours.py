"""The view of where in the log the signals of each hour begin."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import BigInteger, Column, Connection, MetaData, Table, Text, delete, func, select

from reveille.adapters.sql import insert_for
from reveille.contracts.ingress.v1.events_pb2 import SignalReceived
from reveille.kernel.clock import SECOND
from reveille.kernel.events import Recorded, tenant_of

HOUR: Final = 3_600 * SECOND

hours: Final = Table(
    "hours",
    MetaData(),
    Column("tenant", Text, primary_key=True),
    Column("hour", BigInteger, primary_key=True),
    Column("position", BigInteger, nullable=False),
)


class Hours:
    name = "hours"
    types: frozenset[str] | None = frozenset({SignalReceived.DESCRIPTOR.full_name})

    def project(self, connection: Connection, events: Sequence[Recorded]) -> None:
        begun: dict[tuple[str, int], int] = {}
        for event in events:
            begun.setdefault((tenant_of(event.stream), event.meta.time // HOUR), event.position)
        rows = [{"tenant": tenant, "hour": hour, "position": at} for (tenant, hour), at in begun.items()]
        connection.execute(insert_for(connection, hours).on_conflict_do_nothing(), rows)

    def clear(self, connection: Connection) -> None:
        connection.execute(delete(hours))


def position_before(connection: Connection, tenant: str, since: int) -> int:
    """Of an event that stands before every signal of the tenant's from this time on; 0: the log's beginning."""
    found: int | None = connection.execute(
        select(func.max(hours.c.position)).where(hours.c.tenant == tenant, hours.c.hour < since // HOUR)
    ).scalar()
    return found or 0
