"""Dead letters as a service parks them."""

from reveille.contracts.common.v1.common_pb2 import EventRef, MessageParked
from reveille.kernel.events import Recorded
from reveille.kernel.ids import text


def letter_of(service: str, event: Recorded, error: str) -> MessageParked:
    """Of an event that the log has, after one attempt."""
    return MessageParked(
        service=service,
        event_id=text(event.id),
        event_type=event.type,
        event=EventRef(stream=event.stream, revision=event.revision),
        position=event.position,
        error=error,
        attempts=1,
    )
