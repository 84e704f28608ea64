"""What a platform tells of itself: nothing that the registry does not name, all that it names, and what is true."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from websockets.sync.client import connect

from reveille.cli.catalogue import ROUTES
from reveille.contracts.agent_runner.v1.events_pb2 import RunStarted
from reveille.kernel.events import Recorded
from tests.collector import Collector, Received, collecting
from tests.e2e import github
from tests.e2e.conftest import Make
from tests.e2e.figures import Figures
from tests.e2e.running import Platform, until

REGISTRY = Path(__file__).resolve().parents[2] / "deploy/telemetry"
FLEET = """
version: 1
agents:
  doing: {skill: "seen:do_all", model: offline, instances: {max: 4}, budget: {tokens: 1_000_000, per: day}}
  unlucky: {skill: "effectful:fail_at_first", retries: {attempts: 3, backoff: 50ms}}
rules:
  - {name: work-on-changes, on: {source: github, kind: pull_request.opened}, wake: doing}
budgets:
  price: {currency: EUR, per_million_tokens: 10}
baseline: {poll_every: 100ms, tokens_per_poll: 150}
"""
WAKES = 4


@cache
def registry(name: str) -> Any:
    return yaml.safe_load((REGISTRY / f"{name}.yaml").read_text(encoding="utf-8"))


@dataclass(frozen=True, kw_only=True)
class Told:
    mode: str
    collector: Collector
    figures: Figures
    log: list[Recorded]
    lines: str


@pytest.fixture(scope="module")
def told(make_for_module: Make, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """What was told while a few things happened, of which nothing was under way any more in the end."""
    fleet = tmp_path_factory.mktemp("seen") / "fleet.yaml"
    fleet.write_text(FLEET)
    with collecting() as collector:
        settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint, "REVEILLE_LOG_LEVEL": "info"}
        platform: Platform = make_for_module(fleet=fleet, settings=settings)
        try:
            figures = _happened(platform.start())
            assert platform.stop() == 0
            log = [event for event in platform.recorded() if event.position <= _head(figures)]
            yield Told(mode=platform.mode, collector=collector, figures=figures, log=log, lines=platform.errors)
        finally:
            platform.close()


def _happened(platform: Platform) -> Figures:
    receipts = [github.accepted(platform.http, github.pull_request(number=number)) for number in range(WAKES - 1)]
    receipts.append(platform.trigger("unlucky", {"failures": 1}))
    for receipt in receipts:
        assert platform.ended(receipt)["status"] == "completed"
    assert platform.http.post("/webhooks/github", content=b"{}", headers={"x-github-event": "push"}).status_code == 415
    with connect(f"{platform.url.replace('http', 'ws')}/ws/events") as socket:
        socket.send(json.dumps({"type": "ping"}))
        assert json.loads(socket.recv())["type"] == "pong"
        return until(lambda: _settled(platform), "nothing is under way any more")


def _settled(platform: Platform) -> Figures | None:
    """Figures between two looks at a log that has not moved, of which everything is answered and taken in."""
    before, figures = platform.log()[-1].position, Figures.read(platform.figures())
    lags = ("reveille_inbox_lag_messages", "reveille_view_lag_seconds", "reveille_relay_lag_seconds")
    moving = any(figures.sum(lag) for lag in lags) or figures.sum("reveille_account_reserved_tokens")
    done = figures.sum("reveille_run_seconds_count") == WAKES + 1 and figures.sum("reveille_last_day_cost")
    return figures if done and not moving and platform.log()[-1].position == before else None


def _head(figures: Figures) -> int:
    return int(max(one.value for one in figures.of("reveille_log_position")))


def _is_here(one: Mapping[str, Any], mode: str) -> bool:
    """Whether the registry has it of this kind of platform."""
    return one.get("where") is None or mode == "cluster"


# Metrics.


def test_every_metric_that_is_told_is_in_the_registry_with_its_type_and_labels(told: Told) -> None:
    wanted = {one["name"]: one for one in registry("metrics")["metrics"]}
    for sample in told.figures.samples:
        name = told.figures.metric_of(sample)
        assert told.figures.types[name] == wanted[name]["type"]
        labels = set(sample.labels) - ({"le"} if sample.name.endswith("_bucket") else set())
        assert labels == set(wanted[name]["labels"])


def test_every_metric_of_the_registry_is_told(told: Told) -> None:
    wanted = {one["name"] for one in registry("metrics")["metrics"] if _is_here(one, told.mode)}
    assert {told.figures.metric_of(sample) for sample in told.figures.samples} == wanted


def test_no_sample_is_told_twice_by_one_process(told: Told) -> None:
    processes = Counter(one.labels["service"] for one in told.figures.of("reveille_log_position"))
    seen = Counter((one.name, one.labels["service"], str(sorted(one.labels.items()))) for one in told.figures.samples)
    assert all(count <= processes.get(service, 1) for (_, service, _), count in seen.items())


def test_events_are_counted_exactly_as_the_log_has_them(told: Told) -> None:
    names = Counter(event.type.rpartition(".")[2] for event in told.log)
    assert told.figures.by("type", "reveille_events_appended_total") == names
    assert names["RunCompleted"] == WAKES


def test_messages_are_counted_exactly_as_the_routes_send_them(told: Told) -> None:
    sent: Counter[str] = Counter()
    for event in told.log:
        for service, key_of in ROUTES.get(event.type, {}).items():
            sent[service] += key_of(event) is not None
    sent = +sent
    assert told.figures.by("service", "reveille_inbox_messages_total", outcome="delivered") == sent
    assert told.figures.by("service", "reveille_inbox_handling_seconds_count") == sent
    assert told.figures.sum("reveille_inbox_messages_total", outcome="parked") == 0


def test_each_partition_of_each_inbox_is_told_of_once(told: Told) -> None:
    for name in ("reveille_inbox_lag_messages", "reveille_inbox_lag_seconds"):
        places = Counter((one.labels["topic"], one.labels["partition"]) for one in told.figures.of(name))
        assert set(places.values()) == {1}
        services = {topic.split(".")[-3] for topic, _ in places}
        assert services == {"analyzer", "planner", "budget", "agent-runner"}
        assert len({partition for _, partition in places}) * 4 == len(places)


def test_runs_wakes_and_calls_are_counted_as_the_log_has_them(told: Told) -> None:
    names = Counter(event.type.rpartition(".")[2] for event in told.log)
    figures = told.figures
    runs = {"completed": names["RunCompleted"], "failed": names["RunFailed"]}
    assert figures.by("outcome", "reveille_run_seconds_count") == runs == {"completed": WAKES, "failed": 1}
    first = [event for event in told.log if isinstance(event.msg, RunStarted) and event.msg.work.attempt == 1]
    assert figures.sum("reveille_wake_seconds_count") == len(first) == WAKES
    assert figures.by("model", "reveille_model_call_seconds_count") == {"offline": names["ModelCalled"]}
    tools = {("text.measure", "ok"): WAKES - 1.0, ("unknown", "error"): WAKES - 1.0}
    called = figures.of("reveille_tool_call_seconds_count")
    assert {(one.labels["tool"], one.labels["outcome"]): one.value for one in called if one.value} == tools
    assert figures.sum("reveille_runs_running") == 0


def test_histograms_add_up(told: Told) -> None:
    for name in (name for name, type in told.figures.types.items() if type == "histogram"):
        for total in told.figures.of(f"{name}_count"):
            buckets = told.figures.of(f"{name}_bucket", **total.labels)
            assert [one.value for one in buckets] == sorted(one.value for one in buckets) or told.mode == "cluster"
            assert max(one.value for one in buckets if one.labels["le"] == "+Inf") >= total.value


def test_requests_and_sockets_are_counted(told: Told) -> None:
    door = "reveille_http_requests_total"
    assert told.figures.by("status", door, door="github") == {"202": WAKES - 1, "415": 1}
    assert told.figures.by("status", door, door="trigger") == {"202": 1}
    assert told.figures.sum("reveille_http_request_seconds_count", door="github") == WAKES
    assert told.figures.by("socket", "reveille_sockets_open") == {"/ws/events": 1}


def test_agents_tokens_and_accounts_are_those_of_the_log(told: Told) -> None:
    figures = told.figures
    agents = {one.labels["agent"] for one in figures.of("reveille_agent_tokens_total")}
    assert {"doing", "unlucky"} < agents  # with those of the plans that are always there
    assert figures.by("state", "reveille_agents") == {"dormant": len(agents)}
    used = figures.by("agent", "reveille_agent_tokens_total")
    assert set(used) == {"doing"}
    tenant = {"account": "tenant"}
    assert figures.sum("reveille_account_used_tokens", **tenant) == used["doing"]
    assert figures.sum("reveille_last_day_tokens") == used["doing"]
    assert figures.sum("reveille_agent_tokens_left", agent="doing") == 1_000_000 - used["doing"]
    assert figures.sum("reveille_dead_letters_open") == figures.sum("reveille_pending_triggers") == 0


def test_a_process_says_what_it_is_and_that_it_is_well(told: Told) -> None:
    ready = told.figures.of("reveille_ready")
    assert {one.labels["service"] for one in ready} == (
        {"embedded"} if told.mode == "embedded" else {"ingress", "analyzer", "planner", "budget", "agent-runner"}
    )
    assert {one.value for one in (*ready, *told.figures.of("reveille_build_info"))} == {1}
    assert told.figures.sum("reveille_loop_lag_seconds_count") > 0
    assert told.figures.sum("reveille_spans_exported_total") > 0
    assert told.figures.sum("reveille_spans_dropped_total") == 0


# Spans.


def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(
        "".join(".+" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{[^}]+\})", name))
    )


def _registered(span: Received) -> Mapping[str, Any]:
    return _named(span.span.SpanKind.Name(span.span.kind).removeprefix("SPAN_KIND_").lower(), span.name)


@cache
def _named(kind: str, name: str) -> Mapping[str, Any]:
    found = [one for one in registry("spans")["spans"] if one["kind"] == kind and _pattern(one["name"]).fullmatch(name)]
    # A name in whole goes before one with parts that stand for others.
    found.sort(key=lambda one: one["name"].count("{"))
    assert found, (kind, name)
    return dict(found[0])


def test_every_span_is_in_the_registry_with_its_attributes(told: Told) -> None:
    resource = {one["name"] for one in registry("attributes")["resource"]}
    for span in told.collector.spans:
        one = _registered(span)
        always, also = set(one["attributes"]), {*one.get("also", ()), *(["error.type"] if span.failed else [])}
        assert always <= set(span.attributes) <= always | also, (span.name, span.attributes)
        assert set(span.resource) == resource
        services = {"each service"} if one["from"] == "each service" else set(one["from"].split(", "))
        assert services & {span.service, "each service"}


def test_every_span_and_every_attribute_of_the_registry_is_told(told: Told) -> None:
    wanted = {(one["name"], one["kind"]) for one in registry("spans")["spans"] if _is_here(one, told.mode)}
    found = [(_registered(span), span) for span in told.collector.spans]
    assert {(one["name"], one["kind"]) for one, _ in found} == wanted
    attributes = {one["name"] for one in registry("attributes")["attributes"]}
    if told.mode == "embedded":
        attributes.remove("messaging.batch.message_count")
    assert {name for _, span in found for name in span.attributes} == attributes


def test_attributes_have_the_types_of_the_registry(told: Told) -> None:
    types = {one["name"]: one["type"] for one in registry("attributes")["attributes"]}
    for span in told.collector.spans:
        for name, value in span.attributes.items():
            assert {str: "string", int: "int"}[type(value)] == types[name], name


def test_no_span_is_an_orphan_and_all_that_a_batch_is_linked_to_is_there(told: Told) -> None:
    ids = {span.id for span in told.collector.spans}
    orphans = [span.name for span in told.collector.spans if span.parent not in (ids | {""})]
    lost = [span.name for span in told.collector.spans if not set(span.links) <= ids]
    assert (orphans, lost) == ([], [])


def test_one_trace_has_the_way_through_http_the_log_the_bus_the_run_and_its_calls(told: Told) -> None:
    by_id = {span.id: span for span in told.collector.spans}
    calls = [span for span in told.collector.spans if span.name == "chat offline"]
    assert len(calls) == WAKES - 1
    for span in calls:
        way = [span]
        while way[-1].parent:
            way.append(by_id[way[-1].parent])
        assert [one.name for one in reversed(way)] == [
            "POST /webhooks/github",
            "analyzer process SignalReceived",
            "planner process TriggerFired",
            "budget process StepReady",
            "agent-runner process TokensReserved",
            "agent-runner process AgentWoken",
            "agent-runner run",
            "chat offline",
        ]
        names = Counter(one.name for one in told.collector.of(span.trace))
        assert names["append log"] > 0


# Logs.


def test_every_line_is_json_and_says_which_process_it_is_of(told: Told) -> None:
    lines = [json.loads(line) for line in told.lines.splitlines()]
    fields = {one["name"] for one in registry("attributes")["logs"]}
    for line in lines:
        assert {"time", "level", "event", "logger", "service"} <= set(line) <= fields, line
    services = {line["service"] for line in lines}
    assert services <= {"embedded", "ingress", "analyzer", "planner", "budget", "agent-runner"}
    runs = [line for line in lines if "starts run" in line["event"]]
    assert len(runs) == WAKES + 1
    for line in runs:
        assert {"trace_id", "span_id", "correlation", "tenant"} <= set(line)
        (run,) = [span for span in told.collector.spans if span.id == line["span_id"]]
        assert (run.name, run.trace, line["tenant"]) == ("agent-runner run", line["trace_id"], "default")
