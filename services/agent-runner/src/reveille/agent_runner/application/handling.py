"""What the agent-runner does about what comes in: queue and wake, start, and go on when a run has ended."""

from collections.abc import Mapping, Sequence

from reveille.agent_runner.domain.agent import Exhaust, GiveOut, Leave, Offer, Reinstate, Retire, Revoke
from reveille.agent_runner.domain.run import Cancel, Fail, Grant, Interrupt, Refuse, StartRun
from reveille.contracts.agent_runner.v1.events_pb2 import (
    FAILURE_RETIRED,
    AgentWoken,
    RunAbandoned,
    RunCompleted,
    RunFailed,
    Work,
    WorkRevoked,
)
from reveille.contracts.budget.v1.events_pb2 import (
    BudgetExhausted,
    ReservationRevoked,
    TokensReserved,
    TopUpDenied,
    TopUpReserved,
)
from reveille.contracts.ingress.v1.events_pb2 import AgentDefined, AgentRemoved
from reveille.contracts.planner.v1.events_pb2 import StepReady
from reveille.kernel.decider import Command
from reveille.kernel.events import Recorded, stream_name, tenant_of
from reveille.kernel.facts import Facts
from reveille.kernel.processing import Reactor
from reveille.kernel.sealing import seal

Commands = Sequence[tuple[str, Command]]


async def on_reservation(event: Recorded, now: int) -> Commands:
    assert isinstance(event.msg, TokensReserved)
    held = event.msg.reservation
    work = Work(
        run_id=held.run_id,
        execution_id=held.execution_id,
        step=held.step,
        attempt=held.attempt,
        agent=held.agent,
        tokens=held.tokens,
        priority=held.priority,
        ready=held.ready,
        max_instances=held.max_instances,
        remote=held.remote,
    )
    return [(stream_name(tenant_of(event.stream), "agent", held.agent), Offer(now=now, work=work))]


async def on_revocation(event: Recorded, now: int) -> Commands:
    assert isinstance(event.msg, ReservationRevoked)
    revoke = Revoke(now=now, run_id=event.msg.run_id)
    return [(stream_name(tenant_of(event.stream), "agent", event.msg.agent), revoke)]


async def on_work_revoked(event: Recorded, now: int) -> Commands:
    """Behind the AgentWoken of the same run, from the same sender: it has started by now, or never will."""
    assert isinstance(event.msg, WorkRevoked)
    work = event.msg.work
    cancel = Cancel(now=now, work=work, queued=event.msg.queued)
    return [(stream_name(tenant_of(event.stream), "run", work.run_id), cancel)]


async def on_waking(event: Recorded, now: int) -> Commands:
    assert isinstance(event.msg, AgentWoken)
    work = event.msg.work
    return [(stream_name(tenant_of(event.stream), "run", work.run_id), StartRun(now=now, work=work))]


class Waking:
    """A remote agent's run has a deadline that stands in the log, for no pool keeps to its time-out."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    async def __call__(self, event: Recorded, now: int) -> Commands:
        assert isinstance(event.msg, AgentWoken)
        work = event.msg.work
        if not work.remote:
            return await on_waking(event, now)
        ready = (await self._facts.event(work.ready)).msg
        assert isinstance(ready, StepReady)
        deadline = now + ready.timeout_ms * 1000 if ready.timeout_ms else 0
        run = stream_name(tenant_of(event.stream), "run", work.run_id)
        return [(run, StartRun(now=now, work=work, deadline=deadline))]


async def on_connection(event: Recorded, now: int) -> Commands:
    return [(event.stream, GiveOut(now=now))]


async def on_abandoned(event: Recorded, now: int) -> Commands:
    assert isinstance(event.msg, RunAbandoned)
    work = event.msg.work
    run = stream_name(tenant_of(event.stream), "run", work.run_id)
    if event.msg.retired:
        error = seal(f"{work.agent} is no remote agent of the fleet any more".encode())
        return [(run, Fail(now=now, reason=FAILURE_RETIRED, error=error, retry=False))]
    return [(run, Interrupt(now=now, error="its connection is gone, and none came back in time"))]


async def on_definition(event: Recorded, now: int) -> Commands:
    assert isinstance(event.msg, AgentDefined)
    agent = event.msg.agent
    stream = stream_name(tenant_of(event.stream), "agent", agent.name)
    if agent.remote:
        return [(stream, Reinstate(now=now, agent=agent.name))]
    return [(stream, Retire(now=now, agent=agent.name, removed=False))]


async def on_removal(event: Recorded, now: int) -> Commands:
    assert isinstance(event.msg, AgentRemoved)
    name = event.msg.name
    return [(stream_name(tenant_of(event.stream), "agent", name), Retire(now=now, agent=name, removed=True))]


async def on_exhaustion(event: Recorded, now: int) -> Commands:
    """Of an agent's own account; what is spent for all of a tenant puts no agent of it to sleep by itself."""
    assert isinstance(event.msg, BudgetExhausted)
    scope, _, _ = event.msg.account.partition("@")
    kind, _, agent = scope.partition(":")
    if kind != "agent" or not agent:
        return []
    exhaust = Exhaust(now=now, agent=agent, until=event.msg.until.ToMicroseconds())
    return [(stream_name(tenant_of(event.stream), "agent", agent), exhaust)]


async def on_top_up(event: Recorded, now: int) -> Commands:
    match event.msg:
        case TopUpReserved(run_id=run_id, request=request, tokens=tokens):
            return [
                (stream_name(tenant_of(event.stream), "run", run_id), Grant(now=now, request=request, tokens=tokens))
            ]
        case TopUpDenied(run_id=run_id, request=request, left=left):
            return [(stream_name(tenant_of(event.stream), "run", run_id), Refuse(now=now, request=request, left=left))]
    raise AssertionError(f"{event.type} answers no request for more tokens")


async def on_run_ended(event: Recorded, now: int) -> Commands:
    assert isinstance(event.msg, RunCompleted | RunFailed)
    work = event.msg.work
    leave = Leave(now=now, agent=work.agent, run_id=work.run_id)
    return [(stream_name(tenant_of(event.stream), "agent", work.agent), leave)]


REACTORS: Mapping[str, Reactor] = {
    "reveille.ingress.v1.AgentDefined": on_definition,
    "reveille.ingress.v1.AgentRemoved": on_removal,
    "reveille.budget.v1.TokensReserved": on_reservation,
    "reveille.budget.v1.ReservationRevoked": on_revocation,
    "reveille.budget.v1.BudgetExhausted": on_exhaustion,
    "reveille.budget.v1.TopUpReserved": on_top_up,
    "reveille.budget.v1.TopUpDenied": on_top_up,
    "reveille.agent_runner.v1.AgentWoken": on_waking,
    "reveille.agent_runner.v1.AgentConnected": on_connection,
    "reveille.agent_runner.v1.RunAbandoned": on_abandoned,
    "reveille.agent_runner.v1.WorkRevoked": on_work_revoked,
    "reveille.agent_runner.v1.RunCompleted": on_run_ended,
    "reveille.agent_runner.v1.RunFailed": on_run_ended,
}


def reactors(facts: Facts) -> Mapping[str, Reactor]:
    return {**REACTORS, "reveille.agent_runner.v1.AgentWoken": Waking(facts)}
