"""A blueprint's execution: it takes what its inputs come to, and goes on whenever one of its steps has ended."""

from collections.abc import Iterable
from typing import Final

from google.protobuf.message import Message

from reveille.contracts.analyzer.v1.events_pb2 import Beginning
from reveille.contracts.common.v1.common_pb2 import PRIORITY_MEDIUM, Sealed
from reveille.contracts.planner.v1.events_pb2 import (
    ExecutionCancelled,
    ExecutionCancelling,
    ExecutionStarted,
    InputsTaken,
    PlanDefined,
    ResultDiscarded,
    StepRetryScheduled,
)
from reveille.kernel.classifying import classifying_step
from reveille.kernel.digests import Digests
from reveille.kernel.errors import Rejected
from reveille.kernel.sealing import seal, seal_json
from reveille.kernel.timestamps import timestamp
from reveille.planner.domain import asking, departments, failing, gates, outline, starting, wave
from reveille.planner.domain.commands import (
    Answer,
    CompleteStep,
    FailStep,
    MissDeadline,
    RetryStep,
    TakeEstimate,
    TakeInputs,
)
from reveille.planner.domain.completing import completed
from reveille.planner.domain.draft import Draft
from reveille.planner.domain.graph import UNDOING
from reveille.planner.domain.money import plan_money
from reveille.planner.domain.state import DONE, FAILED, SKIPPED, Execution
from reveille.planner.domain.unusable import Unusable
from reveille.planner.domain.wave import Outcome

CANCELLED: Final = "cancelled"


def take_inputs(command: TakeInputs, state: Execution) -> list[Message]:
    draft = Draft(state, command.now)
    if state.started is None:
        if command.beginning is None:
            raise Rejected(f"execution {command.execution_id} has not begun, and its inputs do not begin it")
        draft.add(_started(command, command.beginning))
    elif state.status == CANCELLED or draft.plan.cancelling is not None:
        return []
    _define(command, draft)
    _take(command, draft)
    for one in command.adopted:
        draft.add_all([one.planned, one.done, *one.judged])
    if command.cancellation is not None:
        told = command.cancellation
        for name in list(draft.state.steps):
            wave.revoke(draft, name)
        gates.drop(draft)
        draft.add(ExecutionCancelling(execution_id=draft.id, reason=told.reason, by=told.by))
    else:
        _ask_a_model(command, draft)
    return _gone_on(draft)


def take_estimate(command: TakeEstimate, state: Execution) -> list[Message]:
    draft = Draft(state, command.now)
    if state.status != CANCELLED:
        outline.tell(draft, _outcomes(draft), command.budget)
    return draft.events


def complete(command: CompleteStep, state: Execution, digests: Digests) -> list[Message]:
    """An attempt that counts has come to its result."""
    draft = Draft(state, command.now)
    draft.add_all(asking.moot(state.steps[command.step]))
    try:
        # What is wrong is known before anything is said.
        told, judged = completed(command, draft, digests)
        draft.add_all([told, *judged])
    except Unusable as error:
        step = state.steps[command.step]
        draft.add(failing.failed(draft.id, step, "error", seal(str(error).encode()), command.tokens_used))
    return _gone_on(draft)


def fail(command: FailStep, state: Execution) -> list[Message]:
    """An attempt that counts has failed: it is tried again, or the plan goes on without it."""
    draft = Draft(state, command.now)
    step = state.steps[command.step]
    draft.add_all(asking.moot(step))
    follows = failing.after(command, draft.id, step)
    draft.add(follows)
    if isinstance(follows, StepRetryScheduled) and follows.interrupted:
        draft.add(starting.again(draft, command.step))
    return _gone_on(draft)


def retry(command: RetryStep, state: Execution) -> list[Message]:
    """The time of the next attempt has come."""
    draft = Draft(state, command.now)
    draft.add(starting.again(draft, command.step))
    return _gone_on(draft)


def give_up(step: str, reason: str, error: Sealed, told: Message, state: Execution, *, now: int) -> list[Message]:
    """Nobody lets the step have the tokens that it needs; `told` says so."""
    draft = Draft(state, now)
    given_up = state.steps[step]
    draft.add_all([told, failing.failed(draft.id, given_up, reason, error)])
    # It waits in the ledger's line.
    draft.add(wave.revoked(draft.id, step, given_up))
    return _gone_on(draft)


def answered(command: Answer, state: Execution) -> list[Message]:
    """What is asked at a gate has an answer. Another question's: nothing follows."""
    asked = state.plan.asked if state.plan is not None else None
    if asked is None or asked.approval_id != command.approval_id:
        return []
    told = asking.resolved(asked, approved=command.approved, by=command.by, how=asking.DECIDED)
    return noted([told], state, now=command.now)


def missed(command: MissDeadline, state: Execution) -> list[Message]:
    """Nobody has answered at a gate in time."""
    asked = state.plan.asked if state.plan is not None else None
    if asked is None or asked.step != command.step or asked.deadline != timestamp(command.due):
        return []
    approved = asked.otherwise != asking.REJECT
    told = asking.resolved(asked, approved=approved, by="", how=asking.DEADLINE)
    return noted([told], state, now=command.now)


def noted(events: Iterable[Message], state: Execution, *, now: int) -> list[Message]:
    """Something of a step has changed that changes nothing else but how the plan stands."""
    draft = Draft(state, now)
    draft.add_all(events)
    if draft.events:
        outline.tell(draft, _outcomes(draft))
    return draft.events


def discard(command: CompleteStep | FailStep, state: Execution) -> list[Message]:
    """An attempt that counts no more has ended: what it has used is known now."""
    assert state.started is not None
    execution_id = state.started.execution_id
    run = starting.run_id(execution_id, command.step, command.attempt)
    if state.plan is None or run not in state.plan.revoked:
        return []
    return [
        ResultDiscarded(
            execution_id=execution_id,
            step=command.step,
            attempt=command.attempt,
            run_id=run,
            tokens_used=command.tokens_used,
            completed=isinstance(command, CompleteStep),
        )
    ]


def _started(command: TakeInputs, beginning: Beginning) -> ExecutionStarted:
    return ExecutionStarted(
        execution_id=command.execution_id,
        blueprint=command.blueprint.name,
        trigger_id=beginning.trigger_id,
        rule=beginning.rule,
        priority=beginning.priority or PRIORITY_MEDIUM,
        signal_ids=beginning.signal_ids,
        signals=beginning.signals,
        fleet_revision=command.fleet_revision,
        conversation_id=beginning.conversation_id,
        from_execution=beginning.from_execution,
        autopilot=beginning.autopilot,
    )


def _define(command: TakeInputs, draft: Draft) -> None:
    defined = PlanDefined(
        execution_id=draft.id,
        fleet_revision=command.fleet_revision,
        blueprint=command.blueprint,
        terms=command.terms,
    )
    plan = draft.state.plan
    if plan is None or (plan.defined.blueprint, list(plan.defined.terms)) != (command.blueprint, list(command.terms)):
        draft.add(defined)


def _take(command: TakeInputs, draft: Draft) -> None:
    taken = InputsTaken(
        execution_id=draft.id,
        inputs_revision=command.inputs_revision,
        inputs=command.inputs,
        facts=seal_json(command.facts),
        fact_digests=command.fact_digests,
        conditions=command.conditions,
        unclassified=command.unclassified,
    )
    if draft.plan.taken != taken:
        draft.add(taken)


def _ask_a_model(command: TakeInputs, draft: Draft) -> None:
    if command.classifier is None or not command.unclear:
        return
    if classifying_step(command.inputs_revision) not in draft.state.steps:
        starting.classify(draft, command.inputs_revision, command.unclear, command.classifier)


def _gone_on(draft: Draft) -> list[Message]:
    if draft.plan.cancelling is not None:
        _undo(draft)
    outcomes = _outcomes(draft)
    if draft.plan.cancelling is None:
        departments.tell(draft, outcomes)
        plan_money(draft)
    outline.tell(draft, outcomes)
    return draft.events


def _outcomes(draft: Draft) -> dict[str, Outcome]:
    """Of a plan that is being cancelled nothing follows any more."""
    return wave.advance(draft) if draft.plan.cancelling is None else _standing(draft)


def _undo(draft: Draft) -> None:
    """What it has done itself and can be undone is undone, one after the other, the last step of the plan first."""
    steps, graph = draft.state.steps, draft.plan.graph
    if any(step.is_under_way for step in steps.values()):
        return
    for step in reversed(graph.blueprint.steps):
        for run in reversed(wave.runs_of(draft, step.name)) if step.compensate else ():
            result = steps[run].result
            if result is None or result.adopted or f"{UNDOING}{run}" in steps:
                continue
            if steps[run].status == DONE:
                starting.undo(draft, step, run, result.ref)
                return
    told = draft.plan.cancelling
    assert told is not None
    used = draft.state.tokens_used
    draft.add(ExecutionCancelled(execution_id=draft.id, tokens_used=used, reason=told.reason, by=told.by))


def _standing(draft: Draft) -> dict[str, Outcome]:
    """As the steps say of themselves."""
    found: dict[str, Outcome] = {}
    for name in draft.plan.wanted:
        statuses = {draft.state.steps[run].status for run in wave.runs_of(draft, name)}
        if statuses <= {DONE} and (statuses or draft.plan.graph.steps[name].for_each):
            found[name] = Outcome(DONE)
        elif statuses & {FAILED, SKIPPED} and statuses <= {DONE, FAILED, SKIPPED}:
            found[name] = Outcome(FAILED)
        else:
            found[name] = wave.UNSETTLED
    return found
