"""What the ledger is told to do about what others report."""

from typing import Any

import pytest
from google.protobuf.message import Message

from reveille.budget.application.handling import Accounting
from reveille.budget.application.routing import ROUTES
from reveille.budget.domain.commands import (
    AddUsage,
    CloseExecution,
    Exceed,
    Limits,
    Reserve,
    Revoke,
    SetLimits,
    Settle,
    TopUp,
)
from reveille.budget.domain.estimate import Cost, Estimate
from reveille.contracts.agent_runner.v1.events_pb2 import LateUsageFound, RunCompleted, RunFailed, TokensRequested, Work
from reveille.contracts.budget.v1.events_pb2 import (
    BudgetExhausted,
    BudgetUpdated,
    Reservation,
    ReservationAdmitted,
    ReservationDeferred,
    ReservationRevoked,
    TokensDenied,
    TokensReserved,
    TopUpDenied,
    TopUpReserved,
)
from reveille.contracts.common.v1.common_pb2 import PRIORITY_HIGH, EventRef, Money
from reveille.contracts.ingress.v1 import events_pb2 as ingress
from reveille.contracts.ingress.v1.events_pb2 import (
    WHEN_SPENT_ASK,
    WHEN_SPENT_DEFER,
    WHEN_SPENT_DROP,
    Agent,
    AgentBudget,
    FleetApplied,
)
from reveille.contracts.planner.v1.events_pb2 import (
    ApprovalResolved,
    ExecutionCancelled,
    ExecutionCompleted,
    ExecutionFailed,
    MoneyPlanned,
    StepReady,
    StepRevoked,
)
from reveille.kernel.errors import Poison, Transient
from reveille.kernel.facts import Facts
from tests.unit.log import Log
from tests.unit.manual_clock import NOON

pytestmark = pytest.mark.asyncio
WORK = Work(run_id="r", execution_id="e", agent="a")


@pytest.fixture
def log() -> Log:
    return Log()


async def commands(log: Log, stream: str, event: Message) -> list[tuple[str, Any]]:
    (recorded,) = await log.write(stream, event)
    return list(await Accounting(Facts(log.store)).reactors()[recorded.type](recorded, NOON))


async def fleet(log: Log, when_spent: Any = WHEN_SPENT_DEFER, answer_ms: int = 0) -> int:
    budget = AgentBudget(tokens=500, per_run=100, when_spent=when_spent, answer_ms=answer_ms, warn_at=[0.9])
    agent = Agent(name="a", budget=budget, max_instances=3)
    limits = ingress.Limits(tenant_tokens=900, execution_tokens=200, warn_at=[0.5, 0.8], time_zone="Europe/Berlin")
    return await log.apply_fleet(agent, limits=limits)


def limits(revision: int) -> Limits:
    return Limits(
        fleet_revision=revision,
        by_scope={"agent:a": 500, "tenant": 900, "execution": 200},
        warn_at={"agent:a": (0.9,), "tenant": (0.5, 0.8)},
        time_zone="Europe/Berlin",
    )


def ready(revision: int, agent: str = "a") -> StepReady:
    return StepReady(
        execution_id="e",
        step="wake",
        agent=agent,
        attempt=2,
        run_id="r",
        tokens=100,
        priority=PRIORITY_HIGH,
        fleet_revision=revision,
    )


async def test_a_fleet_sets_the_limits_of_its_tenant_its_executions_and_its_agents(log: Log) -> None:
    before = await fleet(log)
    assert await commands(log, "t.fleet", FleetApplied()) == [
        ("t.ledger", SetLimits(now=NOON, limits=limits(before + 1)))
    ]


@pytest.mark.parametrize(("when_spent", "waits"), [(WHEN_SPENT_DEFER, True), (WHEN_SPENT_DROP, False), (0, True)])
async def test_a_step_that_is_ready_asks_for_its_tokens_under_its_fleets_limits(
    log: Log, when_spent: Any, waits: bool
) -> None:
    revision = await fleet(log, when_spent)
    reservation = Reservation(
        run_id="r",
        execution_id="e",
        step="wake",
        attempt=2,
        agent="a",
        tokens=100,
        priority=PRIORITY_HIGH,
        ready=EventRef(stream="t.execution-e", revision=0),
        max_instances=3,
        defer=waits,
    )
    reserve = Reserve(now=NOON, reservation=reservation, limits=limits(revision))
    assert await commands(log, "t.execution-e", ready(revision)) == [("t.ledger", reserve)]


@pytest.mark.parametrize(("answer_ms", "given"), [(0, 3_600_000), (5_000, 5_000)])
async def test_a_step_of_an_agent_that_may_ask_says_how_long_it_may(log: Log, answer_ms: int, given: int) -> None:
    revision = await fleet(log, WHEN_SPENT_ASK, answer_ms)
    ((_, reserve),) = await commands(log, "t.execution-e", ready(revision))
    asked = reserve.reservation
    assert (asked.defer, asked.ask, asked.answer_ms) == (True, True, given)


async def test_a_step_for_an_agent_that_the_fleet_has_not_is_poison(log: Log) -> None:
    revision = await fleet(log)
    with pytest.raises(Poison, match=f"step wake needs agent nobody, which fleet {revision} has not"):
        await commands(log, "t.execution-e", ready(revision, "nobody"))


async def test_a_step_waits_for_the_fleet_that_it_stands_under(log: Log) -> None:
    with pytest.raises(Transient, match="no fleet at revision 7"):
        await commands(log, "t.execution-e", ready(7))


@pytest.mark.parametrize("end", [RunCompleted(work=WORK, tokens_used=70), RunFailed(work=WORK, tokens_used=70)])
async def test_a_run_that_ended_is_settled_with_what_it_used(log: Log, end: Message) -> None:
    assert await commands(log, "t.run-r", end) == [("t.ledger", Settle(now=NOON, run_id="r", used=70))]


async def test_what_a_run_used_late_is_added(log: Log) -> None:
    added = AddUsage(now=NOON, run_id="r", execution_id="e", agent="a", tokens=5)
    assert await commands(log, "t.run-r", LateUsageFound(work=WORK, tokens=5)) == [("t.ledger", added)]


async def test_a_run_that_asks_for_more_is_topped_up(log: Log) -> None:
    top_up = TopUp(now=NOON, run_id="r", request=2, tokens=50)
    assert await commands(log, "t.run-r", TokensRequested(work=WORK, request=2, tokens=50)) == [("t.ledger", top_up)]


async def test_what_is_approved_may_exceed_its_budget(log: Log) -> None:
    exceed = Exceed(now=NOON, run_id="r", approval_id="x")
    approved = ApprovalResolved(approval_id="x", run_id="r", approved=True, how="decided")
    assert await commands(log, "t.execution-e", approved) == [("t.ledger", exceed)]


@pytest.mark.parametrize("how", ["decided", "deadline", "moot"])
async def test_what_is_not_approved_is_nothing_to_the_ledger(log: Log, how: str) -> None:
    assert await commands(log, "t.execution-e", ApprovalResolved(approval_id="x", run_id="r", how=how)) == []


@pytest.mark.parametrize(
    "end",
    [ExecutionCompleted(execution_id="e"), ExecutionFailed(execution_id="e"), ExecutionCancelled(execution_id="e")],
)
async def test_an_execution_that_ended_is_closed(log: Log, end: Message) -> None:
    assert await commands(log, "t.execution-e", end) == [("t.ledger", CloseExecution(now=NOON, execution_id="e"))]


async def test_a_step_that_nobody_wants_any_more_is_revoked(log: Log) -> None:
    revoked = StepRevoked(execution_id="e", step="cake", attempt=1, run_id="r", agent="a")
    assert await commands(log, "t.execution-e", revoked) == [("t.ledger", Revoke(now=NOON, run_id="r"))]


async def test_what_a_plan_costs_is_added_up_in_a_stream_of_its_own(log: Log) -> None:
    planned = MoneyPlanned(execution_id="e", by_step={"cake": Money(min=1, max=2)}, limit=80_000)
    estimate = Estimate(now=NOON, execution_id="e", by_step={"cake": Cost(1, 2)}, limit=80_000)
    assert await commands(log, "t.execution-e", planned) == [("t.estimate-e", estimate)]


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (TokensReserved(reservation=Reservation(agent="a", execution_id="e")), {"agent-runner": "a"}),
        (TokensDenied(reservation=Reservation(agent="a", execution_id="e")), {"planner": "e"}),
        (ReservationDeferred(reservation=Reservation(agent="a", execution_id="e")), {"planner": "e"}),
        (ReservationAdmitted(run_id="r", execution_id="e"), {"planner": "e"}),
        (TopUpReserved(run_id="r", agent="a"), {"agent-runner": "a"}),
        (TopUpDenied(run_id="r", agent="a"), {"agent-runner": "a"}),
        (ReservationRevoked(run_id="r", execution_id="e", agent="a"), {"agent-runner": "a"}),
        (BudgetUpdated(execution_id="e"), {"planner": "e"}),
        (BudgetExhausted(account="agent:a@2026-11-21"), {"agent-runner": "a"}),
        (BudgetExhausted(account="tenant@2026-11-21"), {"agent-runner": None}),
        (BudgetExhausted(account="execution:e"), {"agent-runner": None}),
    ],
)
async def test_an_answer_goes_to_whoever_acts_on_it(log: Log, event: Message, expected: dict[str, str | None]) -> None:
    (recorded,) = await log.write("t.ledger", event)
    assert {service: key(recorded) for service, key in ROUTES[recorded.type].items()} == expected
