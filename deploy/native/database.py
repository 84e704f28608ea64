"""Databases of a PostgreSQL server: whether it answers, and making one; with an event loop running or without."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg  # type: ignore[import-untyped]

from reveille.kernel.errors import Misconfigured

T = TypeVar("T")

PROBE_SECONDS: Final = 5.0
MAKING_SECONDS: Final = 60.0


def answers(url: str) -> bool:
    """Whether it answers a query."""
    try:
        return bool(_blocking(_ask(url, "SELECT 1")) == 1)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return False


def create(url: str, name: str) -> str:
    """The URL of the database of that name on the server that `url` names; made if it is not there."""
    try:
        _blocking(_create(url, name))
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise Misconfigured(f"database {name} could not be made on {named(url)}: {error}") from error
    return url_of(url, name)


def url_of(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{quote(name)}"))


def named(url: str) -> str:
    """The server, without what it must be told to let one in."""
    return urlsplit(url).netloc.rpartition("@")[2]


async def _ask(url: str, query: str) -> Any:
    connection = await asyncpg.connect(url, timeout=PROBE_SECONDS)
    try:
        return await connection.fetchval(query, timeout=PROBE_SECONDS)
    finally:
        await connection.close(timeout=PROBE_SECONDS)


async def _create(url: str, name: str) -> None:
    connection = await asyncpg.connect(url, timeout=MAKING_SECONDS)
    try:
        if await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
            return
        quoted = name.replace('"', '""')
        await connection.execute(f'CREATE DATABASE "{quoted}"', timeout=MAKING_SECONDS)
    except (asyncpg.DuplicateDatabaseError, asyncpg.UniqueViolationError):
        pass  # Somebody else made it just now.
    finally:
        await connection.close(timeout=PROBE_SECONDS)


def _blocking(work: Coroutine[Any, Any, T]) -> T:
    """In a thread with a loop of its own: the caller's may be running."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()
