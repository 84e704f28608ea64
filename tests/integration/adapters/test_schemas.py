"""The schemas of all services, as a start makes them."""

import pytest
from alembic import command
from sqlalchemy import Connection, inspect

from reveille.adapters.migrations import configuration, migrate_connection, versions_of
from reveille.adapters.sql import InlineTransactions

SERVICES = ("ingress", "analyzer", "planner", "budget", "agent-runner")


@pytest.mark.parametrize("service", SERVICES)
async def test_every_version_of_a_service_can_be_made_and_undone(service: str) -> None:
    def tables(connection: Connection) -> set[str]:
        return set(inspect(connection).get_table_names())

    def undo(connection: Connection) -> set[str]:
        command.downgrade(configuration(connection, versions_of(service)), "base")
        return tables(connection)

    inline = InlineTransactions()
    await inline.run(lambda connection: migrate_connection(connection, service))
    assert "positions" in await inline.run(tables)
    assert await inline.run(undo) == {versions_of(service).table}
    await inline.close()
