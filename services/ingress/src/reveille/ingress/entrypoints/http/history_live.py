"""The history of one execution: its live events, or the log's events of a plan, and figures of both."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse, Response

from reveille.ingress.application.live import Live, LiveEntry
from reveille.ingress.application.reading import DEFAULT_LIMIT
from reveille.ingress.application.timeline import Timeline
from reveille.ingress.domain.refusals import Missing
from reveille.ingress.entrypoints.http.cursors import Cursors
from reveille.ingress.entrypoints.http.history_asked import (
    After,
    Agents,
    Departments,
    From,
    OfLog,
    To,
    Types,
    asks_log,
    check_log_only,
    chosen,
    wanted,
)
from reveille.ingress.entrypoints.http.history_described import ENTRIES, FIGURES, LIVE_EVENT, answers
from reveille.ingress.entrypoints.http.history_shown import shown
from reveille.ingress.entrypoints.http.identity import Tenant
from reveille.ingress.entrypoints.http.reads import MAX_POSITION, Cursor, Limit, Seconds, WaitFor
from reveille.ingress.entrypoints.http.writing import JSON
from reveille.kernel.clock import to_rfc3339

Sequenced = Annotated[int, Path(ge=1, le=MAX_POSITION)]


def live_history_routes(live: Live, timeline: Timeline, cursors: Cursors) -> APIRouter:
    router = APIRouter(prefix="/api/v1/executions", tags=["history"])

    @router.get("/{execution_id}/events", responses=answers(ENTRIES, 404))
    async def list_events(
        execution_id: str,
        tenant: Tenant,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
        types: Types = "",
        agent: Agents = "",
        department: Departments = "",
        after: After = 0,
        since: From = "",
        to: To = "",
        log: OfLog = False,
        wait_for: WaitFor = 0,
        seconds: Seconds = 5,
    ) -> Response:
        """Of one execution, in their order."""
        if asks_log(types) or log:
            check_log_only({"agent": agent, "department": department})
            name, asked = f"events of {execution_id}", wanted(types, since, to)
            after = max(after, cursors.position(tenant, name, cursor))
            await timeline.wait_for(wait_for, seconds)
            await timeline.plan(tenant, execution_id)
            found = await timeline.page(tenant, execution_id, after=after, limit=limit + 1, wanted=asked)
            following = found[limit - 1].sequence if len(found) > limit else 0
            return JSONResponse(_page([shown(one) for one in found[:limit]], cursors.sign(tenant, name, following)))
        name, choice = f"live events of {execution_id}", chosen("type", types, agent, department, since, to)
        after = max(after, cursors.position(tenant, name, cursor))
        await live.wait_for(wait_for, seconds)
        entries = await live.page(tenant, execution_id, after=after, limit=limit + 1, chosen=choice)
        following = entries[limit - 1].sequence if len(entries) > limit else 0
        page = _page([_item(one) for one in entries[:limit]], cursors.sign(tenant, name, following))
        return Response(orjson.dumps(page), media_type=JSON)

    @router.get("/{execution_id}/events/stats", responses=answers(FIGURES, 404))
    async def get_stats(
        execution_id: str, tenant: Tenant, wait_for: WaitFor = 0, seconds: Seconds = 5
    ) -> dict[str, Any]:
        await live.wait_for(wait_for, seconds)
        stand = await live.stand(tenant, execution_id)
        # An execution that only wakes an agent has no timeline.
        status, counts = await _of_plan(timeline, tenant, execution_id) or (stand.status, {})
        return {
            "execution_id": execution_id,
            "status": status,
            "total": sum(counts.values()),
            "by_type": counts,
            "live": {
                "total": len(stand.moments),
                "by_type": _counted(one.type for one in stand.moments),
                "by_agent": _counted(one.agent for one in stand.moments),
                "by_department": _counted(one.department for one in stand.moments),
            },
            **stand.figures,
        }

    @router.get("/{execution_id}/events/{sequence}", responses=answers(LIVE_EVENT, 404))
    async def get_event(
        execution_id: str, sequence: Sequenced, tenant: Tenant, wait_for: WaitFor = 0, seconds: Seconds = 5
    ) -> Response:
        """One live event, whole: with what lists and sockets only refer to."""
        await live.wait_for(wait_for, seconds)
        return Response(await live.entry(tenant, execution_id, sequence), media_type=JSON)

    return router


async def _of_plan(timeline: Timeline, tenant: str, execution_id: str) -> tuple[str, dict[str, int]] | None:
    try:
        plan = await timeline.plan(tenant, execution_id)
    except Missing:
        return None
    return plan.status, await timeline.counts(tenant, execution_id)


def _counted(names: Iterable[str]) -> dict[str, int]:
    """How often each is there; "" is none."""
    return dict(sorted(Counter(name for name in names if name).items()))


def _item(entry: LiveEntry) -> dict[str, Any]:
    return {
        "execution_id": entry.execution_id,
        "sequence": entry.sequence,
        "position": entry.position,
        "type": entry.type,
        "at": to_rfc3339(entry.at),
        "agent": entry.agent,
        "department": entry.department,
        "status": entry.status,
        "event": orjson.Fragment(entry.text),
    }


def _page(items: Sequence[dict[str, Any]], following: str | None) -> dict[str, Any]:
    return {"items": items, "next": following}
