"""What a spent budget defers waits for the next day of its tenant, and then goes in order, with its plan."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from reveille.budget import bootstrap as budget
from reveille.contracts.agent_runner.v1.events_pb2 import RunCompleted, Work
from reveille.contracts.analyzer.v1.events_pb2 import TriggerFired
from reveille.contracts.budget.v1.events_pb2 import (
    BudgetExhausted,
    PeriodOpened,
    Reservation,
    ReservationDeferred,
    TokensReserved,
)
from reveille.contracts.common.v1.common_pb2 import (
    PRIORITY_CRITICAL,
    PRIORITY_HIGH,
    PRIORITY_LOW,
    PRIORITY_MEDIUM,
    Priority,
    Sealed,
)
from reveille.contracts.ingress.v1.events_pb2 import (
    Agent,
    AgentBudget,
    AgentDefined,
    FleetApplied,
    Limits,
    LimitsDefined,
)
from reveille.contracts.planner.v1.events_pb2 import ExecutionCompleted, StepReleased, StepWaiting
from reveille.kernel.clock import SystemClock
from reveille.kernel.event_store import follow
from reveille.kernel.events import Recorded
from reveille.kernel.ids import derive
from reveille.planner import bootstrap as planner
from tests.integration.services.house import PATIENCE, House

build_planner = partial(planner.build, key=b"test")

AGENT = Agent(
    name="spender",
    skill="a.module:function",
    budget=AgentBudget(tokens=1_000, per_run=600),
    attempts=1,
    max_instances=9,
)


class ShiftedClock(SystemClock):
    """It can be put forward; time goes on."""

    shift = 0

    def now(self) -> int:
        return super().now() + self.shift

    def forward_to(self, moment: int) -> None:
        self.shift += max(0, moment - self.now())


@pytest.fixture
def clock(house: House) -> ShiftedClock:
    house._clock = clock = ShiftedClock()
    return clock


async def test_deferred_work_waits_for_the_tenants_midnight_and_goes_in_order_of_priority(
    house: House, clock: ShiftedClock
) -> None:
    limits = Limits(time_zone="Pacific/Auckland")
    *_, applied = await house.tell(
        "default.fleet", AgentDefined(agent=AGENT), LimitsDefined(limits=limits), FleetApplied(digest="e", agents=2)
    )
    await house.run("planner", build_planner, replica="p")
    await house.run("budget", budget.build, replica="b")

    async def fire(id: str, priority: Priority) -> None:
        fired = TriggerFired(
            trigger_id=id, agent="spender", signal_ids=["s"], priority=priority, fleet_revision=applied.revision
        )
        await house.tell(f"default.watch-{id}", fired, about=id)

    await fire("first", PRIORITY_LOW)
    (first,) = await told(house, reserved, 1)
    await end(house, first.msg.reservation, used=600)
    for id, priority in (
        ("low", PRIORITY_LOW),
        ("high", PRIORITY_HIGH),
        ("medium", PRIORITY_MEDIUM),
        ("critical", PRIORITY_CRITICAL),
    ):
        await fire(id, priority)
    waiting = await told(house, lambda event: isinstance(event.msg, StepWaiting), 4)
    deferred = await told(house, lambda event: isinstance(event.msg, ReservationDeferred), 4)
    (spent,) = await told(house, lambda event: isinstance(event.msg, BudgetExhausted), 1)
    midnight = deferred[0].msg.until.ToMicroseconds()
    assert {event.msg.until.ToMicroseconds() for event in (*waiting, *deferred, spent)} == {midnight}
    assert spent.msg.account.startswith("agent:spender@")

    order = []
    for day in range(4):
        clock.forward_to(midnight + day * 86_400_000_000 + day)
        admitted = (await told(house, reserved, 2 + day))[-1]
        asked = admitted.msg.reservation
        order.append(asked.execution_id)
        assert admitted.msg.accounts[1] == f"agent:spender@{(await told(house, opened, 1 + day))[-1].msg.day}"
        # It keeps what it is about, and is ready again before it runs.
        await told(house, of(StepReleased, asked.execution_id), 1)
        await end(house, asked, used=600)
        await told(house, of(ExecutionCompleted, asked.execution_id), 1)
    assert order == [derive("execution", id) for id in ("critical", "high", "medium", "low")]
    correlations = [event.meta.about.correlation for event in await told(house, reserved, 5)]
    assert correlations == ["first", "critical", "high", "medium", "low"]


def reserved(event: Recorded) -> bool:
    return isinstance(event.msg, TokensReserved)


def opened(event: Recorded) -> bool:
    return isinstance(event.msg, PeriodOpened)


def of(kind: type[StepReleased | ExecutionCompleted], execution_id: str) -> Callable[[Recorded], bool]:
    return lambda event: isinstance(event.msg, kind) and event.msg.execution_id == execution_id


async def told(house: House, wanted: Callable[[Recorded], bool], count: int) -> list[Any]:
    """So many events, once they stand in the log."""
    found: list[Recorded] = []
    async with asyncio.timeout(PATIENCE):
        async for events in follow(house.store, 0):
            found += [event for event in events if wanted(event)]
            if len(found) >= count:
                return found
    raise AssertionError("a log has no end")


async def end(house: House, asked: Reservation, used: int) -> None:
    work = Work(
        run_id=asked.run_id, execution_id=asked.execution_id, step=asked.step, attempt=asked.attempt, agent=asked.agent
    )
    completed = RunCompleted(work=work, tokens_used=used, result=Sealed(data=b"{}"))
    await house.tell(f"default.run-{asked.run_id}", completed)
