"""Promise 6: a view rebuilt from the log equals the live one, row by row."""

from typing import Any, Final

from sqlalchemy import Connection, inspect, text

from reveille.adapters.sql import InlineTransactions
from reveille.adapters.sql_tables import SqlPositions
from reveille.kernel.service import Ports
from tests.simulation.checker.broken import Broken
from tests.simulation.services import SERVICES, build
from tests.simulation.virtual import WallClock
from tests.simulation.world import World
from tests.unit.databases import database_of

# Leases are nobody's view.
OTHERS: Final = {"leases"}


async def check(world: World) -> list[Broken]:
    broken = []
    for service in SERVICES:
        fresh = database_of(service)
        await _rebuild(world, service, fresh)
        live, again = await world.databases[service].run(_rows), await fresh.run(_rows)
        await fresh.close()
        for table in sorted({*live, *again}):
            if live.get(table) != again.get(table):
                missing, more = _difference(live[table], again[table]), _difference(again[table], live[table])
                what = f"{table} of {service}: live has {missing[:3]}, rebuilt has {more[:3]} instead"
                broken.append(Broken(promise=6, what=what))
    return broken


async def _rebuild(world: World, service: str, fresh: InlineTransactions) -> None:
    ports = Ports(
        store=world.store,
        bus=world.bus,
        transactions=fresh,
        positions=SqlPositions(),
        clock=WallClock(world.wall),
        ids=world.ids,
        replica="rebuild",
    )
    await build(service, ports, world.blobs, 0).service.follower.catch_up()


def _rows(connection: Connection) -> dict[str, list[tuple[Any, ...]]]:
    tables = [name for name in inspect(connection).get_table_names() if name not in OTHERS]
    return {
        table: sorted((tuple(row) for row in connection.execute(text(f"SELECT * FROM {table}"))), key=repr)
        for table in tables
    }


def _difference(some: list[Any], others: list[Any]) -> list[Any]:
    return [row for row in some if row not in others]
