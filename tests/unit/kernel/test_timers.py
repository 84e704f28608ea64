"""What is due fires once, and not before its owner has handled what came before."""

from collections.abc import AsyncIterator

import pytest

from reveille.adapters import sql_tables
from reveille.adapters.sql import InlineTransactions
from reveille.adapters.sql_tables import SqlTimers
from reveille.contracts.common.v1.common_pb2 import EventRef
from reveille.kernel.clock import SECOND
from reveille.kernel.decider import Command
from reveille.kernel.errors import Transient
from reveille.kernel.events import Origin
from reveille.kernel.handling import Desk, Handling
from reveille.kernel.timers import LONGEST, Due, Timer, Timers
from tests.unit.kernel.tally import Note, WatchedStore, noted
from tests.unit.log import Log
from tests.unit.manual_clock import NOON, ManualClock
from tests.unit.running import running
from tests.unit.spec import HERE

pytestmark = pytest.mark.asyncio
SETTER, RING = "t.setter-1", "t.tally-1"


class House:
    """An event EventRef(stream=name, revision=seconds) sets a timer so many seconds after noon; -1 puts it off."""

    def __init__(self, log: Log, handling: Handling) -> None:
        self.log = log
        self.clock = ManualClock()
        self.database = InlineTransactions()
        self.table = SqlTimers({EventRef.DESCRIPTOR.full_name: self._sets})
        self.desk = Desk(handling, self._park)
        # What happens while the owner catches up.
        self.caught_up: list[str] = []
        self.meanwhile: list[str] = []

    def timers(self) -> Timers:
        return Timers(
            self.table,
            self._fires,
            read=self.database.run,
            caught_up=self._catch_up,
            desk=self.desk,
            clock=self.clock,
        )

    async def set(self, name: str, seconds: int, stream: str = RING) -> None:
        events = await self.log.write(stream, EventRef(stream=name, revision=seconds))
        await self.database.run(lambda connection: self.table.project(connection, events))

    async def rung(self, stream: str = RING) -> list[str]:
        return [event.stream for event in await self.log.messages(stream) if isinstance(event, EventRef)]

    @staticmethod
    def _sets(event: object) -> list[Timer]:
        assert isinstance(event, EventRef)
        return [Timer(event.stream, None if event.revision < 0 else NOON + event.revision * SECOND)]

    @staticmethod
    def _fires(due: Due, now: int) -> Command:
        return Note(label=f"{due.name} rang", now=now)

    async def _catch_up(self) -> None:
        self.caught_up.append("yes")
        for label in self.meanwhile:
            await self.log.write(RING, noted(label))

    async def _park(self, work: object, error: Exception) -> None:
        raise AssertionError(f"a timer is no message: {error}")


@pytest.fixture
async def house(log: Log, handling: Handling) -> AsyncIterator[House]:
    house = House(log, handling)
    await house.database.run(lambda connection: sql_tables.metadata.create_all(connection))
    async with running(house.desk.run()):
        yield house
    await house.database.close()


async def test_nothing_fires_before_it_is_due(house: House) -> None:
    await house.set("a", 5)
    await house.timers().turn()
    assert await house.rung() == ["a"]


async def test_what_is_due_fires(house: House) -> None:
    await house.set("a", 5)
    house.clock.advance(5)
    await house.timers().turn()
    assert await house.rung() == ["a", "a rang"]


async def test_an_event_of_a_timer_is_about_what_set_it_and_caused_by_it(house: House, log: Log) -> None:
    await house.set("a", 0)
    await house.timers().turn()
    setting, ringing = await log.read(RING)
    assert (ringing.meta.about, ringing.meta.origin, ringing.meta.time) == (HERE, Origin(setting.id), NOON)


async def test_what_came_due_while_nobody_was_there_fires(house: House) -> None:
    await house.set("a", 5)
    house.clock.advance(3600)
    await house.timers().turn()
    assert await house.rung() == ["a", "a rang"]


async def test_a_timer_fires_once(house: House, log: Log) -> None:
    await house.set("a", 0)
    timers = house.timers()
    await timers.turn()
    head = await log.store.head()
    await timers.turn()
    assert (await log.store.head(), len(house.caught_up)) == (head, 1)


async def test_a_timer_that_fires_again_after_a_restart_finds_its_work_done(house: House) -> None:
    await house.set("a", 0)
    await house.timers().turn()
    await house.timers().turn()
    assert await house.rung() == ["a", "a rang"]


async def test_a_timer_that_is_put_off_does_not_fire(house: House) -> None:
    await house.set("a", 5)
    await house.set("a", -1)
    house.clock.advance(5)
    await house.timers().turn()
    assert await house.rung() == ["a", "a"]


async def test_a_later_timer_of_the_same_name_takes_its_place(house: House) -> None:
    await house.set("a", 5)
    await house.set("a", 9)
    house.clock.advance(5)
    await house.timers().turn()
    assert await house.rung() == ["a", "a"]


async def test_timers_of_other_names_and_streams_fire_each(house: House) -> None:
    await house.set("a", 1)
    await house.set("b", 2)
    await house.set("a", 1, stream="t.tally-2")
    house.clock.advance(2)
    await house.timers().turn()
    assert (await house.rung(), await house.rung("t.tally-2")) == (["a", "b", "a rang", "b rang"], ["a", "a rang"])


async def test_a_timer_fires_on_what_its_owner_has_handled_meanwhile(house: House) -> None:
    await house.set("a", 0)
    house.meanwhile = ["a rang"]  # what it would do has been done
    await house.timers().turn()
    assert await house.rung() == ["a", "a rang"]


async def test_a_timer_whose_append_failed_fires_again(house: House, store: WatchedStore) -> None:
    await house.set("a", 0)
    store.faults, store.lands = [Transient("away")], False
    timers = house.timers()
    await timers.turn()
    assert await house.rung() == ["a"]
    await timers.turn()
    assert await house.rung() == ["a", "a rang"]


async def test_the_next_turn_comes_when_the_next_timer_is_due(house: House) -> None:
    await house.set("a", 5)
    house.clock.advance(4.75)
    assert await house.timers().turn() == 0.25


async def test_a_turn_is_never_long_for_the_clock_may_be_set(house: House) -> None:
    await house.set("a", 3600)
    assert await house.timers().turn() == LONGEST


async def test_where_no_timer_is_set_the_next_turn_comes_all_the_same(house: House) -> None:
    assert await house.timers().turn() == LONGEST
