"""What has happened in all plans, the newest first, and figures of the inboxes and of the log's plans."""

import asyncio
from typing import Any, Final

from fastapi import APIRouter

from reveille.adapters.grpc import to_plain
from reveille.contracts.common.v1.inbox_pb2 import GetInboxRequest
from reveille.ingress.adapters.queries import Queries, ask
from reveille.ingress.application.projections.timeline import STATUSES, Totals
from reveille.ingress.application.reading import DEFAULT_LIMIT
from reveille.ingress.application.timeline import Timeline
from reveille.ingress.entrypoints.http.cursors import Cursors
from reveille.ingress.entrypoints.http.history_asked import From, LogTypes, To, wanted
from reveille.ingress.entrypoints.http.history_described import BUS_AND_STORE, EVENTS, answers
from reveille.ingress.entrypoints.http.history_shown import shown
from reveille.ingress.entrypoints.http.identity import Tenant
from reveille.ingress.entrypoints.http.reads import Cursor, Limit, Seconds, WaitFor
from reveille.kernel.errors import Transient

INBOX_SECONDS: Final = 2.0


def history_routes(queries: Queries, timeline: Timeline, cursors: Cursors) -> APIRouter:
    """To be included before the routes of one execution: `events` would be taken for its id."""
    router = APIRouter(prefix="/api/v1/executions", tags=["history"])

    @router.get("/events", responses=answers(EVENTS))
    async def list_all_events(
        tenant: Tenant,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
        types: LogTypes = "",
        since: From = "",
        to: To = "",
        wait_for: WaitFor = 0,
        seconds: Seconds = 5,
    ) -> dict[str, Any]:
        """Of all plans of the tenant, the newest first."""
        asked, before = wanted(types, since, to), cursors.position(tenant, "plan-events", cursor)
        await timeline.wait_for(wait_for, seconds)
        entries = await timeline.newest(tenant, before=before, limit=limit + 1, wanted=asked)
        following = entries[limit - 1].event.position if len(entries) > limit else 0
        next_page = cursors.sign(tenant, "plan-events", following)
        return {"items": [shown(one) for one in entries[:limit]], "next": next_page}

    @router.get("/events/stats", responses=answers(BUS_AND_STORE))
    async def get_all_stats(tenant: Tenant, wait_for: WaitFor = 0, seconds: Seconds = 5) -> dict[str, Any]:
        await timeline.wait_for(wait_for, seconds)
        bus, totals = await asyncio.gather(_bus(queries, tenant), timeline.totals(tenant))
        return {"bus": bus, "store": _store(totals)}

    return router


async def _bus(queries: Queries, tenant: str) -> dict[str, Any]:
    """One replica of each service answers; one that does not is named."""
    inboxes = await asyncio.gather(*(_inbox(queries, name, tenant) for name in queries.inboxes))
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


async def _inbox(queries: Queries, service: str, tenant: str) -> Any:
    try:
        asked = GetInboxRequest(service=service, tenant=tenant)
        return await ask(queries.inboxes[service].GetInbox, asked, INBOX_SECONDS)
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
