"""What an execution is told."""

from dataclasses import dataclass

from reveille.contracts.common.v1.common_pb2 import EventRef, Priority, Sealed


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
class CompleteStep:
    now: int
    step: str
    attempt: int
    run_id: str
    tokens_used: int
    result: Sealed


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


Command = Start | CompleteStep | FailStep | RetryStep | AwaitTokens | Admit | Answer | MissDeadline
