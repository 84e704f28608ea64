"""A receiver of spans as an OpenTelemetry collector is one, by OTLP over gRPC on loopback."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc

Value = str | int | float | bool


def values(attributes: Any) -> dict[str, Value]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in attributes}


@dataclass(frozen=True)
class Received:
    """A span and the resource that it came from. trace, id, parent, links: in hexadecimal digits; "" is none."""

    resource: dict[str, Value]
    span: Any

    @property
    def service(self) -> Value:
        return self.resource["service.name"]

    @property
    def name(self) -> str:
        return str(self.span.name)

    @property
    def trace(self) -> str:
        return str(self.span.trace_id.hex())

    @property
    def id(self) -> str:
        return str(self.span.span_id.hex())

    @property
    def parent(self) -> str:
        return str(self.span.parent_span_id.hex())

    @property
    def links(self) -> list[str]:
        return [link.span_id.hex() for link in self.span.links]

    @property
    def attributes(self) -> dict[str, Value]:
        return values(self.span.attributes)

    @property
    def failed(self) -> bool:
        return bool(self.span.status.code == self.span.status.STATUS_CODE_ERROR)


class Collector(trace_service_pb2_grpc.TraceServiceServicer):
    def __init__(self) -> None:
        self.endpoint = ""
        self.requests: list[Any] = []

    def Export(self, request: Any, context: Any) -> Any:
        self.requests.append(request)
        return trace_service_pb2.ExportTraceServiceResponse()

    @property
    def spans(self) -> list[Received]:
        return [
            Received(values(resource.resource.attributes), span)
            for request in list(self.requests)
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    def of(self, trace: str) -> list[Received]:
        return [span for span in self.spans if span.trace == trace]

    def named(self, name: str) -> Received:
        (found,) = [span for span in self.spans if span.name == name]
        return found


@contextmanager
def collecting() -> Iterator[Collector]:
    server, collector = grpc.server(ThreadPoolExecutor(2)), Collector()
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(collector, server)
    collector.endpoint = f"http://127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    try:
        yield collector
    finally:
        server.stop(0).wait()
