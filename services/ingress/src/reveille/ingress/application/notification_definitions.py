"""The notifications of a tenant as its fleet's stream tells them: which there are, and which there were when."""

from reveille.contracts.ingress.v1.events_pb2 import Notification, NotificationDefined, NotificationRemoved
from reveille.kernel.event_store import NO_STREAM, EventStore
from reveille.kernel.events import stream_name


class NotificationDefinitions:
    def __init__(self, store: EventStore, tenant: str) -> None:
        self._store = store
        self._stream = stream_name(tenant, "fleet")
        self._revision = NO_STREAM
        # By name: from which position on it was what; None: it was not.
        self._told: dict[str, list[tuple[int, Notification | None]]] = {}

    async def load(self) -> None:
        """Take in what the log holds by now."""
        after = self._revision
        for event in (await self._store.read_streams({self._stream: after}))[self._stream]:
            if event.revision <= self._revision:
                continue  # another load has come further meanwhile
            self._revision = event.revision
            match event.msg:
                case NotificationDefined(notification=notification):
                    self._told.setdefault(notification.name, []).append((event.position, notification))
                case NotificationRemoved(name=name):
                    self._told.setdefault(name, []).append((event.position, None))

    @property
    def names(self) -> list[str]:
        """Of those that there are now."""
        return [name for name, told in self._told.items() if told[-1][1] is not None]

    def current(self, name: str) -> Notification | None:
        told = self._told.get(name)
        return told[-1][1] if told else None

    def at(self, name: str, position: int) -> Notification | None:
        """As it was then. None where there was none, or where it has been removed since: then nobody is to be told."""
        found: Notification | None = None
        for since, notification in self._told.get(name, ()):
            if since < position:
                found = notification
            elif notification is None:
                return None
        return found
