"""Histories of commands for every decider: what people, providers and other services could have them decide on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from google.protobuf.message import Message
from hypothesis import strategies as st

from reveille.adapters import cron
from reveille.agent_runner.domain import agent, run
from reveille.agent_runner.domain.agent_state import Agent
from reveille.analyzer.domain import analysis, gathering, pattern, watch
from reveille.analyzer.domain.analysis_state import Analysis
from reveille.budget.domain import commands as budget
from reveille.budget.domain import estimate, ledger
from reveille.budget.domain.books import Ledger
from reveille.contracts.agent_runner.v1.events_pb2 import (
    FAILURE_ERROR,
    AgentThinking,
    ModelAnswered,
    Work,
)
from reveille.contracts.analyzer.v1.events_pb2 import Beginning, Cancellation
from reveille.contracts.budget.v1.events_pb2 import Reservation
from reveille.contracts.common.v1.common_pb2 import EventRef, Sealed
from reveille.kernel import parking
from reveille.kernel.decider import Command, Decider
from reveille.kernel.digests import Digests
from reveille.kernel.errors import Poison, Rejected
from reveille.kernel.event_bus import Message as BusMessage
from reveille.kernel.events import About, Meta, Recorded
from reveille.kernel.timestamps import microseconds
from reveille.planner.domain import commands as planner
from reveille.planner.domain import execution
from reveille.planner.domain.state import Execution
from tests.unit.analyzer.party import given, meaning
from tests.unit.manual_clock import NOON
from tests.unit.spec import evolved

HOUR: Final = 3600 * 1_000_000

# A draw of three small numbers is a command, in the state that the history has reached.
Op = tuple[int, int, int]
OPS: Final = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 11), st.integers(0, 99)), max_size=40)


@dataclass(frozen=True, slots=True)
class Case:
    stream: str
    decider: Decider
    command: Callable[[Op, Any], Command]

    def __str__(self) -> str:
        return self.decider.category


@dataclass(frozen=True, slots=True)
class Step:
    """A command, what it is about, and what was decided: events with what each is about."""

    command: Command
    about: About
    events: Sequence[tuple[Message, About]]


def history(case: Case, ops: Sequence[Op]) -> tuple[list[Step], Any]:
    """What follows from the commands one after the other, and the state in the end."""
    state, steps = case.decider.initial, []
    for number, op in enumerate(ops):
        command, about = case.command(op, state), About(f"c{number}", f"00-{number}", number % 3)
        try:
            decided = case.decider.decide(command, state)
        except (Rejected, Poison):
            decided = []
        events = [one if isinstance(one, tuple) else (one, about) for one in decided]
        state = evolved(case.decider, state, events)
        steps.append(Step(command, about, events))
    return steps, state


def _ledger(op: Op, state: Ledger) -> budget.Command:
    kind, which, much = op
    now = NOON + which * HOUR * 2
    limits = budget.Limits(
        fleet_revision=much % 7,
        by_scope={"tenant": 200 + which * 10, "execution": 90, "agent:a1": 60 + much},
        warn_at={"tenant": (0.25, 0.5), "agent:a1": (0.1,)},
        time_zone=("", "Europe/Berlin", "Pacific/Honolulu")[much % 7 % 3],
    )
    match kind:
        case 0 | 1 | 2 | 3:
            return budget.Reserve(now=now, reservation=reservation(which, much), limits=limits)
        case 4 | 5:
            return budget.Settle(now=now, run_id=f"r{which}", used=much)
        case 6 if much % 3 == 0:
            return budget.Revoke(now=now, run_id=f"r{which}")
        case 6 if much % 2:
            return budget.TopUp(now=now, run_id=f"r{which}", request=1 + much % 3, tokens=much)
        case 6:
            return budget.Exceed(now=now, run_id=f"r{which}", approval_id=f"x{which}")
        case 7:
            return budget.AddUsage(now=now, run_id=f"r{which}", execution_id=f"e{which % 4}", agent="a1", tokens=much)
        case 8:
            return budget.SetLimits(now=now, limits=limits)
        case _:
            if much % 2:
                return budget.CloseExecution(now=now, execution_id=f"e{which % 4}")
            return budget.TurnPeriod(now=now, due=state.look_at)


def reservation(which: int, much: int) -> Reservation:
    """A run asks the same each time that it asks."""
    return Reservation(
        run_id=f"r{which}",
        execution_id=f"e{which % 4}",
        agent=f"a{which % 3}",
        tokens=which * 29 % 80,
        priority=1 + which % 4,  # type: ignore[arg-type]
        defer=which % 5 != 0,
        ask=which % 3 == 0,
    )


def _estimate(op: Op, state: estimate.Estimated) -> estimate.Estimate:
    kind, which, much = op
    costs = {f"s{number}": estimate.Cost(which, which + much % (number + 2)) for number in range(kind % 4)}
    return estimate.Estimate(now=NOON, execution_id="e", by_step=costs, limit=much % 3 * 20)


def _agent(op: Op, state: Agent) -> agent.Command:
    kind, which, much = op
    run_id, session = f"r{which}", f"s{which % 4}"
    if kind < 5:
        priority: Any = 1 + which % 4
        work = Work(run_id=run_id, agent="a", priority=priority, max_instances=which % 3, remote=which % 2 == 0)
        return agent.Offer(now=NOON, work=work)
    match kind:
        case 5:
            return agent.Connect(now=NOON, agent="a", session=session, capacity=1 + much % 3)
        case 6:
            return agent.Disconnect(now=NOON, agent="a", session=session, reason="gone")
        case 7:
            return agent.GiveOut(now=NOON) if much % 2 else agent.GiveUp(now=NOON, run_id=run_id)
        case 8:
            until = NOON + much * HOUR
            if which % 3 == 0:
                return agent.Exhaust(now=NOON, agent="a", until=until)
            return agent.Rouse(now=until, agent="a") if which % 3 == 1 else agent.Idle(now=NOON, agent="a")
        case _ if much % 2:
            return agent.Revoke(now=NOON, run_id=run_id)
        case _:
            return agent.Leave(now=NOON, agent="a", run_id=run_id)


def _run(op: Op, state: run.Run) -> run.Command:
    kind, which, much = op
    call = which % 4
    match kind:
        case 0 | 1:
            return run.StartRun(now=NOON, work=Work(run_id="r", agent="a", tokens=200))
        case 2 | 3:
            return run.CallModel(now=NOON, call=call, model="m", cap=much)
        case 4 | 5:
            return run.TakeAnswer(now=NOON, answer=ModelAnswered(run_id="r", call=call, output_tokens=much))
        case 6 if much % 2:
            return (
                run.Ask(now=NOON, request=1 + which % 3, tokens=much),
                run.Grant(now=NOON, request=1 + which % 3, tokens=much),
                run.Refuse(now=NOON, request=1 + which % 3, left=much),
            )[which % 3]
        case 6:
            return run.Report(now=NOON, number=which, event=AgentThinking(run_id="r", text=Sealed(data=b"x")))
        case 7:
            return run.Complete(now=NOON, result=Sealed(data=b"{}"))
        case 8:
            return run.Fail(now=NOON, reason=FAILURE_ERROR, error=Sealed(data=b"no"), retry=True)
        case _ if much % 2:
            return run.Cancel(now=NOON, work=Work(run_id="r", agent="a", tokens=200), queued=which % 2 == 0)
        case _:
            return run.Interrupt(now=NOON)


def _execution(op: Op, state: Execution) -> planner.Command:
    kind, which, much = op
    attempt = which % 5
    step = state.steps.get("wake")
    match kind:
        case 0:
            plan = planner.StepPlan(name="wake", agent="a", attempts=3, backoff_ms=10, timeout_ms=9, tokens=5)
            return planner.Start(
                now=NOON,
                execution_id="e",
                trigger_id="t",
                rule="rule",
                priority=2,  # type: ignore[arg-type]
                signal_ids=("s",),
                signals=(EventRef(stream="t.signal-1"),),
                fleet_revision=1,
                step=plan,
            )
        case 1:
            return planner.CompleteStep(
                now=NOON, step="wake", attempt=attempt, run_id="r", tokens_used=much, result=Sealed(data=b"{}")
            )
        case 2 | 3 | 4:
            return planner.FailStep(
                now=NOON,
                step="wake",
                attempt=attempt,
                tokens_used=much,
                reason="error",
                error=Sealed(data=b"no"),
                retry=much > 20,
                interrupted=kind > 3,
            )
        case 5 | 6:
            account = ("agent:a@2026-11-21", "tenant@2026-11-21", "execution:e")[much % 3]
            return planner.AwaitTokens(
                now=NOON, step="wake", attempt=attempt, account=account, left=much, until=NOON + HOUR,
                ask=much % 2 == 0, answer_ms=much * 1_000,
            )  # fmt: skip
        case 7 if much % 2:
            return planner.Admit(now=NOON, step="wake", attempt=attempt)
        case 7 | 8:
            open_one = step.asked.approval_id if step and step.asked and much % 5 else "another"
            return planner.Answer(
                now=NOON,
                approval_id=open_one,
                approved=much % 3 == 0,
                by="ann",
                comment=Sealed(data=b"why" * (much % 2)),
            )
    if step and step.asked and much % 3:
        return planner.MissDeadline(now=NOON, step="wake", due=microseconds(step.asked.deadline))
    return planner.RetryStep(now=NOON, step="wake", due=(step and step.retry_at) or 0)


def _watch(op: Op, state: gathering.Watch) -> watch.Command:
    kind, which, much = op
    if kind > 7:
        due = state.look_at if much % 4 else much
        return watch.LookAt(now=max(NOON, due + which), due=due)
    now = NOON + which * 3_000_000
    matched = tuple(
        watch.Matched(
            rule=f"r{number}",
            group=f"g{number} {much % 3}",
            max=1 + much % 4,
            cooldown_group=f"c{number} {much % 2}" if number else "",
            cooldown_ms=number * 4_000,
            window_ms=which % 2 * 5_000,
        )
        for number in range(kind % 3)
    )
    return watch.Wake(
        now=now,
        trigger_id=f"t{which} {much}",
        agent="a",
        matched=matched,
        priority=1 + much % 4,  # type: ignore[arg-type]
        signal_ids=(f"s{which} {much}",),
        signals=(EventRef(stream="t.signal-1"),),
        fleet_revision=much,
        hop=much % 5,
        max_hops=3,
        agent_cooldown_ms=which % 3 * 2_000,
        handed_on_by="" if matched or much % 2 else "b",
    )


def _pattern(op: Op, state: pattern.Pattern) -> pattern.Command:
    kind, which, much = op
    now = NOON + which * 3_000_000
    match kind:
        case 0 | 1:
            expression = "*/5 * * * *" if much % 2 else ""
            return pattern.Arm(
                now=now,
                rule="r",
                fleet_revision=which,
                same=much % 3 == 0,
                for_ms=0 if expression else much % 5 * 1_000,
                expression=expression,
                time_zone="Europe/Berlin" if expression else "",
            )
        case 2:
            return pattern.Disarm(now=now, rule="r") if much > 70 else pattern.TimeUp(
                now=now, stream="t.pattern-r", rule="r", due=state.due
            )  # fmt: skip
        case 3:
            return pattern.Touch(
                now=now, rule="r", fleet_revision=which, for_ms=much * 100, signal_id=f"s{much}", received_at=now - much
            )
    sequence = kind > 6
    return pattern.Count(
        now=now,
        rule="r",
        trigger_id=f"t{which} {much}",
        fleet_revision=which,
        group=f"g{much % 2}",
        signal_id=f"s{which} {much}",
        signal=EventRef(stream="t.signal-1", revision=much),
        received_at=now - much * 10_000,
        about=About(f"c{which}", "", much % 3),
        within_ms=9_000,
        steps=tuple(sorted({much % 3, which % 3})) if sequence else (),
        length=3,
        sequence=sequence,
    )


def _analysis(op: Op, state: Analysis) -> analysis.Command:
    kind, which, much = op
    if kind > 6:
        names = ("theme", "vendor")[: 1 + much % 2]
        answers = {f"i-{number}": tuple((name, 0.9) for name in names) for number in range(much % 5)}
        return analysis.Answer(now=NOON, execution_id="e", revision=state.revision - which % 3, answers=answers)
    texts = ("jungle theme", "space", "cake for 20", "a bouncy castle", "two vegetarians", "goodie bags", "balloons")
    there = [number for number in range(len(texts)) if much >> number & 1]
    return analysis.Analyze(
        now=NOON,
        execution_id="e",
        blueprint="party",
        fleet_revision=which,
        revision=state.revision + which % 4,
        understood=meaning(*(given(texts[number], number=number) for number in there)),
        ask=kind % 2 == 0,
        beginning=Beginning(conversation_id="c"),
        cancellation=Cancellation(by="ann") if which > 9 else None,
    )


def _parked(op: Op, state: parking.Parked) -> parking.Park:
    kind, which, _much = op
    event = Recorded(bytes(16), "x.y.Z", b"", Meta(NOON, About("c")), None, which, "t.s-1", 0)
    return parking.Park(now=NOON, service="svc", message=BusMessage(event, "s", 0, which), error=f"{kind}")


CASES: Final = [
    Case("t.ledger", ledger.decider, _ledger),
    Case("t.estimate-e", estimate.decider, _estimate),
    Case("t.agent-a", agent.decider, _agent),
    Case("t.run-r", run.decider, _run),
    Case("t.execution-e", execution.decider(Digests(b"test")), _execution),
    Case("t.watch-a", watch.decider, _watch),
    Case("t.pattern-r", pattern.decider(cron.next_time), _pattern),
    Case("t.analysis-e", analysis.decider, _analysis),
    Case("t.deadletter-svc-0", parking.decider, _parked),
]
