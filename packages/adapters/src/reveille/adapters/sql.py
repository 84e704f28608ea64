"""The databases of views: engines by URL, and transactions on them. Each service has a database of its own."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from sqlalchemy import Connection, Dialect, Engine, Table, create_engine, event
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import StaticPool

from reveille.kernel.errors import Misconfigured, Transient

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

T = TypeVar("T")

SQLITE: Final = "sqlite:"
POSTGRES: Final = "postgresql://"
# 30 s: a rebuild in another process can hold the lock longer than sqlite3's default of 5.
BUSY_TIMEOUT_MS: Final = 30_000
# Classes of SQLSTATE that pass: connection lost, transaction rolled back, resources short, lock not there, operator.
PASSING_STATES: Final = ("08", "40", "53", "55", "57")
# asyncpg's class, by name since it may not be installed: it also says that a connection is closed.
LOST_WHILE_CONNECTING: Final = "InterfaceError"
SQLITE_ERROR: Final = 1  # SQLite's code for a wrong statement, which Python calls operational too
POOL_SIZE: Final = 5
NUL: Final = "\x00"
# What Unicode has for a character that cannot be shown.
NO_CHARACTER: Final = "\ufffd"
# A process that is told to stop while its database is away must not wait longer for it than its grace.
CONNECT_SECONDS: Final = 5
COMMAND_SECONDS: Final = 30


class SqlTransactions:
    """Transactions on an engine. Also when its caller is cancelled, each is committed or undone to its end.

    SQLite runs each as a whole on one thread. With a thread's turn for every statement (aiosqlite), loading and saving
    a position took 2.6 ms where this takes 0.4; and 500 against 5 where the loop has other work.
    """

    def __init__(self, engine: "Engine | AsyncEngine") -> None:
        self._database = _OnThread(engine) if isinstance(engine, Engine) else _OnLoop(engine)

    async def run(self, work: Callable[[Any], T]) -> T:
        """A cancelled caller waits for the end: a connection cut in between is left in a state that nobody knows."""
        transaction = asyncio.ensure_future(self._run(work))
        try:
            return await asyncio.shield(transaction)
        except asyncio.CancelledError:
            while not transaction.done():
                with suppress(asyncio.CancelledError):
                    await asyncio.wait([transaction])
            raise

    async def close(self) -> None:
        await self._database.close()

    async def _run(self, work: Callable[[Any], T]) -> T:
        try:
            try:
                return await self._database.run(work)
            except DBAPIError as error:
                if type(error.orig).__name__ != "InvalidCachedStatementError":
                    raise
            # A migration changed a table under a prepared statement; having said so, the driver prepares it anew.
            return await self._database.run(work)
        except Exception as error:
            if may_pass(error):
                reason = error.orig if isinstance(error, DBAPIError) else error
                raise Transient(f"database of views: {reason}") from error
            raise


class _OnThread:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._thread = ThreadPoolExecutor(1, "reveille-views")

    async def run(self, work: Callable[[Any], T]) -> T:
        def transaction() -> T:
            with self._engine.begin() as connection:
                return work(connection)

        return await asyncio.get_running_loop().run_in_executor(self._thread, transaction)

    async def close(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self._engine.dispose)
        self._thread.shutdown()


class _OnLoop:
    def __init__(self, engine: "AsyncEngine") -> None:
        self._engine = engine

    async def run(self, work: Callable[[Any], T]) -> T:
        """Once more where the connection turns out to be lost, unless it was lost while it committed.

        So nobody need ask each connection whether it is alive before it is used: that took three of seven round trips.
        """
        lost = False
        while True:
            async with self._engine.connect() as connection:
                transaction = await connection.begin()
                try:
                    result = await connection.run_sync(work)
                except DBAPIError as error:
                    if lost or not error.connection_invalidated:
                        raise
                    lost = True
                    continue
                await transaction.commit()
                return result

    async def close(self) -> None:
        await self._engine.dispose()


class InlineTransactions:
    """Views in memory on the caller's own thread, for simulation: no virtual time passes inside a transaction."""

    def __init__(self) -> None:
        self.engine = open_sqlite(None)

    async def run(self, work: Callable[[Any], T]) -> T:
        with self.engine.begin() as connection:
            return work(connection)

    async def close(self) -> None:
        self.engine.dispose()


def open_engine(url: str, schema: str = "") -> "Engine | AsyncEngine":
    """`sqlite:PATH` or `postgresql://…`; connects when it is first used. schema: of PostgreSQL; "" is its default."""
    path = sqlite_path(url)
    return open_postgres(url, schema) if path is None else open_sqlite(path)


def open_sqlite(path: Path | None) -> Engine:
    """On one connection, for one thread at a time; without a path, in memory."""
    connect = {"check_same_thread": False}
    engine = create_engine(f"sqlite:///{path or ':memory:'}", poolclass=StaticPool, connect_args=connect)
    event.listen(engine, "connect", _configure)
    # The driver begins transactions late and not for every statement; so it is told when.
    event.listen(engine, "begin", _begin)
    return engine


def open_postgres(url: str, schema: str = "") -> "AsyncEngine":
    # Imported late: it brings the ORM along, a tenth of the time to start where SQLite is used.
    from sqlalchemy.ext.asyncio import create_async_engine

    settings = {
        "application_name": "reveille views",
        # Views are rebuilt from the log if need be, and rows and position are lost together.
        "synchronous_commit": "off",
        **({"search_path": schema} if schema else {}),
    }

    async def connect(**given: Any) -> Any:
        """By the driver's own reading of the URL, which knows sslmode and sslrootcert as the log's URL does."""
        from reveille.adapters.postgres_connection import connected

        return await connected(
            url, timeout=CONNECT_SECONDS, command_timeout=COMMAND_SECONDS, server_settings=settings, **given
        )

    try:
        engine = create_async_engine(
            "postgresql+asyncpg://", pool_size=POOL_SIZE, pool_timeout=CONNECT_SECONDS, async_creator=connect
        )
    except ImportError as error:
        raise Misconfigured("views on PostgreSQL need the package asyncpg, which is not installed") from error
    event.listen(engine.sync_engine, "before_cursor_execute", _storable, retval=True)
    return engine


def _storable(
    connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, executemany: bool
) -> tuple[str, Any]:
    """PostgreSQL's texts have no character 0, and what people send may: it is another one, written and asked for."""
    return statement, [_without_nul(row) for row in parameters] if executemany else _without_nul(parameters)


def _without_nul(row: Any) -> Any:
    if not any(type(value) is str and NUL in value for value in row):
        return row
    return tuple(value.replace(NUL, NO_CHARACTER) if isinstance(value, str) else value for value in row)


def sqlite_path(url: str) -> Path | None:
    """None: the URL is PostgreSQL's. Raises Misconfigured for any other."""
    if url.startswith(POSTGRES):
        return None
    if not url.startswith(SQLITE) or url.startswith("sqlite://") or url == SQLITE:
        # Not the whole URL: it may hold a password.
        raise Misconfigured(f"views are at a URL that begins with {url[:10]!r}, expected sqlite:PATH or postgresql://…")
    return Path(url.removeprefix(SQLITE))


def upsert(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert the rows, all with the same columns; a row whose primary key is there already takes its place."""
    if rows:
        statement, columns = _upsert(table, connection.dialect, tuple(rows[0]))
        # As text and tuples: through the statement itself a row costs three times as much, and views are mostly this.
        connection.exec_driver_sql(statement, [tuple([row[column] for column in columns]) for row in rows])


def insert_for(connection: Connection, table: Table) -> Any:
    """The dialect's own insert, which knows `on_conflict_do_update` and `on_conflict_do_nothing`."""
    return _insert(table, connection.dialect.name)


@cache
def _upsert(table: Table, dialect: Dialect, columns: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The statement's text, and the columns in the order of its parameters."""
    statement = _insert(table, dialect.name)
    keys = [column.name for column in table.primary_key]
    changed = {name: statement.excluded[name] for name in columns if name not in keys}
    if changed:
        statement = statement.on_conflict_do_update(index_elements=keys, set_=changed)
    else:
        statement = statement.on_conflict_do_nothing(index_elements=keys)
    compiled = statement.compile(dialect=dialect, column_keys=columns)
    return str(compiled), tuple(compiled.positiontup)


def _insert(table: Table, dialect: str) -> Any:
    if dialect == "postgresql":
        from sqlalchemy.dialects.postgresql import insert

        return insert(table)
    from sqlalchemy.dialects.sqlite import insert as sqlite_insert

    return sqlite_insert(table)


def may_pass(error: Exception) -> bool:
    """Whether the same work may go well later; a wrong statement never does."""
    if isinstance(error, PoolTimeout | OSError):
        return True
    driver = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    code = getattr(driver, "sqlite_errorcode", None)
    if code is not None:
        return isinstance(error, OperationalError) and code & 0xFF != SQLITE_ERROR
    # While it connects, asyncpg's errors come as they are.
    if state := getattr(driver, "sqlstate", None):
        return bool(state.startswith(PASSING_STATES))
    if not isinstance(error, DBAPIError):
        kinds = {kind.__name__ for kind in type(error).__mro__}
        return LOST_WHILE_CONNECTING in kinds and not isinstance(error, ValueError)
    # asyncpg refuses a wrong argument with an interface error that is a ValueError too.
    wrong = isinstance(getattr(driver, "__cause__", None), ValueError)
    return isinstance(error, OperationalError | InterfaceError) and not wrong


def _configure(dbapi_connection: Any, record: object) -> None:
    dbapi_connection.isolation_level = None
    for pragma in (
        f"busy_timeout = {BUSY_TIMEOUT_MS}",
        "journal_mode = WAL",
        # Views are rebuilt from the log if need be, and rows and position are lost together.
        "synchronous = NORMAL",
        "temp_store = MEMORY",
    ):
        dbapi_connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    # IMMEDIATE: a transaction that reads first and writes then cannot be refused in between.
    connection.exec_driver_sql("BEGIN IMMEDIATE")
