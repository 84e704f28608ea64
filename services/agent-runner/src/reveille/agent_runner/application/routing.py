"""Where the agent-runner's events go; AgentWoken goes to itself, for each stream is decided on by itself."""

from typing import Final

from reveille.contracts.agent_runner.v1.events_pb2 import (
    AgentConnected,
    AgentWoken,
    LateUsageFound,
    RunAbandoned,
    RunCompleted,
    RunFailed,
    WorkRevoked,
)
from reveille.kernel.event_bus import Routes
from reveille.kernel.events import Recorded, tenant_of


def agent(event: Recorded) -> str:
    assert isinstance(event.msg, AgentWoken | RunAbandoned | WorkRevoked | RunCompleted | RunFailed)
    return event.msg.work.agent


def connected(event: Recorded) -> str:
    assert isinstance(event.msg, AgentConnected)
    return event.msg.agent


def execution(event: Recorded) -> str:
    assert isinstance(event.msg, RunCompleted | RunFailed | LateUsageFound)
    return event.msg.work.execution_id


def tenant(event: Recorded) -> str:
    return tenant_of(event.stream)


ROUTES: Final[Routes] = {
    "reveille.agent_runner.v1.AgentWoken": {"agent-runner": agent},
    "reveille.agent_runner.v1.AgentConnected": {"agent-runner": connected},
    "reveille.agent_runner.v1.RunAbandoned": {"agent-runner": agent},
    "reveille.agent_runner.v1.WorkRevoked": {"agent-runner": agent},
    "reveille.agent_runner.v1.RunCompleted": {"planner": execution, "budget": tenant, "agent-runner": agent},
    "reveille.agent_runner.v1.RunFailed": {"planner": execution, "budget": tenant, "agent-runner": agent},
    "reveille.agent_runner.v1.LateUsageFound": {"budget": tenant},
    "reveille.agent_runner.v1.TokensRequested": {"budget": tenant},
    "reveille.agent_runner.v1.WorkHandedOn": {"analyzer": tenant},
}
