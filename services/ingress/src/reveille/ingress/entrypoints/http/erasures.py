"""Letting a person be forgotten, over HTTP, for administrators."""

from functools import partial
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from reveille.contracts.ingress.v1.events_pb2 import SubjectErased
from reveille.ingress.application.erasing import Erasing
from reveille.ingress.application.inputs import Inputs, Sent
from reveille.ingress.application.reading import DEFAULT_LIMIT
from reveille.ingress.domain.payload import object_of, required_text
from reveille.ingress.domain.refusals import invalid_field
from reveille.ingress.entrypoints.http.cursors import Cursors
from reveille.ingress.entrypoints.http.history_described import answers, page_of
from reveille.ingress.entrypoints.http.identity import principal_of
from reveille.ingress.entrypoints.http.keys import OfTenant, tenant_asked, tenant_for
from reveille.ingress.entrypoints.http.plan_writes import PlanWrites
from reveille.ingress.entrypoints.http.plans import Plans
from reveille.ingress.entrypoints.http.reads import Cursor, Limit
from reveille.ingress.entrypoints.http.tracing import trace_of
from reveille.ingress.entrypoints.http.writing import JSON
from reveille.kernel.clock import to_rfc3339
from reveille.kernel.events import Recorded
from reveille.kernel.ids import Ids

LIST: Final = "erasures"
MAX_NAME: Final = 300
FIELDS: Final = ("subject", "tenant")
REASON: Final = "what it is about is erased"
_TEXT: Final = {"type": "string"}
_TEXTS: Final = {"type": "array", "items": _TEXT}
_DIGEST: Final = {**_TEXT, "description": "HMAC of the name, which stands nowhere."}
_PLANS: Final = {**_TEXTS, "description": "Plans and wakings that the subject had a part in: all of them is erased."}
_ERASED: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "subject_digest": _DIGEST,
        "keys": {"type": "integer", "description": "How many keys are no more."},
        "execution_ids": _PLANS,
        "cancelled": {**_TEXTS, "description": "Those that were under way."},
        "position": {"type": "integer", "description": "Where it stands in the log."},
    },
}
_ERASURE: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "subject_digest": _DIGEST,
        "keys": {"type": "integer"},
        "execution_ids": _PLANS,
        "by": _TEXT,
        "at": {**_TEXT, "format": "date-time"},
        "position": {"type": "integer"},
    },
}
_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            JSON: {
                "schema": {
                    "type": "object",
                    "required": ["subject"],
                    "additionalProperties": False,
                    "properties": {
                        "subject": {
                            **_TEXT,
                            "minLength": 1,
                            "maxLength": MAX_NAME,
                            "description": "As it stood in what was sent: an actor, an `added_by`, a `by`.",
                        },
                        "tenant": {**_TEXT, "description": "Another one than one's own: for the admin key alone."},
                    },
                }
            }
        },
    }
}


def erasure_routes(
    erasing: Erasing, inputs: Inputs, plans: Plans, cursors: Cursors, writing: PlanWrites, ids: Ids
) -> APIRouter:
    router = APIRouter(prefix="/api/v1/erasures", tags=["access"])

    @router.post("", responses=answers(_ERASED, 401, 403, 404), openapi_extra=_BODY)
    async def erase_subject(request: Request) -> Response:
        """Destroy the keys of what a person wrote, and of plans that he had a part in. It reads the whole log.

        Plans that are under way are cancelled first. It may be sent again: then it erases what came since.
        """
        document = object_of(await writing.document(request))
        for field in document:
            if field not in FIELDS:
                raise invalid_field(field[:100], f"there is no such field, expected some of {', '.join(FIELDS)}")
        principal, trace = principal_of(request.scope), trace_of(request.scope, ids)
        name = required_text(document, "subject", limit=MAX_NAME)
        tenant = tenant_for(principal, tenant_asked(document))
        # The same again cancels nothing a second time; the name stands in no digest of the request.
        sent = Sent(asks=["erasure"], trace=trace)
        cancel = partial(_cancel, inputs, plans, tenant, sent)
        done = await erasing.erase(tenant, name, by=principal.name, cancel=cancel, trace=trace)
        return JSONResponse(
            {
                "subject_digest": done.subject_digest,
                "keys": done.keys,
                "execution_ids": list(done.executions),
                "cancelled": list(done.cancelled),
                "position": done.position,
            }
        )

    @router.get("", responses=answers(page_of(_ERASURE), 401, 403))
    async def list_erasures(
        request: Request, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None, tenant: OfTenant = ""
    ) -> dict[str, Any]:
        """The newest first; one that names many plans is several."""
        of = tenant_for(principal_of(request.scope), tenant)
        # Revisions count from 0, and a cursor of 0 is none.
        before = cursors.position(of, LIST, cursor) - 1
        found = await erasing.page(of, before=before, limit=limit + 1)
        following = found[limit - 1].revision + 1 if len(found) > limit else 0
        return {
            "items": [shown for one in found[:limit] if (shown := _shown(one))],
            "next": cursors.sign(of, LIST, following),
        }

    return router


async def _cancel(inputs: Inputs, plans: Plans, tenant: str, sent: Sent, execution_id: str) -> None:
    await inputs.cancel(tenant, execution_id, REASON, sent, ask=plans.of(tenant))


def _shown(event: Recorded) -> dict[str, Any] | None:
    if not isinstance(event.msg, SubjectErased):
        return None
    return {
        "subject_digest": event.msg.subject_digest,
        "keys": len(event.msg.key_ids),
        "execution_ids": list(event.msg.execution_ids),
        "by": event.msg.by,
        "at": to_rfc3339(event.meta.time),
        "position": event.position,
    }
