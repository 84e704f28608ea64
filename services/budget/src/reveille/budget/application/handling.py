"""What the budget does about what others report: reserve, settle, revoke, take over new limits; and add up money."""

from collections.abc import Mapping, Sequence
from typing import Final

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
from reveille.contracts.agent_runner.v1.events_pb2 import LateUsageFound, RunCompleted, RunFailed, TokensRequested
from reveille.contracts.budget.v1.events_pb2 import Reservation
from reveille.contracts.common.v1.common_pb2 import EventRef
from reveille.contracts.ingress.v1.events_pb2 import WHEN_SPENT_ASK, WHEN_SPENT_DROP
from reveille.contracts.planner.v1.events_pb2 import (
    ApprovalResolved,
    ExecutionCancelled,
    ExecutionCompleted,
    ExecutionFailed,
    MoneyPlanned,
    StepReady,
    StepRevoked,
)
from reveille.kernel.decider import Command
from reveille.kernel.errors import Poison
from reveille.kernel.events import Recorded, stream_name, tenant_of
from reveille.kernel.facts import Facts
from reveille.kernel.fleet import Fleet
from reveille.kernel.processing import Reactor

# How long a person has to answer where the fleet does not say.
ANSWER_MS: Final = 3_600_000
# Limits that are kept ready, of each tenant's fleets.
KEPT: Final = 1_000

Commands = Sequence[tuple[str, Command]]


class Accounting:
    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._limits: dict[tuple[str, int], Limits] = {}

    def reactors(self) -> Mapping[str, Reactor]:
        return {
            "reveille.ingress.v1.FleetApplied": self.on_fleet,
            "reveille.planner.v1.StepReady": self.on_step_ready,
            "reveille.planner.v1.ApprovalResolved": self.on_approval,
            "reveille.planner.v1.ExecutionCompleted": self.on_execution_ended,
            "reveille.planner.v1.ExecutionFailed": self.on_execution_ended,
            "reveille.planner.v1.ExecutionCancelled": self.on_execution_ended,
            "reveille.planner.v1.StepRevoked": self.on_step_revoked,
            "reveille.planner.v1.MoneyPlanned": self.on_money,
            "reveille.agent_runner.v1.RunCompleted": self.on_run_ended,
            "reveille.agent_runner.v1.RunFailed": self.on_run_ended,
            "reveille.agent_runner.v1.LateUsageFound": self.on_late_usage,
            "reveille.agent_runner.v1.TokensRequested": self.on_request,
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
        asking = agent.budget.when_spent == WHEN_SPENT_ASK
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
            ask=asking,
            remote=agent.remote,
            answer_ms=(agent.budget.answer_ms or ANSWER_MS) if asking else 0,
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

    async def on_request(self, event: Recorded, now: int) -> Commands:
        asked = event.msg
        assert isinstance(asked, TokensRequested)
        command = TopUp(now=now, run_id=asked.work.run_id, request=asked.request, tokens=asked.tokens)
        return [(_ledger(event), command)]

    async def on_approval(self, event: Recorded, now: int) -> Commands:
        """What is not approved ends its execution, which takes the reservation back."""
        resolved = event.msg
        assert isinstance(resolved, ApprovalResolved)
        if not resolved.approved:
            return ()
        return [(_ledger(event), Exceed(now=now, run_id=resolved.run_id, approval_id=resolved.approval_id))]

    async def on_execution_ended(self, event: Recorded, now: int) -> Commands:
        ended = event.msg
        assert isinstance(ended, ExecutionCompleted | ExecutionFailed | ExecutionCancelled)
        return [(_ledger(event), CloseExecution(now=now, execution_id=ended.execution_id))]

    async def on_step_revoked(self, event: Recorded, now: int) -> Commands:
        revoked = event.msg
        assert isinstance(revoked, StepRevoked)
        return [(_ledger(event), Revoke(now=now, run_id=revoked.run_id))]

    async def on_money(self, event: Recorded, now: int) -> Commands:
        planned = event.msg
        assert isinstance(planned, MoneyPlanned)
        by_step = {step: Cost(money.min, money.max) for step, money in planned.by_step.items()}
        estimate = Estimate(now=now, execution_id=planned.execution_id, by_step=by_step, limit=planned.limit)
        return [(stream_name(tenant_of(event.stream), "estimate", planned.execution_id), estimate)]

    def _limits_of(self, event: Recorded, fleet: Fleet) -> Limits:
        key = (tenant_of(event.stream), fleet.revision)
        limits = self._limits.get(key)
        if limits is None:
            by_scope = {f"agent:{agent.name}": agent.budget.tokens for agent in fleet.agents.values()}
            by_scope |= {"tenant": fleet.limits.tenant_tokens, "execution": fleet.limits.execution_tokens}
            warn_at = {f"agent:{agent.name}": agent.budget.warn_at for agent in fleet.agents.values()}
            if len(self._limits) >= KEPT:
                self._limits.clear()
            limits = self._limits[key] = Limits(
                fleet_revision=fleet.revision,
                by_scope=by_scope,
                warn_at={
                    scope: tuple(parts) for scope, parts in {**warn_at, "tenant": fleet.limits.warn_at}.items() if parts
                },
                time_zone=fleet.limits.time_zone,
            )
        return limits


def _ledger(event: Recorded) -> str:
    return stream_name(tenant_of(event.stream), "ledger")
