"""Spans by OpenTelemetry, sent by OTLP; without an endpoint nothing of it is imported."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from reveille.kernel.spans import Kind, NoSpans, Spans, Value

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.trace import Span, SpanContext, Tracer

    from reveille.adapters.telemetry_sampling import ByTrace, Keeping

# At exit a collector that does not answer holds the process up no longer than this.
FLUSH_SECONDS: Final = 3.0
EXPORT_SECONDS: Final = 2.0


class OtelSpan:
    __slots__ = ("_span", "traceparent")

    def __init__(self, span: "Span") -> None:
        self._span = span
        context = span.get_span_context()
        self.traceparent = f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"

    def tell(self, name: str, value: Value) -> None:
        self._span.set_attribute(name, value)

    def end(self, error: Exception | None = None) -> None:
        if error is not None:
            from opentelemetry.trace import Status, StatusCode

            # Errors that know better what they are than their class does say it.
            self._span.set_attribute("error.type", getattr(error, "error_type", "") or type(error).__name__)
            self._span.set_status(Status(StatusCode.ERROR))
        self._span.end()


class OtelSpans:
    """The parent is what the caller says and never what happens to be current: tasks of many causes share a loop."""

    def __init__(self, tracer: "Tracer") -> None:
        from opentelemetry.trace import Link, SpanKind

        self._tracer = tracer
        self._link = Link
        self._kinds = {kind.name.lower(): kind for kind in SpanKind}

    def start(
        self,
        name: str,
        parent: str,
        attributes: Mapping[str, Value],
        *,
        kind: Kind = "internal",
        links: Sequence[str] = (),
    ) -> OtelSpan:
        linked = [self._link(context) for link in links if (context := _span_context(link)) is not None]
        return OtelSpan(
            self._tracer.start_span(name, _context(parent), self._kinds[kind], attributes=attributes, links=linked)
        )


class Telemetry:
    """What one process tells a collector, whatever services are in it; nothing where there is none.

    exported, dropped: spans that the collector took, and that found no room or were not taken.
    """

    def __init__(self, sampler: "ByTrace | None" = None, keeping: "Keeping | None" = None) -> None:
        self._sampler = sampler
        self._keeping = keeping

    @property
    def exported(self) -> int:
        return 0 if self._keeping is None else self._keeping.queue.exported

    @property
    def dropped(self) -> int:
        return 0 if self._keeping is None else self._keeping.queue.dropped

    @property
    def is_away(self) -> bool:
        """The collector has not taken what was sent to it last."""
        return self._keeping is not None and self._keeping.queue.is_away

    def spans(self, service: str, *, instance: str = "", version: str = "") -> Spans:
        if self._keeping is None:
            return NoSpans()
        from opentelemetry.sdk.resources import SERVICE_INSTANCE_ID, SERVICE_NAME, SERVICE_VERSION, Resource
        from opentelemetry.sdk.trace import TracerProvider

        told = {SERVICE_NAME: service, SERVICE_INSTANCE_ID: instance, SERVICE_VERSION: version}
        resource = Resource.create({name: value for name, value in told.items() if value})
        # shutdown_on_exit would wait for a dead collector without bound.
        provider = TracerProvider(sampler=self._sampler, resource=resource, shutdown_on_exit=False)
        provider.add_span_processor(self._keeping)
        return OtelSpans(provider.get_tracer("reveille"))

    def shutdown(self) -> None:
        """Send what is left, within 3 s."""
        if self._keeping is not None:
            self._keeping.queue.close(FLUSH_SECONDS)


def open_telemetry(endpoint: str | None, *, sample: float = 1.0, slow: float = 0.0) -> Telemetry:
    """endpoint: of OTEL_EXPORTER_OTLP_ENDPOINT; none: nobody traces. sample: the share of traces that are told of.

    slow: seconds; a span that takes as long, or that ends with an error, is told of whatever the share is, and with it
    what this process has of its trace. 0: only errors are.
    """
    if not endpoint:
        return Telemetry()
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter

    from reveille.adapters.telemetry_queue import SpanQueue
    from reveille.adapters.telemetry_sampling import ByTrace, Keeping

    # The exporter would take an endpoint without a scheme for one with TLS.
    exporter = OTLPSpanExporter(endpoint, insecure=not endpoint.startswith("https://"), timeout=EXPORT_SECONDS)
    return Telemetry(ByTrace(sample), Keeping(SpanQueue(exporter, endpoint), slow=slow))


def _context(parent: str) -> "Context":
    """An empty context where the parent is not a traceparent of any version and with any flags."""
    from opentelemetry.context import Context
    from opentelemetry.trace import NonRecordingSpan, set_span_in_context

    context = _span_context(parent)
    return Context() if context is None else set_span_in_context(NonRecordingSpan(context), Context())


def _span_context(parent: str) -> "SpanContext | None":
    from opentelemetry.trace import SpanContext, TraceFlags

    try:
        version, trace_id, span_id, flags = parent.split("-")[:4]
        if len(version) == 2 and len(trace_id) == 32 and len(span_id) == 16:
            context = SpanContext(int(trace_id, 16), int(span_id, 16), True, TraceFlags(int(flags, 16)))
            return context if context.is_valid else None
    except ValueError:  # whoever sent it was no tracer: the trace begins here
        pass
    return None
