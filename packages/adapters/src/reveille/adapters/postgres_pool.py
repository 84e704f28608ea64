"""A few connections for work that may be done twice: reads, and writes that change nothing the second time."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from reveille.adapters.postgres_connection import (
    DRIVER_ERRORS,
    PostgresConnection,
    line,
    outdated,
    place,
    refused,
    unfit,
)
from reveille.kernel.errors import Transient

# A stream without a snapshot is read whole.
READ_SECONDS: Final = 30.0


class PostgresPool:
    """Its connections are made when they are needed; the one used last is used next."""

    def __init__(self, url: str, size: int, *, name: str, settings: Mapping[str, str] | None = None) -> None:
        self._where = place(url)
        self._all = [PostgresConnection(url, name=name, settings=settings) for _ in range(size)]
        self._idle = [*self._all]
        self._free = asyncio.Semaphore(size)
        self._closed = False

    async def fetch(self, statement: str, *parameters: Any) -> list[Any]:
        """Once more where the connection turns out to be lost. Raises Transient, or ValueError for unfit parameters."""
        async with self._free:
            if self._closed:
                raise self._is_closed()
            connection = self._idle.pop()
            try:
                return await self._fetch(connection, statement, parameters)
            finally:
                self._idle.append(connection)

    async def _fetch(self, connection: PostgresConnection, statement: str, parameters: tuple[Any, ...]) -> list[Any]:
        again = True
        while True:
            opened = await connection.get()
            if self._closed:
                connection.drop()
                raise self._is_closed()
            try:
                rows: list[Any] = await opened.fetch(statement, *parameters, timeout=READ_SECONDS)
                return rows
            except DRIVER_ERRORS as error:
                if unfit(error):
                    raise ValueError(f"no database of PostgreSQL can hold this: {line(error)}") from error
                sound = refused(error)
                if not sound:
                    connection.drop()
                if not again or isinstance(error, TimeoutError) or (sound and not outdated(error)):
                    raise Transient(f"database {self._where}: {line(error)}") from error
                again = False

    async def close(self) -> None:
        """What is under way is cut off, and fails with Transient."""
        self._closed = True
        for connection in self._all:
            if connection in self._idle:
                await connection.close()
            else:
                connection.drop()

    def _is_closed(self) -> Transient:
        return Transient(f"database {self._where} is closed here")
