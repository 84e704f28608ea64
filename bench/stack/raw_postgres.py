"""The floor of what ends in the log: the same rows appended to a bare table of PostgreSQL."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any, Final

import asyncpg  # type: ignore[import-untyped]

from bench.stack.log_table import COLUMNS

# By column, in the order of COLUMNS.
TYPES: Final = (
    *("bigint", "text", "integer", "bytea", "text", "bytea", "bigint", "text", "text", "integer"),
    *("bytea", "text", "integer", "bigint", "text"),
)
# No index but the one that keeps the order, no function, no turn to wait for and nobody to notify.
TABLE: Final = "CREATE TABLE IF NOT EXISTS raw ({})".format(
    ", ".join(
        f"{name} {kind} NOT NULL{' PRIMARY KEY' if name == 'position' else ''}"
        for name, kind in zip(COLUMNS.split(", "), TYPES, strict=True)
    )
)
INSERT: Final = "INSERT INTO raw SELECT * FROM unnest({})".format(
    ", ".join(f"${number}::{kind}[]" for number, kind in enumerate(TYPES, 1))
)


def append_seconds(url: str, rows: Sequence[Any], *, per_commit: int) -> float:
    """One connection, one statement a commit; each commit is on the disk when it returns."""
    return asyncio.run(_append(url, rows, per_commit))


async def _append(url: str, rows: Sequence[Any], per_commit: int) -> float:
    groups = [list(zip(*rows[start : start + per_commit], strict=True)) for start in range(0, len(rows), per_commit)]
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f"DROP TABLE IF EXISTS raw; {TABLE}")
        insert = await connection.prepare(INSERT)
        began = time.monotonic()
        for group in groups:
            await insert.fetch(*group)
        return time.monotonic() - began
    finally:
        await connection.close()
