"""The view `deadletters`: what services have parked, and how it stands; the log has the rest."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from reveille.contracts.common.v1.common_pb2 import DeadLetterDropped, DeadLetterRetried, EventRef, MessageParked
from reveille.kernel.events import Recorded, tenant_of

PARKED: Final = "parked"
RETRIED: Final = "retried"
DROPPED: Final = "dropped"
STATUSES: Final = (PARKED, RETRIED, DROPPED)


@dataclass(frozen=True, slots=True)
class DeadLetterRow:
    """stream, revision, position: of its MessageParked. closed_position: of what closed it, 0 where nothing has."""

    stream: str
    revision: int
    id: bytes
    tenant: str
    service: str
    type: str
    status: str
    position: int
    closed_position: int

    @property
    def ref(self) -> EventRef:
        return EventRef(stream=self.stream, revision=self.revision)


class DeadLetterIndex(Protocol):
    def find(self, connection: Any, tenant: str, id: bytes) -> DeadLetterRow | None: ...

    def open(self, connection: Any) -> Mapping[tuple[str, str], int]:
        """How many are parked, by tenant and service."""
        ...

    def newest(
        self, connection: Any, tenant: str, *, before: int, limit: int, having: Mapping[str, str]
    ) -> list[DeadLetterRow]:
        """Before a position (0: from the newest), the newest first. having: values of service, status and type."""
        ...


def parked_row(event: Recorded) -> dict[str, Any]:
    assert isinstance(event.msg, MessageParked)
    return {
        "stream": event.stream,
        "revision": event.revision,
        "id": event.id,
        "tenant": tenant_of(event.stream),
        "service": event.msg.service,
        "type": event.msg.event_type,
        "status": PARKED,
        "position": event.position,
        "closed_position": 0,
    }


def closing(event: Recorded) -> tuple[EventRef, str] | None:
    """Which dead letter it closes, and as what."""
    match event.msg:
        case DeadLetterRetried(parked=parked):
            return parked, RETRIED
        case DeadLetterDropped(parked=parked):
            return parked, DROPPED
    return None
