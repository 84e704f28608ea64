"""Blobs in a table of PostgreSQL, on connections of their own: they are large, and the log's must not wait for them."""

import asyncio
import hashlib
from collections.abc import Collection
from typing import Final

from reveille.adapters.postgres_connection import PostgresConnection, check_url
from reveille.adapters.postgres_pool import PostgresPool
from reveille.adapters.postgres_schema import prepare

CONNECTIONS: Final = 2

SCRIPTS: Final = (
    """
CREATE TABLE log.blobs (
    tenant text COLLATE "C" NOT NULL, digest text COLLATE "C" NOT NULL, data bytea NOT NULL,
    PRIMARY KEY (tenant, digest)
);
""",
)
# Where another one is just putting the same bytes, it returns when that one is committed.
PUT: Final = "INSERT INTO log.blobs VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
DROP: Final = "DELETE FROM log.blobs WHERE tenant = $1 AND digest = ANY ($2::text[])"
GET: Final = "SELECT data FROM log.blobs WHERE tenant = $1 AND digest = $2"


class PostgresBlobs:
    def __init__(self, pool: PostgresPool) -> None:
        self._pool = pool

    @classmethod
    async def open(cls, url: str, *, name: str = "reveille") -> "PostgresBlobs":
        """The database may be that of the log. Raises Misconfigured where it cannot be used."""
        check_url(url)
        first = PostgresConnection(url, name=name)
        try:
            await prepare(first, url, part="blobs", scripts=SCRIPTS)
        finally:
            await first.close()
        return cls(PostgresPool(url, CONNECTIONS, name=name))

    async def put(self, tenant: str, data: bytes) -> str:
        digest = (await asyncio.to_thread(hashlib.sha256, data)).hexdigest()
        await self.keep(tenant, digest, data)
        return digest

    async def keep(self, tenant: str, digest: str, data: bytes) -> None:
        """Under another digest than its own."""
        await self._pool.fetch(PUT, tenant, digest, data)

    async def drop(self, tenant: str, digests: Collection[str]) -> None:
        await self._pool.fetch(DROP, tenant, [*digests])

    async def get(self, tenant: str, digest: str) -> bytes:
        missing = KeyError(f"tenant {tenant} has no blob {digest}")
        try:
            found = await self._pool.fetch(GET, tenant, digest)
        except ValueError as error:  # a digest from outside may hold anything
            raise missing from error
        if not found:
            raise missing
        data: bytes = found[0][0]
        return data

    async def close(self) -> None:
        await self._pool.close()
