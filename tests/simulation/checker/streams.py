"""What all promises rest on: streams without holes, causes answered in order, fleets that were in force."""

from collections.abc import Iterator

from reveille.contracts.agent_runner.v1.events_pb2 import AgentSlept, AgentWoken, RunLeft
from reveille.contracts.ingress.v1.events_pb2 import SignalReceived
from reveille.kernel.events import service_of, tenant_of
from tests.simulation.checker.broken import Broken
from tests.simulation.checker.history import History, together

# Each category of streams has one writer.
WRITERS = {
    "signal": "ingress",
    "fleet": "ingress",
    "approval": "ingress",
    "watch": "analyzer",
    "pattern": "analyzer",
    "analysis": "analyzer",
    "inputs": "ingress",
    "execution": "planner",
    "ledger": "budget",
    "estimate": "budget",
    "agent": "agent-runner",
    "run": "agent-runner",
}


def check(history: History) -> Iterator[Broken]:
    yield from _contiguous(history)
    yield from _causes_rise(history)
    yield from _fleets(history)
    yield from _instances(history)


def _contiguous(history: History) -> Iterator[Broken]:
    if len(history.by_id) != len(history.log):
        yield Broken(promise=0, what="two events have one id")
    for stream, events in history.streams.items():
        if [event.revision for event in events] != list(range(len(events))):
            yield Broken(promise=0, what=f"stream {stream} has holes")
    for category, writer in WRITERS.items():
        for stream, events in history.of_category(category):
            for event in events:
                if service_of(event.type) != writer:
                    yield Broken(promise=0, what=f"stream {stream} of {writer} holds {event.type}")


def _causes_rise(history: History) -> Iterator[Broken]:
    """Per sender and partition; a cause that comes again after another one was answered twice."""
    for stream, events in history.streams.items():
        highest: dict[tuple[str, int], int] = {}
        for group in together(events):
            origin = group[0].meta.origin
            if not origin.sender:
                continue
            key = (origin.sender, origin.partition)
            if origin.position <= highest.get(key, 0):
                what = f"stream {stream} revision {group[0].revision} answers {key} at {origin.position} again"
                yield Broken(promise=2, what=f"{what}, it was at {highest[key]}")
            highest[key] = origin.position


def _fleets(history: History) -> Iterator[Broken]:
    for event, received in history.all(SignalReceived):
        tenant, revision = tenant_of(event.stream), received.signal.fleet_revision
        if revision >= 0 and not history.fleet(tenant, revision).applied:
            yield Broken(
                promise=0, what=f"signal {received.signal.id} names fleet {revision}, which was never in force"
            )
        elif revision >= 0 and history.streams[f"{tenant}.fleet"][revision].position > event.position:
            yield Broken(promise=0, what=f"signal {received.signal.id} names a fleet that came after it")


def _instances(history: History) -> Iterator[Broken]:
    for stream, events in history.of_category("agent"):
        running: set[str] = set()
        for event in events:
            match event.msg:
                case AgentWoken(work=work):
                    running.add(work.run_id)
                    if len(running) > max(1, work.max_instances):
                        yield Broken(promise=0, what=f"stream {stream} has {len(running)} of {work.max_instances} runs")
                case AgentSlept(run_id=run_id) | RunLeft(run_id=run_id):
                    running.discard(run_id)
        if running:
            yield Broken(promise=0, what=f"stream {stream} never left {sorted(running)}")
