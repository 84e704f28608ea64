"""From a reservation to a waking, from a waking to a run, from a run's end to the next waking."""

from typing import Any

import pytest
from google.protobuf.message import Message

from reveille.agent_runner.application.handling import REACTORS, reactors
from reveille.agent_runner.application.routing import ROUTES as OWN_ROUTES
from reveille.agent_runner.domain.agent import Exhaust, GiveOut, Leave, Offer, Reinstate, Retire, Revoke
from reveille.agent_runner.domain.run import Cancel, Interrupt, StartRun
from reveille.contracts.agent_runner.v1.events_pb2 import (
    FAILURE_RETIRED,
    AgentConnected,
    AgentWoken,
    LateUsageFound,
    RunAbandoned,
    RunCompleted,
    RunFailed,
    Work,
    WorkRevoked,
)
from reveille.contracts.budget.v1.events_pb2 import BudgetExhausted, Reservation, ReservationRevoked, TokensReserved
from reveille.contracts.common.v1.common_pb2 import PRIORITY_HIGH, EventRef
from reveille.contracts.ingress.v1.events_pb2 import Agent, AgentDefined, AgentRemoved
from reveille.contracts.planner.v1.events_pb2 import StepReady
from reveille.ingress.application.routing import ROUTES as FLEET_ROUTES
from reveille.kernel.facts import Facts
from tests.unit.log import Log
from tests.unit.manual_clock import NOON

pytestmark = pytest.mark.asyncio
ROUTES = {**OWN_ROUTES, **FLEET_ROUTES}
FIELDS: dict[str, Any] = {
    "run_id": "r1",
    "execution_id": "e",
    "step": "wake",
    "attempt": 2,
    "agent": "a",
    "tokens": 100,
    "priority": PRIORITY_HIGH,
    "ready": EventRef(stream="t.execution-e", revision=2),
    "max_instances": 3,
}
WORK = Work(**FIELDS)


async def commands(stream: str, event: Message) -> list[Any]:
    (recorded,) = await Log().write(stream, event)
    return list(await REACTORS[recorded.type](recorded, NOON))


async def keys(stream: str, event: Message) -> dict[str, str | None]:
    """By the service that it goes to, the key under which it goes."""
    (recorded,) = await Log().write(stream, event)
    return {service: key(recorded) for service, key in ROUTES[recorded.type].items()}


async def test_a_reservation_is_offered_to_its_agent_whole() -> None:
    reserved = TokensReserved(reservation=Reservation(**FIELDS, defer=True))
    assert await commands("t.ledger", reserved) == [("t.agent-a", Offer(now=NOON, work=WORK))]


async def test_a_waking_starts_its_run() -> None:
    assert await commands("t.agent-a", AgentWoken(work=WORK)) == [("t.run-r1", StartRun(now=NOON, work=WORK))]


@pytest.mark.parametrize("end", [RunCompleted(work=WORK), RunFailed(work=WORK)])
async def test_the_end_of_a_run_gives_its_place_back(end: Message) -> None:
    assert await commands("t.run-r1", end) == [("t.agent-a", Leave(now=NOON, agent="a", run_id="r1"))]


async def test_a_waking_comes_back_by_its_agent() -> None:
    assert await keys("t.agent-a", AgentWoken(work=WORK)) == {"agent-runner": "a"}


@pytest.mark.parametrize("end", [RunCompleted(work=WORK), RunFailed(work=WORK)])
async def test_the_end_of_a_run_is_heard_by_the_execution_the_ledger_and_the_agent(end: Message) -> None:
    assert await keys("t.run-r1", end) == {"planner": "e", "budget": "t", "agent-runner": "a"}


async def test_late_usage_is_heard_by_the_ledger() -> None:
    assert await keys("t.run-r1", LateUsageFound(work=WORK)) == {"budget": "t"}


async def test_a_connection_gives_out_what_waits_for_one() -> None:
    connected = AgentConnected(agent="a", session="s1")
    assert await commands("t.agent-a", connected) == [("t.agent-a", GiveOut(now=NOON))]
    assert await keys("t.agent-a", connected) == {"agent-runner": "a"}


async def test_a_run_that_was_given_up_is_interrupted() -> None:
    (pair,) = await commands("t.agent-a", RunAbandoned(work=WORK))
    assert pair == ("t.run-r1", Interrupt(now=NOON, error="its connection is gone, and none came back in time"))
    assert await keys("t.agent-a", RunAbandoned(work=WORK)) == {"agent-runner": "a"}


async def test_a_reservation_that_nobody_wants_any_more_is_told_to_its_agent() -> None:
    revoked = ReservationRevoked(run_id="r1", execution_id="e", agent="a")
    assert await commands("t.ledger", revoked) == [("t.agent-a", Revoke(now=NOON, run_id="r1"))]


@pytest.mark.parametrize("queued", [True, False])
async def test_work_that_is_revoked_is_told_to_its_run_behind_its_waking(queued: bool) -> None:
    revoked = WorkRevoked(work=WORK, queued=queued)
    assert await commands("t.agent-a", revoked) == [("t.run-r1", Cancel(now=NOON, work=WORK, queued=queued))]
    assert await keys("t.agent-a", revoked) == await keys("t.agent-a", AgentWoken(work=WORK)) == {"agent-runner": "a"}


async def test_a_run_of_an_agent_that_is_no_more_fails_for_good() -> None:
    ((stream, command),) = await commands("t.agent-a", RunAbandoned(work=WORK, retired=True))
    assert (stream, command.reason, command.retry) == ("t.run-r1", FAILURE_RETIRED, False)


async def test_the_fleet_says_which_remote_agents_there_are() -> None:
    gone, remote, local = (
        AgentRemoved(name="a"),
        AgentDefined(agent=Agent(name="a", remote=True)),
        AgentDefined(agent=Agent(name="a")),
    )
    assert await commands("t.fleet", gone) == [("t.agent-a", Retire(now=NOON, agent="a", removed=True))]
    assert await commands("t.fleet", remote) == [("t.agent-a", Reinstate(now=NOON, agent="a"))]
    assert await commands("t.fleet", local) == [("t.agent-a", Retire(now=NOON, agent="a", removed=False))]
    for event in (gone, remote, local):
        assert await keys("t.fleet", event) == {"agent-runner": "a"}


@pytest.mark.parametrize(
    ("account", "agents"), [("agent:a@2026-11-21", ["a"]), ("tenant@2026-11-21", []), ("execution:e", [])]
)
async def test_an_agent_hibernates_when_its_own_account_is_spent(account: str, agents: list[str]) -> None:
    spent = BudgetExhausted(account=account)
    spent.until.FromMicroseconds(NOON + 5)
    expected = [(f"t.agent-{agent}", Exhaust(now=NOON, agent=agent, until=NOON + 5)) for agent in agents]
    assert await commands("t.ledger", spent) == expected


async def test_a_remote_agents_run_starts_with_a_deadline() -> None:
    log = Log()
    (ready,) = await log.write("t.execution-e", StepReady(timeout_ms=2_000))
    remote = Work(**{**FIELDS, "ready": EventRef(stream=ready.stream, revision=ready.revision)}, remote=True)
    (woken,) = await log.write("t.agent-a", AgentWoken(work=remote))
    decided = await reactors(Facts(log.store))[woken.type](woken, NOON)
    assert list(decided) == [("t.run-r1", StartRun(now=NOON, work=remote, deadline=NOON + 2_000_000))]
