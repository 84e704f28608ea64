"""The fleet over HTTP: what is in force, what another file would change, and putting it in force."""

import asyncio
import re
from collections.abc import Sequence
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import JSONResponse, Response

from reveille.adapters.grpc import to_plain
from reveille.contracts.analyzer.v1.queries_pb2 import WhatIfRequest
from reveille.ingress.adapters.queries import Queries, ask
from reveille.ingress.application.fleet_document import MAX_BYTES, FleetFileInvalid
from reveille.ingress.application.fleets import Fleets
from reveille.ingress.bootstrap import fleet_from
from reveille.ingress.domain.fleet import Difference, WantedFleet, differences
from reveille.ingress.domain.refusals import FieldError, Invalid, Malformed
from reveille.ingress.entrypoints.http.identity import Tenant
from reveille.ingress.entrypoints.http.problems import UnsupportedMedia
from reveille.ingress.entrypoints.http.writing import JSON, body_of, media_type_of
from reveille.kernel.errors import Transient
from reveille.kernel.fleet import Fleet

MEDIA_TYPES: Final = (JSON, "application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml")
WHAT_IF_HOURS: Final = 24
# It goes through a day's signals, at most 20,000, twice.
WHAT_IF_SECONDS: Final = 20.0
# JSON writes what lies beyond 16 bits as two halves, which YAML does not put together.
_HALVES: Final = re.compile(r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")
_BODY: Final = {
    "requestBody": {
        "required": True,
        "description": "A fleet file.",
        "content": {JSON: {"schema": {"type": "object"}}, "application/yaml": {"schema": {"type": "string"}}},
    }
}
IfMatch = Annotated[str | None, Header(max_length=100, description="The revision that it is to take the place of.")]


def fleet_routes(queries: Queries, fleets: Fleets) -> APIRouter:
    router = APIRouter(prefix="/api/v1/fleet", tags=["fleet"])

    def in_force(tenant: str) -> Fleet:
        return fleets.in_force(tenant).fleet

    @router.get("")
    async def get_fleet(tenant: Tenant) -> Response:
        fleet = in_force(tenant)
        return JSONResponse(
            {
                "tenant": tenant,
                "revision": fleet.revision,
                "digest": fleet.digest,
                "agents": [to_plain(agent) for agent in fleet.agents.values()],
                "rules": [to_plain(rule) for rule in sorted(fleet.rules.values(), key=lambda rule: rule.order)],
                "sources": [to_plain(source) for source in fleet.sources.values()],
                "blueprints": [to_plain(blueprint) for blueprint in fleet.blueprints.values()],
                "notifications": [to_plain(one) for one in fleet.notifications.values()],
                "limits": to_plain(fleet.limits),
            },
            headers={"etag": f'"{fleet.revision}"'},
        )

    @router.post("", status_code=202, openapi_extra=_BODY)
    async def apply_fleet(
        request: Request,
        tenant: Tenant,
        dry_run: Annotated[bool, Query(description="Say what it would change, and change nothing.")] = False,
        if_match: IfMatch = None,
    ) -> Response:
        seen = _revision(if_match)
        wanted = await _wanted(request, tenant)
        if dry_run:
            await fleets.load()
            fleets.check_seen(tenant, seen)
            fleet = in_force(tenant)
            return JSONResponse({"revision": fleet.revision, "changes": _changes(fleet, wanted)})
        applied = await fleets.apply(wanted, seen=seen)
        told = {"revision": applied.fleet.revision, "events": applied.events, "position": applied.position or None}
        return JSONResponse(told, 202, {"etag": f'"{applied.fleet.revision}"'})

    @router.post("/diff", openapi_extra=_BODY)
    async def diff_fleet(request: Request, tenant: Tenant) -> dict[str, Any]:
        wanted = await _wanted(request, tenant)
        await fleets.load()
        fleet = in_force(tenant)
        what_if, note = await _what_if(queries, wanted)
        return {"revision": fleet.revision, "changes": _changes(fleet, wanted), "what_if": what_if, "note": note}

    return router


def _revision(if_match: str | None) -> int | None:
    if if_match is None or if_match == "*":
        return None
    found = re.fullmatch(r'"?(-1|[0-9]{1,18})"?', if_match)
    if not found:
        raise Malformed("invalid_if_match", f"If-Match is {if_match[:50]!r}, expected a revision, as in the ETag")
    return int(found[1])


async def _wanted(request: Request, tenant: str) -> WantedFleet:
    media_type = media_type_of(request)
    if media_type not in MEDIA_TYPES:
        expected = ", ".join(MEDIA_TYPES)
        raise UnsupportedMedia("unsupported_media_type", f"Content-Type is {media_type!r}, expected one of {expected}")
    try:
        text = (await body_of(request, MAX_BYTES)).decode()
    except UnicodeDecodeError as error:
        raise Malformed("malformed_body", f"the body is no UTF-8: {error.reason} at byte {error.start}") from error
    if media_type == JSON:
        text = _HALVES.sub(_whole, text)
    try:
        # Thousands of rules take seconds, in which others are to be answered.
        wanted = await asyncio.to_thread(fleet_from, text, file="fleet")
    except FleetFileInvalid as error:
        errors = [FieldError(one.path, f"line {one.line}: {one.what}") for one in error.mistakes]
        raise Invalid("invalid_fleet", _told(errors), errors) from error
    if wanted.tenant != tenant:
        told = f"it is {wanted.tenant!r}, expected {tenant!r}, whose signals come in here"
        raise Invalid("invalid_fleet", f"tenant: {told}", [FieldError("tenant", told)])
    return wanted


def _whole(found: "re.Match[str]") -> str:
    high, low = int(found[2], 16), int(found[3], 16)
    return found[1] + chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))


def _told(errors: Sequence[FieldError]) -> str:
    more = f", and {len(errors) - 1} more" if len(errors) > 1 else ""
    first = errors[0]
    return f"{f'{first.path}: ' if first.path else ''}{first.message}{more}"


def _changes(fleet: Fleet, wanted: WantedFleet) -> list[dict[str, Any]]:
    return [_plain(one) for one in differences(fleet, wanted)]


def _plain(one: Difference) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "name": one.name,
        "change": one.change,
        "before": None if one.before is None else to_plain(one.before),
        "after": None if one.after is None else to_plain(one.after),
    }


async def _what_if(queries: Queries, wanted: WantedFleet) -> tuple[dict[str, Any] | None, str | None]:
    """What it would have changed for the last day's signals; None and why where nobody can say that now."""
    request = WhatIfRequest(tenant=wanted.tenant, hours=WHAT_IF_HOURS, agents=wanted.agents, rules=wanted.rules)
    try:
        return to_plain(await ask(queries.analyzer.WhatIf, request, WHAT_IF_SECONDS)), None
    except Transient as error:
        return None, str(error)
