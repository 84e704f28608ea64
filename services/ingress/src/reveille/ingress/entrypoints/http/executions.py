"""Executions over HTTP: what is planned and how far it is, and what people do to it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from reveille.adapters.grpc import to_plain
from reveille.contracts.ingress.v1.queries_pb2 import GetCausesRequest
from reveille.contracts.planner.v1.queries_pb2 import ListExecutionsRequest
from reveille.ingress.adapters.queries import Queries, ask
from reveille.ingress.application.inputs import Done, Inputs
from reveille.ingress.application.plan_streams import Sequences
from reveille.ingress.application.reading import DEFAULT_LIMIT, MAX_LIMIT
from reveille.ingress.domain.plan_requests import Changes, added_of, changes_of, fork_of, opening_of, reason_of
from reveille.ingress.domain.refusals import check_choice
from reveille.ingress.entrypoints.http.cursors import Cursors
from reveille.ingress.entrypoints.http.identity import Tenant
from reveille.ingress.entrypoints.http.plan_writes import IdempotencyKey, IfMatch, PlanWrites
from reveille.ingress.entrypoints.http.plans import Plans, etag_of, shown
from reveille.ingress.entrypoints.http.plans_described import (
    ADDED,
    CANCEL,
    CHANGED,
    CHANGES,
    EXECUTION,
    FORK,
    OPENING,
    body,
    reads,
    writes,
)
from reveille.ingress.entrypoints.http.reads import Cursor, Limit, Seconds, Text, WaitFor

Summary = Annotated[
    bool, Query(description="Each without steps, inputs, plan and result, but with what it is about: `about`.")
]
ConversationId = Annotated[
    str, Query(max_length=200, description="Its newest executions, up to `limit`; there is no next page of them.")
]
STATUSES: Final = ("planned", "running", "waiting", "completed", "failed", "cancelled")


# The executions of a conversation, the oldest first.
Conversation = Callable[[str, str], Awaitable[list[str]]]


def execution_routes(
    queries: Queries,
    inputs: Inputs,
    plans: Plans,
    timeline: Sequences,
    cursors: Cursors,
    writing: PlanWrites,
    executions_of: Conversation,
) -> APIRouter:
    router = APIRouter(prefix="/api/v1/executions", tags=["executions"])

    @router.get("")
    async def list_executions(
        tenant: Tenant,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
        status: Text = "",
        agent: Text = "",
        signal_id: Text = "",
        blueprint: Text = "",
        conversation_id: ConversationId = "",
        summary: Summary = False,
        wait_for: WaitFor = 0,
        seconds: Seconds = 5,
    ) -> dict[str, Any]:
        check_choice("status", status, STATUSES)
        ids = (await executions_of(tenant, conversation_id))[-MAX_LIMIT:] if conversation_id else []
        if conversation_id and not ids:
            return {"items": [], "next": None}
        request = ListExecutionsRequest(
            ids=ids,
            tenant=tenant,
            limit=limit,
            before=cursors.position(tenant, "executions", cursor),
            status=status,
            agent=agent,
            signal_id=signal_id,
            blueprint=blueprint,
            summary=summary,
            wait_for=wait_for,
        )
        answer = await ask(queries.planner.ListExecutions, request, seconds)
        if summary:
            items = await asyncio.gather(*(plans.summary(tenant, item) for item in answer.items))
        else:
            items = [shown(item) for item in answer.items]
        return {"items": items, "next": cursors.sign(tenant, "executions", answer.next)}

    @router.post("", status_code=202, openapi_extra=body(OPENING), responses=writes(CHANGED, 404, 409))
    async def start_execution(request: Request, tenant: Tenant, idempotency_key: IdempotencyKey = None) -> Response:
        document = await writing.document(request)
        sent = writing.sent(request, document, idempotency_key)
        return _answer(await inputs.start(tenant, opening_of(document), sent))

    @router.get("/{execution_id}", responses=reads(EXECUTION))
    async def get_execution(execution_id: str, tenant: Tenant, wait_for: WaitFor = 0, seconds: Seconds = 5) -> Response:
        told = await plans.told(tenant, execution_id, wait_for=wait_for, seconds=seconds)
        return JSONResponse(told.document, headers={} if told.plan is None else {"etag": told.etag})

    @router.get("/{execution_id}/causes")
    async def get_causes(
        execution_id: str, tenant: Tenant, wait_for: WaitFor = 0, seconds: Seconds = 5
    ) -> dict[str, Any]:
        request = GetCausesRequest(tenant=tenant, execution_id=execution_id, wait_for=wait_for)
        answer = await ask(queries.ingress.GetCauses, request, seconds)
        return {"items": [to_plain(event) for event in answer.events], "next": None}

    @router.patch(
        "/{execution_id}/inputs",
        status_code=202,
        openapi_extra=body(CHANGES),
        responses=writes(CHANGED, 404, 409, 412),
    )
    async def change_inputs(
        execution_id: str,
        request: Request,
        tenant: Tenant,
        idempotency_key: IdempotencyKey = None,
        if_match: IfMatch = None,
    ) -> Response:
        document = await writing.document(request)
        sent = writing.sent(request, document, idempotency_key, if_match=if_match)
        done = await inputs.change(tenant, execution_id, changes_of(document), sent, ask=plans.of(tenant))
        return _answer(done)

    @router.post(
        "/{execution_id}/inputs",
        status_code=202,
        openapi_extra=body(ADDED),
        responses=writes(CHANGED, 404, 409, 412),
    )
    async def add_inputs(
        execution_id: str,
        request: Request,
        tenant: Tenant,
        idempotency_key: IdempotencyKey = None,
        if_match: IfMatch = None,
    ) -> Response:
        document = await writing.document(request)
        sent = writing.sent(request, document, idempotency_key, if_match=if_match)
        return _answer(await inputs.change(tenant, execution_id, added_of(document), sent, ask=plans.of(tenant)))

    @router.delete("/{execution_id}/inputs/{input_id}", status_code=202, responses=writes(CHANGED, 404, 409, 412))
    async def remove_input(
        execution_id: str,
        input_id: str,
        request: Request,
        tenant: Tenant,
        idempotency_key: IdempotencyKey = None,
        if_match: IfMatch = None,
    ) -> Response:
        sent = writing.sent(request, None, idempotency_key, if_match=if_match)
        changes = Changes(remove=(input_id,))
        return _answer(await inputs.change(tenant, execution_id, changes, sent, ask=plans.of(tenant)))

    @router.post(
        "/{execution_id}/cancel",
        status_code=202,
        openapi_extra=body(CANCEL, required=False),
        responses=writes(CHANGED, 404, 409, 412),
    )
    async def cancel_execution(
        execution_id: str,
        request: Request,
        tenant: Tenant,
        idempotency_key: IdempotencyKey = None,
        if_match: IfMatch = None,
    ) -> Response:
        document = await writing.document(request, required=False)
        sent = writing.sent(request, document, idempotency_key, if_match=if_match)
        return _answer(await inputs.cancel(tenant, execution_id, reason_of(document), sent, ask=plans.of(tenant)))

    @router.post(
        "/{execution_id}/fork",
        status_code=202,
        openapi_extra=body(FORK, required=False),
        responses=writes(CHANGED, 404, 409, 412),
    )
    async def fork_execution(
        execution_id: str,
        request: Request,
        tenant: Tenant,
        idempotency_key: IdempotencyKey = None,
        if_match: IfMatch = None,
    ) -> Response:
        document = await writing.document(request, required=False)
        sent = writing.sent(request, document, idempotency_key, if_match=if_match)
        done = await inputs.fork(tenant, execution_id, fork_of(document), sent, ask=plans.of(tenant), timeline=timeline)
        return _answer(done)

    return router


def _answer(done: Done) -> Response:
    document = {
        "execution_id": done.execution_id,
        "position": done.position,
        "input_ids": list(done.added),
        "removed": list(done.removed),
        "duplicate": not done.new,
    }
    return JSONResponse(document, 202 if done.new else 200, {"etag": etag_of(done.revision)})
