"""Which version of its schema each service's views are at, in the database and in this build."""

import asyncio
from collections.abc import Mapping

import asyncpg

from deploy.native.service import SERVICES
from reveille.adapters.migrations import schema_of, versions_of


def schemas_in(database_url: str) -> Mapping[str, str]:
    return asyncio.run(_read(database_url))


def newest() -> Mapping[str, str]:
    return {service: versions_of(service).newest for service in SERVICES}


def told(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """What has changed, in one line."""
    changes = [f"{service} {before[service]} → {at}" for service, at in after.items() if before[service] != at]
    return ", ".join(changes) or "none has changed"


async def _read(database_url: str) -> dict[str, str]:
    connection = await asyncpg.connect(database_url, timeout=10)
    try:
        found = {}
        for service in SERVICES:
            table = f'"{schema_of(service)}".{versions_of(service).table}'
            found[service] = str(await connection.fetchval(f"SELECT version_num FROM {table}"))
        return found
    finally:
        await connection.close(timeout=5)
