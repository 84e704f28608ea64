"""Views follow the log: rows and position change together, and a rebuild gives what the live view has."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

import pytest
from sqlalchemy import Column, Connection, Integer, MetaData, Table, Text, delete, select

from reveille.adapters import sql_tables
from reveille.adapters.sql import InlineTransactions, upsert
from reveille.adapters.sql_tables import SqlPositions
from reveille.contracts.common.v1.common_pb2 import EventRef, Json
from reveille.kernel.errors import Transient
from reveille.kernel.events import Recorded
from reveille.kernel.views import Follower, Observer, View
from tests.unit.log import Log
from tests.unit.manual_clock import ManualClock
from tests.unit.running import running

pytestmark = pytest.mark.asyncio
REF, JSON = EventRef.DESCRIPTOR.full_name, Json.DESCRIPTOR.full_name

counts: Final = Table(
    "counts",
    MetaData(),
    Column("view", Text, primary_key=True),
    Column("stream", Text, primary_key=True),
    Column("events", Integer, nullable=False),
)


class Counts:
    """How many events each stream has."""

    def __init__(self, name: str = "counts", types: frozenset[str] | None = None) -> None:
        self.name = name
        self.types = types
        self.broken = False

    def project(self, connection: Connection, events: Sequence[Recorded]) -> None:
        rows = self.rows(connection)
        for event in events:
            rows[event.stream] = rows.get(event.stream, 0) + 1
        upsert(
            connection, counts, [{"view": self.name, "stream": name, "events": count} for name, count in rows.items()]
        )
        if self.broken:
            raise ArithmeticError("the view is broken")

    def clear(self, connection: Connection) -> None:
        connection.execute(delete(counts).where(counts.c.view == self.name))

    def rows(self, connection: Connection) -> dict[str, int]:
        found = connection.execute(select(counts).where(counts.c.view == self.name))
        return {row.stream: row.events for row in found}


class Database:
    def __init__(self, log: Log) -> None:
        self.log = log
        self.transactions = InlineTransactions()

    def follower(self, *views: View, observer: Observer | None = None) -> Follower:
        return Follower(
            views,
            observer=observer,
            store=self.log.store,
            transactions=self.transactions,
            positions=SqlPositions(),
            clock=ManualClock(),
        )

    async def rows(self, view: Counts) -> dict[str, int]:
        return await self.transactions.run(view.rows)

    async def position(self, view: Counts) -> int:
        return await self.transactions.run(lambda connection: SqlPositions().load(connection, view.name))


@pytest.fixture
async def database(log: Log) -> AsyncIterator[Database]:
    database = Database(log)

    def create(connection: Any) -> None:
        counts.metadata.create_all(connection)
        sql_tables.metadata.create_all(connection)

    await database.transactions.run(create)
    yield database
    await database.transactions.close()


async def test_a_view_takes_in_what_the_log_holds(database: Database, log: Log) -> None:
    view = Counts()
    await log.write("t.a-1", EventRef(), EventRef())
    await log.write("t.b-1", EventRef())
    await database.follower(view).catch_up()
    assert await database.rows(view) == {"t.a-1": 2, "t.b-1": 1}


async def test_a_view_takes_in_each_event_once(database: Database, log: Log) -> None:
    view = Counts()
    for _ in range(2):
        await log.write("t.a-1", EventRef())
        await database.follower(view).catch_up()
    assert await database.rows(view) == {"t.a-1": 2}


async def test_a_view_takes_in_the_types_that_it_follows_and_no_others(database: Database, log: Log) -> None:
    view = Counts(types=frozenset({JSON}))
    await log.write("t.a-1", EventRef(), Json(), EventRef())
    follower = database.follower(view)
    await follower.catch_up()
    assert (await database.rows(view), follower.position) == ({"t.a-1": 1}, 3)


async def test_a_view_that_is_new_takes_in_what_the_others_have_already(database: Database, log: Log) -> None:
    old, new = Counts("old"), Counts("new")
    await log.write("t.a-1", EventRef())
    await database.follower(old).catch_up()
    await log.write("t.a-1", EventRef())
    await database.follower(old, new).catch_up()
    assert (await database.rows(old), await database.rows(new)) == ({"t.a-1": 2}, {"t.a-1": 2})


async def test_what_another_replica_has_taken_in_is_not_taken_in_again(database: Database, log: Log) -> None:
    view = Counts()
    behind, ahead = database.follower(view), database.follower(view)
    await log.write("t.a-1", EventRef())
    events = await log.all()
    await ahead.catch_up()
    await log.write("t.a-1", EventRef())
    await ahead.catch_up()
    await behind.take_in(events)
    assert await database.rows(view) == {"t.a-1": 2}


async def test_a_view_that_was_cleared_meanwhile_is_built_from_the_beginning(database: Database, log: Log) -> None:
    view = Counts()
    follower = database.follower(view)
    await log.write("t.a-1", EventRef())
    await follower.catch_up()
    await database.follower(view).clear()
    await log.write("t.a-1", EventRef())
    async with running(follower.run()):
        await follower.wait_for(2)
    assert await database.rows(view) == {"t.a-1": 2}


async def test_a_transaction_that_fails_leaves_rows_and_position_as_they_were(database: Database, log: Log) -> None:
    good, bad = Counts("good"), Counts("bad")
    await log.write("t.a-1", EventRef())
    follower = database.follower(good, bad)
    await follower.catch_up()
    await log.write("t.a-1", EventRef())
    bad.broken = True
    with pytest.raises(ArithmeticError):
        await follower.catch_up()
    assert (await database.rows(good), await database.position(good), follower.position) == ({"t.a-1": 1}, 1, 1)


async def test_after_a_failure_the_view_goes_on_where_it_was(database: Database, log: Log) -> None:
    view = Counts()
    await log.write("t.a-1", EventRef())
    view.broken = True
    with pytest.raises(ArithmeticError):
        await database.follower(view).catch_up()
    view.broken = False
    await database.follower(view).catch_up()
    assert await database.rows(view) == {"t.a-1": 1}


async def test_a_view_that_is_rebuilt_equals_the_live_one(database: Database, log: Log) -> None:
    view = Counts()
    follower = database.follower(view)
    for number in range(5):
        await log.write(f"t.a-{number % 2}", EventRef())
        await follower.catch_up()
    live = await database.rows(view)
    await follower.clear()
    assert await database.rows(view) == {}
    await follower.catch_up()
    assert await database.rows(view) == live


async def test_clearing_starts_from_the_beginning(database: Database, log: Log) -> None:
    view = Counts()
    await log.write("t.a-1", EventRef())
    follower = database.follower(view)
    await follower.catch_up()
    await follower.clear()
    assert (follower.position, await database.position(view)) == (0, 0)


async def test_a_follower_that_runs_takes_in_what_comes(database: Database, log: Log) -> None:
    view = Counts()
    follower = database.follower(view)
    async with running(follower.run()):
        for position in (1, 2, 3):
            await log.write("t.a-1", EventRef())
            await follower.wait_for(position)
    assert await database.rows(view) == {"t.a-1": 3}


async def test_whoever_waits_for_what_is_there_does_not_wait(database: Database, log: Log) -> None:
    follower = database.follower(Counts())
    await log.write("t.a-1", EventRef())
    await follower.catch_up()
    await follower.wait_for(1, timeout=0)


async def test_whoever_waits_sees_his_own_write(database: Database, log: Log) -> None:
    follower = database.follower(Counts())
    waiting = asyncio.create_task(follower.wait_for(2))
    await log.write("t.a-1", EventRef())
    await follower.catch_up()
    assert not waiting.done()
    await log.write("t.a-1", EventRef())
    await follower.catch_up()
    await waiting


async def test_whoever_waits_in_vain_is_told_where_the_views_are(database: Database, log: Log) -> None:
    follower = database.follower(Counts())
    await log.write("t.a-1", EventRef())
    await follower.catch_up()
    with pytest.raises(Transient, match="views are at position 1, asked to wait for 2"):
        await follower.wait_for(2, timeout=0.001)


async def test_whoever_gave_up_waiting_disturbs_nobody(database: Database, log: Log) -> None:
    follower = database.follower(Counts())
    with pytest.raises(Transient):
        await follower.wait_for(1, timeout=0.001)
    waiting = asyncio.create_task(follower.wait_for(1))
    await asyncio.sleep(0)
    await log.write("t.a-1", EventRef())
    await follower.catch_up()
    await waiting


async def test_a_service_without_views_is_where_the_log_is(database: Database, log: Log) -> None:
    await log.write("t.a-1", EventRef())
    assert await database.follower().catch_up() == 1


class Onlooker:
    """Notes the positions of what it is told, and where the view stood then."""

    def __init__(self, database: Database, view: Counts) -> None:
        self.database = database
        self.view = view
        self.positions: list[int] = []
        self.behind: list[int] = []
        self.came: list[int] = []

    def coming(self, events: Sequence[Recorded]) -> None:
        assert not {event.position for event in events} & set(self.positions)
        self.came += [event.position for event in events]

    def seen(self, events: Sequence[Recorded]) -> None:
        self.positions += [event.position for event in events]
        with self.database.transactions.engine.begin() as connection:
            stands = SqlPositions().load(connection, self.view.name)
        self.behind += [event.position for event in events if event.position > stands]

    def is_waiting(self) -> bool:
        return True


async def test_an_observer_is_told_of_everything_when_the_views_have_it(database: Database, log: Log) -> None:
    view = Counts(types=frozenset({JSON}))
    onlooker = Onlooker(database, view)
    follower = database.follower(view, observer=onlooker)
    for _ in range(2):
        await log.write("t.a-1", EventRef(), Json())
        await follower.catch_up()
    assert (onlooker.positions, onlooker.behind) == ([1, 2, 3, 4], [])
    assert onlooker.came == [1, 2, 3, 4]


async def test_an_observer_is_told_of_what_another_replica_has_taken_in(database: Database, log: Log) -> None:
    view = Counts()
    onlooker = Onlooker(database, view)
    mine = database.follower(view, observer=onlooker)
    await log.write("t.a-1", EventRef())
    events = await log.all()
    await database.follower(view).catch_up()
    await mine.take_in(events)
    assert onlooker.positions == [1]


async def test_an_observer_is_not_told_of_what_the_views_do_not_have_in_the_end(database: Database, log: Log) -> None:
    view = Counts()
    onlooker = Onlooker(database, view)
    view.broken = True
    await log.write("t.a-1", EventRef())
    with pytest.raises(ArithmeticError):
        await database.follower(view, observer=onlooker).catch_up()
    assert (onlooker.came, onlooker.positions) == ([1], [])


async def test_an_observer_of_a_follower_that_runs_again_misses_nothing(database: Database, log: Log) -> None:
    view = Counts()
    onlooker = Onlooker(database, view)
    mine = database.follower(view, observer=onlooker)
    await log.write("t.a-1", EventRef())
    async with running(mine.run()):
        await mine.wait_for(1)
    # While it does not run, another replica takes the views further.
    await log.write("t.a-1", EventRef())
    await database.follower(view).catch_up()
    async with running(mine.run()):
        await mine.wait_for(2)
        # An observer is told in the same turn, when whoever waits is woken.
        await asyncio.sleep(0)
    assert onlooker.positions == [1, 2]
    assert await database.rows(view) == {"t.a-1": 2}


async def test_whoever_waits_before_it_runs_is_told_when_the_views_are_there(database: Database, log: Log) -> None:
    view = Counts()
    await log.write("t.a-1", EventRef())
    await database.follower(view).catch_up()
    mine = database.follower(view)
    waiting = asyncio.create_task(mine.wait_for(1))
    await asyncio.sleep(0)
    async with running(mine.run()):
        await waiting
