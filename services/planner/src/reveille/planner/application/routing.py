"""Where the planner's events go."""

from typing import Final

from reveille.kernel.event_bus import Routes
from reveille.kernel.events import Recorded, tenant_of


def tenant(event: Recorded) -> str:
    return tenant_of(event.stream)


ROUTES: Final[Routes] = {
    "reveille.planner.v1.StepReady": {"budget": tenant},
    "reveille.planner.v1.ApprovalResolved": {"budget": tenant},
    "reveille.planner.v1.ExecutionCompleted": {"budget": tenant},
    "reveille.planner.v1.ExecutionFailed": {"budget": tenant},
}
