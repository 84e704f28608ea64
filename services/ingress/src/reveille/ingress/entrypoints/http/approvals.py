"""Approvals over HTTP: what people are asked, and what they answer."""

import re
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from reveille.adapters.grpc import to_plain
from reveille.contracts.planner.v1.queries_pb2 import ApprovalView, GetApprovalRequest, ListApprovalsRequest
from reveille.ingress.adapters.queries import Queries, ask
from reveille.ingress.application.approving import Approving, Decision
from reveille.ingress.application.reading import DEFAULT_LIMIT
from reveille.ingress.domain.payload import MAX_TEXT, object_of, optional_text
from reveille.ingress.domain.refusals import Conflicting, Missing, check_choice, invalid_field
from reveille.ingress.entrypoints.http.cursors import Cursors
from reveille.ingress.entrypoints.http.identity import Tenant, principal_of
from reveille.ingress.entrypoints.http.problems import UnsupportedMedia
from reveille.ingress.entrypoints.http.reads import Cursor, Limit, Seconds, Text, WaitFor
from reveille.ingress.entrypoints.http.strict_json import parse
from reveille.ingress.entrypoints.http.writing import JSON, body_of, media_type_of

DECISIONS: Final = {"approve": True, "reject": False}
OPEN: Final = "open"
MAX_BYTES: Final = 64 * 1024
# Ids are derived, so that an id of any other shape is nobody's.
_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            JSON: {
                "schema": {
                    "type": "object",
                    "required": ["decision"],
                    "properties": {
                        "decision": {"type": "string", "enum": list(DECISIONS)},
                        "comment": {"type": "string", "maxLength": MAX_TEXT},
                    },
                }
            }
        },
    }
}
STATUSES: Final = (OPEN, "approved", "rejected", "expired", "moot")
Status = Annotated[str, Query(description=f"How it stands: {', '.join(STATUSES)}.")]


def approval_routes(queries: Queries, approving: Approving, cursors: Cursors) -> APIRouter:
    router = APIRouter(prefix="/api/v1/approvals", tags=["approvals"])

    async def find(tenant: str, approval_id: str, wait_for: int, seconds: float) -> ApprovalView:
        if not _ID.fullmatch(approval_id):
            raise Missing("not_found", f"no approval {approval_id[:100]}")
        request = GetApprovalRequest(tenant=tenant, approval_id=approval_id, wait_for=wait_for)
        found: ApprovalView = (await ask(queries.planner.GetApproval, request, seconds)).approval
        return found

    @router.get("")
    async def list_approvals(
        tenant: Tenant,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
        status: Status = "",
        execution_id: Text = "",
        wait_for: WaitFor = 0,
        seconds: Seconds = 5,
    ) -> dict[str, Any]:
        check_choice("status", status, STATUSES)
        request = ListApprovalsRequest(
            tenant=tenant,
            limit=limit,
            before=cursors.position(tenant, "approvals", cursor),
            status=status,
            execution_id=execution_id,
            wait_for=wait_for,
        )
        answer = await ask(queries.planner.ListApprovals, request, seconds)
        following = cursors.sign(tenant, "approvals", answer.next)
        return {"items": [to_plain(item) for item in answer.items], "next": following}

    @router.get("/{approval_id}")
    async def get_approval(
        approval_id: str, tenant: Tenant, wait_for: WaitFor = 0, seconds: Seconds = 5
    ) -> dict[str, Any]:
        view = await find(tenant, approval_id, wait_for, seconds)
        decided = None if view.status == OPEN else await approving.decision(tenant, approval_id)
        told = to_plain(view)
        return {**told, "comment": decided.comment} if decided else told

    @router.post("/{approval_id}", status_code=202, openapi_extra=_BODY)
    async def decide(approval_id: str, request: Request, tenant: Tenant, seconds: Seconds = 5) -> Response:
        approved, comment = _decision(await _body(request))
        if not _ID.fullmatch(approval_id):
            raise Missing("not_found", f"no approval {approval_id[:100]}")
        stands = await approving.decision(tenant, approval_id)
        if stands is None:
            view = await find(tenant, approval_id, 0, seconds)
            if view.status != OPEN:
                raise Conflicting("already_resolved", f"approval {approval_id} is {view.status}, expected an open one")
            by = principal_of(request.scope).name
            stands = await approving.decide(
                tenant, approval_id, execution_id=view.execution_id, approved=approved, comment=comment, by=by
            )
        if stands.approved != approved:
            told = _word(stands.approved)
            raise Conflicting("already_decided", f"approval {approval_id} was decided before: {told}")
        return JSONResponse(_told(stands), 202 if stands.new else 200)

    return router


def _decision(body: bytes) -> tuple[bool, str]:
    document = object_of(parse(body))
    decision = document.get("decision")
    if not isinstance(decision, str) or decision not in DECISIONS:
        raise invalid_field("decision", f"it is {str(decision)[:80]!r}, expected one of {', '.join(DECISIONS)}")
    return DECISIONS[decision], optional_text(document, "comment", limit=MAX_TEXT)


async def _body(request: Request) -> bytes:
    media_type = media_type_of(request)
    if media_type != JSON:
        raise UnsupportedMedia("unsupported_media_type", f"Content-Type is {media_type!r}, expected {JSON}")
    return await body_of(request, MAX_BYTES)


def _told(decision: Decision) -> dict[str, Any]:
    return {
        "approval_id": decision.approval_id,
        "execution_id": decision.execution_id,
        "decision": _word(decision.approved),
        "duplicate": not decision.new,
        "position": decision.position,
    }


def _word(approved: bool) -> str:
    return "approve" if approved else "reject"
