"""The view `tenants` in SQL."""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, select

from reveille.adapters.sql import upsert
from reveille.ingress.adapters.sql.tables import tenants
from reveille.ingress.application.projections.tenants import TYPES, row_of
from reveille.kernel.events import Recorded


class SqlTenants:
    name = "tenants"
    types: frozenset[str] | None = TYPES

    def project(self, connection: Connection, events: Sequence[Recorded]) -> None:
        rows = {(row["category"], row["tenant"]): row for row in map(row_of, events)}
        upsert(connection, tenants, list(rows.values()))

    def clear(self, connection: Connection) -> None:
        connection.execute(delete(tenants))

    def of(self, connection: Connection, category: str) -> list[str]:
        """Those that have a stream of this category."""
        return list(connection.execute(select(tenants.c.tenant).where(tenants.c.category == category)).scalars())
