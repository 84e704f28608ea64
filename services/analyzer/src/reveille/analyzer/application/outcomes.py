"""What came of a trigger that fired, as its execution's stream tells it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from google.protobuf.message import Message

from reveille.contracts.planner.v1.events_pb2 import (
    ApprovalRequested,
    ApprovalResolved,
    StepCompleted,
    StepFailed,
    StepReady,
    StepReleased,
    StepRetryScheduled,
    StepWaiting,
)
from reveille.kernel.sealing import open_sealed
from reveille.kernel.timestamps import microseconds

# StepFailed.reason of a step that the ledger, or a person in its place, has refused, and how that is told.
REFUSED: Final[Mapping[str, str]] = {"budget": "it got no tokens", "rejected": "a person let it have no more tokens"}
MAX_SHOWN: Final = 300


@dataclass(frozen=True, slots=True)
class Outcome:
    """reason: one of `woke`, `awaiting_approval`, `budget_deferred`, `budget_dropped`; until: microseconds, or 0.

    runs: those that are to run, or run.
    """

    reason: str = "woke"
    detail: str = ""
    until: int = 0
    runs: tuple[str, ...] = ()


def outcome_of(events: Iterable[Message | None]) -> Outcome:
    waiting: dict[str, StepWaiting] = {}
    asked: dict[str, ApprovalRequested] = {}
    runs: dict[str, str] = {}
    dropped = ""
    for event in events:
        match event:
            case StepReady(step=step, run_id=run_id):
                runs[step] = run_id
            case StepCompleted(step=step) | StepRetryScheduled(step=step):
                runs.pop(step, None)
            case StepWaiting(step=step):
                waiting[step] = event
            case StepReleased(step=step):
                waiting.pop(step, None)
            case ApprovalRequested(approval_id=approval_id):
                asked[approval_id] = event
            case ApprovalResolved(approval_id=approval_id):
                asked.pop(approval_id, None)
            case StepFailed(step=step, reason=reason):
                waiting.pop(step, None)
                runs.pop(step, None)
                dropped = _refusal(event) if reason in REFUSED else dropped
    for one in asked.values():
        detail = f"a person is asked whether it may have {one.tokens} tokens more than account {one.account} holds"
        return Outcome("awaiting_approval", detail, microseconds(one.deadline))
    if dropped:
        return Outcome("budget_dropped", dropped)
    for held in waiting.values():
        detail = f"account {held.account} has no tokens for it until then, unless some come free"
        return Outcome("budget_deferred", detail, microseconds(held.until))
    return Outcome(runs=tuple(runs.values()))


def _refusal(failed: StepFailed) -> str:
    why = " ".join(open_sealed(failed.error).decode(errors="replace").split())[:MAX_SHOWN]
    return f"{REFUSED[failed.reason]}: {why}" if why else REFUSED[failed.reason]
