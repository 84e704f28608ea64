"""Schemas of views: one folder of versions for each service, `reveille.<service>.adapters.sql.migrations/versions`.

A version's file is named `<revision>_<what>.py`, and the revisions rise with the names, so that the newest is known
without Alembic, whose import costs 0.2 s at every start.

A version that says `adds_only = True` changes nothing that was there, so that an older build can go on with the schema,
be started again on it, and come back to it: the database says from which version on a build can use it.
"""

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import BigInteger, Column, Connection, Integer, LargeBinary, Text, inspect, text
from sqlalchemy.exc import DBAPIError

from reveille.adapters.sql import open_postgres, open_sqlite, sqlite_path
from reveille.adapters.sql_tables import leases, metadata, positions
from reveille.adapters.tls import explained
from reveille.kernel.errors import Misconfigured

if TYPE_CHECKING:
    from alembic.config import Config

RELAYS: Final = "relays"
# A column of Alembic's own table, beside the version.
USABLE_FROM: Final = "usable_from"
ENVIRONMENT: Final = Path(__file__).parent / "migration_environment"


@dataclass(frozen=True, slots=True)
class Versions:
    """What this build knows of one service's schema. Revisions are in order, the newest last."""

    service: str
    folder: Path
    revisions: tuple[str, ...]

    @property
    def newest(self) -> str:
        return self.revisions[-1]

    @property
    def table(self) -> str:
        return f"alembic_version_{self.service.replace('-', '_')}"


def migrate(url: str, service: str) -> None:
    """Bring a service's database of views to the newest schema. Call it outside of an event loop."""
    if path := sqlite_path(url):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Misconfigured(f"views of {service} cannot be kept in {path.parent}: {error.strerror}") from error
    _connected(url, service, lambda connection: migrate_connection(connection, service))


def schema_of(service: str) -> str:
    """The schema that a service's views have in a database of PostgreSQL, which all services may share."""
    return service.replace("-", "_")


def migrate_relays(url: str) -> None:
    """Make the tables that the relays of all services share, where they are not there. Outside of an event loop."""
    _connected(url, RELAYS, lambda connection: _create_relays(connection))


def _create_relays(connection: Connection) -> None:
    _lock(connection, RELAYS)
    metadata.create_all(connection, tables=[positions, leases])


def check(url: str, service: str) -> None:
    """Raises Misconfigured where this build does not know the database's schema. Call it outside of an event loop."""
    path = sqlite_path(url)
    if path is None or path.exists():
        _connected(url, service, lambda connection: check_connection(connection, service))


def migrate_connection(connection: Connection, service: str) -> None:
    """The same inside the caller's transaction: all of it, or nothing."""
    versions = versions_of(service)
    _lock(connection, versions.table)
    if _check(connection, versions) == versions.newest:
        return
    from alembic import command

    config = configuration(connection, versions)
    command.upgrade(config, versions.newest)
    _say_usable_from(connection, versions, _oldest_that_can_use_it(config, versions))


def check_connection(connection: Connection, service: str) -> None:
    _check(connection, versions_of(service))


def versions_of(service: str) -> Versions:
    package = f"reveille.{service.replace('-', '_')}.adapters.sql.migrations"
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise LookupError(f"service {service} has no package {package}")
    folder = Path(next(iter(spec.submodule_search_locations))) / "versions"
    names = sorted(name for name in os.listdir(folder) if name.endswith(".py") and name != "__init__.py")
    if not names:
        raise LookupError(f"service {service} has no versions of its schema in {folder}")
    return Versions(service, folder, tuple(name.removesuffix(".py").partition("_")[0] for name in names))


def configuration(connection: Connection, versions: Versions) -> "Config":
    """For Alembic's own commands, within the connection's transaction."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", _option(ENVIRONMENT))
    config.set_main_option("version_locations", _option(versions.folder))
    config.set_main_option("path_separator", "newline")
    config.attributes.update(connection=connection, version_table=versions.table)
    return config


def create_positions(op: Any) -> None:
    op.create_table("positions", Column("view", Text, primary_key=True), Column("position", BigInteger, nullable=False))


def create_leases(op: Any) -> None:
    op.create_table(
        "leases",
        Column("name", Text, primary_key=True),
        Column("owner", Text, nullable=False),
        Column("until", BigInteger, nullable=False),
    )


def create_timers(op: Any) -> None:
    op.create_table(
        "timers",
        Column("stream", Text, primary_key=True),
        Column("name", Text, primary_key=True),
        Column("due", BigInteger, nullable=False),
        Column("correlation", Text, nullable=False),
        Column("trace", Text, nullable=False),
        Column("hop", Integer, nullable=False),
        Column("cause", LargeBinary, nullable=False),
    )
    op.create_index("timers_due", "timers", ["due"])


def _oldest_that_can_use_it(config: "Config", versions: Versions) -> str:
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory.from_config(config)
    for revision in reversed(versions.revisions[1:]):
        if not getattr(scripts.get_revision(revision).module, "adds_only", False):
            return revision
    return versions.revisions[0]


def _say_usable_from(connection: Connection, versions: Versions, revision: str) -> None:
    if not _says_usable_from(connection, versions):
        connection.execute(text(f"ALTER TABLE {versions.table} ADD COLUMN {USABLE_FROM} VARCHAR(32)"))
    connection.execute(text(f"UPDATE {versions.table} SET {USABLE_FROM} = :revision"), {"revision": revision})


def _says_usable_from(connection: Connection, versions: Versions) -> bool:
    return any(column["name"] == USABLE_FROM for column in inspect(connection).get_columns(versions.table))


def _is_usable(connection: Connection, versions: Versions) -> bool:
    if not _says_usable_from(connection, versions):
        return False
    return connection.execute(text(f"SELECT {USABLE_FROM} FROM {versions.table}")).scalar() in versions.revisions


def _check(connection: Connection, versions: Versions) -> str | None:
    """The schema that the database is at, or this build's where a newer one is as good; None: it has none yet."""
    if not connection.dialect.has_table(connection, versions.table):
        return None
    current: str | None = connection.execute(text(f"SELECT version_num FROM {versions.table}")).scalar()
    if current is not None and current not in versions.revisions:
        if _is_usable(connection, versions):
            return versions.newest
        raise Misconfigured(
            f"views of {versions.service} are at schema {current}, which this build does not know; "
            f"it knows up to {versions.newest}"
        )
    return current


def _lock(connection: Connection, name: str) -> None:
    """Replicas start together; SQLite's transactions exclude each other anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": name})


def _connected(url: str, service: str, work: Callable[[Connection], None]) -> None:
    try:
        if path := sqlite_path(url):
            engine = open_sqlite(path)
            try:
                with engine.begin() as connection:
                    work(connection)
            finally:
                engine.dispose()
        else:
            asyncio.run(_on_postgres(url, schema_of(service), work))
    except Exception as error:
        if isinstance(error, DBAPIError | OSError) or hasattr(error, "sqlstate"):  # asyncpg's, while it connects
            reason = error.orig if isinstance(error, DBAPIError) else error
            # A time-out says nothing of itself.
            said = str(reason) or type(reason).__name__
            if why := explained(reason or error):
                said = f"{why}, see sslrootcert, sslcert and sslkey in the URL of the views"
            raise Misconfigured(f"views of {service} cannot be opened and brought up to date: {said}") from error
        raise


async def _on_postgres(url: str, schema: str, work: Callable[[Connection], None]) -> None:
    engine = open_postgres(url, schema)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_lock, schema)
            # Not IF NOT EXISTS, which who may not make one is refused even where it is there.
            if not (await connection.execute(text("SELECT to_regnamespace(:name)"), {"name": schema})).scalar():
                await connection.execute(text(f'CREATE SCHEMA "{schema}"'))
            await connection.run_sync(work)
    finally:
        await engine.dispose()


def _option(path: Path) -> str:
    """As the configuration wants it, which would take a single % for a place to fill in."""
    return str(path).replace("%", "%%")
