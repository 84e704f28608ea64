"""Which spans are told of: a share of all traces, and of the others what failed or was slow."""

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock
from typing import Any, Final

from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.sdk.trace.sampling import Decision, Sampler, SamplingResult
from opentelemetry.trace import Link, SpanKind, StatusCode, TraceState, get_current_span
from opentelemetry.util.types import Attributes

from reveille.adapters.telemetry_queue import SpanQueue

# As OpenTelemetry's own samplers: every service that sees a trace id draws the same lot.
_DRAWN_FROM: Final = 2**64
# Of traces that nobody wants yet; the oldest are forgotten.
MOST_TRACES: Final = 2_000
MOST_SPANS_OF_ONE: Final = 200


class ByTrace(Sampler):
    """As the parent was decided, else by the trace id. What is not wanted is recorded all the same: it may yet fail."""

    def __init__(self, share: float) -> None:
        self._below = round(share * _DRAWN_FROM)

    def should_sample(
        self,
        parent_context: Context | None,
        trace_id: int,
        name: str,
        kind: SpanKind | None = None,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        trace_state: TraceState | None = None,
    ) -> SamplingResult:
        parent = get_current_span(parent_context).get_span_context()
        wanted = parent.trace_flags.sampled if parent.is_valid else trace_id % _DRAWN_FROM < self._below
        return SamplingResult(Decision.RECORD_AND_SAMPLE if wanted else Decision.RECORD_ONLY, attributes)

    def get_description(self) -> str:
        return f"ByTrace({self._below / _DRAWN_FROM})"


class Keeping(SpanProcessor):
    """Spans of unwanted traces wait here until one of their trace fails or is slow, or others need the room."""

    def __init__(self, queue: SpanQueue, *, slow: float) -> None:
        """slow: seconds; 0: none is."""
        self.queue = queue
        self._slow = round(slow * 1e9)
        self._waiting: OrderedDict[int, list[ReadableSpan]] = OrderedDict()
        # Of which something failed or was slow: what comes later of them is told of, too.
        self._kept: OrderedDict[int, None] = OrderedDict()
        self._lock = Lock()

    def on_end(self, span: ReadableSpan) -> None:
        context: Any = span.context
        if context.trace_flags.sampled:
            self.queue.put(span)
            return
        for one in self._now_wanted(context.trace_id, span):
            self.queue.put(one)

    def _now_wanted(self, trace: int, span: ReadableSpan) -> list[ReadableSpan]:
        with self._lock:
            if trace in self._kept:
                return [span]
            waiting = self._waiting.setdefault(trace, [])
            if self._is_notable(span):
                del self._waiting[trace]
                self._kept[trace] = None
                if len(self._kept) > MOST_TRACES:
                    self._kept.popitem(last=False)
                return [*waiting, span]
            if len(waiting) < MOST_SPANS_OF_ONE:
                waiting.append(span)
            if len(self._waiting) > MOST_TRACES:
                self._waiting.popitem(last=False)
            return []

    def _is_notable(self, span: ReadableSpan) -> bool:
        if span.status.status_code is StatusCode.ERROR:
            return True
        began, ended = span.start_time or 0, span.end_time or 0
        return bool(self._slow) and ended - began >= self._slow
