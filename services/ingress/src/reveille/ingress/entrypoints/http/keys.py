"""API keys over HTTP: issued, listed and revoked by administrators."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from reveille.ingress.application.keys import Keys
from reveille.ingress.application.reading import DEFAULT_LIMIT
from reveille.ingress.domain.access import Principal, Role
from reveille.ingress.domain.delivery import delivery_key
from reveille.ingress.domain.keys import (
    EXPIRED,
    MAX_NAME,
    MAX_NAMED,
    MAX_SECONDS,
    REVOKED,
    VALID,
    Key,
    WantedKey,
    wanted_key,
)
from reveille.ingress.domain.payload import object_of, optional_text, required_text
from reveille.ingress.domain.refusals import Forbidden, check_choice, invalid_field
from reveille.ingress.entrypoints.http.cursors import Cursors
from reveille.ingress.entrypoints.http.history_described import answers, page_of
from reveille.ingress.entrypoints.http.identity import principal_of
from reveille.ingress.entrypoints.http.plan_writes import IdempotencyKey
from reveille.ingress.entrypoints.http.problems import UnsupportedMedia
from reveille.ingress.entrypoints.http.reads import Cursor, Limit
from reveille.ingress.entrypoints.http.strict_json import parse
from reveille.ingress.entrypoints.http.tracing import trace_of
from reveille.ingress.entrypoints.http.writing import JSON, body_of, media_type_of
from reveille.kernel.clock import Clock, to_rfc3339
from reveille.kernel.ids import Ids

LIST: Final = "keys"
MAX_BYTES: Final = 64 * 1024
STATUSES: Final = (VALID, EXPIRED, REVOKED)
# A field that nobody knows may be a time limit that is spelt wrong.
FIELDS: Final = ("name", "roles", "agents", "sources", "expires_in", "tenant")
_TEXT: Final = {"type": "string"}
_NAMES: Final = {"type": "array", "items": {"type": "string", "maxLength": MAX_NAME}, "maxItems": MAX_NAMED}
_ROLES: Final = {"type": "array", "items": {"enum": list(Role)}, "minItems": 1}
_TIME: Final = {"type": ["string", "null"], "format": "date-time"}
_KEY: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "key_id": {**_TEXT, "description": "The part of the key that is no secret."},
        "tenant": _TEXT,
        "name": {**_TEXT, "description": "What stands on record as `by` in what is done with it."},
        "roles": _ROLES,
        "agents": {**_NAMES, "description": "The only agents that it may connect; empty: any, where a role lets it."},
        "sources": {**_NAMES, "description": "The only sources that it may send for; empty: any."},
        "status": {"enum": list(STATUSES)},
        "issued_at": {**_TEXT, "format": "date-time"},
        "issued_by": _TEXT,
        "expires_at": _TIME,
        "revoked_at": _TIME,
        "revoked_by": {"type": ["string", "null"]},
        "position": {"type": "integer", "description": "Where it stands in the log."},
    },
}
_ISSUED: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        **_KEY["properties"],
        "key": {"type": ["string", "null"], "description": "The key itself, this once; null in a repeated answer."},
        "duplicate": {"type": "boolean", "description": "This Idempotency-Key had issued it before."},
    },
}
_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            JSON: {
                "schema": {
                    "type": "object",
                    "required": ["name", "roles"],
                    "additionalProperties": False,
                    "properties": {
                        "name": {"type": "string", "minLength": 1, "maxLength": MAX_NAME},
                        "roles": _ROLES,
                        "agents": _NAMES,
                        "sources": _NAMES,
                        "expires_in": {
                            "type": "integer",
                            "minimum": 1,
                            "maximum": MAX_SECONDS,
                            "description": "Seconds; without it the key does not expire.",
                        },
                        "tenant": {**_TEXT, "description": "Another one than one's own: for the admin key alone."},
                    },
                }
            }
        },
    }
}
OfTenant = Annotated[
    str,
    Query(pattern="^[a-z0-9_]{0,63}$", description="Another one than one's own: for the admin key alone."),
]
Status = Annotated[str, Query(description=f"How it stands: {', '.join(STATUSES)}.")]


def key_routes(keys: Keys, cursors: Cursors, *, clock: Clock, ids: Ids) -> APIRouter:
    router = APIRouter(prefix="/api/v1/keys", tags=["access"])

    @router.get("", responses=answers(page_of(_KEY), 401, 403))
    async def list_keys(
        request: Request,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
        status: Status = "",
        tenant: OfTenant = "",
    ) -> dict[str, Any]:
        """The newest first; secrets are not kept, and so not told."""
        check_choice("status", status, STATUSES)
        of, now = tenant_for(principal_of(request.scope), tenant), clock.now()
        before = cursors.position(of, LIST, cursor)
        found = [
            key
            for key in keys.of_tenant(of)
            if (not before or key.position < before) and (not status or key.status(now) == status)
        ]
        following = found[limit - 1].position if len(found) > limit else 0
        return {"items": [shown(key, now) for key in found[:limit]], "next": cursors.sign(of, LIST, following)}

    @router.post("", status_code=201, responses={**answers(_ISSUED, 401, 403, 409)}, openapi_extra=_BODY)
    async def issue_key(request: Request, idempotency_key: IdempotencyKey = None) -> Response:
        """The only answer that ever shows the key: what is lost is issued anew."""
        principal = principal_of(request.scope)
        tenant, wanted = await _wanted(request, principal)
        once = delivery_key(idempotency_key, "Idempotency-Key") if idempotency_key is not None else ""
        issued = await keys.issue(tenant, wanted, by=principal.name, trace=trace_of(request.scope, ids), once=once)
        duplicate = issued.text is None
        told = {**shown(issued.key, clock.now()), "key": issued.text, "duplicate": duplicate}
        return JSONResponse(told, 200 if duplicate else 201, {"cache-control": "no-store"})

    @router.delete("/{key_id}", status_code=204, responses=answers({}, 401, 403, 404))
    async def revoke_key(key_id: str, request: Request, tenant: OfTenant = "") -> Response:
        """Nobody comes in with it any more, and who is in with it is put out; a revoked one stays so."""
        principal = principal_of(request.scope)
        of = tenant_for(principal, tenant)
        await keys.revoke(of, key_id, by=principal.name, trace=trace_of(request.scope, ids))
        return Response(status_code=204)

    return router


def tenant_for(principal: Principal, asked: str) -> str:
    """Whose keys it is about. Raises Forbidden where they are none of his business."""
    if asked and asked != principal.tenant and not principal.of_platform:
        told = f"{principal.name} is of tenant {principal.tenant}: only the admin key is for the keys of others"
        raise Forbidden("not_allowed", told)
    return asked or principal.tenant


def tenant_asked(document: Any) -> str:
    """What a body has as `tenant`; "" where it has none. Raises Invalid for what is no tenant's name."""
    asked = optional_text(document, "tenant", limit=63)
    if not set(asked) <= set("abcdefghijklmnopqrstuvwxyz0123456789_"):
        raise invalid_field("tenant", "expected at most 63 of a-z, 0-9 and _")
    return asked


async def _wanted(request: Request, principal: Principal) -> tuple[str, WantedKey]:
    media_type = media_type_of(request)
    if media_type != JSON:
        raise UnsupportedMedia("unsupported_media_type", f"Content-Type is {media_type!r}, expected {JSON}")
    document = object_of(parse(await body_of(request, MAX_BYTES)))
    for field in document:
        if field not in FIELDS:
            raise invalid_field(field[:100], f"there is no such field, expected some of {', '.join(FIELDS)}")
    asked = tenant_asked(document)
    wanted = wanted_key(
        name=required_text(document, "name", limit=MAX_NAME),
        roles=_names(document, "roles"),
        agents=_names(document, "agents"),
        sources=_names(document, "sources"),
        lasts=_lasts(document.get("expires_in")),
    )
    return tenant_for(principal, asked), wanted


def _names(document: Any, field: str) -> list[str]:
    value = document.get(field)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise invalid_field(field, "expected a list of texts")
    return value


def _lasts(value: object) -> int:
    if value is None:
        return 0
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MAX_SECONDS:
        raise invalid_field("expires_in", f"expected a whole number of seconds from 1 to {MAX_SECONDS}")
    return value


def shown(key: Key, now: int) -> dict[str, Any]:
    return {
        "key_id": key.key_id,
        "tenant": key.tenant,
        "name": key.wanted.name,
        "roles": sorted(key.wanted.roles),
        "agents": sorted(key.wanted.agents),
        "sources": sorted(key.wanted.sources),
        "status": key.status(now),
        "issued_at": to_rfc3339(key.issued_at),
        "issued_by": key.issued_by,
        "expires_at": to_rfc3339(key.expires_at) if key.expires_at else None,
        "revoked_at": to_rfc3339(key.revoked_at) if key.revoked_at else None,
        "revoked_by": key.revoked_by or None,
        "position": key.position,
    }
