"""What an execution knows of itself, and how its events change that."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from google.protobuf.message import Message

from reveille.contracts.planner.v1.events_pb2 import (
    ApprovalRequested,
    ApprovalResolved,
    ExecutionCompleted,
    ExecutionFailed,
    ExecutionStarted,
    StepCompleted,
    StepFailed,
    StepPlanned,
    StepReady,
    StepReleased,
    StepRetryScheduled,
    StepWaiting,
)
from reveille.kernel.events import About
from reveille.kernel.replacing import replace
from reveille.kernel.timestamps import microseconds
from reveille.planner.domain.commands import StepPlan

# Of a step: its attempt is with the ledger, or with the agent.
READY: Final = "ready"
# Of a step: the ledger has no tokens for its attempt.
WAITING: Final = "waiting_tokens"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """asked: the question that is open; None: there is none. retry_at: when the next attempt begins."""

    plan: StepPlan
    status: str = "planned"
    attempt: int = 0
    failures: int = 0
    interruptions: int = 0
    retry_at: int | None = None
    asked: ApprovalRequested | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """started: the fact that the steps share; None: there is no such execution."""

    started: ExecutionStarted | None = None
    status: str = "none"
    steps: Mapping[str, Step] = field(default_factory=dict)
    tokens_used: int = 0


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
            return replace(state, steps={**state.steps, name: Step(plan=plan)})
        case StepReady(step=name, attempt=attempt):
            return _with_step(state, name, status=READY, attempt=attempt, retry_at=None)
        case StepWaiting(step=name):
            return _with_step(state, name, status=WAITING)
        case StepReleased(step=name):
            return _with_step(state, name, status=READY)
        case ApprovalRequested(step=name):
            return _with_step(state, name, asked=event)
        case ApprovalResolved(step=name):
            return _with_step(state, name, asked=None)
        case StepCompleted(step=name):
            return replace(_with_step(state, name, status="done"), tokens_used=state.tokens_used + event.tokens_used)
        case StepRetryScheduled(step=name):
            step = state.steps[name]
            state = replace(state, tokens_used=state.tokens_used + event.tokens_used)
            if event.interrupted:
                return _with_step(state, name, status="planned", interruptions=step.interruptions + 1)
            return _with_step(
                state, name, status="planned", failures=step.failures + 1, retry_at=microseconds(event.retry_at)
            )
        case StepFailed(step=name):
            return replace(_with_step(state, name, status="failed"), tokens_used=state.tokens_used + event.tokens_used)
        case ExecutionCompleted():
            return replace(state, status="completed")
        case ExecutionFailed():
            return replace(state, status="failed")
    return state


def _with_step(state: Execution, name: str, **changes: object) -> Execution:
    step = replace(state.steps[name], **changes)  # type: ignore[arg-type]
    return replace(state, steps={**state.steps, name: step})
