"""One trace from the webhook to the end of the run, through all five services; and logs that carry its id."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.collector import Collector, Received, collecting
from tests.e2e import github
from tests.e2e.conftest import Make
from tests.e2e.running import Platform

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLER = "00f067aa0ba902b7"
FIRST, SECOND, READ = "a" * 32, "b" * 32, "c" * 32
LIST = "reveille.agent_runner.v1.QueryService/ListAgents"
SERVICES = {"ingress", "analyzer", "planner", "budget", "agent-runner"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """causes: of the webhook's execution. own: the trace that a read without one was given."""

    collector: Collector
    causes: list[dict[str, Any]]
    own: str


@pytest.fixture(scope="module")
def told(make_for_module: Make) -> Iterator[Told]:
    """What a collector was told by a platform that was asked a few things and stopped, so that nothing is missing."""
    with collecting() as collector:
        platform: Platform = make_for_module(settings={"OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint})
        try:
            yield _asked(platform.start(), collector)
        finally:
            platform.close()


def _asked(platform: Platform, collector: Collector) -> Told:
    webhook = github.deliver(platform.http, github.pull_request(), traceparent=_parent(TRACE))
    runs = [
        platform.http.post("/webhook/trigger/unlucky", json={"payload": {"failures": 1}}, headers=given)
        for given in ({"traceparent": _parent(FIRST)}, {"traceparent": _parent(SECOND)})
    ]
    execution = platform.ended(webhook.json(), agent="reviewer")
    for run in runs:
        assert platform.ended(run.json())["status"] == "completed"
    causes = platform.get(f"/api/v1/executions/{execution['id']}/causes")["items"]
    assert platform.http.get("/api/v1/agents", headers={"traceparent": _parent(READ)}).is_success
    own = platform.http.get("/api/v1/executions/none").json()["trace_id"]
    assert platform.stop() == 0
    return Told(collector=collector, causes=causes, own=own)


def _parent(trace: str) -> str:
    return f"00-{trace}-{CALLER}-01"


def holes(spans: list[Received], *, roots: set[str]) -> list[str]:
    """The names of spans whose parent is not there."""
    ids = {span.id for span in spans} | roots
    return [span.name for span in spans if span.parent not in ids]


def test_one_trace_leads_from_the_webhook_to_the_end_of_the_run_without_a_hole(told: Told) -> None:
    spans = told.collector.of(TRACE)
    assert {span.service for span in spans} == SERVICES
    assert holes(spans, roots={CALLER}) == []
    assert [span.name for span in spans if span.parent == CALLER] == ["POST /webhooks/github"]
    names = {span.name for span in spans}
    assert {"analyzer process SignalReceived", "planner process TriggerFired", "budget process StepReady"} <= names
    assert {"agent-runner process TokensReserved", "agent-runner run", "planner process RunCompleted"} <= names
    assert all(one.span.start_time_unix_nano <= one.span.end_time_unix_nano for one in spans)


def test_the_events_of_the_log_stand_under_the_same_trace(told: Told) -> None:
    assert {event["trace_id"] for event in told.causes} == {TRACE}
    assert {event["service"] for event in told.causes} == SERVICES


def test_a_read_carries_its_callers_trace_to_the_service_that_answers(told: Told) -> None:
    spans = told.collector.of(READ)
    named = {(span.service, span.name): span for span in spans}
    request, asked, answer = (
        named.pop(one) for one in (("ingress", "GET /api/v1/agents"), ("ingress", LIST), ("agent-runner", LIST))
    )
    assert (request.parent, asked.parent, answer.parent) == (CALLER, request.id, asked.id)
    looks = [span for span in spans if span.name == "read log"]
    assert set(named) == {("agent-runner", "read log")}
    assert {span.parent for span in looks} == {answer.id}


def test_a_read_that_nobody_traces_begins_a_trace_without_a_hole(told: Told) -> None:
    spans = told.collector.of(told.own)
    assert {span.service for span in spans} == {"ingress", "planner"}
    assert holes(spans, roots={""}) == []


def test_two_runs_of_one_agent_keep_their_traces_apart(told: Told) -> None:
    """The second waits for the agent until the first has ended, and wakes by its end."""
    for trace in (FIRST, SECOND):
        spans = told.collector.of(trace)
        runs = [span for span in spans if span.name == "agent-runner run"]
        # The first attempt raised, and its span says so; what it said is nobody's who looks at traces.
        assert sorted((run.failed, run.attributes.get("error.type", "")) for run in runs) == [
            (False, ""),
            (True, "error"),
        ]
        assert not any(run.span.status.message for run in runs)
        assert holes(spans, roots={CALLER}) == []


def test_a_collector_that_is_away_holds_nobody_up(make: Make, unused_tcp_port: int) -> None:
    platform = make(settings={"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{unused_tcp_port}"}).start()
    assert platform.run("worker")["status"] == "completed"
    assert platform.stop(10) == 0


def test_logs_are_json_and_carry_the_trace(make: Make) -> None:
    platform = make(settings={"REVEILLE_LOG_LEVEL": "info"}).start()
    given = {"traceparent": _parent(TRACE)}
    answer = platform.http.post("/webhook/trigger/unlucky", json={"payload": {"failures": 1}}, headers=given)
    platform.ended(answer.json())
    platform.stop()
    lines = [json.loads(line) for line in platform.errors.splitlines()]
    assert all({"time", "level", "event"} <= set(line) for line in lines)
    ours = [line for line in lines if line.get("trace_id") == TRACE]
    assert any("the skill raised RuntimeError" in line["event"] for line in ours)
    assert {line["correlation"] for line in ours} == {answer.json()["signal_id"]}
