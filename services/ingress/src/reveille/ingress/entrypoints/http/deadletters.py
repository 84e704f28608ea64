"""Dead letters over HTTP: what services could not handle, and what an operator decides about it."""

import base64
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from google.protobuf import descriptor_pool
from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass

from reveille.contracts.common.v1.common_pb2 import DeadLetterDropped
from reveille.contracts.common.v1.inbox_pb2 import DropDeadLetterRequest, RetryDeadLetterRequest
from reveille.ingress.adapters.queries import Queries, ask
from reveille.ingress.application.deadletters import DeadLetter, DeadLetters
from reveille.ingress.application.projections.deadletters import DROPPED, PARKED, RETRIED, STATUSES
from reveille.ingress.application.reading import DEFAULT_LIMIT
from reveille.ingress.domain.causes import summary
from reveille.ingress.domain.payload import MAX_TEXT, object_of, optional_text
from reveille.ingress.domain.refusals import Conflicting, check_choice
from reveille.ingress.entrypoints.http.cursors import Cursors
from reveille.ingress.entrypoints.http.history_described import (
    CLOSED,
    DEAD_LETTER,
    WHOLE_DEAD_LETTER,
    answers,
    page_of,
)
from reveille.ingress.entrypoints.http.identity import Tenant
from reveille.ingress.entrypoints.http.opened import json_or_text, opened, text_or_base64
from reveille.ingress.entrypoints.http.problems import UnsupportedMedia
from reveille.ingress.entrypoints.http.reads import Cursor, Limit, Seconds, Text, WaitFor
from reveille.ingress.entrypoints.http.strict_json import parse
from reveille.ingress.entrypoints.http.writing import JSON, body_of, media_type_of
from reveille.kernel.clock import to_rfc3339
from reveille.kernel.events import Recorded
from reveille.kernel.ids import text
from reveille.kernel.processing import OURS
from reveille.kernel.sealing import open_sealed

MAX_BYTES: Final = 64 * 1024
# What it leads to is appended before the answer, and a fact may have to be read from far back.
RETRY_SECONDS: Final = 10.0
_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "content": {
            JSON: {
                "schema": {
                    "type": "object",
                    "properties": {"reason": {"type": "string", "minLength": 1, "maxLength": MAX_TEXT}},
                }
            }
        },
    }
}
Status = Annotated[str, Query(description=f"How it stands: {', '.join(STATUSES)}.")]
Type = Annotated[str, Query(max_length=200, description="Of the event that could not be handled: its full name.")]


def dead_letter_routes(queries: Queries, letters: DeadLetters, cursors: Cursors) -> APIRouter:
    router = APIRouter(prefix="/api/v1/deadletters", tags=["dead letters"])

    @router.get("", responses=answers(page_of(DEAD_LETTER)))
    async def list_dead_letters(
        tenant: Tenant,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
        service: Text = "",
        status: Status = "",
        event_type: Annotated[Type, Query(alias="type")] = "",
        wait_for: WaitFor = 0,
        seconds: Seconds = 5,
    ) -> dict[str, Any]:
        check_choice("status", status, STATUSES)
        check_choice("service", service, queries.inboxes)
        before = cursors.position(tenant, "deadletters", cursor)
        asked = {"service": service, "status": status, "type": event_type}
        having = {name: value for name, value in asked.items() if value}
        await letters.wait_for(wait_for, seconds)
        found = await letters.page(tenant, before=before, limit=limit + 1, having=having)
        following = found[limit - 1].row.position if len(found) > limit else 0
        next_page = cursors.sign(tenant, "deadletters", following)
        return {"items": [_shown(one) for one in found[:limit]], "next": next_page}

    @router.get("/{deadletter_id}", responses=answers(WHOLE_DEAD_LETTER, 404))
    async def get_dead_letter(
        deadletter_id: str, tenant: Tenant, wait_for: WaitFor = 0, seconds: Seconds = 5
    ) -> dict[str, Any]:
        await letters.wait_for(wait_for, seconds)
        found = await letters.one(tenant, deadletter_id)
        headers = json_or_text(open_sealed(found.parked.headers)) if found.parked.HasField("headers") else {}
        return {**_shown(found), "headers": headers, "event": _event(found, await letters.original(found))}

    @router.post("/{deadletter_id}/retry", responses=answers(CLOSED, 401, 403, 404, 409))
    async def retry_dead_letter(deadletter_id: str, tenant: Tenant) -> dict[str, Any]:
        """Handle it again, now. An error leaves it parked, and is the answer."""
        found = await _open(letters, tenant, deadletter_id)
        asked = RetryDeadLetterRequest(service=found.row.service, parked=found.row.ref)
        answer = await ask(queries.inboxes[found.row.service].RetryDeadLetter, asked, RETRY_SECONDS)
        return {"deadletter_id": deadletter_id, "status": RETRIED, "position": answer.position}

    @router.post("/{deadletter_id}/drop", responses=answers(CLOSED, 401, 403, 404, 409), openapi_extra=_BODY)
    async def drop_dead_letter(
        deadletter_id: str, request: Request, tenant: Tenant, seconds: Seconds = 5
    ) -> dict[str, Any]:
        """Nobody wants it handled any more; it stays on record."""
        reason = await _reason(request)
        found = await _open(letters, tenant, deadletter_id)
        asked = DropDeadLetterRequest(service=found.row.service, parked=found.row.ref, reason=reason)
        answer = await ask(queries.inboxes[found.row.service].DropDeadLetter, asked, seconds)
        return {"deadletter_id": deadletter_id, "status": DROPPED, "position": answer.position}

    return router


async def _open(letters: DeadLetters, tenant: str, id: str) -> DeadLetter:
    """What its service says counts; this tells sooner. Raises Missing, Conflicting."""
    found = await letters.one(tenant, id)
    if found.row.status != PARKED:
        raise Conflicting("already_done", f"dead letter {id} was {found.row.status} before")
    return found


async def _reason(request: Request) -> str:
    body = await body_of(request, MAX_BYTES)
    if not body:
        return ""
    media_type = media_type_of(request)
    if media_type != JSON:
        raise UnsupportedMedia("unsupported_media_type", f"Content-Type is {media_type!r}, expected {JSON}")
    return optional_text(object_of(parse(body)), "reason", limit=MAX_TEXT)


def _shown(found: DeadLetter) -> dict[str, Any]:
    parked, closed = found.parked, found.closed
    dropped = closed.msg if closed is not None and isinstance(closed.msg, DeadLetterDropped) else None
    reason = text_or_base64(open_sealed(dropped.reason)) if dropped is not None else ""
    return {
        "id": text(found.letter.id),
        "service": parked.service,
        "partition": parked.partition,
        "type": parked.event_type,
        "event_id": parked.event_id,
        "status": found.row.status,
        "error": parked.error,
        "attempts": parked.attempts,
        "parked_at": to_rfc3339(found.letter.meta.time),
        "closed_at": None if closed is None else to_rfc3339(closed.meta.time),
        "reason": reason or None,
        "correlation_id": found.letter.meta.about.correlation,
        "position": found.letter.position,
    }


def _event(found: DeadLetter, original: Recorded | None) -> dict[str, Any]:
    """As the log has it, else as the bus's record was kept."""
    parked = found.parked
    if original is not None:
        data, message = original.data, original.msg
    else:
        data = open_sealed(parked.record)
        message = _decoded(parked.event_type, data)
    return {
        "stream": parked.event.stream,
        "revision": parked.event.revision,
        "position": parked.position,
        "in_log": original is not None,
        "at": None if original is None else to_rfc3339(original.meta.time),
        "summary": None if original is None else summary(original),
        "data": None if message is None else opened(message),
        "base64": base64.b64encode(data).decode() if message is None and data else None,
    }


def _decoded(type_name: str, data: bytes) -> Message | None:
    """None where this build does not know the type, or the bytes are none of it."""
    if not type_name.startswith(OURS) or not data:
        return None
    try:
        pool = descriptor_pool.Default()  # type: ignore[no-untyped-call]
        return GetMessageClass(pool.FindMessageTypeByName(type_name)).FromString(data)
    except (KeyError, DecodeError):
        return None
