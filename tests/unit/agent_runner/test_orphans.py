"""Runs whose owner is gone are found by its lease and ended as interrupted."""

from collections.abc import AsyncIterator, Sequence
from typing import Any, cast

import pytest

from reveille.adapters.sql import InlineTransactions
from reveille.adapters.sql_tables import SqlLeases, SqlPositions
from reveille.agent_runner.adapters.sql.running import Running, orphans
from reveille.agent_runner.adapters.sql.sessions import Sessions, lost
from reveille.agent_runner.application.orphans import LEASE_SECONDS, Orphans
from reveille.contracts.agent_runner.v1.events_pb2 import (
    FAILURE_INTERRUPTED,
    AgentConnected,
    AgentDisconnected,
    RunCompleted,
    RunFailed,
    RunStarted,
    Work,
)
from reveille.kernel import handling
from reveille.kernel.events import Meta, new_event
from reveille.kernel.views import Follower
from tests.unit.agent_runner.house import House
from tests.unit.databases import database_of
from tests.unit.manual_clock import NOON
from tests.unit.running import running
from tests.unit.spec import HERE

pytestmark = pytest.mark.asyncio


class Ward:
    """A log of runs, the view of those that go on, and who watches it."""

    def __init__(self, database: InlineTransactions) -> None:
        self.house = House()
        self.clock = self.house.clock
        self.database = database

    async def start(self, run: str, replica: str) -> None:
        started = RunStarted(work=Work(run_id=run, agent="a"))
        log = self.house.log
        await log.append(f"t.run-{run}", [new_event(log.ids.new(), started, Meta(NOON, HERE, replica=replica))])
        await self.follow()

    async def follow(self) -> None:
        follower = Follower(
            [Running()],
            store=self.house.store,
            transactions=self.database,
            positions=SqlPositions(),
            clock=self.clock,
        )
        await follower.catch_up()

    def watch(self, replica: str, *, alone: bool = False) -> Orphans:
        return Orphans(
            lambda alive, limit: self.database.run(lambda connection: orphans(connection, alive, limit)),
            leases=SqlLeases(self.database, self.clock),
            desk=self.house.desk,
            clock=self.clock,
            replica=replica,
            alone=alone,
        )

    async def ended(self, run: str) -> bool:
        last = (await self.house.log.messages(f"t.run-{run}"))[-1]
        return isinstance(last, RunFailed) and last.reason == FAILURE_INTERRUPTED and last.retry


@pytest.fixture
async def ward() -> AsyncIterator[Ward]:
    ward = Ward(database_of("agent-runner"))
    async with running(ward.house.desk.run()):
        yield ward
    await ward.database.close()


async def test_a_run_whose_owner_lives_goes_on(ward: Ward) -> None:
    await ward.watch("there").turn()
    await ward.start("r1", "there")
    assert (await ward.watch("here").turn(), await ward.ended("r1")) == (0, False)


async def test_a_run_whose_owners_lease_has_run_out_is_interrupted(ward: Ward) -> None:
    await ward.watch("there").turn()
    await ward.start("r1", "there")
    ward.clock.advance(LEASE_SECONDS)
    assert (await ward.watch("here").turn(), await ward.ended("r1")) == (1, True)


async def test_a_run_whose_owner_keeps_its_lease_goes_on(ward: Ward) -> None:
    there = ward.watch("there")
    await there.turn()
    await ward.start("r1", "there")
    for _ in range(3):
        ward.clock.advance(LEASE_SECONDS - 1)
        await there.turn()
    assert (await ward.watch("here").turn(), await ward.ended("r1")) == (0, False)


async def test_a_run_whose_owner_left_is_interrupted_at_once(ward: Ward) -> None:
    there = ward.watch("there")
    await there.turn()
    await ward.start("r1", "there")
    await there.leave(0)
    assert (await ward.watch("here").turn(), await ward.ended("r1")) == (1, True)


async def test_ones_own_runs_go_on(ward: Ward) -> None:
    await ward.start("r1", "here")
    assert (await ward.watch("here").turn(), await ward.ended("r1")) == (0, False)


async def test_where_nobody_else_can_live_everything_of_others_is_interrupted(ward: Ward) -> None:
    await ward.watch("before").turn()
    await ward.start("r1", "before")
    await ward.start("r2", "here")
    await ward.watch("here", alone=True).turn()
    assert (await ward.ended("r1"), await ward.ended("r2")) == (True, False)


async def test_a_run_that_ended_is_nobodys_orphan(ward: Ward) -> None:
    await ward.start("r1", "gone")
    await ward.house.log.write("t.run-r1", RunCompleted(work=Work(run_id="r1")))
    await ward.follow()
    assert await ward.watch("here").turn() == 0


async def test_an_orphan_is_interrupted_once(ward: Ward) -> None:
    await ward.start("r1", "gone")
    for replica in ("here", "there"):  # the view still holds it
        await ward.watch(replica).turn()
    assert [type(event) for event in await ward.house.log.messages("t.run-r1")] == [RunStarted, RunFailed]


async def test_the_end_of_an_orphan_is_about_what_it_was_about_and_caused_by_its_start(ward: Ward) -> None:
    await ward.start("r1", "gone")
    await ward.watch("here").turn()
    started, failed = await ward.house.log.read("t.run-r1")
    assert (failed.meta.about, failed.meta.origin.cause) == (HERE, started.id)


async def test_a_connection_whose_replica_is_gone_is_closed_once(ward: Ward) -> None:
    connected = AgentConnected(agent="a", session="s1", capacity=1)
    log = ward.house.log
    (event,) = [new_event(log.ids.new(), connected, Meta(NOON, HERE, replica="gone"))]
    await log.append("t.agent-a", [event])
    closed: list[handling.Work] = []

    class Kept:
        """A desk that keeps what is submitted."""

        async def submit(self, works: Sequence[handling.Work]) -> None:
            closed.extend(works)

    follower = Follower(
        [Sessions()], store=ward.house.store, transactions=ward.database, positions=SqlPositions(), clock=ward.clock
    )
    await follower.catch_up()

    def watch(alive: str) -> Orphans:
        return Orphans(
            lambda living, limit: ward.database.run(lambda connection: orphans(connection, living, limit)),
            leases=SqlLeases(ward.database, ward.clock),
            desk=cast("Any", Kept()),
            clock=ward.clock,
            replica=alive,
            alone=True,
            find_lost=lambda living, limit: ward.database.run(lambda connection: lost(connection, living, limit)),
        )

    await watch("gone").turn()
    assert not closed
    await watch("here").turn()
    ((stream, command),) = closed[0].commands
    assert (stream, command.session, closed[0].cause.origin.cause) == ("t.agent-a", "s1", event.id)  # type: ignore[attr-defined]
    await log.write("t.agent-a", AgentDisconnected(agent="a", session="s1"))
    await follower.catch_up()
    assert await watch("here").turn() == 0
