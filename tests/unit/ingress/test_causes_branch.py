"""The chain of causes of a plan: many steps and runs in one execution, and other plans beside it."""

from google.protobuf.message import Message

from reveille.contracts.agent_runner.v1.events_pb2 import (
    AgentSlept,
    AgentWoken,
    RunFailed,
    RunStarted,
    Work,
    WorkRevoked,
)
from reveille.contracts.analyzer.v1.events_pb2 import InputClassified, InputsAnalyzed, TriggerFired
from reveille.contracts.budget.v1.events_pb2 import (
    AccountClosed,
    BudgetUpdated,
    Reservation,
    ReservationRevoked,
    TokensReserved,
    TokensSettled,
)
from reveille.contracts.ingress.v1.events_pb2 import InputAdded, InputsChanged, SignalReceived, Start
from reveille.contracts.planner.v1.events_pb2 import (
    ExecutionCancelled,
    ExecutionStarted,
    MoneyPlanned,
    PlanUpdated,
    StepAdopted,
    StepCompleted,
    StepReady,
    StepRevoked,
)
from reveille.ingress.domain.causes import branch
from reveille.kernel.events import Origin, Recorded
from tests.unit.log import Log


class Story:
    def __init__(self) -> None:
        self.log = Log()
        self.events: list[Recorded] = []

    async def tell(self, stream: str, event: Message, cause: Recorded | None = None) -> Recorded:
        origin = Origin(cause.id, "someone", 0, cause.position) if cause else Origin()
        (told,) = await self.log.write(f"t.{stream}", event, origin=origin)
        self.events.append(told)
        return told

    async def beginning(self, plan: str) -> Recorded:
        await self.tell(f"inputs-{plan}", InputAdded(execution_id=plan, input_id="i"))
        changed = await self.tell(f"inputs-{plan}", InputsChanged(execution_id=plan))
        await self.tell(f"analysis-{plan}", InputClassified(execution_id=plan, input_id="i"), changed)
        analyzed = await self.tell(f"analysis-{plan}", InputsAnalyzed(execution_id=plan), changed)
        return await self.tell(f"execution-{plan}", ExecutionStarted(execution_id=plan), analyzed)

    async def step(self, plan: str, step: str, started: Recorded, released_by: Recorded | None = None) -> Recorded:
        """Its run, up to what the run comes to."""
        run = f"{plan}-{step}"
        work = Work(execution_id=plan, run_id=run, step=step, agent=step)
        ready = await self.tell(f"execution-{plan}", StepReady(execution_id=plan, step=step, run_id=run), started)
        reservation = Reservation(execution_id=plan, run_id=run, step=step, agent=step)
        reserved = await self.tell("ledger", TokensReserved(reservation=reservation), released_by or ready)
        woken = await self.tell(f"agent-{step}", AgentWoken(work=work), reserved)
        return await self.tell(f"run-{run}", RunStarted(work=work), woken)

    async def revoked(self, plan: str, step: str, why: Recorded) -> Recorded:
        run = f"{plan}-{step}"
        work = Work(execution_id=plan, run_id=run, step=step, agent=step)
        wanted = StepRevoked(execution_id=plan, step=step, run_id=run, agent=step)
        unwanted = await self.tell(f"execution-{plan}", wanted, why)
        told = await self.tell("ledger", ReservationRevoked(run_id=run, execution_id=plan, agent=step), unwanted)
        stopped = await self.tell(f"agent-{step}", WorkRevoked(work=work), told)
        failed = await self.tell(f"run-{run}", RunFailed(work=work), stopped)
        await self.tell(f"agent-{step}", AgentSlept(agent=step, run_id=run), failed)
        return await self.tell("ledger", TokensSettled(run_id=run), failed)

    def of(self, plan: str) -> list[Recorded]:
        return branch(self.events, plan)


async def test_all_steps_of_a_plan_are_there_with_their_runs() -> None:
    story = Story()
    started = await story.beginning("p")
    for step in ("theme", "cake", "venue"):
        await story.step("p", step, started)
    await story.revoked("p", "cake", started)
    money = await story.tell("execution-p", MoneyPlanned(execution_id="p"), started)
    updated = await story.tell("estimate-p", BudgetUpdated(execution_id="p"), money)
    await story.tell("execution-p", PlanUpdated(execution_id="p"), updated)
    over = await story.tell("execution-p", ExecutionCancelled(execution_id="p"), started)
    await story.tell("ledger", AccountClosed(account="execution:p"), over)
    assert story.of("p") == story.events


async def test_a_plan_beside_it_is_not_there_though_both_wait_for_one_agent() -> None:
    story = Story()
    first, second = await story.beginning("p"), await story.beginning("q")
    await story.step("p", "cake", first)
    settled = await story.revoked("p", "cake", first)
    await story.step("q", "cake", second, released_by=settled)
    own = [event for event in story.events if '"q' in str(event.msg)]
    assert [event for event in story.of("q") if event in own] == own
    assert not [event for event in story.of("p") if '"q' in str(event.msg)]


async def test_a_plan_that_a_rule_began_leads_back_to_its_signal() -> None:
    story = Story()
    signal = await story.tell("signal-1", SignalReceived())
    fired = await story.tell("watch-party", TriggerFired(rule="r", start=Start(blueprint="party")), signal)
    other = await story.tell("watch-b", TriggerFired(rule="r2", agent="b"), signal)
    analyzed = await story.tell("analysis-p", InputsAnalyzed(execution_id="p"), fired)
    started = await story.tell("execution-p", ExecutionStarted(execution_id="p"), analyzed)
    await story.step("p", "cake", started)
    assert story.of("p") == [event for event in story.events if event is not other]


async def test_what_a_fork_has_adopted_is_its_own() -> None:
    story = Story()
    started = await story.beginning("p")
    await story.tell(
        "execution-p", StepAdopted(completed=StepCompleted(execution_id="p", step="cake", run_id="elsewhere")), started
    )
    assert story.of("p") == story.events
