"""Events of the log as the API shows them."""

from typing import Any

from reveille.ingress.application.timeline import Entry
from reveille.ingress.domain.causes import summary
from reveille.ingress.entrypoints.http.opened import opened
from reveille.kernel.clock import to_rfc3339
from reveille.kernel.events import service_of
from reveille.kernel.ids import text


def shown(entry: Entry) -> dict[str, Any]:
    event = entry.event
    return {
        "execution_id": entry.execution_id,
        "sequence": entry.sequence,
        "position": event.position,
        "id": text(event.id),
        "type": event.type,
        "at": to_rfc3339(event.meta.time),
        "service": service_of(event.type),
        "correlation_id": event.meta.about.correlation,
        # Of a newer build.
        "data": None if event.msg is None else opened(event.msg),
        "summary": summary(event),
    }
