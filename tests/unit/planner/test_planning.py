"""What an execution is told to do about what others report."""

from typing import Any

import pytest
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from reveille.contracts.agent_runner.v1.events_pb2 import (
    FAILURE_ERROR,
    FAILURE_INTERRUPTED,
    RunCompleted,
    RunFailed,
    Work,
)
from reveille.contracts.analyzer.v1.events_pb2 import TriggerFired
from reveille.contracts.budget.v1.events_pb2 import Reservation, ReservationAdmitted, ReservationDeferred, TokensDenied
from reveille.contracts.common.v1.common_pb2 import PRIORITY_HIGH, EventRef, Sealed
from reveille.contracts.ingress.v1.events_pb2 import Agent, AgentBudget, ApprovalDecided
from reveille.contracts.planner.v1.events_pb2 import ApprovalResolved, ExecutionCompleted, ExecutionFailed, StepReady
from reveille.kernel.errors import Poison
from reveille.kernel.facts import Facts
from reveille.kernel.ids import derive
from reveille.planner.application.routing import ROUTES
from reveille.planner.bootstrap import digests_of, planning
from reveille.planner.domain.commands import Admit, Answer, AwaitTokens, CompleteStep, FailStep, Start, StepPlan
from tests.unit.log import Log
from tests.unit.manual_clock import NOON

pytestmark = pytest.mark.asyncio
WORK = Work(run_id="r", execution_id="e", step="wake", attempt=2, agent="a")
SIGNAL = EventRef(stream="t.signal-1", revision=0)


@pytest.fixture
def log() -> Log:
    return Log()


async def commands(log: Log, stream: str, event: Message) -> list[tuple[str, Any]]:
    (recorded,) = await log.write(stream, event)
    return list(await planning(Facts(log.store), digests_of(b"test")).reactors()[recorded.type](recorded, NOON))


def trigger(revision: int, agent: str = "a") -> TriggerFired:
    return TriggerFired(
        trigger_id="x",
        agent=agent,
        rule="rule",
        priority=PRIORITY_HIGH,
        signal_ids=["s"],
        signals=[SIGNAL],
        fleet_revision=revision,
    )


async def test_a_trigger_starts_an_execution_of_one_step_as_its_agent_is_set_up(log: Log) -> None:
    agent = Agent(name="a", attempts=3, backoff_ms=20, timeout_ms=50, budget=AgentBudget(tokens=900, per_run=100))
    revision = await log.apply_fleet(agent)
    execution_id = derive("execution", "x")
    start = Start(
        now=NOON,
        execution_id=execution_id,
        trigger_id="x",
        rule="rule",
        priority=PRIORITY_HIGH,
        signal_ids=("s",),
        signals=(SIGNAL,),
        fleet_revision=revision,
        step=StepPlan(name="wake", agent="a", attempts=3, backoff_ms=20, timeout_ms=50, tokens=100),
    )
    assert await commands(log, "t.watch-a", trigger(revision)) == [(f"t.execution-{execution_id}", start)]


async def test_a_trigger_for_an_agent_that_the_fleet_has_not_is_poison(log: Log) -> None:
    revision = await log.apply_fleet()
    with pytest.raises(Poison, match=f"trigger x wakes nobody, which fleet {revision} has not"):
        await commands(log, "t.watch-a", trigger(revision, "nobody"))


async def test_a_run_that_completed_completes_its_step(log: Log) -> None:
    result = Sealed(data=b"{}")
    ref = EventRef(stream="t.run-r", revision=0)
    complete = CompleteStep(now=NOON, step="wake", attempt=2, run_id="r", tokens_used=70, result=result, ref=ref)
    event = RunCompleted(work=WORK, tokens_used=70, result=result)
    assert await commands(log, "t.run-r", event) == [("t.execution-e", complete)]


@pytest.mark.parametrize(
    ("reason", "name", "interrupted"),
    [(FAILURE_ERROR, "error", False), (FAILURE_INTERRUPTED, "interrupted", True)],
)
async def test_a_run_that_failed_fails_its_step_and_an_interruption_is_told_apart(
    log: Log, reason: Any, name: str, interrupted: bool
) -> None:
    error = Sealed(data=b"no")
    fail = FailStep(
        now=NOON,
        step="wake",
        attempt=2,
        tokens_used=70,
        reason=name,
        error=error,
        retry=True,
        interrupted=interrupted,
    )
    event = RunFailed(work=WORK, tokens_used=70, reason=reason, error=error, retry=True)
    assert await commands(log, "t.run-r", event) == [("t.execution-e", fail)]


async def test_a_denial_fails_the_step_for_good_and_says_which_account_had_no_room(log: Log) -> None:
    asked = Reservation(execution_id="e", step="wake", attempt=2, tokens=100)
    denied = TokensDenied(reservation=asked, account="execution:e", limit=90, left=40)
    ((stream, fail),) = await commands(log, "t.ledger", denied)
    assert (stream, fail.reason, fail.retry, fail.attempt, fail.tokens_used) == ("t.execution-e", "budget", False, 2, 0)
    assert fail.error.data == b"100 tokens asked of account execution:e: 40 of 90 are left"


@pytest.mark.parametrize("event", [StepReady(), ApprovalResolved(), ExecutionCompleted(), ExecutionFailed()])
async def test_what_the_ledger_must_know_goes_to_it_by_tenant(log: Log, event: Message) -> None:
    (recorded,) = await log.write("t.execution-e", event)
    assert {service: key(recorded) for service, key in ROUTES[recorded.type].items()} == {"budget": "t"}


async def test_what_the_ledger_lets_wait_waits_and_says_whether_a_person_may_be_asked(log: Log) -> None:
    asked = Reservation(execution_id="e", step="wake", attempt=2, tokens=100, ask=True, answer_ms=5_000)
    deferred = ReservationDeferred(
        reservation=asked, account="agent:a@2026-11-21", left=40, until=Timestamp(seconds=NOON // 1_000_000)
    )
    command = AwaitTokens(
        now=NOON,
        step="wake",
        attempt=2,
        account="agent:a@2026-11-21",
        left=40,
        until=NOON,
        ask=True,
        answer_ms=5_000,
    )
    assert await commands(log, "t.ledger", deferred) == [("t.execution-e", command)]


async def test_what_had_waited_and_has_its_tokens_goes_on(log: Log) -> None:
    admitted = ReservationAdmitted(run_id="r", execution_id="e", step="wake", attempt=2)
    assert await commands(log, "t.ledger", admitted) == [("t.execution-e", Admit(now=NOON, step="wake", attempt=2))]


async def test_what_a_person_decides_answers_the_question(log: Log) -> None:
    comment = Sealed(data=b"not today")
    decided = ApprovalDecided(approval_id="x", execution_id="e", approved=False, comment=comment, by="ann")
    answer = Answer(now=NOON, approval_id="x", approved=False, by="ann", comment=comment)
    assert await commands(log, "t.approval-x", decided) == [("t.execution-e", answer)]
