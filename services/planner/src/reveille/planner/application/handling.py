"""What the planner does about what others report: start an execution, go on with it."""

from collections.abc import Mapping, Sequence

from reveille.contracts.agent_runner.v1.events_pb2 import (
    FAILURE_INTERRUPTED,
    Failure,
    RunCompleted,
    RunFailed,
)
from reveille.contracts.analyzer.v1.events_pb2 import TriggerFired
from reveille.contracts.budget.v1.events_pb2 import (
    BudgetUpdated,
    ReservationAdmitted,
    ReservationDeferred,
    TokensDenied,
)
from reveille.contracts.common.v1.common_pb2 import EventRef
from reveille.contracts.ingress.v1.events_pb2 import ApprovalDecided
from reveille.kernel.decider import Command
from reveille.kernel.errors import Poison
from reveille.kernel.events import Recorded, stream_name, tenant_of
from reveille.kernel.facts import Facts
from reveille.kernel.ids import derive
from reveille.kernel.processing import Reactor
from reveille.kernel.sealing import seal
from reveille.kernel.timestamps import microseconds
from reveille.planner.application.taking_inputs import TakingInputs
from reveille.planner.domain.commands import (
    Admit,
    Answer,
    AwaitTokens,
    CompleteStep,
    FailStep,
    Start,
    StepPlan,
    TakeEstimate,
)
from reveille.planner.domain.execution import WAKE_STEP

Commands = Sequence[tuple[str, Command]]


class Planning:
    """inputs: how what the inputs of a plan come to is taken."""

    def __init__(self, facts: Facts, inputs: TakingInputs) -> None:
        self._facts = facts
        self._inputs = inputs

    def reactors(self) -> Mapping[str, Reactor]:
        return {
            "reveille.analyzer.v1.TriggerFired": self.on_trigger,
            "reveille.analyzer.v1.InputsAnalyzed": self._inputs.on_inputs,
            "reveille.budget.v1.BudgetUpdated": self.on_estimate,
            "reveille.ingress.v1.ApprovalDecided": self.on_decision,
            "reveille.budget.v1.TokensDenied": self.on_denial,
            "reveille.budget.v1.ReservationDeferred": self.on_deferral,
            "reveille.budget.v1.ReservationAdmitted": self.on_admission,
            "reveille.agent_runner.v1.RunCompleted": self.on_completion,
            "reveille.agent_runner.v1.RunFailed": self.on_failure,
        }

    async def on_trigger(self, event: Recorded, now: int) -> Commands:
        trigger, tenant = event.msg, tenant_of(event.stream)
        assert isinstance(trigger, TriggerFired)
        fleet = await self._facts.fleet(tenant, trigger.fleet_revision)
        agent = fleet.agents.get(trigger.agent)
        if agent is None:
            raise Poison(f"trigger {trigger.trigger_id} wakes {trigger.agent}, which fleet {fleet.revision} has not")
        execution_id = derive("execution", trigger.trigger_id)
        start = Start(
            now=now,
            execution_id=execution_id,
            trigger_id=trigger.trigger_id,
            rule=trigger.rule,
            priority=trigger.priority,
            signal_ids=tuple(trigger.signal_ids),
            signals=tuple(trigger.signals),
            fleet_revision=trigger.fleet_revision,
            step=StepPlan(
                name=WAKE_STEP,
                agent=agent.name,
                attempts=agent.attempts,
                backoff_ms=agent.backoff_ms,
                timeout_ms=agent.timeout_ms,
                tokens=agent.budget.per_run,
            ),
        )
        return [(stream_name(tenant, "execution", execution_id), start)]

    async def on_estimate(self, event: Recorded, now: int) -> Commands:
        updated = event.msg
        assert isinstance(updated, BudgetUpdated)
        execution = stream_name(tenant_of(event.stream), "execution", updated.execution_id)
        return [(execution, TakeEstimate(now=now, budget=updated))]

    async def on_completion(self, event: Recorded, now: int) -> Commands:
        completed = event.msg
        assert isinstance(completed, RunCompleted)
        work = completed.work
        command = CompleteStep(
            now=now,
            step=work.step,
            attempt=work.attempt,
            run_id=work.run_id,
            tokens_used=completed.tokens_used,
            result=completed.result,
            ref=EventRef(stream=event.stream, revision=event.revision),
        )
        return [(stream_name(tenant_of(event.stream), "execution", work.execution_id), command)]

    async def on_failure(self, event: Recorded, now: int) -> Commands:
        failed = event.msg
        assert isinstance(failed, RunFailed)
        work = failed.work
        command = FailStep(
            now=now,
            step=work.step,
            attempt=work.attempt,
            tokens_used=failed.tokens_used,
            reason=Failure.Name(failed.reason).removeprefix("FAILURE_").lower(),
            error=failed.error,
            retry=failed.retry,
            interrupted=failed.reason == FAILURE_INTERRUPTED,
        )
        return [(stream_name(tenant_of(event.stream), "execution", work.execution_id), command)]

    async def on_denial(self, event: Recorded, now: int) -> Commands:
        denied = event.msg
        assert isinstance(denied, TokensDenied)
        asked = denied.reservation
        why = f"{asked.tokens} tokens asked of account {denied.account}: {denied.left} of {denied.limit} are left"
        command = FailStep(
            now=now,
            step=asked.step,
            attempt=asked.attempt,
            tokens_used=0,
            reason="budget",
            error=seal(why.encode()),
            retry=False,
        )
        return [(stream_name(tenant_of(event.stream), "execution", asked.execution_id), command)]

    async def on_deferral(self, event: Recorded, now: int) -> Commands:
        deferred = event.msg
        assert isinstance(deferred, ReservationDeferred)
        asked = deferred.reservation
        command = AwaitTokens(
            now=now,
            step=asked.step,
            attempt=asked.attempt,
            account=deferred.account,
            left=deferred.left,
            until=microseconds(deferred.until),
            ask=asked.ask,
            answer_ms=asked.answer_ms,
        )
        return [(stream_name(tenant_of(event.stream), "execution", asked.execution_id), command)]

    async def on_admission(self, event: Recorded, now: int) -> Commands:
        admitted = event.msg
        assert isinstance(admitted, ReservationAdmitted)
        command = Admit(now=now, step=admitted.step, attempt=admitted.attempt)
        return [(stream_name(tenant_of(event.stream), "execution", admitted.execution_id), command)]

    async def on_decision(self, event: Recorded, now: int) -> Commands:
        decided = event.msg
        assert isinstance(decided, ApprovalDecided)
        command = Answer(
            now=now,
            approval_id=decided.approval_id,
            approved=decided.approved,
            by=decided.by,
            comment=decided.comment,
        )
        return [(stream_name(tenant_of(event.stream), "execution", decided.execution_id), command)]
