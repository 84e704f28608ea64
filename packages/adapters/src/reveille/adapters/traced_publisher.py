"""A publisher that tells of what it sends as spans."""

from collections.abc import Sequence

from reveille.kernel.events import Recorded
from reveille.kernel.relay import Publisher
from reveille.kernel.spans import Spans, Value, of_batch


class TracedPublisher:
    def __init__(self, publisher: Publisher, spans: Spans, *, service: str, system: str) -> None:
        """system: what it sends to, such as `kafka`."""
        self._publisher = publisher
        self._spans = spans
        self._name = f"{service} publish"
        self._system = system

    async def publish(self, events: Sequence[Recorded]) -> None:
        attributes: dict[str, Value] = {
            "messaging.system": self._system,
            "messaging.operation.name": "publish",
            "messaging.operation.type": "send",
            "messaging.batch.message_count": len(events),
        }
        abouts = (event.meta.about for event in events)
        span = of_batch(self._spans, self._name, abouts, attributes, kind="producer")
        error: Exception | None = None
        try:
            await self._publisher.publish(events)
        except Exception as raised:
            error = raised
            raise
        finally:
            span.end(error)
