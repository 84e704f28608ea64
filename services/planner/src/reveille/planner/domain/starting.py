"""The attempts at a step: what each is called, and what it is given."""

from collections.abc import Mapping, Sequence
from typing import Final

from reveille.contracts.analyzer.v1.events_pb2 import AnalyzedInput
from reveille.contracts.common.v1.common_pb2 import (
    PRIORITY_HIGH,
    PRIORITY_LOW,
    PRIORITY_MEDIUM,
    EventRef,
    Priority,
    Sealed,
)
from reveille.contracts.ingress.v1.events_pb2 import BlueprintStep
from reveille.contracts.planner.v1.events_pb2 import ExecutionStarted, StepPlanned, StepReady, StepResult, StepTerms
from reveille.kernel.classifying import CLASSIFIER, classifying_step
from reveille.kernel.ids import derive
from reveille.kernel.sealing import seal_json
from reveille.planner.domain.draft import Draft
from reveille.planner.domain.graph import RESULT, UNDOING
from reveille.planner.domain.hierarchy import working_by
from reveille.planner.domain.lists import items_of, run_of
from reveille.planner.domain.state import DONE, Step

# Of a step whose run is one of several: its results are read as a list, also where it is a list of one.
LIST: Final = "[]"
# What a blueprint calls the most urgent, and what comes after it.
PRIORITIES: Final[Mapping[int, Priority]] = {1: PRIORITY_HIGH, 2: PRIORITY_MEDIUM}


def run_id(execution_id: str, step: str, attempt: int) -> str:
    return derive("run", execution_id, step, str(attempt))


def wake(started: ExecutionStarted, step: Step, attempt: int) -> StepReady:
    """An attempt of the step that only wakes an agent."""
    plan = step.plan
    return _of(started, plan.name, plan.agent, attempt, plan.tokens, plan.timeout_ms, started.fleet_revision)


def again(draft: Draft, name: str) -> StepReady:
    """Another attempt at the same."""
    step, started = draft.state.steps[name], draft.state.started
    assert started is not None
    if step.ready is None:
        return wake(started, step, step.attempt + 1)
    ready = StepReady()
    ready.CopyFrom(step.ready)
    ready.attempt = step.attempt + 1
    ready.run_id = run_id(started.execution_id, name, ready.attempt)
    return ready


def ready(
    draft: Draft,
    node: str,
    step: BlueprintStep,
    inputs: Sequence[AnalyzedInput],
    basis: Mapping[str, str],
    digest: str,
) -> StepReady:
    """The first attempt at a plan's step as things stand now."""
    event = _attempt(draft, node, step.agent, draft.plan.terms[step.name])
    event.priority = PRIORITIES.get(step.priority, PRIORITY_LOW) if step.priority else event.priority
    event.inputs.extend(one.ref for one in inputs)
    event.facts.CopyFrom(_facts_read(draft, step))
    event.results.extend(_results(draft, step, basis))
    event.digest = digest
    event.basis.update(basis)
    item = draft.state.steps[node].item
    if item is not None:
        event.item.CopyFrom(item.value)
    if step.role:
        event.department, event.role, event.round = step.department, step.role, step.round
        event.facts.CopyFrom(seal_json(working_by(draft, step)))
    return event


def classify(draft: Draft, revision: int, unclear: Sequence[str], terms: StepTerms) -> None:
    """A model is asked about inputs whose meaning is not clear."""
    name, plan = classifying_step(revision), draft.plan
    assert plan.taken is not None
    steps = plan.graph.blueprint.steps
    categories = {step.name: list(step.category.words) for step in steps if step.HasField("category")}
    draft.add(planned(draft, name, CLASSIFIER, terms, "some inputs are not clear"))
    event = _attempt(draft, name, CLASSIFIER, terms)
    event.inputs.extend(one.ref for one in plan.taken.inputs if one.input_id in unclear)
    event.facts.CopyFrom(seal_json({"categories": categories}))
    draft.add(event)


def undo(draft: Draft, step: BlueprintStep, run: str, ref: EventRef) -> None:
    """What a step, or one run of it, has done is undone."""
    name, terms = f"{UNDOING}{run}", StepTerms()
    terms.CopyFrom(draft.plan.terms[step.name])
    terms.timeout_ms, terms.tokens = terms.compensation_timeout_ms, terms.compensation_tokens
    draft.add(planned(draft, name, step.compensate, terms, f"what {run} has done is undone"))
    event = _attempt(draft, name, step.compensate, terms)
    event.facts.CopyFrom(_facts_read(draft, step))
    event.undoes.CopyFrom(ref)
    draft.add(event)


def planned(draft: Draft, name: str, agent: str, terms: StepTerms, reason: str) -> StepPlanned:
    return StepPlanned(
        execution_id=draft.id,
        step=name,
        agent=agent,
        attempts=terms.attempts,
        backoff_ms=terms.backoff_ms,
        timeout_ms=terms.timeout_ms,
        tokens=terms.tokens,
        reason=reason,
    )


def _attempt(draft: Draft, node: str, agent: str, terms: StepTerms) -> StepReady:
    started, plan = draft.state.started, draft.plan
    assert started is not None
    attempt, revision = plan.attempts.get(node, 0) + 1, plan.defined.fleet_revision
    event = _of(started, node, agent, attempt, terms.tokens, terms.timeout_ms, revision)
    event.blueprint = plan.graph.blueprint.name
    return event


def _of(
    started: ExecutionStarted, step: str, agent: str, attempt: int, tokens: int, timeout_ms: int, fleet_revision: int
) -> StepReady:
    return StepReady(
        execution_id=started.execution_id,
        step=step,
        agent=agent,
        attempt=attempt,
        run_id=run_id(started.execution_id, step, attempt),
        tokens=tokens,
        priority=started.priority,
        fleet_revision=fleet_revision,
        signals=started.signals,
        timeout_ms=timeout_ms,
        rule=started.rule,
        signal_ids=started.signal_ids,
    )


def _facts_read(draft: Draft, step: BlueprintStep) -> Sealed:
    facts = draft.plan.facts
    return seal_json({name: facts[name] for name in step.reads if name in facts})


def _results(draft: Draft, step: BlueprintStep, basis: Mapping[str, str]) -> list[StepResult]:
    """Of those that it waits for and that are done; in the list's order, where one was done for each of a list.

    A list of nothing is told too, without a ref; of a list that is done in part nothing is: no digest would cover it.
    """
    state, graph = draft.state, draft.plan.graph
    inputs = draft.plan.inputs
    found: list[StepResult] = []
    for name in graph.upstream(step.name):
        upstream = graph.steps[name]
        if f"{RESULT}{name}" not in basis:
            continue
        is_list = upstream.for_each and not upstream.role
        if upstream.for_each:
            runs = [run_of(upstream, item) for item in items_of(state, upstream, inputs.get(name, ()))]
            if is_list and not runs:
                found.append(StepResult(step=f"{name}{LIST}"))
        else:
            runs = [name]
        for run in runs:
            one = state.steps.get(run)
            if one is not None and one.result is not None and one.status == DONE:
                found.append(StepResult(step=f"{name}{LIST}" if is_list else name, ref=one.result.ref))
    return found
