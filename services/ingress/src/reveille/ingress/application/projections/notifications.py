"""The view `notifications`: what somebody is to be told of, and how that stands.

A row is opened by an event that a notification may be about; what the event does not say itself is looked up when it is
told. So an open row may turn out to be about nothing, and is then gone without a word; made anew, the view has it again
until that is found out again. What was told, or was given up, stands in the log and closes its row for good.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from reveille.contracts.ingress.v1.events_pb2 import Notification, NotificationDelivered, NotificationFailed
from reveille.ingress.domain.notifying import WATCHED
from reveille.kernel.events import Recorded, category_of, key_of, tenant_of
from reveille.kernel.ids import derive, text
from reveille.kernel.sealing import open_sealed

OPEN: Final = "open"
DELIVERED: Final = "delivered"
FAILED: Final = "failed"
STATUSES: Final = (OPEN, DELIVERED, FAILED)


@dataclass(frozen=True, slots=True)
class NotificationRow:
    """position: of the event that it is about. execution_id: "" while nobody has looked for it.

    attempts, status_code, error: of an open one, what its sender last noted. closed_position: 0 while it is open.
    """

    tenant: str
    id: str
    name: str
    execution_id: str
    position: int
    type: str
    status: str
    attempts: int
    status_code: int
    error: str
    closed_position: int


class NotificationRows(Protocol):
    def open_of(self, connection: Any, tenant: str, name: str, limit: int) -> list[NotificationRow]:
        """Those that are to be told, the oldest first."""
        ...

    def note(self, connection: Any, tenant: str, id: str, *, attempts: int, status_code: int, error: str) -> None:
        """What came of trying so far; of an open one."""
        ...

    def forget(self, connection: Any, tenant: str, id: str) -> None:
        """An open one that is about nothing."""
        ...

    def newest(
        self, connection: Any, tenant: str, *, until: int, skip: int, limit: int, having: Mapping[str, str]
    ) -> list[NotificationRow]:
        """Up to a position (0: from the newest), the newest first, without the first `skip` of them.

        having: values of status, name, execution_id and type.
        """
        ...


def notification_id(tenant: str, name: str, event_id: bytes) -> str:
    """The same whenever it is told."""
    return derive("notification", tenant, name, text(event_id))


def opened(notification: Notification, event: Recorded) -> dict[str, Any]:
    tenant, msg = tenant_of(event.stream), event.msg
    work = getattr(msg, "work", None)
    return {
        "tenant": tenant,
        "id": notification_id(tenant, notification.name, event.id),
        "name": notification.name,
        # A run says whose it is when it begins and when it ends.
        "execution_id": work.execution_id if work else _execution(event.stream),
        "position": event.position,
        "type": WATCHED[event.type],
        "status": OPEN,
        "attempts": 0,
        "status_code": 0,
        "error": "",
        "closed_position": 0,
    }


def closed(event: Recorded) -> dict[str, Any]:
    """The whole row, for it may be gone: its notification may be."""
    msg = event.msg
    assert isinstance(msg, NotificationDelivered | NotificationFailed)
    failed = isinstance(msg, NotificationFailed)
    return {
        "tenant": tenant_of(event.stream),
        "id": msg.notification_id,
        "name": msg.notification,
        "execution_id": msg.execution_id,
        "position": msg.position,
        "type": msg.type,
        "status": FAILED if failed else DELIVERED,
        "attempts": msg.attempts,
        "status_code": msg.status_code,
        "error": open_sealed(msg.error).decode(errors="replace") if isinstance(msg, NotificationFailed) else "",
        "closed_position": event.position,
    }


def _execution(stream: str) -> str:
    return key_of(stream) if category_of(stream) == "execution" else ""


def last_of(rows: Sequence[NotificationRow], limit: int) -> tuple[int, int]:
    """Where the next page begins behind `limit` of these rows: its position, and how many of that were shown before.

    (0, 0): there is none. Several may be about one event, and so have one position.
    """
    if len(rows) <= limit:
        return 0, 0
    position = rows[limit].position
    return position, sum(row.position == position for row in rows[:limit])
