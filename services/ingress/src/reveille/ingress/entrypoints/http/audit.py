"""Who did what, over HTTP, for administrators."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query

from reveille.ingress.application.audit import Act, Audit
from reveille.ingress.application.reading import DEFAULT_LIMIT
from reveille.ingress.entrypoints.http.cursors import Cursors
from reveille.ingress.entrypoints.http.history_described import answers, page_of
from reveille.ingress.entrypoints.http.identity import Tenant
from reveille.ingress.entrypoints.http.reads import Cursor, Limit, Seconds
from reveille.ingress.entrypoints.http.times import microseconds
from reveille.kernel.clock import to_rfc3339

LIST: Final = "audit"
_TEXT: Final = {"type": "string"}
_ACT: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "at": {**_TEXT, "format": "date-time"},
        "by": {**_TEXT, "description": "The key's name, or the subject of the token."},
        "key_id": {"type": ["string", "null"], "description": "null: it was no key of ours."},
        "act": {**_TEXT, "description": "As the access table calls it, like `POST /api/v1/fleet`."},
        "path": _TEXT,
        "status": {"type": "integer", "description": "What was answered: 403 is a refusal, 5xx may have changed some."},
        "address": {**_TEXT, "description": "Where the connection came from."},
        "position": {"type": "integer", "description": "Where it stands in the log."},
    },
}
By = Annotated[str, Query(max_length=300, description="Only what this one did: a key's name, a token's subject.")]
Since = Annotated[str, Query(max_length=40, description="Only what was done at this time or later.")]


def audit_routes(audit: Audit, cursors: Cursors) -> APIRouter:
    router = APIRouter(prefix="/api/v1/audit", tags=["access"])

    @router.get("", responses=answers(page_of(_ACT), 401, 403))
    async def list_acts(
        tenant: Tenant,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
        by: By = "",
        since: Since = "",
        seconds: Seconds = 5,
    ) -> dict[str, Any]:
        """The newest first. Whatever was answered before this was asked is among them."""
        before, earliest = cursors.position(tenant, LIST, cursor), microseconds("since", since)
        await audit.caught_up(seconds)
        found = await audit.page(tenant, before=before, limit=limit + 1, by=by, since=earliest)
        following = found[limit - 1].event.position if len(found) > limit else 0
        return {"items": [_shown(one) for one in found[:limit]], "next": cursors.sign(tenant, LIST, following)}

    return router


def _shown(act: Act) -> dict[str, Any]:
    done = act.done
    return {
        "at": to_rfc3339(act.event.meta.time),
        "by": done.by,
        "key_id": done.key_id or None,
        "act": done.act,
        "path": done.path,
        "status": done.status,
        "address": done.address,
        "position": act.event.position,
    }
