"""Spans by OpenTelemetry, sent by OTLP; without an endpoint nothing of it is imported."""

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from reveille.kernel.spans import NoSpans, Spans

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.trace import Span, Tracer

# At exit a collector that does not answer holds the process up no longer than this.
FLUSH_SECONDS: Final = 3.0
EXPORT_SECONDS: Final = 2.0

Shutdown = Callable[[], None]


class OtelSpan:
    __slots__ = ("_span", "traceparent")

    def __init__(self, span: "Span") -> None:
        self._span = span
        context = span.get_span_context()
        self.traceparent = f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"

    def end(self, error: Exception | None = None) -> None:
        if error is not None:
            from opentelemetry.trace import Status, StatusCode

            self._span.set_attribute("error.type", type(error).__name__)
            self._span.set_status(Status(StatusCode.ERROR, str(error)))
        self._span.end()


class OtelSpans:
    """The parent is what the caller says and never what happens to be current: tasks of many causes share a loop."""

    def __init__(self, tracer: "Tracer") -> None:
        self._tracer = tracer

    def start(self, name: str, parent: str, attributes: Mapping[str, str | int]) -> OtelSpan:
        return OtelSpan(self._tracer.start_span(name, _context(parent), attributes=attributes))


def configure(service_name: str, endpoint: str | None) -> tuple[Spans, Shutdown]:
    """endpoint: of OTEL_EXPORTER_OTLP_ENDPOINT; none: nobody traces. The shutdown sends what is left, within 3 s."""
    if not endpoint:
        return NoSpans(), lambda: None
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    # The exporter would take an endpoint without a scheme for one with TLS.
    exporter = OTLPSpanExporter(endpoint, insecure=not endpoint.startswith("https://"), timeout=EXPORT_SECONDS)
    # shutdown_on_exit would wait for a dead collector without bound.
    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: service_name}), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return OtelSpans(provider.get_tracer("reveille")), lambda: _bounded(provider.shutdown)


def _bounded(shutdown: Callable[[], Any]) -> None:
    thread = threading.Thread(target=shutdown, name="reveille-telemetry-shutdown", daemon=True)
    thread.start()
    thread.join(FLUSH_SECONDS)


def _context(parent: str) -> "Context":
    """An empty context where the parent is not a traceparent of any version and with any flags."""
    from opentelemetry.context import Context
    from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, set_span_in_context

    try:
        version, trace_id, span_id, flags = parent.split("-")[:4]
        if len(version) == 2 and len(trace_id) == 32 and len(span_id) == 16:
            context = SpanContext(int(trace_id, 16), int(span_id, 16), True, TraceFlags(int(flags, 16)))
            if context.is_valid:
                return set_span_in_context(NonRecordingSpan(context), Context())
    except ValueError:  # whoever sent it was no tracer: the trace begins here
        pass
    return Context()
