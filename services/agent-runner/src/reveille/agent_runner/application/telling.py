"""An agent as people see it: what the fleet says of it, and what it does now."""

from collections.abc import Callable, Mapping
from typing import Any

from reveille.contracts.agent_runner.v1.queries_pb2 import AgentView, UsageView
from reveille.contracts.ingress.v1.events_pb2 import Agent
from reveille.kernel.timestamps import timestamp

# By agent, its row in the view.
AllOf = Callable[[Any, str], dict[str, dict[str, Any]]]
# What a tenant's agents have used since a time.
UsedSince = Callable[[Any, str, int], list[UsageView]]


def told(agent: Agent, row: Mapping[str, Any]) -> AgentView:
    running, queued = row.get("running", 0), row.get("queued", 0)
    hibernates, until = row.get("hibernates", ""), row.get("until", 0)
    view = AgentView(
        id=agent.name,
        title=agent.title,
        state=_state(row),
        running=running,
        queued=queued,
        wakes=row.get("wakes", 0),
        why=row.get("why", ""),
        tokens_used=row.get("tokens_used", 0),
        capabilities=agent.capabilities,
        remote=agent.remote,
        connections=row.get("connections", 0),
        hibernates=hibernates,
    )
    if last := row.get("last_wake"):
        view.last_wake.CopyFrom(timestamp(last))
    if until:
        view.until.CopyFrom(timestamp(until))
    return view


def _state(row: Mapping[str, Any]) -> str:
    """What waits for a connection has woken nobody yet."""
    if row.get("started", 0):
        return "processing"
    if row.get("running", 0):
        return "active"
    return "hibernating" if row.get("hibernates") else "dormant"
