"""One trace from the webhook to the end of the run, through all five services; and logs that carry its id."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc

from tests.e2e import github
from tests.e2e.conftest import Make
from tests.e2e.running import Platform, until

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLER = "00f067aa0ba902b7"
TRACEPARENT = f"00-{TRACE}-{CALLER}-01"
SERVICES = {"ingress", "analyzer", "planner", "budget", "agent-runner"}


class Collector(trace_service_pb2_grpc.TraceServiceServicer):
    """What an OpenTelemetry collector receives, in order."""

    def __init__(self) -> None:
        self.requests: list[Any] = []

    def Export(self, request: Any, context: Any) -> Any:
        self.requests.append(request)
        return trace_service_pb2.ExportTraceServiceResponse()

    def spans(self, trace: str) -> list[tuple[str, Any]]:
        """Of one trace, each with its service."""
        found = []
        for request in list(self.requests):
            for resource in request.resource_spans:
                service = next(a.value.string_value for a in resource.resource.attributes if a.key == "service.name")
                spans = [span for scope in resource.scope_spans for span in scope.spans]
                found += [(service, span) for span in spans if span.trace_id.hex() == trace]
        return found


@pytest.fixture
def collector() -> Iterator[tuple[Collector, str]]:
    server, running = grpc.server(ThreadPoolExecutor(2)), Collector()
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(running, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield running, f"http://127.0.0.1:{port}"
    server.stop(0).wait()


def holes(spans: list[tuple[str, Any]], *, roots: set[str]) -> list[str]:
    """The names of spans whose parent is not there."""
    ids = {span.span_id.hex() for _, span in spans} | roots
    return [span.name for _, span in spans if span.parent_span_id.hex() not in ids]


def test_one_trace_leads_from_the_webhook_to_the_end_of_the_run_without_a_hole(
    make: Make, collector: tuple[Collector, str]
) -> None:
    received, endpoint = collector
    platform = make(settings={"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint}).start()
    answer = github.deliver(platform.http, github.pull_request(), traceparent=TRACEPARENT)
    execution = platform.ended(answer.json(), agent="reviewer")
    causes = platform.get(f"/api/v1/executions/{execution['id']}/causes")["items"]
    assert {event["trace_id"] for event in causes} == {TRACE}
    read = f"00-{'c' * 32}-{CALLER}-01"
    assert platform.http.get("/api/v1/agents", headers={"traceparent": read}).status_code == 200
    platform.http.get("/api/v1/budgets")
    platform.stop()
    spans = received.spans(TRACE)
    assert {service for service, _ in spans} == SERVICES
    assert holes(spans, roots={CALLER}) == []
    (webhook,) = [span for _, span in spans if span.parent_span_id.hex() == CALLER]
    assert webhook.name == "POST /webhooks/github"
    names = {span.name for _, span in spans}
    assert {"analyzer process SignalReceived", "planner process TriggerFired", "budget process StepReady"} <= names
    assert {"agent-runner process TokensReserved", "agent-runner run reviewer", "planner process RunCompleted"} <= names
    assert all(span.start_time_unix_nano <= span.end_time_unix_nano for _, span in spans)
    reads = received.spans("c" * 32)
    assert [service for service, _ in reads if service == "agent-runner"] == ["agent-runner"]
    assert holes(reads, roots={CALLER}) == []


def test_a_read_that_nobody_traces_begins_a_trace_without_a_hole(
    make: Make, collector: tuple[Collector, str]
) -> None:
    received, endpoint = collector
    platform = make(settings={"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint}).start()
    trace = platform.http.get("/api/v1/executions/none").json()["trace_id"]
    platform.stop()
    spans = received.spans(trace)
    assert {service for service, _ in spans} == {"ingress", "planner"}
    assert holes(spans, roots={""}) == []


def test_two_runs_of_one_agent_keep_their_traces_apart(make: Make, collector: tuple[Collector, str]) -> None:
    """The second waits for tokens and for the agent until the first has ended, and is released by its settlement."""
    received, endpoint = collector
    platform = make(settings={"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint}).start()
    traces = ["a" * 32, "b" * 32]
    answers = [
        platform.http.post(
            "/webhook/trigger/unlucky", json={"payload": {"failures": 1}}, headers={"traceparent": f"00-{trace}-{CALLER}-01"}
        )
        for trace in traces
    ]
    for answer in answers:
        assert platform.ended(answer.json())["status"] == "completed"
    platform.stop()
    for trace in traces:
        spans = received.spans(trace)
        assert len([span for _, span in spans if span.name == "agent-runner run unlucky"]) == 2
        assert holes(spans, roots={CALLER}) == []


def test_a_collector_that_is_away_holds_nobody_up(make: Make, unused_tcp_port: int) -> None:
    platform = make(settings={"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{unused_tcp_port}"}).start()
    assert platform.run("worker")["status"] == "completed"
    assert platform.stop(10) == 0


def test_logs_are_json_and_carry_the_trace(make: Make) -> None:
    platform = make(settings={"REVEILLE_LOG_LEVEL": "info"}).start()
    given = {"traceparent": TRACEPARENT}
    answer = platform.http.post("/webhook/trigger/unlucky", json={"payload": {"failures": 1}}, headers=given)
    platform.ended(answer.json())
    platform.stop()
    lines = [json.loads(line) for line in platform.errors.splitlines()]
    assert all({"time", "level", "event"} <= set(line) for line in lines)
    ours = [line for line in lines if line.get("trace_id") == TRACE]
    assert any("attempt 1 was not to be" in str(line) for line in ours)
    assert {line["correlation"] for line in ours} == {answer.json()["signal_id"]}


def test_a_healthy_platform_logs_nothing_above_its_level(shared: Platform) -> None:
    shared.run("worker")
    assert until(lambda: shared.get("/healthz"), "it is well")
    assert shared.errors == ""
