"""The read API: asks the service that owns the answer, and gives it as JSON."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query

from reveille.adapters.grpc import to_plain
from reveille.contracts.agent_runner.v1.queries_pb2 import ListAgentsRequest
from reveille.contracts.analyzer.v1.queries_pb2 import ExplainRequest
from reveille.contracts.budget.v1.queries_pb2 import ListAccountsRequest
from reveille.contracts.ingress.v1.queries_pb2 import GetSignalRequest, ListSignalsRequest
from reveille.ingress.adapters.queries import Queries, ask
from reveille.ingress.application.reading import DEFAULT_LIMIT, MAX_LIMIT
from reveille.ingress.domain.delivery import MEANS, SOURCES
from reveille.ingress.domain.refusals import check_choice
from reveille.ingress.entrypoints.http.cursors import Cursors
from reveille.ingress.entrypoints.http.identity import Tenant

MAX_POSITION: Final = (1 << 63) - 1

Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT)]
WaitFor = Annotated[int, Query(ge=0, le=MAX_POSITION, description="Answer with what the log held at this position.")]
Seconds = Annotated[float, Query(alias="timeout", gt=0, le=30, description="How long to wait for it, in seconds.")]
Cursor = Annotated[str | None, Query(max_length=200)]
Text = Annotated[str, Query(max_length=200)]
Repository = Annotated[str, Query(max_length=500)]


def reads(queries: Queries, cursors: Cursors) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["read"])

    @router.get("/signals")
    async def list_signals(
        tenant: Tenant,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
        source: Text = "",
        kind: Text = "",
        repository: Repository = "",
        means: Text = "",
        wait_for: WaitFor = 0,
        seconds: Seconds = 5,
    ) -> dict[str, Any]:
        check_choice("source", source, (*SOURCES, "trigger"))
        check_choice("means", means, sorted(MEANS))
        request = ListSignalsRequest(
            tenant=tenant,
            limit=limit,
            before=cursors.position(tenant, "signals", cursor),
            source=source,
            kind=kind,
            repository=repository,
            means=means,
            wait_for=wait_for,
        )
        answer = await ask(queries.ingress.ListSignals, request, seconds)
        return _page([to_plain(item) for item in answer.items], cursors.sign(tenant, "signals", answer.next))

    @router.get("/signals/{signal_id}")
    async def get_signal(signal_id: str, tenant: Tenant, wait_for: WaitFor = 0, seconds: Seconds = 5) -> dict[str, Any]:
        request = GetSignalRequest(tenant=tenant, signal_id=signal_id, wait_for=wait_for)
        return to_plain((await ask(queries.ingress.GetSignal, request, seconds)).signal)

    @router.get("/agents")
    async def list_agents(tenant: Tenant, wait_for: WaitFor = 0, seconds: Seconds = 5) -> dict[str, Any]:
        request = ListAgentsRequest(tenant=tenant, wait_for=wait_for)
        answer = await ask(queries.agent_runner.ListAgents, request, seconds)
        return _page([to_plain(item) for item in answer.items])

    @router.get("/budgets")
    async def list_budgets(tenant: Tenant, wait_for: WaitFor = 0, seconds: Seconds = 5) -> dict[str, Any]:
        request = ListAccountsRequest(tenant=tenant, wait_for=wait_for)
        answer = await ask(queries.budget.ListAccounts, request, seconds)
        return {**_page([to_plain(item) for item in answer.items]), "waiting": answer.waiting}

    @router.get("/explain")
    async def explain(
        tenant: Tenant,
        signal: Annotated[str, Query(max_length=100)],
        agent: Annotated[str, Query(max_length=100)],
        wait_for: WaitFor = 0,
        seconds: Seconds = 5,
    ) -> dict[str, Any]:
        asked = GetSignalRequest(tenant=tenant, signal_id=signal, wait_for=wait_for)
        found = (await ask(queries.ingress.GetSignal, asked, seconds)).signal
        request = ExplainRequest(
            tenant=tenant, signal_id=found.id, agent=agent, signal_position=found.position, wait_for=wait_for
        )
        return to_plain(await ask(queries.analyzer.Explain, request, seconds))

    return router


def _page(items: list[dict[str, Any]], following: str | None = None) -> dict[str, Any]:
    return {"items": items, "next": following}
