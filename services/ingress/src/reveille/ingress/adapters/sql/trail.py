"""The view `trail` in SQL."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, bindparam, delete, select

from reveille.adapters.sql import upsert
from reveille.ingress.adapters.sql.tables import trail
from reveille.kernel.events import Recorded

_POSITIONS: Final = (
    select(trail.c.position)
    .where(trail.c.correlation == bindparam("of"), trail.c.position > bindparam("behind"))
    .order_by(trail.c.position)
    .limit(bindparam("most"))
)


class SqlTrail:
    name = "trail"
    types: frozenset[str] | None = None

    def project(self, connection: Connection, events: Sequence[Recorded]) -> None:
        rows = [{"correlation": event.meta.about.correlation, "position": event.position} for event in events]
        upsert(connection, trail, rows)

    def clear(self, connection: Connection) -> None:
        connection.execute(delete(trail))

    def positions(self, connection: Connection, correlation: str, *, after: int, limit: int) -> list[int]:
        return list(connection.execute(_POSITIONS, {"of": correlation, "behind": after, "most": limit}).scalars())
