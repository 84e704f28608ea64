"""The database's schema `log`: parts, each with a version, made by scripts that are only ever added to."""

from collections.abc import Sequence
from typing import Any, Final

from reveille.adapters.postgres_connection import ANSWER_SECONDS, DRIVER_ERRORS, PostgresConnection, line, place
from reveille.kernel.errors import Misconfigured, Transient

# Of two numbers, which is a room of its own: the locks of views' migrations have one. The first is "REVE" in ASCII.
LOCK_ROOM: Final = 0x52455645
SCHEMA_LOCK: Final = 1
TURN_LOCK: Final = 2

VERSIONS: Final = """
CREATE SCHEMA IF NOT EXISTS log;
CREATE TABLE IF NOT EXISTS log.versions (part text PRIMARY KEY, version integer NOT NULL);
"""


async def prepare(connection: PostgresConnection, url: str, *, part: str, scripts: Sequence[str]) -> None:
    """Bring a part to this build's version. Processes that start together take turns; the first one does the work.

    Raises Misconfigured where the database cannot be used, or a newer build has been there; the connection may then
    hold the lock, and is to be closed.
    """
    try:
        opened = await connection.get()
        if await _version(opened, part) != len(scripts):
            # Before the transaction: within one, a server process that has once found no schema may go on remembering
            # so, also when it has waited here until another one had made it.
            await opened.execute(f"SELECT pg_advisory_lock({LOCK_ROOM}, {SCHEMA_LOCK})", timeout=ANSWER_SECONDS)
            async with opened.transaction():
                await _upgrade(opened, url, part, scripts)
            await opened.execute(f"SELECT pg_advisory_unlock({LOCK_ROOM}, {SCHEMA_LOCK})", timeout=ANSWER_SECONDS)
    except Transient as error:
        raise Misconfigured(str(error)) from error
    except DRIVER_ERRORS as error:
        raise Misconfigured(f"database {place(url)}: {line(error)}") from error


async def _upgrade(opened: Any, url: str, part: str, scripts: Sequence[str]) -> None:
    version = await _version(opened, part)
    if version > len(scripts):
        raise Misconfigured(
            f"database {place(url)}: its {part} are at schema {version}, this build knows up to {len(scripts)}"
        )
    if version == 0:
        await opened.execute(VERSIONS, timeout=ANSWER_SECONDS)
    for script in scripts[version:]:
        await opened.execute(script, timeout=ANSWER_SECONDS)
    await opened.execute(
        "INSERT INTO log.versions VALUES ($1, $2) ON CONFLICT (part) DO UPDATE SET version = excluded.version",
        part,
        len(scripts),
        timeout=ANSWER_SECONDS,
    )


async def _version(opened: Any, part: str) -> int:
    """Looked at first, and without making anything: who may only use the schema need not be allowed to make it."""
    if await opened.fetchval("SELECT to_regclass('log.versions')", timeout=ANSWER_SECONDS) is None:
        return 0
    version = await opened.fetchval("SELECT version FROM log.versions WHERE part = $1", part, timeout=ANSWER_SECONDS)
    return version or 0
