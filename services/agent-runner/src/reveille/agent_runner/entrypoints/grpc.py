"""The agent-runner's answers."""

from typing import Any

from reveille.agent_runner.application.telling import told
from reveille.agent_runner.bootstrap import AgentRunner
from reveille.contracts.agent_runner.v1.queries_pb2 import (
    ListAgentsRequest,
    ListAgentsResponse,
    ListUsageRequest,
    ListUsageResponse,
)
from reveille.contracts.agent_runner.v1.queries_pb2_grpc import QueryServiceServicer
from reveille.kernel.facts import Facts


class Queries(QueryServiceServicer):
    def __init__(self, runner: AgentRunner) -> None:
        ports = runner.service.ports
        self._all_of = runner.all_of
        self._used_since = runner.used_since
        self._facts = Facts(ports.store)
        self._transactions = ports.transactions
        self._follower = runner.service.follower

    async def ListAgents(self, request: ListAgentsRequest, context: Any) -> ListAgentsResponse:
        await self._follower.wait_for(request.wait_for)
        fleet = await self._facts.fleet_in_force(request.tenant)
        rows = await self._transactions.run(lambda connection: self._all_of(connection, request.tenant))
        return ListAgentsResponse(items=[told(agent, rows.get(agent.name, {})) for agent in fleet.agents.values()])

    async def ListUsage(self, request: ListUsageRequest, context: Any) -> ListUsageResponse:
        await self._follower.wait_for(request.wait_for)
        items = await self._transactions.run(
            lambda connection: self._used_since(connection, request.tenant, request.since)
        )
        return ListUsageResponse(items=items)
