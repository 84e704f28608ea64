"""A service goes on while its log or its views are away, and takes nothing new when it is to stop."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import pytest

from reveille.adapters import sql_tables
from reveille.adapters.embedded_bus import EmbeddedBus
from reveille.adapters.sql import InlineTransactions
from reveille.adapters.sql_tables import SqlPositions
from reveille.contracts.common.v1.common_pb2 import EventRef, Json
from reveille.kernel.decider import Command
from reveille.kernel.errors import Transient
from reveille.kernel.event_bus import Routes
from reveille.kernel.event_store import follow
from reveille.kernel.events import Recorded
from reveille.kernel.service import Ports, Service
from tests.unit.kernel import tally
from tests.unit.kernel.tally import Note, WatchedStore
from tests.unit.log import Log
from tests.unit.manual_clock import ManualClock
from tests.unit.running import running

pytestmark = pytest.mark.asyncio
TALLY = "t.tally-1"
ROUTES: Routes = {Json.DESCRIPTOR.full_name: {"svc": lambda event: "one key"}}


class Fragile(InlineTransactions):
    """A database that is away as often as it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.away = 0

    async def run(self, work: Callable[[Any], Any]) -> Any:
        if self.away:
            self.away -= 1
            raise Transient("the database is away", retry_after=0)
        return await super().run(work)


class Seen:
    """A view that remembers nothing but that it was there."""

    name = "seen"
    types: frozenset[str] | None = None

    def project(self, connection: Any, events: Sequence[Recorded]) -> None: ...

    def clear(self, connection: Any) -> None: ...


async def on_word(event: Recorded, now: int) -> Sequence[tuple[str, Command]]:
    assert isinstance(event.msg, Json)
    return [(TALLY, Note(label=event.msg.text, now=now))]


@pytest.fixture
async def database() -> AsyncIterator[Fragile]:
    database = Fragile()
    await database.run(sql_tables.metadata.create_all)
    yield database
    await database.close()


@pytest.fixture
def service(log: Log, database: Fragile) -> Service:
    clock = ManualClock()
    ports = Ports(
        store=log.store,
        bus=EmbeddedBus(ROUTES, store=log.store, positions=log.store, clock=clock),
        transactions=database,
        positions=SqlPositions(),
        clock=clock,
        ids=log.ids,
        replica="here",
    )
    return Service(
        "svc",
        ports,
        deciders=[tally.decider],
        reactors={Json.DESCRIPTOR.full_name: on_word},
        views=[Seen()],
    )


async def noted(log: Log, label: str) -> None:
    """Return when it is."""
    async with asyncio.timeout(5):
        async for events in follow(log.store, 0):
            if any(isinstance(event.msg, EventRef) and event.msg.stream == label for event in events):
                return


async def test_a_service_answers_its_inbox(service: Service, log: Log) -> None:
    async with running(service.run()):
        await log.write("t.told-1", Json(text="a"))
        await noted(log, "a")


async def test_a_service_outlives_a_log_that_is_away(service: Service, log: Log, store: WatchedStore) -> None:
    store.faults, store.lands = [Transient("away", retry_after=0)] * 3, False
    async with running(service.run()):
        await log.write("t.told-1", Json(text="a"))
        await noted(log, "a")


async def test_a_service_outlives_views_that_are_away(service: Service, log: Log, database: Fragile) -> None:
    database.away = 3
    async with running(service.run()):
        await log.write("t.told-1", Json(text="a"))
        await service.follower.wait_for(1)


async def test_whoever_waits_for_the_inbox_finds_it_answered(service: Service, log: Log) -> None:
    async with running(service.run()):
        await log.write("t.told-1", Json(text="a"))
        await asyncio.wait_for(service.caught_up(), 5)
        assert len(await log.read(TALLY)) == 1


async def test_a_service_without_an_inbox_has_answered_it(log: Log, service: Service) -> None:
    await log.write("t.told-1", Json(text="a"))
    await asyncio.wait_for(Service("other", service.ports).caught_up(), 5)


async def test_a_service_that_is_to_stop_takes_nothing_new(service: Service, log: Log) -> None:
    async with running(service.run()):
        await log.write("t.told-1", Json(text="a"))
        await noted(log, "a")
        await service.drain(1)
        await log.write("t.told-2", Json(text="b"))
        await service.follower.wait_for(3)
    assert len(await log.read(TALLY)) == 1


async def test_what_must_come_to_an_end_is_given_its_grace(service: Service) -> None:
    graces: list[float] = []

    async def drain(grace: float) -> None:
        graces.append(grace)

    service.drains.append(drain)
    await service.drain(7)
    assert graces == [7]


async def test_a_part_that_ends_with_a_bug_ends_the_service(service: Service) -> None:
    async def broken() -> None:
        raise ArithmeticError("a bug")

    service.parts.append(broken)
    with pytest.raises(ExceptionGroup) as raised:
        await service.run()
    assert raised.group_contains(ArithmeticError, match="a bug")
