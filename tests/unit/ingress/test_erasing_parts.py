"""What a person had a part in, as the log tells it from its beginning."""

from google.protobuf.message import Message

from reveille.contracts.agent_runner.v1.events_pb2 import RunStarted, ToolReturned, Work, WorkHandedOn
from reveille.contracts.common.v1.common_pb2 import EventRef
from reveille.contracts.ingress.v1.events_pb2 import ApprovalDecided, ExecutionForked, InputAdded, SignalReceived
from reveille.contracts.planner.v1.events_pb2 import (
    ExecutionCancelled,
    ExecutionCompleted,
    ExecutionFailed,
    ExecutionStarted,
)
from reveille.ingress.application.erasing_parts import Parts
from reveille.kernel.events import About, Meta, Recorded

MINE, OTHERS = ("rk-mine",), ("rk-others",)


def of(*told: tuple[str, Message, tuple[str, ...]]) -> Parts:
    parts = Parts("t", frozenset(MINE))
    for at, (stream, msg, keys) in enumerate(told, 1):
        id, name = at.to_bytes(16, "big"), msg.DESCRIPTOR.full_name
        parts.take(Recorded(id, name, b"", Meta(1, About("c")), msg, at, stream, 0, keys))
    return parts


def signal(key: str, *, by: tuple[str, ...] = MINE) -> tuple[str, Message, tuple[str, ...]]:
    return f"t.signal-{key}", SignalReceived(), by


def started(execution: str, *streams: str, before: str = "") -> tuple[str, Message, tuple[str, ...]]:
    refs = [EventRef(stream=stream) for stream in streams]
    msg = ExecutionStarted(execution_id=execution, signals=refs, from_execution=before)
    return f"t.execution-{execution}", msg, ()


def ended(execution: str, msg: Message) -> tuple[str, Message, tuple[str, ...]]:
    return f"t.execution-{execution}", msg, ()


def test_what_a_signal_of_his_woke_is_his_and_what_anothers_woke_is_not() -> None:
    parts = of(signal("a"), signal("b", by=OTHERS), started("e1", "t.signal-a"), started("e2", "t.signal-b"))
    assert parts.executions == {"e1"}


def test_a_plan_that_he_added_to_or_decided_about_is_his() -> None:
    parts = of(
        ("t.inputs-p1", InputAdded(execution_id="p1"), MINE),
        ("t.inputs-p2", InputAdded(execution_id="p2"), OTHERS),
        ("t.approval-1", ApprovalDecided(execution_id="p3"), MINE),
    )
    assert parts.executions == {"p1", "p3"}


def test_what_was_forked_or_handed_on_is_his_too() -> None:
    parts = of(
        signal("a"),
        started("e1", "t.signal-a"),
        ("t.run-r1", RunStarted(work=Work(run_id="r1", execution_id="e1")), ()),
        ("t.run-r1", WorkHandedOn(number=1), ()),
        started("e2", "t.run-r1"),
        ("t.inputs-p1", ExecutionForked(execution_id="p1", from_execution="e2"), ()),
        started("p1"),
        started("e3", before="p1"),
    )
    assert parts.executions == {"e1", "e2", "p1", "e3"}


def test_a_plan_is_under_way_until_it_has_ended_for_good() -> None:
    begun = [started(name, "t.signal-a") for name in ("done", "failed", "cancelled", "living", "going")]
    parts = of(
        signal("a"),
        *begun,
        ended("done", ExecutionCompleted()),
        ended("failed", ExecutionFailed()),
        ended("cancelled", ExecutionCancelled()),
        ended("living", ExecutionCompleted(living=True)),
    )
    assert parts.under_way == {"living", "going"}


def test_a_plan_that_had_ended_when_he_came_to_it_is_not_under_way() -> None:
    parts = of(started("p1"), ended("p1", ExecutionFailed()), ("t.inputs-p1", InputAdded(execution_id="p1"), MINE))
    assert (parts.executions, parts.under_way) == ({"p1"}, set())


def test_his_signals_are_known_by_where_they_stand_and_large_results_by_their_runs() -> None:
    parts = of(
        signal("a"),
        signal("b", by=OTHERS),
        started("e1", "t.signal-a"),
        ("t.run-r1", ToolReturned(run_id="r1", result_blob="digest-3"), ()),
    )
    assert (parts.signals, parts.results) == ({1}, {"t.run-r1": {"digest-3"}})
    assert parts.of_run(RunStarted(work=Work(execution_id="e1")))
    assert not parts.of_run(RunStarted(work=Work(execution_id="e2")))


def test_another_tenant_has_no_part() -> None:
    parts = of(("other.inputs-p1", InputAdded(execution_id="p1"), MINE), ("tt.inputs-p1", InputAdded(), MINE))
    assert parts.executions == set()
