"""What a receiver is told of an event: the live event that it became, found by where it stands in the log."""

from dataclasses import dataclass
from typing import Any, Final

import orjson

from reveille.contracts.agent_runner.v1.events_pb2 import RunStarted
from reveille.contracts.ingress.v1.events_pb2 import Notification
from reveille.ingress.application.live import Chosen, Live, LiveEntry
from reveille.ingress.domain.notifying import Told, matches
from reveille.ingress.domain.refusals import Missing
from reveille.kernel.event_store import EventStore
from reveille.kernel.events import Recorded, tenant_of

START: Final = "orchestration-start"
# Events of one execution that one append has given the same time.
MAX_TOGETHER: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """entry: the live event. event: the log's."""

    entry: LiveEntry
    event: Recorded

    def body(self, notification: str) -> bytes:
        return orjson.dumps(
            {
                "type": self.entry.type,
                "notification": notification,
                "executionId": self.entry.execution_id,
                "conversationId": orjson.loads(self.entry.text).get("conversationId", ""),
                "sequence": self.entry.sequence,
                "event": orjson.Fragment(self.entry.text),
            }
        )


class NotificationContents:
    """Raises Transient where the log cannot be read now."""

    def __init__(self, store: EventStore, live: Live) -> None:
        self._store = store
        self._live = live

    async def wanted(self, notification: Notification, execution_id: str, event: Recorded) -> Content | None:
        """None where nobody watches such an event, or it is not what the notification is about.

        execution_id: "" where the event itself does not say it. The views must have the event.
        """
        execution_id = execution_id or await self._execution_of(event)
        tenant, at = tenant_of(event.stream), event.meta.time
        try:
            together = await self._live.page(
                tenant, execution_id, limit=MAX_TOGETHER, chosen=Chosen(since=at, until=at + 1)
            )
            entry = next((one for one in together if one.position == event.position), None)
            if entry is None:
                return None
            blueprint = await self._blueprint(tenant, execution_id) if notification.blueprints else ""
        except Missing:
            return None
        told = Told(
            type=entry.type,
            agent=entry.agent,
            department=entry.department,
            blueprint=blueprint,
            status=entry.status,
        )
        return Content(entry=entry, event=event) if matches(notification, told) else None

    async def _execution_of(self, event: Recorded) -> str:
        """Of an event of a run."""
        first = await self._store.read_one(event.stream, 0)
        assert isinstance(first.msg, RunStarted), f"{event.stream} begins with {first.type}"
        return first.msg.work.execution_id

    async def _blueprint(self, tenant: str, execution_id: str) -> str:
        start = await self._live.page(tenant, execution_id, limit=1, chosen=Chosen(types=frozenset({START})))
        document: dict[str, Any] = orjson.loads(start[0].text) if start else {}
        return str(document.get("blueprint", ""))
