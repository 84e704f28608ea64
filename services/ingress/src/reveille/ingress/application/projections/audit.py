"""The view `audit`: where in the log stands who did what; the log has the rest."""

from typing import Any, Protocol

from reveille.contracts.ingress.v1.events_pb2 import ActDone
from reveille.kernel.events import Recorded, tenant_of


class AuditIndex(Protocol):
    def newest(self, connection: Any, tenant: str, *, before: int, limit: int, by: str, since: int) -> list[int]:
        """Positions before this one (0: from the newest), the newest first. by: "" is anybody; since: microseconds."""
        ...


def row_of(event: Recorded) -> dict[str, Any]:
    assert isinstance(event.msg, ActDone)
    return {
        "tenant": tenant_of(event.stream),
        "position": event.position,
        "by": event.msg.by,
        "at": event.meta.time,
    }
