"""What the ledger does about what others report: reserve, settle, take over new limits."""

from collections.abc import Mapping, Sequence

from reveille.budget.domain.ledger import AddUsage, CloseExecution, Limits, Reserve, SetLimits, Settle
from reveille.contracts.agent_runner.v1.events_pb2 import LateUsageFound, RunCompleted, RunFailed
from reveille.contracts.budget.v1.events_pb2 import Reservation
from reveille.contracts.common.v1.common_pb2 import EventRef
from reveille.contracts.ingress.v1.events_pb2 import WHEN_SPENT_DROP
from reveille.contracts.planner.v1.events_pb2 import ExecutionCompleted, ExecutionFailed, StepReady
from reveille.kernel.decider import Command
from reveille.kernel.errors import Poison
from reveille.kernel.events import Recorded, stream_name, tenant_of
from reveille.kernel.facts import Facts
from reveille.kernel.fleet import Fleet
from reveille.kernel.processing import Reactor

Commands = Sequence[tuple[str, Command]]


class Accounting:
    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._limits: dict[tuple[str, int], Limits] = {}

    def reactors(self) -> Mapping[str, Reactor]:
        return {
            "reveille.ingress.v1.FleetApplied": self.on_fleet,
            "reveille.planner.v1.StepReady": self.on_step_ready,
            "reveille.planner.v1.ExecutionCompleted": self.on_execution_ended,
            "reveille.planner.v1.ExecutionFailed": self.on_execution_ended,
            "reveille.agent_runner.v1.RunCompleted": self.on_run_ended,
            "reveille.agent_runner.v1.RunFailed": self.on_run_ended,
            "reveille.agent_runner.v1.LateUsageFound": self.on_late_usage,
        }

    async def on_fleet(self, event: Recorded, now: int) -> Commands:
        fleet = await self._facts.fleet(tenant_of(event.stream), event.revision)
        return [(_ledger(event), SetLimits(now=now, limits=self._limits_of(event, fleet)))]

    async def on_step_ready(self, event: Recorded, now: int) -> Commands:
        ready = event.msg
        assert isinstance(ready, StepReady)
        fleet = await self._facts.fleet(tenant_of(event.stream), ready.fleet_revision)
        agent = fleet.agents.get(ready.agent)
        if agent is None:
            raise Poison(f"step {ready.step} needs agent {ready.agent}, which fleet {fleet.revision} has not")
        reservation = Reservation(
            run_id=ready.run_id,
            execution_id=ready.execution_id,
            step=ready.step,
            attempt=ready.attempt,
            agent=ready.agent,
            tokens=ready.tokens,
            priority=ready.priority,
            ready=EventRef(stream=event.stream, revision=event.revision),
            max_instances=agent.max_instances,
            defer=agent.budget.when_spent != WHEN_SPENT_DROP,
        )
        # Its limits come along: the ledger may see this step before it sees the fleet that the step stands under.
        return [(_ledger(event), Reserve(now=now, reservation=reservation, limits=self._limits_of(event, fleet)))]

    async def on_run_ended(self, event: Recorded, now: int) -> Commands:
        ended = event.msg
        assert isinstance(ended, RunCompleted | RunFailed)
        return [(_ledger(event), Settle(now=now, run_id=ended.work.run_id, used=ended.tokens_used))]

    async def on_late_usage(self, event: Recorded, now: int) -> Commands:
        late = event.msg
        assert isinstance(late, LateUsageFound)
        work = late.work
        command = AddUsage(
            now=now, run_id=work.run_id, execution_id=work.execution_id, agent=work.agent, tokens=late.tokens
        )
        return [(_ledger(event), command)]

    async def on_execution_ended(self, event: Recorded, now: int) -> Commands:
        ended = event.msg
        assert isinstance(ended, ExecutionCompleted | ExecutionFailed)
        return [(_ledger(event), CloseExecution(now=now, execution_id=ended.execution_id))]

    def _limits_of(self, event: Recorded, fleet: Fleet) -> Limits:
        key = (tenant_of(event.stream), fleet.revision)
        limits = self._limits.get(key)
        if limits is None:
            by_scope = {f"agent:{agent.name}": agent.budget.tokens for agent in fleet.agents.values()}
            by_scope |= {"tenant": fleet.limits.tenant_tokens, "execution": fleet.limits.execution_tokens}
            limits = self._limits[key] = Limits(fleet_revision=fleet.revision, by_scope=by_scope)
        return limits


def _ledger(event: Recorded) -> str:
    return stream_name(tenant_of(event.stream), "ledger")
