"""What has happened in plans, event by event, and figures of the inboxes and of the log's plans."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query

from reveille.adapters.grpc import to_plain
from reveille.contracts.common.v1.inbox_pb2 import GetInboxRequest
from reveille.ingress.adapters.queries import Queries, ask
from reveille.ingress.application.projections.timeline import NAMES, STATUSES, Totals, Wanted
from reveille.ingress.application.reading import DEFAULT_LIMIT
from reveille.ingress.application.timeline import Entry, Timeline
from reveille.ingress.domain.causes import summary
from reveille.ingress.domain.refusals import FieldError, Invalid
from reveille.ingress.entrypoints.http.cursors import Cursors
from reveille.ingress.entrypoints.http.history_described import BUS_AND_STORE, COUNTS, EVENTS, answers
from reveille.ingress.entrypoints.http.opened import opened
from reveille.ingress.entrypoints.http.reads import MAX_POSITION, Cursor, Limit, Seconds, WaitFor
from reveille.kernel.clock import SECOND, to_rfc3339
from reveille.kernel.errors import Transient
from reveille.kernel.events import service_of
from reveille.kernel.ids import text

INBOX_SECONDS: Final = 2.0
_FULL: Final = {short: full for full, short in NAMES.items()}

Types = Annotated[str, Query(alias="type", max_length=2_000, description="Names like StepReady; several with commas.")]
After = Annotated[int, Query(ge=0, le=MAX_POSITION, description="Only what comes behind this sequence.")]
From = Annotated[str, Query(alias="from", max_length=40, description="RFC 3339: nothing before it.")]
To = Annotated[str, Query(max_length=40, description="RFC 3339: nothing at it or behind it.")]


def history_routes(queries: Queries, timeline: Timeline, cursors: Cursors, tenant: str) -> APIRouter:
    """To be included before the routes of one execution: `events` would be taken for its id."""
    router = APIRouter(prefix="/api/v1/executions", tags=["history"])

    @router.get("/events", responses=answers(EVENTS))
    async def list_all_events(
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
        types: Types = "",
        since: From = "",
        to: To = "",
        wait_for: WaitFor = 0,
        seconds: Seconds = 5,
    ) -> dict[str, Any]:
        """Of all plans, the newest first."""
        wanted, before = _wanted(types, since, to), cursors.position("plan-events", cursor)
        await timeline.wait_for(wait_for, seconds)
        entries = await timeline.newest(tenant, before=before, limit=limit + 1, wanted=wanted)
        following = entries[limit - 1].event.position if len(entries) > limit else 0
        return {"items": [_shown(one) for one in entries[:limit]], "next": cursors.sign("plan-events", following)}

    @router.get("/events/stats", responses=answers(BUS_AND_STORE))
    async def get_all_stats(wait_for: WaitFor = 0, seconds: Seconds = 5) -> dict[str, Any]:
        await timeline.wait_for(wait_for, seconds)
        bus, totals = await asyncio.gather(_bus(queries), timeline.totals(tenant))
        return {"bus": bus, "store": _store(totals)}

    @router.get("/{execution_id}/events", responses=answers(EVENTS, 404))
    async def list_events(
        execution_id: str,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
        types: Types = "",
        after: After = 0,
        since: From = "",
        to: To = "",
        wait_for: WaitFor = 0,
        seconds: Seconds = 5,
    ) -> dict[str, Any]:
        """Of one plan, in their order."""
        list_name = f"events of {execution_id}"
        wanted, after = _wanted(types, since, to), max(after, cursors.position(list_name, cursor))
        await timeline.wait_for(wait_for, seconds)
        await timeline.plan(tenant, execution_id)
        entries = await timeline.page(tenant, execution_id, after=after, limit=limit + 1, wanted=wanted)
        following = entries[limit - 1].sequence if len(entries) > limit else 0
        return {"items": [_shown(one) for one in entries[:limit]], "next": cursors.sign(list_name, following)}

    @router.get("/{execution_id}/events/stats", responses=answers(COUNTS, 404))
    async def get_stats(execution_id: str, wait_for: WaitFor = 0, seconds: Seconds = 5) -> dict[str, Any]:
        await timeline.wait_for(wait_for, seconds)
        plan = await timeline.plan(tenant, execution_id)
        counts = await timeline.counts(tenant, execution_id)
        return {
            "execution_id": execution_id,
            "status": plan.status,
            "total": sum(counts.values()),
            "by_type": counts,
        }

    return router


def _wanted(types: str, since: str, to: str) -> Wanted:
    return Wanted(types=_types(types), since=_time("from", since), until=_time("to", to))


def _types(given: str) -> Sequence[str]:
    names = [name.strip() for name in given.split(",") if name.strip()]
    short = [NAMES.get(name, name) for name in names]
    for name in short:
        if name not in _FULL:
            raise _invalid("type", f"it is {name[:80]!r}, expected of {', '.join(sorted(_FULL))}")
    return short


def _time(name: str, given: str) -> int:
    if not given:
        return 0
    try:
        # A plus sign that nobody has escaped comes as a space.
        at = datetime.fromisoformat(given.replace(" ", "+"))
    except ValueError as error:
        raise _invalid(name, f"it is {given!r}, expected a time like 2026-11-21T12:00:00Z") from error
    at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    return max(1, round(at.timestamp() * SECOND))


def _invalid(name: str, message: str) -> Invalid:
    return Invalid("invalid_query", f"{name}: {message}", [FieldError(name, message)])


def _shown(entry: Entry) -> dict[str, Any]:
    event = entry.event
    return {
        "execution_id": entry.execution_id,
        "sequence": entry.sequence,
        "position": event.position,
        "id": text(event.id),
        "type": event.type,
        "at": to_rfc3339(event.meta.time),
        "service": service_of(event.type),
        "correlation_id": event.meta.about.correlation,
        # Of a newer build.
        "data": None if event.msg is None else opened(event.msg),
        "summary": summary(event),
    }


async def _bus(queries: Queries) -> dict[str, Any]:
    """One replica of each service answers; one that does not is named."""
    inboxes = await asyncio.gather(*(_inbox(queries, name) for name in queries.inboxes))
    found = dict(zip(queries.inboxes, inboxes, strict=True))
    topics = [to_plain(one) for one in found.values() if one is not None]

    def total(name: str) -> int:
        return sum(topic[name] for topic in topics)

    return {
        "total_published": total("published"),
        "total_delivered": total("delivered"),
        "failed_deliveries": total("failed"),
        "parked": total("parked"),
        "active_topics": len(topics),
        "total_subscribers": len(topics),
        "topics": topics,
        "unreachable": [name for name, one in found.items() if one is None],
    }


async def _inbox(queries: Queries, service: str) -> Any:
    try:
        return await ask(queries.inboxes[service].GetInbox, GetInboxRequest(service=service), INBOX_SECONDS)
    except Transient:
        return None


def _store(totals: Totals) -> dict[str, Any]:
    return {
        "total_parties": totals.parties,
        "total_plans": totals.plans,
        "total_inputs": totals.inputs,
        "total_agent_results": totals.results,
        "total_events": sum(totals.types.values()),
        "status_counts": {status: totals.statuses.get(status, 0) for status in STATUSES},
        "by_type": dict(totals.types),
    }
