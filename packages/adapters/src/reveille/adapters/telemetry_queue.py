"""What waits for the collector: bounded, and sent by a thread of its own, so that nobody ever waits for a collector."""

import logging
import threading
from collections import deque
from typing import Final

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

logger = logging.getLogger(__name__)

MOST: Final = 8_192
BATCH: Final = 512
EVERY_SECONDS: Final = 1.0


class SpanQueue:
    """exported, dropped: spans that the collector took, and that found no room or were not taken.

    is_away: it has not taken what was sent to it last.
    """

    def __init__(self, exporter: SpanExporter, endpoint: str, *, most: int = MOST) -> None:
        # Its own words come with each attempt; ours once.
        logging.getLogger("opentelemetry.exporter").setLevel(logging.CRITICAL)
        self._exporter = exporter
        self._endpoint = endpoint
        self._most = most
        self._waiting: deque[ReadableSpan] = deque()
        self._wanted = threading.Event()
        self._closing = False
        self.is_away = False
        self.exported = 0
        self._refused = 0
        self._overflown = 0
        self._thread = threading.Thread(target=self._run, name="reveille-spans", daemon=True)
        self._thread.start()

    @property
    def dropped(self) -> int:
        return self._refused + self._overflown

    def put(self, span: ReadableSpan) -> None:
        waiting = len(self._waiting)
        if waiting >= self._most or self._closing:
            self._overflown += 1
            return
        self._waiting.append(span)
        if waiting >= BATCH:
            self._wanted.set()

    def close(self, seconds: float) -> None:
        """Send what is left; what could not be sent in so many seconds is dropped."""
        self._closing = True
        self._wanted.set()
        self._thread.join(seconds)

    def _run(self) -> None:
        while not (self._closing and not self._waiting):
            self._wanted.wait(EVERY_SECONDS)
            self._wanted.clear()
            while self._waiting:
                self._send([self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))])
        self._exporter.shutdown()

    def _send(self, spans: list[ReadableSpan]) -> None:
        try:
            taken = self._exporter.export(spans) is SpanExportResult.SUCCESS
        except Exception:  # whatever a collector does to its client, the spans after these go on
            taken = False
        if taken:
            self.exported += len(spans)
        else:
            self._refused += len(spans)
        if taken is self.is_away:
            self.is_away = not taken
            told = "takes spans again" if taken else "takes no spans; what does not find room until it does is dropped"
            logger.warning("the collector at %s %s", self._endpoint, told)
