"""What came of a trigger that fired, as its execution's stream tells it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from google.protobuf.message import Message

from reveille.contracts.planner.v1.events_pb2 import (
    ApprovalRequested,
    ApprovalResolved,
    ExecutionCancelled,
    ExecutionStarted,
    StepAdopted,
    StepCompleted,
    StepFailed,
    StepReady,
    StepReleased,
    StepRemoved,
    StepRetryScheduled,
    StepRevoked,
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

    runs: those that are to run, or run, where nothing has come of any yet.
    """

    reason: str = "woke"
    detail: str = ""
    until: int = 0
    runs: tuple[str, ...] = ()


@dataclass(slots=True)
class _Steps:
    """By step how it stands; a plan's come, go and begin again, each for itself."""

    is_plan: bool = False
    runs: dict[str, str] = field(default_factory=dict)
    waiting: dict[str, StepWaiting] = field(default_factory=dict)
    asked: dict[str, ApprovalRequested] = field(default_factory=dict)
    dropped: dict[str, str] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)

    def take(self, event: Message | None) -> None:
        match event:
            case ExecutionStarted(blueprint=blueprint):
                self.is_plan = blueprint != ""
            case StepReady(step=step, run_id=run_id):
                self._forget(step)
                self.runs[step] = run_id
            case StepCompleted(step=step) | StepAdopted(completed=StepCompleted(step=step)):
                self._forget(step)
                self.done.add(step)
            case StepRetryScheduled(step=step) | StepRevoked(step=step):
                self._forget(step)
            case StepRemoved(step=step):
                self._forget(step)
                self.done.discard(step)
            case StepWaiting(step=step):
                self.waiting[step] = event
            case StepReleased(step=step):
                self.waiting.pop(step, None)
            case ApprovalRequested(approval_id=approval_id):
                self.asked[approval_id] = event
            case ApprovalResolved(approval_id=approval_id):
                self.asked.pop(approval_id, None)
            case StepFailed(step=step, reason=reason):
                self._forget(step)
                if reason in REFUSED:
                    self.dropped[step] = _refusal(event)
            case ExecutionCancelled():
                for of_steps in (self.runs, self.waiting, self.asked, self.dropped):
                    of_steps.clear()

    def goes_on(self) -> bool:
        """A plan goes on with its other steps while some wait or are refused: it was begun all the same."""
        return self.is_plan and bool(self.done or self.runs.keys() - self.waiting.keys())

    def _forget(self, step: str) -> None:
        self.runs.pop(step, None)
        self.waiting.pop(step, None)
        self.dropped.pop(step, None)


def outcome_of(events: Iterable[Message | None]) -> Outcome:
    steps = _Steps()
    for event in events:
        steps.take(event)
    if steps.goes_on():
        held = [f"step {step} has no tokens" for step in sorted({*steps.waiting, *steps.dropped})]
        return Outcome(detail="; ".join(held), runs=() if steps.done else tuple(steps.runs.values()))
    for one in steps.asked.values():
        detail = f"a person is asked whether it may have {one.tokens} tokens more than account {one.account} holds"
        return Outcome("awaiting_approval", detail, microseconds(one.deadline))
    for refusal in steps.dropped.values():
        return Outcome("budget_dropped", refusal)
    for wait in steps.waiting.values():
        detail = f"account {wait.account} has no tokens for it until then, unless some come free"
        return Outcome("budget_deferred", detail, microseconds(wait.until))
    return Outcome(runs=tuple(steps.runs.values()))


def _refusal(failed: StepFailed) -> str:
    why = " ".join(open_sealed(failed.error).decode(errors="replace").split())[:MAX_SHOWN]
    return f"{REFUSED[failed.reason]}: {why}" if why else REFUSED[failed.reason]
