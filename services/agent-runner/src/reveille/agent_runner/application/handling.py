"""What the agent-runner does about what comes in: queue and wake, start, and go on when a run has ended."""

from collections.abc import Mapping, Sequence

from reveille.agent_runner.domain.agent import Leave, Offer
from reveille.agent_runner.domain.run import StartRun
from reveille.contracts.agent_runner.v1.events_pb2 import AgentWoken, RunCompleted, RunFailed, Work
from reveille.contracts.budget.v1.events_pb2 import TokensReserved
from reveille.kernel.decider import Command
from reveille.kernel.events import Recorded, stream_name, tenant_of
from reveille.kernel.processing import Reactor

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
    )
    return [(stream_name(tenant_of(event.stream), "agent", held.agent), Offer(now=now, work=work))]


async def on_waking(event: Recorded, now: int) -> Commands:
    assert isinstance(event.msg, AgentWoken)
    work = event.msg.work
    return [(stream_name(tenant_of(event.stream), "run", work.run_id), StartRun(now=now, work=work))]


async def on_run_ended(event: Recorded, now: int) -> Commands:
    assert isinstance(event.msg, RunCompleted | RunFailed)
    work = event.msg.work
    leave = Leave(now=now, agent=work.agent, run_id=work.run_id)
    return [(stream_name(tenant_of(event.stream), "agent", work.agent), leave)]


REACTORS: Mapping[str, Reactor] = {
    "reveille.budget.v1.TokensReserved": on_reservation,
    "reveille.agent_runner.v1.AgentWoken": on_waking,
    "reveille.agent_runner.v1.RunCompleted": on_run_ended,
    "reveille.agent_runner.v1.RunFailed": on_run_ended,
}
