"""Where the planner's events go."""

from typing import Final

from reveille.contracts.planner.v1.events_pb2 import (
    APPROVAL_KIND_GATE,
    ApprovalResolved,
    ExecutionCompleted,
    StepCompleted,
)
from reveille.kernel.classifying import is_classifying
from reveille.kernel.event_bus import Routes
from reveille.kernel.events import Recorded, tenant_of


def tenant(event: Recorded) -> str:
    return tenant_of(event.stream)


def ended(event: Recorded) -> str | None:
    """A living plan goes on, and what it has used counts on."""
    assert isinstance(event.msg, ExecutionCompleted)
    return None if event.msg.living else tenant_of(event.stream)


def classified(event: Recorded) -> str | None:
    """What a model says of inputs is the analyzer's to use."""
    assert isinstance(event.msg, StepCompleted)
    return event.msg.execution_id if is_classifying(event.msg.step) else None


def unless_gate(event: Recorded) -> str | None:
    """What a gate asks has nothing to do with the ledger."""
    assert isinstance(event.msg, ApprovalResolved)
    return None if event.msg.kind == APPROVAL_KIND_GATE else tenant_of(event.stream)


ROUTES: Final[Routes] = {
    "reveille.planner.v1.StepReady": {"budget": tenant},
    "reveille.planner.v1.StepRevoked": {"budget": tenant},
    "reveille.planner.v1.StepCompleted": {"analyzer": classified},
    "reveille.planner.v1.MoneyPlanned": {"budget": tenant},
    "reveille.planner.v1.ApprovalResolved": {"budget": unless_gate},
    "reveille.planner.v1.ExecutionCompleted": {"budget": ended},
    "reveille.planner.v1.ExecutionFailed": {"budget": tenant},
    "reveille.planner.v1.ExecutionCancelled": {"budget": tenant},
}
