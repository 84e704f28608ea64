"""Who asks, as the platform knows him: what a page shows, and what a program can check before it needs it."""

from typing import Any

from fastapi import APIRouter, Request

from reveille.ingress.entrypoints.http.identity import principal_of
from reveille.kernel.clock import to_rfc3339


def me_routes() -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["access"])

    @router.get("/me")
    async def me(request: Request) -> dict[str, Any]:
        """Who you are, whose tenant you see, what you may do there, and until when."""
        who = principal_of(request.scope)
        return {
            "name": who.name,
            "tenant": who.tenant,
            "roles": sorted(who.roles),
            "permissions": sorted(who.permissions),
            "key_id": who.key_id,
            "expires_at": to_rfc3339(who.expires_at) if who.expires_at else None,
        }

    return router
