"""Whose inboxes ingress's events go to, and by which key they keep their order."""

from typing import Final

from reveille.kernel.event_bus import Routes
from reveille.kernel.events import Recorded, tenant_of


def tenant(event: Recorded) -> str:
    return tenant_of(event.stream)


ROUTES: Final[Routes] = {
    "reveille.ingress.v1.SignalReceived": {"analyzer": tenant},
    "reveille.ingress.v1.FleetApplied": {"budget": tenant},
}
