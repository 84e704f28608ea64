"""Whose inboxes ingress's events go to, and by which key they keep their order."""

from typing import Final

from reveille.contracts.ingress.v1.events_pb2 import AgentDefined, AgentRemoved, ApprovalDecided, InputsChanged
from reveille.kernel.event_bus import Routes
from reveille.kernel.events import Recorded, tenant_of


def tenant(event: Recorded) -> str:
    return tenant_of(event.stream)


def execution(event: Recorded) -> str:
    assert isinstance(event.msg, ApprovalDecided | InputsChanged)
    return event.msg.execution_id


def agent(event: Recorded) -> str:
    assert isinstance(event.msg, AgentDefined | AgentRemoved)
    return event.msg.agent.name if isinstance(event.msg, AgentDefined) else event.msg.name


ROUTES: Final[Routes] = {
    "reveille.ingress.v1.AgentDefined": {"agent-runner": agent},
    "reveille.ingress.v1.AgentRemoved": {"agent-runner": agent},
    "reveille.ingress.v1.ApprovalDecided": {"planner": execution},
    "reveille.ingress.v1.InputsChanged": {"analyzer": execution},
    "reveille.ingress.v1.SignalReceived": {"analyzer": tenant},
    "reveille.ingress.v1.SignalEnriched": {"analyzer": tenant},
    "reveille.ingress.v1.FleetApplied": {"analyzer": tenant, "budget": tenant},
}
