"""Tenants of one ingress, who call everything alike, and say a word of their own wherever they say anything."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import httpx

from reveille.contracts.common.v1.common_pb2 import Json
from reveille.contracts.planner.v1.queries_pb2 import (
    ApprovalView,
    ExecutionView,
    GetApprovalRequest,
    GetApprovalResponse,
    GetExecutionRequest,
    GetExecutionResponse,
    ListApprovalsRequest,
    ListApprovalsResponse,
    ListExecutionsRequest,
    ListExecutionsResponse,
)
from reveille.contracts.planner.v1.queries_pb2_grpc import QueryServiceServicer
from reveille.ingress.domain.access import Role
from reveille.ingress.domain.keys import WantedKey
from reveille.kernel.ids import text
from tests.integration.ingress.told_executions import begin, end, park

if TYPE_CHECKING:
    from tests.integration.ingress.conftest import House

# Everybody's first approval; its id is derived, so that tenants with like plans may have a like one.
APPROVAL: Final = "11111111-1111-5111-8111-111111111111"
FLEET: Final = """
version: 1
tenant: {tenant}
agents:
  scout: {{skill: "reveille.agents.coding:review", title: {word}}}
  far: {{remote: true, title: {word} far away}}
rules:
  - {{name: all, on: {{source: system}}, wake: scout}}
blueprints:
  - {{blueprint: tale, title: {word}, steps: {{tell: {{agent: scout, always: true}}}}}}
notifications:
  - {{name: ops, on: [agent-complete], url: "{url}"}}
"""


class PlannerOfTenants(QueryServiceServicer):
    """Says of each tenant's executions what that tenant's word is."""

    def __init__(self) -> None:
        self.words: dict[str, str] = {}

    async def GetExecution(self, request: GetExecutionRequest, context: Any) -> GetExecutionResponse:
        return GetExecutionResponse(execution=self._view(request.tenant, request.execution_id))

    async def ListExecutions(self, request: ListExecutionsRequest, context: Any) -> ListExecutionsResponse:
        items = [self._view(request.tenant, id) for id in ("e", "p")] if request.tenant in self.words else []
        return ListExecutionsResponse(items=items[: request.limit], next=7 if items and request.limit == 1 else 0)

    async def GetApproval(self, request: GetApprovalRequest, context: Any) -> GetApprovalResponse:
        return GetApprovalResponse(approval=self._approval(request.tenant, request.approval_id))

    async def ListApprovals(self, request: ListApprovalsRequest, context: Any) -> ListApprovalsResponse:
        items = [self._approval(request.tenant, APPROVAL)] if request.tenant in self.words else []
        return ListApprovalsResponse(items=items)

    def _view(self, tenant: str, id: str) -> ExecutionView:
        if tenant not in self.words or id not in ("e", "p"):
            raise KeyError(f"no execution {id}")
        blueprint, result = {"e": "tale", "p": "party"}[id], Json(text=json.dumps(self.words[tenant]))
        return ExecutionView(id=id, tenant=tenant, blueprint=blueprint, status="running", result=result)

    def _approval(self, tenant: str, id: str) -> ApprovalView:
        if tenant not in self.words or id != APPROVAL:
            raise KeyError(f"no approval {id}")
        return ApprovalView(id=id, execution_id="e", step="s", question=self.words[tenant], status="open")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """letter: the id of its dead letter, signal: of its signal."""

    name: str
    word: str
    house: House
    headers: dict[str, str]
    letter: str = ""
    signal: str = ""

    async def ask(self, method: str, path: str, **how: Any) -> httpx.Response:
        headers = {**self.headers, **how.pop("headers", {})}
        return await self.house.client.request(method, path, headers=headers, **how)

    async def get(self, path: str, **query: Any) -> Any:
        answer = await self.ask("GET", path, params=query)
        assert answer.status_code == 200, f"{path}: {answer.text}"
        return answer.json()

    async def post(self, path: str, body: Any, *, status: int = 202, key: str = "") -> Any:
        headers = {"idempotency-key": key} if key else {}
        answer = await self.ask("POST", path, json=body, headers=headers)
        assert answer.status_code == status, f"{path}: {answer.text}"
        return answer.json()

    async def apply(self, fleet: str, *, status: int = 202) -> Any:
        answer = await self.ask("POST", "/api/v1/fleet", content=fleet, headers={"content-type": "application/yaml"})
        assert answer.status_code == status, answer.text
        return answer.json()


async def tenant(house: House, name: str, word: str = "", role: Role = Role.ADMIN) -> Tenant:
    """With a key, and nothing else."""
    issued = await house.ingress.keys.issue(name, WantedKey(name=f"{name}'s", roles=frozenset({role})), by="test")
    return Tenant(name=name, word=word, house=house, headers={"authorization": f"Bearer {issued.text}"})


async def settled(house: House, planner: PlannerOfTenants, name: str, word: str, url: str = "") -> Tenant:
    """Who has one of everything, under the names that all others have for theirs."""
    one = await tenant(house, name, word)
    planner.words[name] = word
    await one.apply(FLEET.format(tenant=name, word=word, url=url or "http://127.0.0.1:1/"))
    told = await one.post("/webhook/system/opened", {"title": word}, key="d-1")
    await one.post(
        "/api/v1/executions",
        {
            "blueprint": "tale",
            "execution_id": "e",
            "conversation_id": "c",
            "inputs": [{"input_id": "i", "content": word}],
        },
        key="k",
    )
    party = {"party_id": "p", "inputs": [{"input_id": "i", "content": word}]}
    await one.post("/api/v1/event-driven/start", party, key="k-2")
    await begin(house, "e", agent="scout", blueprint="tale", tenant=name, said=word)
    await end(house, "e", agent="scout", tenant=name, said=word)
    letter = await park(house.store, name, word)
    await house.caught_up()
    return Tenant(
        name=name, word=word, house=house, headers=one.headers, letter=text(letter.id), signal=told["signal_id"]
    )


def reads(of: Tenant) -> list[str]:
    """Everything that shows something, by the ids of one tenant."""
    executions, e = "/api/v1/executions", "/api/v1/executions/e"
    lists = [
        "signals",
        "fleet",
        "blueprints",
        "approvals",
        "notifications",
        "deadletters",
        "analytics",
        "keys",
        "audit",
    ]
    return [
        *(f"/api/v1/{name}" for name in lists),
        executions,
        f"{executions}?summary=true",
        f"{executions}?conversation_id=c",
        f"{executions}/events",
        f"{executions}/events/stats",
        *by_id(of),
        f"{e}/causes",
        f"{e}/events?log=true",
        "/openapi.json",
    ]


def by_id(of: Tenant) -> list[str]:
    e = "/api/v1/executions/e"
    return [
        f"/api/v1/signals/{of.signal}",
        "/api/v1/blueprints/tale",
        f"/api/v1/approvals/{APPROVAL}",
        f"/api/v1/deadletters/{of.letter}",
        e,
        f"{e}/events",
        f"{e}/events/stats",
        f"{e}/events/3",
        f"{e}/stream",
        "/api/v1/event-driven/status/p",
    ]
