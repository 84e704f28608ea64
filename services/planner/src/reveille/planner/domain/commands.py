"""What an execution is told."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reveille.contracts.analyzer.v1.events_pb2 import AnalyzedInput, Beginning, Cancellation
from reveille.contracts.budget.v1.events_pb2 import BudgetUpdated
from reveille.contracts.common.v1.common_pb2 import EventRef, Priority, Sealed
from reveille.contracts.ingress.v1.events_pb2 import Blueprint
from reveille.contracts.planner.v1.events_pb2 import QualityChecked, StepAdopted, StepPlanned, StepTerms, WorkReviewed


@dataclass(frozen=True, slots=True, kw_only=True)
class StepPlan:
    name: str
    agent: str
    attempts: int
    backoff_ms: int
    timeout_ms: int
    tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    now: int
    execution_id: str
    trigger_id: str
    rule: str
    priority: Priority
    signal_ids: tuple[str, ...]
    signals: tuple[EventRef, ...]
    fleet_revision: int
    step: StepPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """A step that a fork has done from its beginning. judged: of a review, what it said of each draft."""

    planned: StepPlanned
    done: StepAdopted
    judged: tuple[QualityChecked | WorkReviewed, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeInputs:
    """What the inputs of a plan come to, and by which blueprint it is planned.

    terms: of all its steps. facts: their values, `fact_digests`: of them, keyed. conditions: steps whose condition
    holds. beginning: of a plan that begins. unclear: inputs that a model is to be asked about, by `classifier`; None:
    there is none. adopted: what a fork has of the execution that it came from.
    """

    now: int
    execution_id: str
    fleet_revision: int
    inputs_revision: int
    blueprint: Blueprint
    terms: tuple[StepTerms, ...]
    inputs: tuple[AnalyzedInput, ...]
    facts: Mapping[str, Any]
    fact_digests: Mapping[str, str]
    conditions: tuple[str, ...] = ()
    beginning: Beginning | None = None
    cancellation: Cancellation | None = None
    unclassified: Sealed | None = None
    unclear: tuple[str, ...] = ()
    classifier: StepTerms | None = None
    adopted: tuple[Adopted, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeEstimate:
    """What the plan costs by now."""

    now: int
    budget: BudgetUpdated


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteStep:
    """ref: where the result is recorded."""

    now: int
    step: str
    attempt: int
    run_id: str
    tokens_used: int
    result: Sealed
    ref: EventRef | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FailStep:
    """`retry`: another attempt may go better. `interrupted`: the run's owner vanished."""

    now: int
    step: str
    attempt: int
    tokens_used: int
    reason: str
    error: Sealed
    retry: bool
    interrupted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryStep:
    now: int
    step: str
    due: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitTokens:
    """The ledger has no tokens for the step before `until`. `ask`: a person may let it exceed, within `answer_ms`."""

    now: int
    step: str
    attempt: int
    account: str
    left: int
    until: int
    ask: bool = False
    answer_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Admit:
    """The ledger has them after all."""

    now: int
    step: str
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A person has decided."""

    now: int
    approval_id: str
    approved: bool
    by: str
    comment: Sealed


@dataclass(frozen=True, slots=True, kw_only=True)
class MissDeadline:
    """Nobody has."""

    now: int
    step: str
    due: int


Command = (
    Start
    | TakeInputs
    | TakeEstimate
    | CompleteStep
    | FailStep
    | RetryStep
    | AwaitTokens
    | Admit
    | Answer
    | MissDeadline
)
