"""Replicas of a service keep one database of views together."""

import pytest

from reveille.contracts.common.v1.common_pb2 import EventRef
from tests.unit.kernel.test_follower import Counts, Database, database
from tests.unit.log import Log

__all__ = ["database"]
pytestmark = pytest.mark.asyncio


async def test_a_slower_replica_takes_nothing_in_again(database: Database, log: Log) -> None:
    view = Counts()
    fast, slow = database.follower(view), database.follower(view)
    first = await log.write("t.a-1", EventRef())
    await log.write("t.a-1", EventRef(), EventRef())
    await fast.catch_up()
    await slow.take_in(first)
    await log.write("t.a-1", EventRef())
    await slow.catch_up()
    assert (await database.rows(view), await database.position(view)) == ({"t.a-1": 4}, 4)


async def test_a_replica_begins_again_where_another_has_cleared(database: Database, log: Log) -> None:
    view = Counts()
    live, other = database.follower(view), database.follower(view)
    await log.write("t.a-1", EventRef())
    await live.catch_up()
    await other.clear()
    await live.take_in(await log.write("t.a-1", EventRef()))
    await live.catch_up()
    assert await database.rows(view) == {"t.a-1": 2}
