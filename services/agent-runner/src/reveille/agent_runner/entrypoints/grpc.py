"""The agent-runner's answers."""

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from reveille.contracts.agent_runner.v1.queries_pb2 import AgentView, ListAgentsRequest, ListAgentsResponse
from reveille.contracts.agent_runner.v1.queries_pb2_grpc import QueryServiceServicer
from reveille.contracts.ingress.v1.events_pb2 import Agent
from reveille.kernel.event_store import EventStore
from reveille.kernel.events import stream_name
from reveille.kernel.facts import Facts
from reveille.kernel.fleet import Fleet
from reveille.kernel.views import Follower, Transactions

AllOf = Callable[[Any, str], dict[str, dict[str, Any]]]


class Queries(QueryServiceServicer):  # type: ignore[misc]
    def __init__(
        self, all_of: AllOf, *, store: EventStore, transactions: Transactions, follower: Follower
    ) -> None:
        self._all_of = all_of
        self._store = store
        self._facts = Facts(store)
        self._transactions = transactions
        self._follower = follower

    async def ListAgents(self, request: ListAgentsRequest, context: Any) -> ListAgentsResponse:  # noqa: N802
        await self._follower.wait_for(request.wait_for)
        fleet = await self._in_force(request.tenant)
        rows = await self._transactions.run(lambda connection: self._all_of(connection, request.tenant))
        return ListAgentsResponse(items=[_told(agent, rows.get(agent.name, {})) for agent in fleet.agents.values()])

    async def _in_force(self, tenant: str) -> Fleet:
        last = await self._store.read_backwards(stream_name(tenant, "fleet"), 1)
        return await self._facts.fleet(tenant, last[0].revision) if last else Fleet()


def _told(agent: Agent, row: Mapping[str, Any]) -> AgentView:
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
