"""Who was told of what, who is still to be told, and whom nobody could tell."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query

from reveille.ingress.application.fleet_notifications import MAX_NOTIFICATIONS
from reveille.ingress.application.notifications import Entry, Notifications
from reveille.ingress.application.projections.notifications import STATUSES
from reveille.ingress.application.reading import DEFAULT_LIMIT
from reveille.ingress.domain.live.moments import TYPES
from reveille.ingress.domain.refusals import check_choice
from reveille.ingress.entrypoints.http.cursors import Cursors
from reveille.ingress.entrypoints.http.history_described import answers, page_of
from reveille.ingress.entrypoints.http.identity import Tenant
from reveille.ingress.entrypoints.http.reads import Cursor, Limit, Seconds, Text, WaitFor
from reveille.kernel.clock import to_rfc3339

LIST: Final = "notifications"
# A cursor is a position and how many that are about it were shown: a fleet has no more notifications than this.
_SHOWN: Final = MAX_NOTIFICATIONS + 1
_TEXT: Final = {"type": "string"}
_WHOLE: Final = {"type": "integer"}
_TIME: Final = {"type": ["string", "null"], "format": "date-time"}
_NOTIFICATION: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "id": {**_TEXT, "description": "What receivers know it by: their `webhook-id`."},
        "notification": {**_TEXT, "description": "Its name in the fleet."},
        "execution_id": {"type": ["string", "null"]},
        "sequence": {"type": ["integer", "null"], "description": "Of the live event in its execution."},
        "type": {"enum": list(TYPES)},
        "status": {"enum": list(STATUSES)},
        "attempts": _WHOLE,
        "status_code": {"type": ["integer", "null"], "description": "Of the last answer; null: there was none."},
        "error": {"type": ["string", "null"]},
        "position": {**_WHOLE, "description": "Of the event in the log."},
        "at": _TIME,
        "closed_at": _TIME,
    },
}
Status = Annotated[str, Query(description=f"How it stands: {', '.join(STATUSES)}.")]
Type = Annotated[str, Query(alias="type", max_length=40, description="Of the live event, like agent-complete.")]


def notification_routes(notifications: Notifications, cursors: Cursors) -> APIRouter:
    router = APIRouter(prefix="/api/v1/notifications", tags=["notifications"])

    @router.get("", responses=answers(page_of(_NOTIFICATION)))
    async def list_notifications(
        tenant: Tenant,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
        status: Status = "",
        notification: Text = "",
        execution_id: Text = "",
        event_type: Type = "",
        wait_for: WaitFor = 0,
        seconds: Seconds = 5,
    ) -> dict[str, Any]:
        """The newest first. One that is open may turn out to be about nothing that its notification names, and goes."""
        check_choice("status", status, STATUSES)
        check_choice("type", event_type, TYPES)
        until, skip = divmod(cursors.position(tenant, LIST, cursor), _SHOWN)
        asked = {"status": status, "name": notification, "execution_id": execution_id, "type": event_type}
        having = {name: value for name, value in asked.items() if value}
        await notifications.wait_for(wait_for, seconds)
        entries, (following, shown) = await notifications.page(
            tenant, until=until, skip=skip, limit=limit, having=having
        )
        items = [_shown(one) for one in entries]
        return {"items": items, "next": cursors.sign(tenant, LIST, following * _SHOWN + shown)}

    return router


def _shown(entry: Entry) -> dict[str, Any]:
    row, closed = entry.row, entry.closed
    return {
        "id": row.id,
        "notification": row.name,
        "execution_id": row.execution_id or None,
        "sequence": entry.sequence,
        "type": row.type,
        "status": row.status,
        "attempts": row.attempts,
        "status_code": row.status_code or None,
        "error": row.error or None,
        "position": row.position,
        "at": to_rfc3339(entry.event.meta.time),
        "closed_at": None if closed is None else to_rfc3339(closed.meta.time),
    }
