"""Parties: the executions of the blueprint `party`, under the names that their clients know."""

from collections import Counter
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from reveille.ingress.application.inputs import Done, Inputs, Sent
from reveille.ingress.domain.plan_requests import Changes, party_input_of, party_of
from reveille.ingress.domain.refusals import Missing, NoExecution
from reveille.ingress.entrypoints.http.identity import Tenant
from reveille.ingress.entrypoints.http.plan_writes import IdempotencyKey, IfMatch, PlanWrites
from reveille.ingress.entrypoints.http.plans import CANCELLED, Plans, Told, etag_of
from reveille.ingress.entrypoints.http.plans_described import (
    CHANGED_INPUT,
    PARTY,
    PARTY_INPUT,
    PARTY_STATUS,
    STARTED,
    body,
    reads,
    writes,
)
from reveille.ingress.entrypoints.http.reads import Seconds, WaitFor
from reveille.kernel.classifying import is_classifying

PARTY_BLUEPRINT: Final = "party"
# By what the planner says; everything else is planning.
_STATUSES: Final = {"completed": "completed", "failed": "failed"}
_REMOVED: Final = "removed"


class Parties:
    def __init__(self, plans: Plans) -> None:
        self._plans = plans

    async def status(
        self, tenant: str, party_id: str, *, wait_for: int = 0, seconds: float = 5.0
    ) -> tuple[dict[str, Any], str]:
        """The document and its ETag. Raises Missing for what is no party, and Transient."""
        try:
            told = await self._plans.told(tenant, party_id, wait_for=wait_for, seconds=seconds)
        except NoExecution as error:
            raise _missing(party_id) from error
        if told.plan is None or told.plan.blueprint != PARTY_BLUEPRINT:
            raise _missing(party_id)
        return _document(told), told.etag


def party_routes(inputs: Inputs, plans: Plans, parties: Parties, writing: PlanWrites) -> APIRouter:
    router = APIRouter(prefix="/api/v1/event-driven", tags=["parties"])

    @router.post("/start", status_code=202, openapi_extra=body(PARTY), responses=writes(STARTED, 404, 409))
    async def start_party(request: Request, tenant: Tenant, idempotency_key: IdempotencyKey = None) -> Response:
        document = await writing.document(request)
        sent = writing.sent(request, document, idempotency_key)
        done = await inputs.start(tenant, party_of(document, PARTY_BLUEPRINT), sent)
        return _answer(done, {"party_id": done.execution_id, "input_ids": list(done.added)})

    @router.post(
        "/input", status_code=202, openapi_extra=body(PARTY_INPUT), responses=writes(CHANGED_INPUT, 404, 409, 412)
    )
    async def add_input(
        request: Request, tenant: Tenant, idempotency_key: IdempotencyKey = None, if_match: IfMatch = None
    ) -> Response:
        document = await writing.document(request)
        sent = writing.sent(request, document, idempotency_key, if_match=if_match)
        party_id, changes = party_input_of(document)
        done = await change(tenant, party_id, changes, sent)
        return _answer(done, {"input_id": done.added[0]})

    @router.delete("/input/{input_id}", status_code=202, responses=writes(CHANGED_INPUT, 404, 409, 412))
    async def remove_input(
        input_id: str,
        request: Request,
        tenant: Tenant,
        party_id: Annotated[str, Query(min_length=1, max_length=100)],
        idempotency_key: IdempotencyKey = None,
        if_match: IfMatch = None,
    ) -> Response:
        sent = writing.sent(request, {"party_id": party_id}, idempotency_key, if_match=if_match)
        done = await change(tenant, party_id, Changes(remove=(input_id,)), sent)
        return _answer(done, {"input_id": input_id})

    @router.get("/status/{party_id}", responses=reads(PARTY_STATUS))
    async def get_status(party_id: str, tenant: Tenant, wait_for: WaitFor = 0, seconds: Seconds = 5) -> Response:
        document, etag = await parties.status(tenant, party_id, wait_for=wait_for, seconds=seconds)
        return JSONResponse(document, headers={"etag": etag})

    async def change(tenant: str, party_id: str, changes: Changes, sent: Sent) -> Done:
        try:
            return await inputs.change(tenant, party_id, changes, sent, ask=plans.of(tenant), blueprint=PARTY_BLUEPRINT)
        except NoExecution as error:
            raise _missing(party_id) from error

    return router


def _answer(done: Done, told: dict[str, Any]) -> Response:
    document = {**told, "position": done.position, "duplicate": not done.new}
    return JSONResponse(document, 202 if done.new else 200, {"etag": etag_of(done.revision)})


def _missing(party_id: str) -> Missing:
    return Missing("not_found", f"there is no party {party_id[:100]}")


def _document(told: Told) -> dict[str, Any]:
    document, view = told.document, told.view
    return {
        "party_id": document["id"],
        "status": _status(told),
        "detail": document["detail"],
        "version": view.plan_version,
        "inputs": document["inputs"],
        "facts": document["facts"],
        "agent_results": _results(document["steps"]),
        "budget": document["budget"],
        "final_plan": _final_plan(document["plan"]),
        "settled": document["settled"],
    }


def _final_plan(plan: dict[str, Any] | None) -> dict[str, Any] | None:
    """Agents by the names that they have here."""
    if plan is None:
        return None
    named = {key: [named_here(agent) for agent in plan[key]] for key in ("active_agents", "missing_agents")}
    return {**plan, **named}


def named_here(agent: str) -> str:
    return agent.replace("-", "_")


def _status(told: Told) -> str:
    if told.view.status == CANCELLED:
        return "failed"
    # What it was complete with is not what it is asked to be now.
    return _STATUSES.get(told.view.status, "planning") if told.taken else "planning"


def _results(steps: list[dict[str, Any]]) -> dict[str, Any]:
    """By agent; where several steps have the same one, by agent and step."""
    inside = [step for step in steps if step["status"] != _REMOVED and not is_classifying(step["name"])]
    of_agent = Counter(step["agent"] for step in inside)
    found = {}
    for step in inside:
        agent = named_here(step["agent"])
        name = agent if of_agent[step["agent"]] == 1 else f"{agent}:{step['name']}"
        result = step["result"]
        found[name] = {
            "step": step["name"],
            "status": step["status"],
            "result": result,
            "confidence": result.get("confidence") if isinstance(result, dict) else None,
            "ran_at": step["ended_at"],
            "error": step["error"],
        }
    return found
