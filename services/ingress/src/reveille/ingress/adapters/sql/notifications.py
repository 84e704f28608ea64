"""The view `notifications` in SQL. Beside the rows that people see, one for each notification says what it is about."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from google.protobuf.json_format import MessageToJson, Parse
from sqlalchemy import Connection, bindparam, delete, select, update

from reveille.adapters.erased import WORD
from reveille.adapters.sql import upsert
from reveille.contracts.ingress.v1.events_pb2 import (
    Notification,
    NotificationDefined,
    NotificationDelivered,
    NotificationFailed,
    NotificationRemoved,
    SubjectErased,
)
from reveille.ingress.adapters.sql.tables import notifications
from reveille.ingress.application.projections.notifications import OPEN, NotificationRow, closed, opened
from reveille.ingress.domain.notifying import WATCHED, may_match
from reveille.kernel.events import Recorded, tenant_of

# A row of this status is a notification: its id begins with a sign that no id has, its type is the whole of it.
DEFINED: Final = "defined"
_SIGN: Final = "@"
# By tenant, and by name.
_Defined = dict[str, dict[str, Notification]]

_NEWEST: Final = (
    select(notifications)
    .where(notifications.c.status != DEFINED)
    .order_by(notifications.c.position.desc(), notifications.c.id)
)
_GONE: Final = delete(notifications).where(
    notifications.c.tenant == bindparam("of"),
    notifications.c.name == bindparam("called"),
    notifications.c.status.in_((DEFINED, OPEN)),
)


class SqlNotifications:
    name = "notifications"
    types: frozenset[str] | None = frozenset(
        {
            *WATCHED,
            *(
                cls.DESCRIPTOR.full_name
                for cls in (
                    NotificationDefined,
                    NotificationRemoved,
                    NotificationDelivered,
                    NotificationFailed,
                    SubjectErased,
                )
            ),
        }
    )

    def project(self, connection: Connection, events: Sequence[Recorded]) -> None:
        told = _Told(_load(connection, {tenant_of(event.stream) for event in events}))
        for event in events:
            told.take(event)
        if told.removed:
            connection.execute(_GONE, [{"of": tenant, "called": name} for tenant, name in sorted(told.removed)])
        upsert(connection, notifications, [_row_of(tenant, one) for (tenant, _), one in told.changed.items()])
        upsert(connection, notifications, list(told.rows.values()))
        for event in events:
            if isinstance(event.msg, SubjectErased):
                _erase(connection, tenant_of(event.stream), event.msg.execution_ids)

    def clear(self, connection: Connection) -> None:
        connection.execute(delete(notifications))

    def open_of(self, connection: Connection, tenant: str, name: str, limit: int) -> list[NotificationRow]:
        wanted = (
            select(notifications)
            .where(notifications.c.status == OPEN, notifications.c.tenant == tenant, notifications.c.name == name)
            .order_by(notifications.c.position)
            .limit(limit)
        )
        return [NotificationRow(*row) for row in connection.execute(wanted)]

    def note(
        self, connection: Connection, tenant: str, id: str, *, attempts: int, status_code: int, error: str
    ) -> None:
        noted = update(notifications).where(*_open(tenant, id))
        connection.execute(noted.values(attempts=attempts, status_code=status_code, error=error))

    def forget(self, connection: Connection, tenant: str, id: str) -> None:
        connection.execute(delete(notifications).where(*_open(tenant, id)))

    def newest(
        self, connection: Connection, tenant: str, *, until: int, skip: int, limit: int, having: Mapping[str, str]
    ) -> list[NotificationRow]:
        statement = _NEWEST.where(notifications.c.tenant == tenant).offset(skip).limit(limit)
        if until:
            statement = statement.where(notifications.c.position <= until)
        for column, value in having.items():
            statement = statement.where(notifications.c[column] == value)
        return [NotificationRow(*row) for row in connection.execute(statement)]


class _Told:
    """What events come to. removed: whose older rows are gone; rows: that are new, or have changed."""

    def __init__(self, defined: _Defined) -> None:
        self._defined = defined
        self.removed: set[tuple[str, str]] = set()
        self.changed: dict[tuple[str, str], Notification] = {}
        self.rows: dict[tuple[str, str], dict[str, Any]] = {}

    def take(self, event: Recorded) -> None:
        match event.msg:
            case NotificationDefined(notification=notification):
                tenant, name = tenant_of(event.stream), notification.name
                self._defined.setdefault(tenant, {})[name] = self.changed[tenant, name] = notification
            case NotificationRemoved(name=name):
                self._remove(tenant_of(event.stream), name)
            case NotificationDelivered() | NotificationFailed():
                row = closed(event)
                self.rows[row["tenant"], row["id"]] = row
            case None | SubjectErased():
                return
            case msg if self._defined:
                tenant = tenant_of(event.stream)
                for notification in self._defined.get(tenant, {}).values():
                    if may_match(notification, msg):
                        row = opened(notification, event)
                        self.rows[tenant, row["id"]] = row

    def _remove(self, tenant: str, name: str) -> None:
        self._defined.get(tenant, {}).pop(name, None)
        self.changed.pop((tenant, name), None)
        self.removed.add((tenant, name))
        for one, row in list(self.rows.items()):
            if row["status"] == OPEN and (row["tenant"], row["name"]) == (tenant, name):
                del self.rows[one]


def _erase(connection: Connection, tenant: str, execution_ids: Sequence[str]) -> None:
    """What receivers have answered may repeat what they were told."""
    told = (notifications.c.execution_id.in_(execution_ids), notifications.c.error != "")
    connection.execute(update(notifications).where(notifications.c.tenant == tenant, *told).values(error=WORD))


def _load(connection: Connection, of: Collection[str]) -> _Defined:
    """Of these tenants alone: hundreds may have a hundred each."""
    found: _Defined = {}
    wanted = select(notifications).where(notifications.c.status == DEFINED, notifications.c.tenant.in_(of))
    for row in connection.execute(wanted):
        found.setdefault(row.tenant, {})[row.name] = Parse(row.type, Notification())
    return found


def _row_of(tenant: str, notification: Notification) -> dict[str, Any]:
    return {
        "tenant": tenant,
        "id": f"{_SIGN}{notification.name}",
        "name": notification.name,
        "execution_id": "",
        "position": 0,
        "type": MessageToJson(notification, indent=None),
        "status": DEFINED,
        "attempts": 0,
        "status_code": 0,
        "error": "",
        "closed_position": 0,
    }


def _open(tenant: str, id: str) -> tuple[Any, ...]:
    return notifications.c.tenant == tenant, notifications.c.id == id, notifications.c.status == OPEN
