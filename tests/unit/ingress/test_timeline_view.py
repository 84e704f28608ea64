"""The timeline: the events of plans, numbered; those of plain wakes have no part in it."""

from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from reveille.adapters.sql_tables import SqlPositions
from reveille.contracts.planner.v1.events_pb2 import ExecutionCancelled, ExecutionCompleted
from reveille.ingress.adapters.sql import timeline as sql_timeline
from reveille.ingress.adapters.sql.tables import plan_results, plans, timeline, timeline_counts
from reveille.ingress.adapters.sql.timeline import SqlTimeline
from reveille.ingress.application.projections.timeline import EVERYTHING, Totals, Wanted
from reveille.kernel.views import Follower
from tests.unit.databases import database_of
from tests.unit.ingress import plan_events as told
from tests.unit.ingress.plan_events import Written, write
from tests.unit.log import Log
from tests.unit.manual_clock import NOON, ManualClock

TABLES = (timeline, plans, plan_results, timeline_counts)


class Views:
    def __init__(self, log: Log) -> None:
        self.log = log
        self.transactions = database_of("ingress")
        self.rows = SqlTimeline()

    def follower(self, view: SqlTimeline | None = None) -> Follower:
        """A replica of its own, that knows nothing."""
        return Follower(
            [view or SqlTimeline()],
            store=self.log.store,
            transactions=self.transactions,
            positions=SqlPositions(),
            clock=ManualClock(),
        )

    async def tell(self, *events: Written) -> None:
        await write(self.log, *events)
        await self.follower(self.rows).catch_up()

    async def everything(self) -> dict[str, list[Any]]:
        return await self.transactions.run(
            lambda connection: {
                table.name: sorted(tuple(row) for row in connection.execute(select(table))) for table in TABLES
            }
        )

    async def numbered(self, id: str) -> list[tuple[int, str]]:
        """Each event of a plan with its number, as the log has it."""
        places = await self.transactions.run(
            lambda connection: self.rows.after(connection, "t", id, sequence=0, limit=1_000, wanted=EVERYTHING)
        )
        events = {event.position: event for event in await self.log.all()}
        return [(place.sequence, events[place.position].type.rpartition(".")[2]) for place in places]

    async def totals(self) -> Totals:
        return await self.transactions.run(lambda connection: self.rows.totals(connection, "t"))


@pytest.fixture
async def views() -> AsyncIterator[Views]:
    views = Views(Log())
    yield views
    await views.transactions.close()


async def test_the_events_of_a_plan_are_numbered_from_one_in_the_order_of_the_log(views: Views) -> None:
    await views.tell(
        told.requested("p"), told.added("p", "i"), told.changed("p"), *told.analyzed("p"), told.started("p")
    )
    await views.tell(told.planned("p"), told.ready("p"), told.ran("p"), told.done("p"), told.counted("p"))
    await views.tell(told.updated("p", 1))
    expected = [
        "ExecutionRequested",
        "InputAdded",
        "InputClassified",
        "InputsAnalyzed",
        "ExecutionStarted",
        "StepPlanned",
        "StepReady",
        "RunStarted",
        "StepCompleted",
        "BudgetUpdated",
        "PlanUpdated",
    ]
    assert await views.numbered("p") == list(enumerate(expected, 1))


async def test_an_execution_that_only_wakes_an_agent_has_no_timeline(views: Views) -> None:
    await views.tell(*told.wake("w"))
    assert await views.everything() == {table.name: [] for table in TABLES}


async def test_a_plan_that_a_rule_has_begun_has_one(views: Views) -> None:
    await views.tell(*told.analyzed("r", rule="weekly"), told.started("r"), told.planned("r"))
    assert [name for _, name in await views.numbered("r")] == [
        "InputClassified",
        "InputsAnalyzed",
        "ExecutionStarted",
        "StepPlanned",
    ]
    assert (await views.totals()).inputs == 1


async def test_plans_are_numbered_each_for_itself(views: Views) -> None:
    await views.tell(told.requested("p"), told.requested("q"), told.added("q", "i"), told.added("p", "i"))
    assert [number for number, _ in await views.numbered("p")] == [1, 2]
    assert [number for number, _ in await views.numbered("q")] == [1, 2]


async def test_two_tenants_may_have_an_execution_of_one_id(views: Views) -> None:
    await views.tell(told.requested("p"), ("u.execution-p", told.started("p", blueprint="")[1]))
    await views.tell(("u.execution-p", told.planned("p")[1]))
    views.rows = SqlTimeline()
    await views.tell(("u.execution-p", told.ready("p")[1]), told.added("p", "i"))
    assert [name for _, name in await views.numbered("p")] == ["ExecutionRequested", "InputAdded"]
    assert len((await views.everything())["plans"]) == 1


async def test_a_replica_that_has_just_begun_knows_a_plan_from_a_wake(views: Views) -> None:
    await views.tell(told.requested("p"), *told.wake("w")[:2])
    views.rows = SqlTimeline()
    await views.tell(*told.wake("w")[2:], told.planned("p"), told.ran("p"))
    assert [name for _, name in await views.numbered("p")] == ["ExecutionRequested", "StepPlanned", "RunStarted"]
    assert len((await views.everything())["plans"]) == 1


async def test_what_is_forgotten_is_found_again(views: Views, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql_timeline, "MAX_KNOWN", 1)
    await views.tell(told.requested("p"), told.requested("q"), *told.wake("w")[:3])
    await views.tell(told.planned("p"), told.planned("q"), *told.wake("w")[3:])
    assert {(await views.numbered(id))[-1] for id in ("p", "q")} == {(2, "StepPlanned")}
    assert len((await views.everything())["plans"]) == 2


async def test_a_plan_that_goes_on_after_its_end_is_still_known(views: Views) -> None:
    completed = told.of("p", ExecutionCompleted(execution_id="p", living=True))
    await views.tell(told.requested("p"), told.started("p"), completed, told.updated("p", 1, "completed"))
    await views.tell(told.added("p", "j"), told.planned("p", "venue"))
    assert (await views.numbered("p"))[-1] == (6, "StepPlanned")


async def test_events_are_found_by_their_type_and_time(views: Views) -> None:
    await views.tell(told.requested("p"), told.added("p", "i"), told.added("p", "j"), told.planned("p"))

    async def found(wanted: Wanted, sequence: int = 0) -> list[int]:
        places = await views.transactions.run(
            lambda connection: views.rows.after(connection, "t", "p", sequence=sequence, limit=9, wanted=wanted)
        )
        return [place.sequence for place in places]

    assert await found(Wanted(types=["InputAdded"])) == [2, 3]
    assert await found(Wanted(types=["InputAdded", "StepPlanned"]), sequence=2) == [3, 4]
    assert await found(Wanted(since=NOON)) == [1, 2, 3, 4]
    assert await found(Wanted(since=NOON + 1)) == []
    assert await found(Wanted(until=NOON)) == []


async def test_totals_are_of_what_is_there_now(views: Views) -> None:
    await views.tell(told.requested("p"), told.added("p", "i"), told.added("p", "j"), told.removed("p", "i"))
    await views.tell(told.started("p"), told.planned("p"), told.done("p"), told.done("p", "venue"))
    await views.tell(told.requested("f", blueprint="film-scene"), told.added("f", "i"))
    assert await views.totals() == Totals(
        plans=2,
        parties=1,
        inputs=2,
        results=2,
        statuses={"planned": 1, "running": 1},
        types={
            "ExecutionRequested": 2,
            "ExecutionStarted": 1,
            "InputAdded": 3,
            "InputRemoved": 1,
            "StepCompleted": 2,
            "StepPlanned": 1,
        },
    )


async def test_a_result_is_there_until_it_is_undone_and_again_when_it_is_right_again(views: Views) -> None:
    async def results(*events: Written) -> int:
        await views.tell(*events)
        return (await views.totals()).results

    assert await results(told.requested("p"), told.started("p"), told.done("p"), told.done("p", "classify:3")) == 1
    assert await results(told.invalidated("p")) == 0
    assert await results(told.restored("p")) == 1
    assert await results(told.invalidated("p"), told.done("p")) == 1
    assert await results(told.done("p", "venue"), told.gone("p")) == 1


async def test_a_plan_has_the_status_that_was_told_last(views: Views) -> None:
    async def status(*events: Written) -> list[str]:
        await views.tell(*events)
        return [name for name, count in (await views.totals()).statuses.items() if count]

    assert await status(told.requested("p")) == ["planned"]
    assert await status(told.started("p")) == ["running"]
    assert await status(told.updated("p", 1, "waiting")) == ["waiting"]
    assert await status(told.updated("p", 2, "completed")) == ["completed"]
    assert await status(told.of("p", ExecutionCancelled(execution_id="p"))) == ["cancelled"]


async def test_a_number_leads_to_its_position_in_the_log(views: Views) -> None:
    await views.tell(*told.wake("w"), told.requested("p"), told.added("p", "i"))

    async def position(id: str, sequence: int) -> int | None:
        return await views.transactions.run(lambda connection: views.rows.position_of(connection, "t", id, sequence))

    assert (await position("p", 1), await position("p", 2)) == (8, 9)
    assert (await position("p", 3), await position("p", 0), await position("w", 1)) == (None, None, None)


def histories() -> st.SearchStrategy[list[list[Written]]]:
    """Plans and wakes side by side, each in its own order, cut into transactions anywhere."""
    plan = [told.requested("p"), told.added("p", "i"), *told.analyzed("p"), told.started("p"), told.planned("p")]
    plan += [told.ready("p"), told.ran("p"), told.done("p"), told.counted("p"), told.updated("p", 1)]
    plan += [told.removed("p", "i"), told.invalidated("p"), told.restored("p"), told.gone("p")]
    ruled = [*told.analyzed("r", rule="x"), told.started("r"), told.planned("r"), told.done("r")]
    lines = [plan, ruled, told.wake("v"), told.wake("w")]
    order = st.permutations([number for number, line in enumerate(lines) for _ in line])
    cuts = st.sets(st.integers(1, sum(map(len, lines)) - 1))

    def woven(drawn: tuple[list[int], set[int]]) -> list[list[Written]]:
        rests = [iter(line) for line in lines]
        events = [next(rests[number]) for number in drawn[0]]
        bounds = [0, *sorted(drawn[1]), len(events)]
        return [events[start:end] for start, end in pairwise(bounds)]

    return st.tuples(order, cuts).map(woven)


@given(histories(), st.data())
@settings(max_examples=40, deadline=None)
async def test_whichever_replica_takes_in_what_the_rows_are_those_of_a_rebuild(
    transactions: list[list[Written]], data: st.DataObject
) -> None:
    views = Views(Log())
    replicas = [SqlTimeline(), SqlTimeline()]
    for events in transactions:
        await write(views.log, *events)
        await views.follower(replicas[data.draw(st.integers(0, 1))]).catch_up()
    live = await views.everything()
    rebuilding = views.follower(replicas[0])
    await rebuilding.clear()
    assert await views.everything() == {table.name: [] for table in TABLES}
    await rebuilding.catch_up()
    assert await views.everything() == live
    assert [number for number, _ in await views.numbered("p")] == list(range(1, 16))
    await views.transactions.close()
