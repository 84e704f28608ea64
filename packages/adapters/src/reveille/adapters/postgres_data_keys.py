"""The table of data keys in PostgreSQL, beside the blobs: all replicas of all services share it."""

import logging
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from reveille.adapters.key_rows import KeyRow, Subject, set_aside
from reveille.adapters.postgres_connection import (
    ANSWER_SECONDS,
    DRIVER_ERRORS,
    PostgresConnection,
    check_url,
    line,
    place,
)
from reveille.adapters.postgres_pool import PostgresPool
from reveille.adapters.postgres_schema import prepare
from reveille.kernel.errors import Misconfigured, Transient

logger = logging.getLogger(__name__)

CONNECTIONS: Final = 2
PART: Final = "data_keys"

SCRIPTS: Final = (
    """
CREATE TABLE log.data_keys (
    id text COLLATE "C" PRIMARY KEY, tenant text COLLATE "C" NOT NULL, subject text COLLATE "C" NOT NULL,
    master text COLLATE "C" NOT NULL, wrapped bytea NOT NULL
);
CREATE UNIQUE INDEX data_keys_of ON log.data_keys (tenant, subject);
""",
)
COLUMNS: Final = "id, tenant, subject, master, wrapped"
THERE: Final = "SELECT to_regclass('log.data_keys') IS NOT NULL"
ANY: Final = "SELECT EXISTS (SELECT 1 FROM log.data_keys)"
ADD: Final = """
INSERT INTO log.data_keys SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bytea[])
    ON CONFLICT (tenant, subject) DO NOTHING RETURNING id
"""
_ASKED: Final = "unnest($1::text[], $2::text[]) AS asked (tenant, subject)"
OF_SUBJECTS: Final = f"SELECT {COLUMNS} FROM log.data_keys JOIN {_ASKED} USING (tenant, subject)"
BY_IDS: Final = f"SELECT {COLUMNS} FROM log.data_keys WHERE id = ANY ($1::text[])"
ERASED: Final = f"""
SELECT keys.id FROM log.data_keys keys JOIN {_ASKED} ON keys.tenant = asked.tenant AND (
    keys.subject = asked.subject OR starts_with(keys.subject, asked.subject || '{set_aside("", "")}')
) WHERE keys.master = '' ORDER BY keys.id
"""
ERASE: Final = """
UPDATE log.data_keys keys SET
    subject = CASE WHEN asked.lasting THEN keys.subject ELSE keys.subject || '{aside}' || keys.id END,
    master = '', wrapped = ''
FROM unnest($1::text[], $2::text[], $3::boolean[]) AS asked (tenant, subject, lasting)
WHERE keys.tenant = asked.tenant AND keys.subject = asked.subject
""".format(aside=set_aside("", ""))
# What an UPDATE leaves behind is taken away now, and not when the table has changed enough.
VACUUM: Final = "VACUUM log.data_keys"
LEFT: Final = "erased keys stay in dead rows until the next vacuum"
# To who may not, VACUUM only gives a warning. MAINTAIN is there from PostgreSQL 17 on.
MAY_VACUUM: Final = """
SELECT pg_has_role(c.relowner, 'USAGE') OR pg_has_role(d.datdba, 'USAGE') OR EXISTS (
    SELECT 1 FROM aclexplode(c.relacl) AS given
    WHERE given.privilege_type = 'MAINTAIN' AND (given.grantee = 0 OR pg_has_role(given.grantee, 'USAGE'))
) FROM pg_class c, pg_database d WHERE c.oid = 'log.data_keys'::regclass AND d.datname = current_database()
"""
MASTERS: Final = "SELECT master, count(*) FROM log.data_keys GROUP BY master"
BY_OTHERS: Final = f"SELECT {COLUMNS} FROM log.data_keys WHERE master <> $1 AND master <> '' ORDER BY id LIMIT $2"
BY: Final = f"SELECT {COLUMNS} FROM log.data_keys WHERE master = $1 LIMIT 1"
REWRAP: Final = """
UPDATE log.data_keys keys SET master = given.master, wrapped = given.wrapped
FROM unnest($1::text[], $2::text[], $3::bytea[]) AS given (id, master, wrapped)
WHERE keys.id = given.id AND keys.master <> ''
"""


async def prepare_data_keys(url: str, *, name: str = "reveille") -> None:
    """Make the table, or bring it to this build's version. Raises Misconfigured."""
    check_url(url)
    first = PostgresConnection(url, name=name)
    try:
        await prepare(first, url, part=PART, scripts=SCRIPTS)
    finally:
        await first.close()


class PostgresDataKeys:
    def __init__(self, pool: PostgresPool) -> None:
        self._pool = pool

    @classmethod
    async def open(cls, url: str, *, name: str = "reveille") -> "PostgresDataKeys":
        """The database may be that of the log. Raises Misconfigured where it cannot be used."""
        await prepare_data_keys(url, name=name)
        return cls(PostgresPool(url, CONNECTIONS, name=name))

    @classmethod
    async def any_in(cls, url: str, *, name: str = "reveille") -> bool:
        """Whether something was encrypted there; nothing is made for that. Raises Misconfigured."""
        check_url(url)
        first = PostgresConnection(url, name=name)
        try:
            opened = await first.get()
            if not await opened.fetchval(THERE, timeout=ANSWER_SECONDS):
                return False
            return bool(await opened.fetchval(ANY, timeout=ANSWER_SECONDS))
        except Transient as error:
            raise Misconfigured(str(error)) from error
        except DRIVER_ERRORS as error:
            raise Misconfigured(f"database {place(url)}: {line(error)}") from error
        finally:
            await first.close()

    async def add(self, rows: Sequence[KeyRow]) -> int:
        columns = [[getattr(row, name) for row in rows] for name in COLUMNS.split(", ")]
        return len(await self._pool.fetch(ADD, *columns))

    async def of_subjects(self, subjects: Collection[Subject]) -> list[KeyRow]:
        return _rows(await self._pool.fetch(OF_SUBJECTS, *_columns(subjects)))

    async def by_ids(self, ids: Collection[str]) -> list[KeyRow]:
        return _rows(await self._pool.fetch(BY_IDS, [*ids]))

    async def erased(self, subjects: Collection[Subject]) -> list[str]:
        return [id for (id,) in await self._pool.fetch(ERASED, *_columns(subjects))]

    async def erase(self, subjects: Collection[Subject]) -> None:
        await self._pool.fetch(ERASE, *_columns(subjects), [one.lasting for one in subjects])
        try:
            [(allowed,)] = await self._pool.fetch(MAY_VACUUM)
            await self._pool.fetch(VACUUM)
        except Transient as error:
            logger.warning("%s: %s", LEFT, error)
        else:
            if not allowed:
                logger.warning("%s: this user may not vacuum log.data_keys, expected its owner or MAINTAIN", LEFT)

    async def masters(self) -> Mapping[str, int]:
        return {row[0]: row[1] for row in await self._pool.fetch(MASTERS)}

    async def wrapped_by_others(self, master: str, limit: int) -> list[KeyRow]:
        return _rows(await self._pool.fetch(BY_OTHERS, master, limit))

    async def wrapped_by(self, master: str) -> KeyRow | None:
        return next(iter(_rows(await self._pool.fetch(BY, master))), None)

    async def rewrap(self, rows: Sequence[KeyRow]) -> None:
        columns = [[getattr(row, name) for row in rows] for name in ("id", "master", "wrapped")]
        await self._pool.fetch(REWRAP, *columns)

    async def close(self) -> None:
        await self._pool.close()


def _columns(subjects: Collection[Subject]) -> tuple[list[str], list[str]]:
    return [one.tenant for one in subjects], [one.name for one in subjects]


def _rows(found: Sequence[Any]) -> list[KeyRow]:
    return [KeyRow(id=row[0], tenant=row[1], subject=row[2], master=row[3], wrapped=row[4]) for row in found]
