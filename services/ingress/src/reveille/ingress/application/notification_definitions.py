"""The notifications of each tenant as its fleet's stream tells them: which there are, and which there were when."""

from collections.abc import Iterator

from reveille.contracts.ingress.v1.events_pb2 import Notification, NotificationDefined, NotificationRemoved
from reveille.ingress.application.fleets import Fleets
from reveille.ingress.application.projections.tenants import FLEET
from reveille.kernel.event_store import NO_STREAM, EventStore
from reveille.kernel.events import stream_name, tenant_of


class NotificationDefinitions:
    def __init__(self, store: EventStore, fleets: Fleets) -> None:
        self._store = store
        self._fleets = fleets
        # By tenant.
        self._revisions: dict[str, int] = {}
        # By tenant and name: from which position on it was what; None: it was not.
        self._told: dict[tuple[str, str], list[tuple[int, Notification | None]]] = {}

    async def load(self) -> None:
        """Take in what the log holds by now."""
        await self._fleets.load()
        behind = {
            stream_name(tenant, FLEET): known
            for tenant in self._fleets.tenants
            if (known := self._revisions.get(tenant, NO_STREAM)) < self._fleets.in_force(tenant).fleet.revision
        }
        for stream, events in (await self._store.read_streams(behind) if behind else {}).items():
            tenant = tenant_of(stream)
            for event in events:
                if event.revision <= self._revisions.get(tenant, NO_STREAM):
                    continue  # another load has come further meanwhile
                self._revisions[tenant] = event.revision
                match event.msg:
                    case NotificationDefined(notification=notification):
                        self._told.setdefault((tenant, notification.name), []).append((event.position, notification))
                    case NotificationRemoved(name=name):
                        self._told.setdefault((tenant, name), []).append((event.position, None))

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """The tenant and the name of each that there is now."""
        return (key for key, told in self._told.items() if told[-1][1] is not None)

    def current(self, tenant: str, name: str) -> Notification | None:
        told = self._told.get((tenant, name))
        return told[-1][1] if told else None

    def at(self, tenant: str, name: str, position: int) -> Notification | None:
        """As it was then. None where there was none, or where it has been removed since: then nobody is to be told."""
        found: Notification | None = None
        for since, notification in self._told.get((tenant, name), ()):
            if since < position:
                found = notification
            elif notification is None:
                return None
        return found
