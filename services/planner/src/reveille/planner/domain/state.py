"""What an execution knows of itself, and how its events change that."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from google.protobuf.message import Message

from reveille.contracts.analyzer.v1.events_pb2 import AnalyzedInput
from reveille.contracts.budget.v1.events_pb2 import BudgetUpdated
from reveille.contracts.common.v1.common_pb2 import EventRef, Money, Sealed
from reveille.contracts.planner.v1.events_pb2 import (
    APPROVAL_KIND_GATE,
    ApprovalRequested,
    ApprovalResolved,
    DepartmentCompleted,
    DepartmentStarted,
    ExecutionCancelled,
    ExecutionCancelling,
    ExecutionCompleted,
    ExecutionFailed,
    ExecutionStarted,
    InputsTaken,
    MoneyPlanned,
    PlanDefined,
    PlanUpdated,
    QualityChecked,
    ResultDiscarded,
    StepAdopted,
    StepCompleted,
    StepFailed,
    StepInvalidated,
    StepPlanned,
    StepReady,
    StepReleased,
    StepRemoved,
    StepRestored,
    StepRetryScheduled,
    StepRevoked,
    StepSkipped,
    StepTerms,
    StepWaiting,
    WorkReviewed,
)
from reveille.kernel.events import About
from reveille.kernel.replacing import replace
from reveille.kernel.sealing import open_sealed
from reveille.kernel.timestamps import microseconds
from reveille.planner.domain.commands import StepPlan
from reveille.planner.domain.graph import Graph

PLANNED: Final = "planned"
# Of a question: nobody need answer it any more.
MOOT: Final = "moot"
# Of a step: its attempt is with the ledger, or with the agent.
READY: Final = "ready"
# Of a step: the ledger has no tokens for its attempt.
WAITING: Final = "waiting_tokens"
DONE: Final = "done"
FAILED: Final = "failed"
SKIPPED: Final = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One of a list that a step is done for."""

    name: str
    digest: str
    value: Sealed


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a plan's step came to. basis: what it was done with. value: a digest of it. items: by key, of its lists.

    adopted: the execution that this one was forked from has done it, and it alone undoes it.
    """

    basis: Mapping[str, str]
    digest: str
    value: str
    ref: EventRef
    money: Money | None
    recommendations: tuple[Mapping[str, str], ...]
    items: Mapping[str, tuple[Item, ...]]
    adopted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """asked: the question that is open; None: there is none. retry_at: when the next attempt begins.

    basis, digest: what the latest attempt is, or was, done with. result: the latest; it counts while its digest is what
    the step would be done with now. of, item: of one of several runs. error, detail: why it failed, or is skipped.
    """

    plan: StepPlan
    status: str = PLANNED
    attempt: int = 0
    failures: int = 0
    interruptions: int = 0
    retry_at: int | None = None
    asked: ApprovalRequested | None = None
    basis: Mapping[str, str] = field(default_factory=dict)
    digest: str = ""
    result: Result | None = None
    of: str = ""
    item: Item | None = None
    ready: StepReady | None = None
    error: str = ""
    detail: Sealed | None = None

    @property
    def is_under_way(self) -> bool:
        """An attempt of it runs, or waits for its tokens or for its time."""
        return self.status in (READY, WAITING) or self.retry_at is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What became of a draft. status: "" while that is not said."""

    score: int = 0
    status: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What was told of a department: by which briefing it was started, and with what it was completed; "": not yet."""

    started: str
    completed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a blueprint's execution is planned by, and what was told of it last.

    facts, inputs: as `taken` has them, inputs by the step that they are about, in the order in which they came.
    wanted: the steps of the plan, each with what brings it in. attempts: how many each step has had, also one that has
    gone. revoked: run ids of attempts that have not ended yet. reviews: of drafts, by their steps. asked: what is open
    at a gate; questions: asked there so far; answers: by the digest of what was asked about, whether the gate is open.
    """

    defined: PlanDefined
    graph: Graph
    terms: Mapping[str, StepTerms]
    taken: InputsTaken | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, Sequence[AnalyzedInput]] = field(default_factory=dict)
    wanted: Mapping[str, str] = field(default_factory=dict)
    attempts: Mapping[str, int] = field(default_factory=dict)
    revoked: Mapping[str, str] = field(default_factory=dict)
    money: MoneyPlanned | None = None
    told: PlanUpdated | None = None
    cancelling: ExecutionCancelling | None = None
    departments: Mapping[str, Told] = field(default_factory=dict)
    reviews: Mapping[str, Review] = field(default_factory=dict)
    asked: ApprovalRequested | None = None
    questions: int = 0
    answers: Mapping[str, bool] = field(default_factory=dict)

    @property
    def heard(self) -> BudgetUpdated | None:
        """The estimate that the plan rests on that was told last."""
        return self.told.budget if self.told is not None and self.told.HasField("budget") else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """started: the fact that the steps share; None: there is no such execution. plan: None where one agent wakes."""

    started: ExecutionStarted | None = None
    status: str = "none"
    steps: Mapping[str, Step] = field(default_factory=dict)
    tokens_used: int = 0
    plan: Plan | None = None


def evolve(state: Execution, event: Message, about: About) -> Execution:
    match event:
        case ExecutionStarted():
            return replace(state, started=event, status="running")
        case StepPlanned(step=name):
            plan = StepPlan(
                name=name,
                agent=event.agent,
                attempts=event.attempts,
                backoff_ms=event.backoff_ms,
                timeout_ms=event.timeout_ms,
                tokens=event.tokens,
            )
            item = Item(name="", digest=event.item_digest, value=event.item) if event.item_digest else None
            attempt = state.plan.attempts.get(name, 0) if state.plan else 0
            step = Step(plan=plan, of=event.of, item=item, attempt=attempt)
            return replace(state, steps={**state.steps, name: step})
        case StepReady(step=name):
            return _ready(state, name, event)
        case StepWaiting(step=name):
            return _with_step(state, name, status=WAITING)
        case StepReleased(step=name):
            return _with_step(state, name, status=READY)
        case ApprovalRequested() | ApprovalResolved() if event.kind == APPROVAL_KIND_GATE:
            return _at_gate(state, event)
        case ApprovalRequested(step=name):
            return _with_step(state, name, asked=event)
        case ApprovalResolved(step=name):
            return _with_step(state, name, asked=None)
        case StepCompleted(step=name):
            return _counting(_done(state, name, event, state.steps[name].basis), event.tokens_used)
        case StepAdopted(completed=completed):
            return _done(state, completed.step, completed, dict(event.basis), adopted=True)
        case StepRetryScheduled(step=name):
            return _retrying(state, name, event)
        case StepFailed(step=name):
            state = _with_step(state, name, status=FAILED, error=event.reason, detail=event.error)
            return _counting(state, event.tokens_used)
        case ExecutionCompleted():
            return replace(state, status="completed")
        case ExecutionFailed():
            return replace(state, status="failed")
        case _ if state.plan is not None or isinstance(event, PlanDefined):
            return _planned(state, event)
    return state


def _ready(state: Execution, name: str, event: StepReady) -> Execution:
    step = state.steps[name]
    same = step.digest == event.digest  # another attempt at the same: its failures count on
    state = _with_step(
        state,
        name,
        status=READY,
        attempt=event.attempt,
        retry_at=None,
        ready=event if event.blueprint else None,
        basis=dict(event.basis),
        digest=event.digest,
        failures=step.failures if same else 0,
        interruptions=step.interruptions if same else 0,
    )
    if state.plan is None:
        return state
    return replace(state, plan=replace(state.plan, attempts={**state.plan.attempts, name: event.attempt}))


def _retrying(state: Execution, name: str, event: StepRetryScheduled) -> Execution:
    step = state.steps[name]
    state = _counting(state, event.tokens_used)
    if event.interrupted:
        return _with_step(state, name, status=PLANNED, interruptions=step.interruptions + 1)
    return _with_step(state, name, status=PLANNED, failures=step.failures + 1, retry_at=microseconds(event.retry_at))


def _done(
    state: Execution, name: str, event: StepCompleted, basis: Mapping[str, str], *, adopted: bool = False
) -> Execution:
    if state.plan is None:
        return _with_step(state, name, status=DONE)
    result = Result(
        basis=basis,
        digest=event.digest,
        value=event.result_digest,
        ref=event.ref,
        money=event.money if event.HasField("money") else None,
        recommendations=tuple(json.loads(open_sealed(event.recommendations) or b"[]")),
        items={
            listed.key: tuple(Item(name=one.name, digest=one.digest, value=one.value) for one in listed.items)
            for listed in event.items
        },
        adopted=adopted,
    )
    return _with_step(state, name, status=DONE, result=result, ready=None)


def _planned(state: Execution, event: Message) -> Execution:
    """What only a blueprint's execution tells."""
    if isinstance(event, PlanDefined):
        return _defined(state, event)
    plan = state.plan
    assert plan is not None
    match event:
        case InputsTaken():
            facts = json.loads(open_sealed(event.facts) or b"{}")
            return replace(state, plan=_wanting(replace(plan, taken=event, facts=facts, inputs=_by_step(event))))
        case StepInvalidated(step=name):
            return _with_step(state, name, status=PLANNED, retry_at=None, digest="")
        case StepRestored(step=name):
            return _with_step(state, name, status=DONE, retry_at=None)
        case StepSkipped(step=name, reason=reason):
            return _with_step(state, name, status=SKIPPED, retry_at=None, error=reason, digest="")
        case StepRemoved(step=name):
            steps = {other: step for other, step in state.steps.items() if other != name}
            departments = {other: told for other, told in plan.departments.items() if other != name}
            return replace(state, steps=steps, plan=replace(plan, departments=departments))
        case StepRevoked(step=name, run_id=run_id):
            if state.steps[name].status in (READY, WAITING):  # else it has failed, and waits in the ledger's line
                state = _with_step(state, name, status=PLANNED, digest="")
            return replace(state, plan=replace(plan, revoked={**plan.revoked, run_id: name}))
        case ResultDiscarded(run_id=run_id):
            revoked = {run: name for run, name in plan.revoked.items() if run != run_id}
            return _counting(replace(state, plan=replace(plan, revoked=revoked)), event.tokens_used)
        case MoneyPlanned():
            return replace(state, plan=replace(plan, money=event))
        case PlanUpdated(status=status):
            return replace(state, status=status, plan=replace(plan, told=event))
        case ExecutionCancelling():
            # What waits for its next attempt has none any more.
            steps = {name: replace(step, retry_at=None) for name, step in state.steps.items()}
            return replace(state, steps=steps, plan=replace(plan, cancelling=event))
        case ExecutionCancelled():
            return replace(state, status="cancelled")
        case QualityChecked(step=name, score=score):
            return replace(state, plan=replace(plan, reviews={**plan.reviews, name: Review(score=score)}))
        case WorkReviewed(step=name, status=status):
            review = replace(plan.reviews.get(name, Review()), status=status)
            return replace(state, plan=replace(plan, reviews={**plan.reviews, name: review}))
        case DepartmentStarted(department=name, digest=digest):
            return replace(state, plan=replace(plan, departments={**plan.departments, name: Told(started=digest)}))
        case DepartmentCompleted(department=name, digest=digest):
            told = replace(plan.departments.get(name, Told(started="")), completed=digest)
            return replace(state, plan=replace(plan, departments={**plan.departments, name: told}))
    return state


def _at_gate(state: Execution, event: ApprovalRequested | ApprovalResolved) -> Execution:
    plan = state.plan
    assert plan is not None
    if isinstance(event, ApprovalRequested):
        return replace(state, plan=replace(plan, asked=event, questions=plan.questions + 1))
    answers = plan.answers if event.how == MOOT else {**plan.answers, event.digest: event.approved}
    return replace(state, plan=replace(plan, asked=None, answers=answers))


def _defined(state: Execution, event: PlanDefined) -> Execution:
    terms = {one.step: one for one in event.terms}
    graph = Graph(event.blueprint)
    if state.plan is None:
        return replace(state, plan=Plan(defined=event, graph=graph, terms=terms))
    return replace(state, plan=_wanting(replace(state.plan, defined=event, graph=graph, terms=terms)))


def _wanting(plan: Plan) -> Plan:
    return replace(plan, wanted=plan.graph.wanted(plan.inputs, plan.taken.conditions if plan.taken else ()))


def _by_step(taken: InputsTaken) -> dict[str, list[AnalyzedInput]]:
    """An input may be about several steps."""
    found: dict[str, list[AnalyzedInput]] = {}
    for one in taken.inputs:
        for category in one.categories:
            found.setdefault(category, []).append(one)
    return found


def _counting(state: Execution, tokens: int) -> Execution:
    return replace(state, tokens_used=state.tokens_used + tokens) if tokens else state


def _with_step(state: Execution, name: str, **changes: object) -> Execution:
    return replace(state, steps={**state.steps, name: replace(state.steps[name], **changes)})  # type: ignore[arg-type]
