"""The log of a platform on PostgreSQL."""

import asyncio
from typing import Any, Final

import asyncpg  # type: ignore[import-untyped]

from bench.log import Log

# Else the planner, which knows no statistics of a fresh table, reads it from end to end for each look.
_BY_INDEX: Final = {"enable_seqscan": "off", "enable_bitmapscan": "off", "plan_cache_mode": "force_generic_plan"}
COLUMNS: Final = (
    "position, stream, revision, id, type, data, time, correlation, trace, hop, "
    "cause, sender, cause_partition, cause_position, replica"
)


def open_log_table(url: str) -> Log:
    return Log(LogTable(url))


class LogTable:
    """`Rows` of the table that PostgresEventStore writes."""

    # A look is a query on the server that is measured: every 10 ms, they were a third of what it did.
    pause: Final = 0.05

    def __init__(self, url: str) -> None:
        self._runner = asyncio.Runner()
        self._connection = self._runner.run(asyncpg.connect(url, server_settings=_BY_INDEX))

    def since(self, position: int) -> list[tuple[str, int, int]]:
        statement = "SELECT type, count(*), max(position) FROM log.events WHERE position > $1 GROUP BY type"
        return [tuple(row) for row in self._fetch(statement, position)]

    def sizes(self, after: int, type_name: str | None) -> list[int]:
        statement = "SELECT length(data) FROM log.events WHERE position > $1"
        if type_name is None:
            rows = self._fetch(f"{statement} ORDER BY position", after)
        else:
            rows = self._fetch(f"{statement} AND type = $2 ORDER BY position", after, type_name)
        return [size for (size,) in rows]

    def close(self) -> None:
        self._runner.run(self._connection.close())
        self._runner.close()

    def _fetch(self, statement: str, *parameters: Any) -> list[Any]:
        rows: list[Any] = self._runner.run(self._connection.fetch(statement, *parameters))
        return rows


def written(url: str, after: int, type_name: str | None = None) -> tuple[list[Any], int]:
    """The rows that a platform has written behind a position, and in how many commits."""

    async def read() -> tuple[list[Any], int]:
        connection = await asyncpg.connect(url)
        try:
            of = "position > $1 AND ($2::text IS NULL OR type = $2)"
            rows = await connection.fetch(
                f"SELECT {COLUMNS} FROM log.events WHERE {of} ORDER BY position", after, type_name
            )
            # A row keeps the number of the transaction that wrote it.
            commits = await connection.fetchval(
                f"SELECT count(DISTINCT xmin::text) FROM log.events WHERE {of}", after, type_name
            )
            return rows, commits
        finally:
            await connection.close()

    return asyncio.run(read())
