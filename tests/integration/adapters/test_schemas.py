"""The schemas of all services, as a start makes them."""

from itertools import pairwise
from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from reveille.adapters.migrations import configuration, migrate_connection, versions_of
from reveille.adapters.sql import InlineTransactions

SERVICES = ("ingress", "analyzer", "planner", "budget", "agent-runner")
# Up to these, nothing was said.
UNSAID = {"ingress": "0004", "analyzer": "0002", "planner": "0003", "budget": "0001", "agent-runner": "0003"}


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


@pytest.mark.parametrize("service", SERVICES)
async def test_a_version_that_says_that_it_only_adds_leaves_every_table_as_it_was(service: str) -> None:
    """An older build goes on with it then; one that says it of no version says so, as `adds_only = False`."""
    versions = versions_of(service)

    def look(connection: Connection) -> dict[str, Any]:
        found = inspect(connection)
        names = [name for name in found.get_table_names() if name != versions.table]
        return {
            name: (
                [{**column, "type": str(column["type"])} for column in found.get_columns(name)],
                found.get_pk_constraint(name),
                [index for index in found.get_indexes(name) if index["unique"]],
            )
            for name in names
        }

    def go_through_them(connection: Connection) -> None:
        config = configuration(connection, versions)
        scripts = ScriptDirectory.from_config(config)
        command.upgrade(config, versions.revisions[0])
        for before, revision in pairwise(versions.revisions):
            were = look(connection)
            command.upgrade(config, revision)
            said = getattr(scripts.get_revision(revision).module, "adds_only", None)
            if revision > UNSAID[service]:
                assert said is not None, f"{service} {revision} does not say whether it only adds, as `adds_only`"
            if said:
                are = look(connection)
                assert {name: are.get(name) for name in were} == were, f"{service} {revision} changes what {before} had"

    inline = InlineTransactions()
    await inline.run(go_through_them)
    await inline.close()
