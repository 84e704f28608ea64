"""How often a run came to what a promise is about: one that is never put to the test is not kept."""

from collections import Counter
from collections.abc import Sequence

from reveille.contracts.ingress.v1.events_pb2 import ROLE_DRAFT
from reveille.contracts.planner.v1.events_pb2 import (
    APPROVAL_KIND_GATE,
    ApprovalResolved,
    DepartmentCompleted,
    StepAdopted,
    StepReady,
    WorkReviewed,
)
from reveille.kernel.events import Recorded
from tests.simulation.scenes import role_of


def seldom(log: Sequence[Recorded]) -> Counter[str]:
    found: Counter[str] = Counter()
    for event in log:
        match event.msg:
            case DepartmentCompleted(status=status):
                found[f"department {status}"] += 1
            case WorkReviewed(status=status):
                found[f"draft {status}"] += 1
            case StepReady(role=role, round=number) if role == ROLE_DRAFT and number > 1:
                found["revision"] += 1
            case StepAdopted(completed=completed) if role_of(completed.step) == "review":
                found["adopted review"] += 1
            case ApprovalResolved(kind=kind, how=how, approved=approved) if kind == APPROVAL_KIND_GATE:
                found[f"gate {how} {approved}"] += 1
    return found
