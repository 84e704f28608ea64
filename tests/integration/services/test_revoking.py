"""Work that nobody wants any more, from the outside: the ledger and the agent-runner as they run, on each ground."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from google.protobuf.message import Message

from reveille.adapters.inline_blobs import InlineBlobs
from reveille.agent_runner import bootstrap as agent_runner
from reveille.agent_runner.adapters.sql.agents import all_of
from reveille.agent_runner.application.link import Link
from reveille.agent_runner.bootstrap import AgentRunner
from reveille.budget import bootstrap as budget
from reveille.budget.domain.books import Ledger
from reveille.contracts.agent_runner.v1.events_pb2 import (
    FAILURE_CANCELLED,
    AgentSlept,
    AgentThinking,
    RunFailed,
    RunQueued,
    WorkRevoked,
)
from reveille.contracts.budget.v1.events_pb2 import (
    BudgetUpdated,
    LimitsUpdated,
    ReservationDeferred,
    ReservationWithdrawn,
    TokensReleased,
    TokensReserved,
    TokensSettled,
)
from reveille.contracts.common.v1.common_pb2 import Money
from reveille.contracts.ingress.v1.events_pb2 import Agent, AgentBudget, AgentDefined, FleetApplied
from reveille.contracts.planner.v1.events_pb2 import MoneyPlanned, StepReady, StepRevoked
from reveille.kernel.event_store import NO_STREAM, follow
from reveille.kernel.service import Ports, Service
from reveille.kernel.views import Transactions
from tests.integration.services.house import FLEET_REVISION, PATIENCE, House

M = TypeVar("M", bound=Message)
SKILL: Final = "tests.integration.services.skills:for_ever"
# One run of it at a time, and tokens for one and a half.
PATIENT: Final = Agent(name="patient", skill=SKILL, model="offline", budget=AgentBudget(tokens=1_500), max_instances=1)
# As many tokens as it likes.
BUSY: Final = Agent(name="busy", skill=SKILL, model="offline", max_instances=1)
FAR: Final = Agent(name="far", remote=True, max_instances=1)


@dataclass(slots=True, kw_only=True)
class Scene:
    house: House
    runner: AgentRunner
    views: Transactions
    budget: Service
    fleet: int

    async def ready(self, run: str, agent: str, tokens: int = 1_000) -> None:
        step = StepReady(
            execution_id="e",
            step=run,
            agent=agent,
            attempt=1,
            run_id=run,
            tokens=tokens,
            timeout_ms=600_000,
            fleet_revision=self.fleet,
        )
        await self.house.tell("default.execution-e", step)

    async def revoke(self, run: str, agent: str) -> None:
        revoked = StepRevoked(execution_id="e", step=run, attempt=1, run_id=run, agent=agent)
        await self.house.tell("default.execution-e", revoked)

    async def until(self, kind: type[M], wanted: Callable[[M], bool]) -> M:
        """The first such event, once it stands in the log."""
        async with asyncio.timeout(PATIENCE):
            async for events in follow(self.house.store, 0):
                for event in events:
                    if isinstance(event.msg, kind) and wanted(event.msg):
                        return event.msg
        raise AssertionError("a log has no end")

    async def run_of(self, run: str) -> list[Message | None]:
        return await self._messages(f"default.run-{run}")

    async def ledger(self) -> list[Message | None]:
        """But for its limits."""
        return [one for one in await self._messages("default.ledger") if not isinstance(one, LimitsUpdated)]

    async def row(self, agent: str) -> dict[str, Any]:
        """The agent as the view has it, when everything so far is in it."""
        service = self.runner.service
        await service.follower.wait_for(await self.house.store.head())
        rows = await self.views.run(lambda connection: all_of(connection, "default"))
        return rows[agent]

    async def _messages(self, stream: str) -> list[Message | None]:
        return [event.msg for event in (await self.house.store.read_streams({stream: NO_STREAM}))[stream]]


async def scene(house: House) -> Scene:
    defined = [AgentDefined(agent=agent) for agent in (PATIENT, BUSY, FAR)]
    fleet = await house.tell("default.fleet", *defined, FleetApplied(digest="e", agents=3, previous=FLEET_REVISION))
    made: list[tuple[AgentRunner, Transactions]] = []

    def build(ports: Ports) -> AgentRunner:
        built = agent_runner.build(ports, blobs=InlineBlobs(), environment={}, alone=True, head=0)
        made.append((built, ports.transactions))
        return built

    ledger = await house.run("budget", budget.build, replica="b")
    await house.run("agent-runner", build, replica="a")
    runner, views = made[0]
    return Scene(house=house, runner=runner, views=views, budget=ledger, fleet=fleet[-1].revision)


def names(messages: list[Message | None]) -> list[str]:
    return [type(message).__name__ for message in messages]


async def test_a_run_that_goes_on_is_stopped_and_its_tokens_come_free_for_whoever_waits(house: House) -> None:
    here = await scene(house)
    await here.ready("r1", "patient")
    await here.ready("r2", "patient")
    await here.until(AgentThinking, lambda said: said.run_id == "r1")  # its skill works
    await here.until(ReservationDeferred, lambda one: one.reservation.run_id == "r2")
    await here.revoke("r1", "patient")
    failed = await here.until(RunFailed, lambda one: one.work.run_id == "r1")
    assert (failed.reason, failed.retry, failed.tokens_used) == (FAILURE_CANCELLED, False, 0)
    await here.until(AgentThinking, lambda said: said.run_id == "r2")  # it has the tokens, and the place
    assert names(await here.ledger()) == [
        "TokensReserved", "ReservationDeferred", "ReservationRevoked", "TokensReleased", "TokensReserved",
        "ReservationAdmitted",
    ]  # fmt: skip
    assert names(await here.run_of("r1")) == ["RunStarted", "AgentThinking", "RunFailed"]


async def test_a_reservation_that_waits_is_withdrawn_and_nobody_wakes_for_it(house: House) -> None:
    here = await scene(house)
    await here.ready("r1", "patient")
    await here.ready("r2", "patient")
    await here.until(ReservationDeferred, lambda one: one.reservation.run_id == "r2")
    await here.revoke("r2", "patient")
    await here.until(ReservationWithdrawn, lambda one: one.run_id == "r2")
    await here.revoke("r1", "patient")
    await here.until(AgentSlept, lambda one: one.run_id == "r1")
    assert await here.run_of("r2") == []
    await here.runner.service.caught_up()
    assert (await here.row("patient"))["wakes"] == 1


async def test_a_run_that_waits_for_its_agent_ends_without_having_begun(house: House) -> None:
    here = await scene(house)
    await here.ready("r1", "busy")
    await here.ready("r2", "busy")
    await here.until(RunQueued, lambda one: one.work.run_id == "r2")
    await here.revoke("r2", "busy")
    await here.until(TokensReleased, lambda one: one.run_id == "r2")
    (failed,) = await here.run_of("r2")
    assert isinstance(failed, RunFailed)
    assert failed.reason == FAILURE_CANCELLED
    row = await here.row("busy")
    assert {name: row[name] for name in ("running", "started", "queued", "wakes")} == {
        "running": 1,
        "started": 1,
        "queued": 0,
        "wakes": 1,
    }
    await here.revoke("r1", "busy")
    await here.until(AgentSlept, lambda one: one.run_id == "r1")
    row = await here.row("busy")
    assert (row["running"], row["started"], row["queued"]) == (0, 0, 0)


async def test_a_run_that_has_ended_is_not_revoked(house: House) -> None:
    here = await scene(house)
    await here.ready("r1", "busy", 0)
    await here.revoke("r1", "busy")
    await here.until(TokensSettled, lambda one: one.run_id == "r1")
    await here.revoke("r1", "busy")
    await here.ready("r2", "busy", 0)
    await here.until(TokensReserved, lambda one: one.reservation.run_id == "r2")
    await here.revoke("r2", "busy")
    await here.until(TokensSettled, lambda one: one.run_id == "r2")
    assert names(await here.ledger()) == ["TokensReserved", "ReservationRevoked", "TokensSettled"] * 2
    # Neither has taken a token: nothing is left of the plan.
    loaded = await here.budget.handling.load("default.ledger")
    assert isinstance(loaded.state, Ledger)
    assert [name for name in loaded.state.accounts if name.startswith("execution:")] == []


async def test_a_remote_agent_is_told_to_cancel(house: House) -> None:
    here = await scene(house)
    await here.ready("r1", "far")
    await here.until(RunQueued, lambda one: one.work.run_id == "r1")  # it waits for a connection
    async with asyncio.timeout(PATIENCE):
        link = await connected(here)
        assert (await said(link, "trigger"))["runId"] == "r1"
        await here.revoke("r1", "far")
        assert (await said(link, "cancel"))["runId"] == "r1"
        await here.ready("r2", "far")
        assert (await said(link, "trigger"))["runId"] == "r2"
        # What it says of the first one changes nothing, but what it used counts.
        failed = {"type": "task_failed", "runId": "r1", "attempt": 1, "tokensUsed": 70, "error": "no", "retry": True}
        await link.take(json.dumps(failed))
        assert (await said(link, "cancel"))["runId"] == "r1"
    assert names(await here.run_of("r1")) == ["RunStarted", "RunFailed", "UsageReported", "LateUsageFound"]


async def connected(here: Scene) -> Link:
    """The fleet may not have been read yet."""
    return await here.runner.links.open(tenant="default", agent="far", session="s1", capacity=1)


async def said(link: Link, kind: str) -> dict[str, Any]:
    """The next message of a type."""
    while True:
        text = await link.outbox.get()
        assert isinstance(text, str), text
        message: dict[str, Any] = json.loads(text)
        if message["type"] == kind:
            return message


async def test_work_for_a_remote_agent_that_is_away_is_never_given_out(house: House) -> None:
    here = await scene(house)
    await here.ready("r1", "far")
    await here.until(RunQueued, lambda one: one.work.run_id == "r1")
    await here.revoke("r1", "far")
    revoked = await here.until(WorkRevoked, lambda one: one.work.run_id == "r1")
    assert revoked.queued
    await here.until(TokensReleased, lambda one: one.run_id == "r1")
    async with asyncio.timeout(PATIENCE):
        link = await connected(here)
        await here.ready("r2", "far")
        assert (await said(link, "trigger"))["runId"] == "r2"
    assert not [one for one in await here.run_of("r1") if not isinstance(one, RunFailed)]


async def test_what_a_plan_costs_is_told_when_it_changes(house: House) -> None:
    here = await scene(house)

    async def planned(**by_step: int) -> None:
        costs = {step: Money(min=most // 2, max=most) for step, most in by_step.items()}
        await house.tell("default.execution-e", MoneyPlanned(execution_id="e", by_step=costs, limit=1_000))

    await planned(venue=900)
    await planned(venue=900)
    await planned(venue=900, cake=300)
    await planned(cake=300)
    await here.until(BudgetUpdated, lambda one: one.total.max == 300)
    events = (await house.store.read_streams({"default.estimate-e": NO_STREAM}))["default.estimate-e"]
    told = [event.msg for event in events if isinstance(event.msg, BudgetUpdated)]
    assert [(one.total.min, one.total.max, one.over_by, one.driver) for one in told] == [
        (450, 900, 0, ""),
        (600, 1_200, 200, "venue"),
        (150, 300, 0, ""),
    ]
