"""Spans on their way to a collector, by OTLP over gRPC on loopback."""

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc

from reveille.adapters.telemetry import configure
from reveille.kernel.spans import NoSpans

OUTSIDE = "00-" + "a" * 32 + "-" + "b" * 16


class Collector(trace_service_pb2_grpc.TraceServiceServicer):
    def __init__(self) -> None:
        self.requests: list[Any] = []

    def Export(self, request: Any, context: Any) -> Any:
        self.requests.append(request)
        return trace_service_pb2.ExportTraceServiceResponse()

    @property
    def spans(self) -> dict[str, Any]:
        resources = (resource for request in self.requests for resource in request.resource_spans)
        return {span.name: span for resource in resources for scope in resource.scope_spans for span in scope.spans}

    @property
    def services(self) -> set[str]:
        resources = (resource.resource for request in self.requests for resource in request.resource_spans)
        return {a.value.string_value for one in resources for a in one.attributes if a.key == "service.name"}


@pytest.fixture
def collector() -> Iterator[tuple[Collector, str]]:
    server = grpc.server(ThreadPoolExecutor(2))
    running = Collector()
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(running, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield running, f"http://127.0.0.1:{port}"
    server.stop(0).wait()


def test_a_chain_of_spans_arrives_under_one_trace(collector: tuple[Collector, str]) -> None:
    received, endpoint = collector
    spans, shutdown = configure("planner", endpoint)
    root = spans.start("webhook", "", {"http.route": "/webhooks/github"})
    child = spans.start("analyzer process", root.traceparent, {"position": 7})
    grandchild = spans.start("planner process", child.traceparent, {})
    for span in (grandchild, child, root):
        span.end()
    shutdown()
    found = received.spans
    assert len({span.trace_id for span in found.values()}) == 1
    assert found["webhook"].parent_span_id == b""
    assert found["analyzer process"].parent_span_id == found["webhook"].span_id
    assert found["planner process"].parent_span_id == found["analyzer process"].span_id
    assert root.traceparent.split("-")[1] == found["webhook"].trace_id.hex()
    assert received.services == {"planner"}


@pytest.mark.parametrize("flags", ["01", "03", "ff"])
def test_a_parent_from_outside_is_taken_with_any_flags(collector: tuple[Collector, str], flags: str) -> None:
    received, endpoint = collector
    spans, shutdown = configure("ingress", endpoint)
    spans.start("webhook", f"{OUTSIDE}-{flags}", {}).end()
    shutdown()
    assert received.spans["webhook"].trace_id.hex() == "a" * 32
    assert received.spans["webhook"].parent_span_id.hex() == "b" * 16


def test_a_parent_that_nobody_samples_keeps_its_trace_id(collector: tuple[Collector, str]) -> None:
    _, endpoint = collector
    spans, shutdown = configure("ingress", endpoint)
    assert spans.start("webhook", f"{OUTSIDE}-00", {}).traceparent.startswith(f"00-{'a' * 32}-")
    shutdown()


@pytest.mark.parametrize("parent", ["nonsense", "00-xyz-1-01", f"00-{'0' * 32}-{'0' * 16}-01", "----"])
def test_a_parent_that_is_none_begins_a_trace(collector: tuple[Collector, str], parent: str) -> None:
    received, endpoint = collector
    spans, shutdown = configure("ingress", endpoint)
    spans.start("webhook", parent, {}).end()
    shutdown()
    assert received.spans["webhook"].parent_span_id == b""


def test_a_span_tells_which_error_ended_it(collector: tuple[Collector, str]) -> None:
    received, endpoint = collector
    spans, shutdown = configure("budget", endpoint)
    spans.start("budget process", "", {}).end(ValueError("limit is -1"))
    shutdown()
    span = received.spans["budget process"]
    assert span.status.message == "limit is -1"
    assert {a.key: a.value.string_value for a in span.attributes} == {"error.type": "ValueError"}


def test_a_collector_that_is_not_there_holds_nobody_up(unused_tcp_port: int) -> None:
    spans, shutdown = configure("ingress", f"http://127.0.0.1:{unused_tcp_port}")
    for _ in range(100):
        spans.start("webhook", "", {}).end()
    ending = threading.Thread(target=shutdown, daemon=True)
    ending.start()
    ending.join(20)
    assert not ending.is_alive()


@pytest.mark.parametrize("endpoint", [None, ""])
def test_without_an_endpoint_nobody_traces(endpoint: str | None) -> None:
    spans, shutdown = configure("ingress", endpoint)
    assert isinstance(spans, NoSpans)
    shutdown()


def test_without_an_endpoint_nothing_of_opentelemetry_is_imported() -> None:
    program = (
        "import sys; from reveille.adapters.telemetry import configure; configure('x', None); "
        "print([name for name in sys.modules if name.startswith('opentelemetry')])"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout == "[]\n"


def test_a_process_ends_though_its_collector_never_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        program = (
            "from reveille.adapters.telemetry import configure; "
            f"spans, shutdown = configure('x', 'http://127.0.0.1:{silent.getsockname()[1]}'); "
            "spans.start('webhook', '', {}).end(); shutdown(); print('ended')"
        )
        ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30)
    assert (ended.returncode, ended.stdout) == (0, "ended\n")
