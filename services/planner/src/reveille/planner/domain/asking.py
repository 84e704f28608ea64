"""Asking a person whether a step may exceed a spent budget, once; and what comes of the answer."""

from typing import Final

from google.protobuf.message import Message

from reveille.contracts.common.v1.common_pb2 import Sealed
from reveille.contracts.planner.v1.events_pb2 import (
    APPROVAL_KIND_TOKENS,
    ApprovalRequested,
    ApprovalResolved,
    StepReleased,
    StepWaiting,
)
from reveille.kernel.ids import derive
from reveille.kernel.sealing import seal
from reveille.kernel.timestamps import timestamp
from reveille.planner.domain.commands import AwaitTokens
from reveille.planner.domain.state import MOOT, Step

# Who is touched when the account of a kind is exceeded: one agent's work, one plan, everybody.
RISKS: Final = {"agent": "low", "execution": "medium", "tenant": "high"}
REJECT: Final = "reject"
DECIDED: Final = "decided"
DEADLINE: Final = "deadline"


def waiting(command: AwaitTokens, execution_id: str, run_id: str, step: Step) -> list[Message]:
    told = StepWaiting(
        execution_id=execution_id,
        step=command.step,
        attempt=command.attempt,
        account=command.account,
        until=timestamp(command.until),
    )
    if not command.ask:
        return [told]
    question = (
        f"{step.plan.agent} needs {step.plan.tokens} tokens for step {command.step}, and {command.account} has"
        f" {command.left} left: may it exceed its budget once?"
    )
    asked = ApprovalRequested(
        approval_id=derive("approval", run_id),
        execution_id=execution_id,
        step=command.step,
        attempt=command.attempt,
        run_id=run_id,
        kind=APPROVAL_KIND_TOKENS,
        question=seal(question.encode()),
        risk=RISKS.get(command.account.replace("@", ":").partition(":")[0], "high"),
        tokens=step.plan.tokens,
        deadline=timestamp(command.now + command.answer_ms * 1000),
        otherwise=REJECT,
        account=command.account,
    )
    return [told, asked]


def released(execution_id: str, step: Step) -> list[Message]:
    """The ledger has tokens for it: nobody need answer any more."""
    return [*moot(step), StepReleased(execution_id=execution_id, step=step.plan.name, attempt=step.attempt)]


def moot(step: Step) -> list[Message]:
    """What becomes of an open question when the step goes on, or ends, without the answer."""
    return [] if step.asked is None else [resolved(step.asked, approved=False, by="", how=MOOT)]


def resolved(asked: ApprovalRequested, *, approved: bool, by: str, how: str) -> ApprovalResolved:
    return ApprovalResolved(
        approval_id=asked.approval_id,
        execution_id=asked.execution_id,
        step=asked.step,
        run_id=asked.run_id,
        kind=asked.kind,
        approved=approved,
        by=by,
        how=how,
        tokens=asked.tokens,
        digest=asked.digest,
    )


def refusal(comment: Sealed, by: str) -> Sealed:
    """Why the step failed: in the words of whoever refused, where there are any."""
    return comment if comment.data else seal(f"{by or 'a person'} did not let it exceed its budget".encode())
