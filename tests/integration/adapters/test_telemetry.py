"""Spans on their way to a collector, by OTLP over gRPC on loopback."""

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from reveille.adapters.telemetry import Telemetry, open_telemetry
from reveille.adapters.telemetry_queue import SpanQueue
from reveille.kernel.spans import NoSpans, Spans
from tests.collector import Collector, collecting

OUTSIDE = "00-" + "a" * 32 + "-" + "b" * 16


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as running:
        yield running


def start(
    endpoint: str, service: str = "ingress", *, sample: float = 1.0, slow: float = 0.0
) -> tuple[Spans, Telemetry]:
    telemetry = open_telemetry(endpoint, sample=sample, slow=slow)
    return telemetry.spans(service), telemetry


def test_a_chain_of_spans_arrives_under_one_trace(collector: Collector) -> None:
    telemetry = open_telemetry(collector.endpoint)
    spans = telemetry.spans("planner", instance="planner-1", version="1.2")
    root = spans.start("webhook", "", {"http.route": "/webhooks/github"}, kind="server")
    child = spans.start("analyzer process", root.traceparent, {"position": 7}, kind="consumer")
    grandchild = spans.start("planner process", child.traceparent, {})
    child.tell("later", True)
    for span in (grandchild, child, root):
        span.end()
    telemetry.shutdown()
    webhook, middle, last = map(collector.named, ("webhook", "analyzer process", "planner process"))
    assert {webhook.trace} == {span.trace for span in collector.spans}
    assert (webhook.parent, middle.parent, last.parent) == ("", webhook.id, middle.id)
    assert root.traceparent.split("-")[1:3] == [webhook.trace, webhook.id]
    assert middle.attributes == {"position": 7, "later": True}
    assert (webhook.span.kind, middle.span.kind) == (webhook.span.SPAN_KIND_SERVER, webhook.span.SPAN_KIND_CONSUMER)
    told = {"service.name": "planner", "service.instance.id": "planner-1", "service.version": "1.2"}
    assert told.items() <= webhook.resource.items()
    assert (telemetry.exported, telemetry.dropped) == (3, 0)


def test_spans_of_several_services_of_one_process_arrive_under_their_names(collector: Collector) -> None:
    telemetry = open_telemetry(collector.endpoint)
    for service in ("ingress", "budget"):
        telemetry.spans(service).start(f"{service} works", "", {}).end()
    telemetry.shutdown()
    assert {(span.service, span.name) for span in collector.spans} == {
        ("ingress", "ingress works"),
        ("budget", "budget works"),
    }


def test_a_batch_is_linked_to_what_it_takes_in(collector: Collector) -> None:
    spans, telemetry = start(collector.endpoint)
    first, second = (spans.start(f"cause {number}", "", {}) for number in (1, 2))
    spans.start("batch", "", {}, links=[first.traceparent, "nonsense", second.traceparent]).end()
    first.end()
    second.end()
    telemetry.shutdown()
    assert collector.named("batch").links == [collector.named("cause 1").id, collector.named("cause 2").id]


@pytest.mark.parametrize("flags", ["01", "03", "ff"])
def test_a_parent_from_outside_is_taken_with_any_flags(collector: Collector, flags: str) -> None:
    spans, telemetry = start(collector.endpoint)
    spans.start("webhook", f"{OUTSIDE}-{flags}", {}).end()
    telemetry.shutdown()
    webhook = collector.named("webhook")
    assert (webhook.trace, webhook.parent) == ("a" * 32, "b" * 16)


@pytest.mark.parametrize("parent", ["nonsense", "00-xyz-1-01", f"00-{'0' * 32}-{'0' * 16}-01", "----"])
def test_a_parent_that_is_none_begins_a_trace(collector: Collector, parent: str) -> None:
    spans, telemetry = start(collector.endpoint)
    spans.start("webhook", parent, {}).end()
    telemetry.shutdown()
    assert collector.named("webhook").parent == ""


def test_a_span_tells_which_kind_of_error_ended_it_and_nothing_of_its_text(collector: Collector) -> None:
    class Known(Exception):
        error_type = "timeout"

    spans, telemetry = start(collector.endpoint, "budget")
    spans.start("failed", "", {}).end(ValueError("the password is hunter2"))
    spans.start("knew", "", {}).end(Known("the password is hunter2"))
    telemetry.shutdown()
    failed = collector.named("failed")
    assert failed.failed
    assert failed.attributes == {"error.type": "ValueError"}
    assert collector.named("knew").attributes == {"error.type": "timeout"}
    assert b"hunter2" not in b"".join(request.SerializeToString() for request in collector.requests)


class TestSampling:
    def test_a_parent_that_nobody_samples_keeps_its_trace_id_and_is_not_told_of(self, collector: Collector) -> None:
        spans, telemetry = start(collector.endpoint)
        span = spans.start("webhook", f"{OUTSIDE}-00", {})
        span.end()
        telemetry.shutdown()
        trace, _, flags = span.traceparent.removeprefix("00-").split("-")
        assert (trace, int(flags, 16) & 1, collector.spans) == ("a" * 32, 0, [])

    def test_a_trace_is_told_of_whole_or_not_at_all_and_every_service_draws_the_same_lot(
        self, collector: Collector
    ) -> None:
        telemetry = open_telemetry(collector.endpoint, sample=0.5)
        ingress, budget = telemetry.spans("ingress"), telemetry.spans("budget")
        traces = []
        for _ in range(200):
            root = ingress.start("root", "", {})
            budget.start("child", root.traceparent, {}).end()
            root.end()
            traces.append(root.traceparent)
        telemetry.shutdown()
        sampled = [trace.split("-")[1] for trace in traces if int(trace[-2:], 16) & 1]
        assert 0 < len(sampled) < len(traces)
        told = sorted((span.trace, span.name) for span in collector.spans)
        assert told == sorted((trace, name) for trace in sampled for name in ("child", "root"))

    def test_what_failed_brings_what_this_process_has_of_its_trace_before_and_after(self, collector: Collector) -> None:
        spans, telemetry = start(collector.endpoint, sample=0)
        fine = spans.start("fine", "", {})
        spans.start("fine child", fine.traceparent, {}).end()
        root = spans.start("root", "", {})
        spans.start("before", root.traceparent, {}).end()
        spans.start("failed", root.traceparent, {}).end(ValueError())
        spans.start("after", root.traceparent, {}).end()
        root.end()
        fine.end()
        telemetry.shutdown()
        assert sorted(span.name for span in collector.spans) == ["after", "before", "failed", "root"]

    def test_what_was_slow_is_told_of(self, collector: Collector) -> None:
        spans, telemetry = start(collector.endpoint, sample=0, slow=1e-9)
        spans.start("slow", "", {}).end()
        telemetry.shutdown()
        assert [span.name for span in collector.spans] == ["slow"]

    def test_traces_that_nobody_wants_take_bounded_room(
        self, collector: Collector, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("reveille.adapters.telemetry_sampling.MOST_TRACES", 2)
        monkeypatch.setattr("reveille.adapters.telemetry_sampling.MOST_SPANS_OF_ONE", 3)
        spans, telemetry = start(collector.endpoint, sample=0)
        first, second, third = (spans.start(f"root {number}", "", {}) for number in (1, 2, 3))
        for number, root in ((1, first), (2, second), (3, third)):
            for turn in range(5):
                spans.start(f"{number}.{turn}", root.traceparent, {}).end()
        first.end(ValueError())  # the oldest: what it had is forgotten
        third.end(ValueError())
        telemetry.shutdown()
        assert sorted(span.name for span in collector.spans) == ["3.0", "3.1", "3.2", "root 1", "root 3"]


class TestACollectorThatIsAway:
    def test_holds_nobody_up_and_what_it_does_not_take_is_counted(self, unused_tcp_port: int) -> None:
        spans, telemetry = start(f"http://127.0.0.1:{unused_tcp_port}")
        for _ in range(100):
            spans.start("webhook", "", {}).end()
        ending = threading.Thread(target=telemetry.shutdown, daemon=True)
        ending.start()
        ending.join(20)
        assert not ending.is_alive()
        assert telemetry.exported == 0

    def test_costs_bounded_room(self) -> None:
        class Stuck:
            def __init__(self) -> None:
                self.free = threading.Event()

            def export(self, spans: object) -> None:
                self.free.wait(20)
                raise ConnectionError

            def shutdown(self) -> None: ...

        exporter = Stuck()
        queue = SpanQueue(exporter, "nowhere", most=10)  # type: ignore[arg-type]
        for _ in range(1000):
            queue.put(object())  # type: ignore[arg-type]
        exporter.free.set()
        queue.close(20)
        assert (queue.exported, queue.dropped) == (0, 1000)

    def test_lets_its_process_end(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            program = (
                "from reveille.adapters.telemetry import open_telemetry; "
                f"telemetry = open_telemetry('http://127.0.0.1:{silent.getsockname()[1]}'); "
                "telemetry.spans('x').start('webhook', '', {}).end(); telemetry.shutdown(); print('ended')"
            )
            ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30)
        assert (ended.returncode, ended.stdout) == (0, "ended\n")

    def test_is_said_once_and_once_again_when_it_is_back(self, caplog: pytest.LogCaptureFixture) -> None:
        class Fickle:
            answers = iter([False, False, True, True])

            def export(self, spans: object) -> object:
                from opentelemetry.sdk.trace.export import SpanExportResult

                return SpanExportResult.SUCCESS if next(self.answers) else SpanExportResult.FAILURE

            def shutdown(self) -> None: ...

        queue = SpanQueue(Fickle(), "http://collector:4317")  # type: ignore[arg-type]
        for _ in range(4):
            queue._send([object()])  # type: ignore[list-item]
        queue.close(5)
        assert [record.message for record in caplog.records] == [
            "the collector at http://collector:4317 takes no spans; what does not find room until it does is dropped",
            "the collector at http://collector:4317 takes spans again",
        ]
        assert (queue.exported, queue.dropped) == (2, 2)


@pytest.mark.parametrize("endpoint", [None, ""])
def test_without_an_endpoint_nobody_traces(endpoint: str | None) -> None:
    telemetry = open_telemetry(endpoint)
    assert isinstance(telemetry.spans("ingress"), NoSpans)
    assert (telemetry.exported, telemetry.dropped) == (0, 0)
    telemetry.shutdown()


def test_without_an_endpoint_nothing_of_opentelemetry_is_imported() -> None:
    program = (
        "import sys; from reveille.adapters.telemetry import open_telemetry; open_telemetry(None).spans('x'); "
        "print([name for name in sys.modules if name.startswith('opentelemetry')])"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout == "[]\n"
