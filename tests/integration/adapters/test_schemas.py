"""The schemas of all services, as a start makes them."""

from collections.abc import Iterator, Mapping
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


Tables = Mapping[str, "tuple[Mapping[str, Any], Any, Any]"]


@pytest.mark.parametrize("service", SERVICES)
async def test_a_version_that_says_that_it_only_adds_leaves_what_was_there_to_older_builds(service: str) -> None:
    """They go on writing to it; a version of which that does not hold says so, as `adds_only = False`."""
    versions = versions_of(service)

    def go_through_them(connection: Connection) -> None:
        config = configuration(connection, versions)
        scripts = ScriptDirectory.from_config(config)
        command.upgrade(config, versions.revisions[0])
        for revision in versions.revisions[1:]:
            before = _tables(connection, but=versions.table)
            command.upgrade(config, revision)
            said = getattr(scripts.get_revision(revision).module, "adds_only", None)
            if revision > UNSAID[service]:
                assert said is not None, f"{service} {revision} does not say whether it only adds, as `adds_only`"
            if said:
                assert [*_changes(before, _tables(connection, but=versions.table))] == [], f"{service} {revision}"

    inline = InlineTransactions()
    await inline.run(go_through_them)
    await inline.close()


def _tables(connection: Connection, *, but: str) -> Tables:
    """By name: columns by name, the primary key, and what else is unique."""
    found = inspect(connection)
    return {
        name: (
            {column["name"]: {**column, "type": str(column["type"])} for column in found.get_columns(name)},
            found.get_pk_constraint(name),
            [index for index in found.get_indexes(name) if index["unique"]],
        )
        for name in found.get_table_names()
        if name != but
    }


def _changes(before: Tables, after: Tables) -> Iterator[str]:
    """What an older build cannot go on with."""
    for table, (columns, *keys) in before.items():
        if table not in after:
            yield f"{table} is gone"
            continue
        now, *keys_now = after[table]
        if keys != keys_now:
            yield f"{table} has other keys"
        for name, column in now.items():
            if name in columns and column != columns[name]:
                yield f"{table}.{name} is another one"
            elif name not in columns and not (column["nullable"] or column["default"] is not None):
                yield f"{table}.{name} must be given, which older builds do not"
        for name in columns.keys() - now.keys():
            yield f"{table}.{name} is gone"
