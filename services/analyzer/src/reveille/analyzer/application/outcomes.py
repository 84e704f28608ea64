"""What came of a trigger that fired, as its execution's stream tells it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from google.protobuf.message import Message

from reveille.analyzer.domain.times import microseconds
from reveille.contracts.planner.v1.events_pb2 import (
    ApprovalRequested,
    ApprovalResolved,
    StepFailed,
    StepReleased,
    StepWaiting,
)

# StepFailed.reason of a step that the ledger has refused.
BUDGET: Final = "budget"


@dataclass(frozen=True, slots=True)
class Outcome:
    """reason: one of `woke`, `awaiting_approval`, `budget_deferred`, `budget_dropped`; until: microseconds, or 0."""

    reason: str = "woke"
    detail: str = ""
    until: int = 0


def outcome_of(events: Iterable[Message | None]) -> Outcome:
    waiting: dict[str, StepWaiting] = {}
    asked: dict[str, ApprovalRequested] = {}
    dropped = ""
    for event in events:
        match event:
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
                dropped = step if reason == BUDGET else dropped
    for one in asked.values():
        detail = f"a person is asked whether it may have {one.tokens} tokens more than account {one.account} holds"
        return Outcome("awaiting_approval", detail, microseconds(one.deadline))
    if dropped:
        return Outcome("budget_dropped", "the ledger had no tokens for it")
    for held in waiting.values():
        detail = f"account {held.account} has no tokens for it until then, unless some come free"
        return Outcome("budget_deferred", detail, microseconds(held.until))
    return Outcome()
