"""How the platform is: /status and /metrics, for people, pages and Prometheus."""

import asyncio
from collections.abc import Awaitable, Callable
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from reveille.adapters.prometheus import TEXT
from reveille.ingress.adapters.queries import Queries
from reveille.ingress.entrypoints.http.figures import Figures, Owners
from reveille.ingress.entrypoints.http.identity import Tenant

# Prometheus' text for a tenant, with his figures.
AsText = Callable[[str, Figures], Awaitable[str]]


def status_routes(queries: Queries, owners: Owners, *, mode: str, own: str, as_text: AsText) -> APIRouter:
    """own: the tenant of whoever runs the platform."""
    router = APIRouter(tags=["status"])

    @router.get("/status")
    async def status(tenant: Tenant) -> dict[str, Any]:
        found, healths = await asyncio.gather(owners.figures(tenant), queries.healths())
        well = found.agents is not None and all(health == "serving" for health in healths.values())
        return {
            "status": "ok" if well else "degraded",
            "version": version("reveille-ingress"),
            "mode": mode,
            "services": healths,
            "agents": found.of_agents(),
            "uptime": found.uptime,
        }

    @router.get("/metrics")
    async def metrics(request: Request, tenant: Tenant) -> Response:
        found = await owners.figures(tenant)
        accept = request.headers.get("accept", "")
        if "text/plain" in accept or "openmetrics" in accept:
            return Response(await as_text(tenant, found), media_type=TEXT)
        return JSONResponse(found.as_metrics(of_process=tenant == own))

    return router
