"""All work of a service in one process is decided one batch after the other."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from reveille.kernel.errors import Poison, Rejected
from reveille.kernel.handling import Desk, Handling, Work
from tests.unit.kernel.tally import Inbox, Note, Refuse, WatchedStore, noted, report
from tests.unit.log import Log

pytestmark = pytest.mark.asyncio
ONE = "t.tally-1"


class Parked:
    def __init__(self) -> None:
        self.reasons: list[str] = []

    async def __call__(self, work: Work, error: Exception) -> None:
        self.reasons.append(str(error))


@pytest.fixture
def parked() -> Parked:
    return Parked()


@pytest.fixture
async def desk(handling: Handling, parked: Parked) -> AsyncIterator[Desk]:
    desk = Desk(handling, parked)
    running = asyncio.create_task(desk.run())
    yield desk
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_what_waits_together_is_one_batch(desk: Desk, store: WatchedStore) -> None:
    await asyncio.gather(*(desk.submit([report((f"t.tally-{at}", Note(label="a")))]) for at in range(3)))
    assert store.appends == [["t.tally-0", "t.tally-1", "t.tally-2"]]


async def test_what_is_submitted_is_decided_when_it_returns(desk: Desk, log: Log) -> None:
    await desk.submit([report((ONE, Note(label="a")))])
    assert await log.messages(ONE) == [noted("a")]


async def test_everyone_hears_of_his_own_work(desk: Desk) -> None:
    good, bad = report((ONE, Note(label="a"))), report((ONE, Refuse(error=Rejected("no"))))
    await asyncio.gather(desk.submit([good]), desk.submit([bad]))
    assert (good.error, str(bad.error)) == (None, "no")


async def test_whoever_gives_up_waiting_stops_nobody(desk: Desk, log: Log) -> None:
    impatient = asyncio.create_task(desk.submit([report((ONE, Note(label="a")))]))
    await asyncio.sleep(0)
    impatient.cancel()
    await desk.submit([report((ONE, Note(label="b")))])
    assert await log.messages(ONE) == [noted("a"), noted("b")]


async def test_poison_goes_to_the_dead_letters(desk: Desk, parked: Parked, inbox: Inbox) -> None:
    await desk.submit([await inbox.work((ONE, Refuse(error=Poison("never"))))])
    assert parked.reasons == ["never"]
