"""An agent as people see it: what the fleet says of it, and what it does now."""

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from reveille.contracts.agent_runner.v1.queries_pb2 import AgentView
from reveille.contracts.ingress.v1.events_pb2 import Agent

# By agent, its row in the view.
AllOf = Callable[[Any, str], dict[str, dict[str, Any]]]


def told(agent: Agent, row: Mapping[str, Any]) -> AgentView:
    running, queued = row.get("running", 0), row.get("queued", 0)
    view = AgentView(
        id=agent.name,
        title=agent.title,
        state="processing" if running else "active" if queued else "dormant",
        running=running,
        queued=queued,
        wakes=row.get("wakes", 0),
        why=row.get("why", ""),
        tokens_used=row.get("tokens_used", 0),
        capabilities=agent.capabilities,
    )
    if last := row.get("last_wake"):
        view.last_wake.CopyFrom(Timestamp(seconds=last // 1_000_000, nanos=last % 1_000_000 * 1000))
    return view
