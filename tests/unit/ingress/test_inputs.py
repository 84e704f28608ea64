"""What each request adds to a plan's stream, and what the stream comes to."""

import re
from collections.abc import Sequence
from typing import Any, Final

import pytest
from google.protobuf.message import Message
from hypothesis import given
from hypothesis import strategies as st

from reveille.contracts.analyzer.v1.events_pb2 import TriggerFired
from reveille.contracts.common.v1.common_pb2 import EventRef
from reveille.contracts.ingress.v1.events_pb2 import (
    CancelRequested,
    ExecutionAdopted,
    ExecutionForked,
    ExecutionRequested,
    InputAdded,
    InputContent,
    InputRemoved,
    InputsChanged,
    Start,
)
from reveille.ingress.domain.inputs import (
    MAX_BYTES,
    MAX_INPUTS,
    Begin,
    Cancel,
    Change,
    Input,
    Plan,
    Request,
    adopted_from,
    begun_by,
    decide,
    fold,
    repeated,
)
from reveille.ingress.domain.refusals import Conflicting, Invalid, Missing
from reveille.kernel.errors import UnknownEventType
from reveille.kernel.events import About, Meta, Recorded
from reveille.kernel.ids import derive
from reveille.kernel.sealing import seal

STREAM: Final = "t.inputs-p"
EMPTY: Final = Plan(execution_id="p")
OPENING: Final = ExecutionRequested(execution_id="p", blueprint="party", conversation_id="c")


def request(key: str = "", digest: str = "d") -> Request:
    return Request(key=key, digest=digest, fleet_revision=7)


def wanted(input_id: str, text: str = "cake") -> Input:
    return Input(input_id=input_id, content=seal(InputContent(text=text).SerializeToString()), digest=f"of {text}")


def change(add: Sequence[str] = (), remove: Sequence[str] = (), **of_request: str) -> Change:
    return Change(add=[wanted(one) for one in add], remove=remove, request=request(**of_request))


def record(events: Sequence[Message], plan: Plan = EMPTY) -> list[Recorded]:
    """As the log has them behind the plan's revision, each ten positions after the one before."""
    first = plan.revision + 1
    meta = Meta(1_000, About("p", "trace"))
    return [
        Recorded(b"", event.DESCRIPTOR.full_name, b"", meta, event, (first + place) * 10, STREAM, first + place)
        for place, event in enumerate(events)
    ]


def after(plan: Plan, *commands: Begin | Change | Cancel) -> Plan:
    for command in commands:
        plan = fold(plan, record(decide(command, plan), plan))
    return plan


def begun(*input_ids: str, key: str = "") -> Plan:
    return after(EMPTY, Begin(opening=OPENING, inputs=[wanted(one) for one in input_ids], request=request(key)))


def trigger() -> Recorded:
    fired = TriggerFired(
        trigger_id="t-1", fleet_revision=3, start=Start(blueprint="party", prompt="a party"), rule="parties"
    )
    return Recorded(b"", "", b"", Meta(500, About("signal")), fired, 5, "t.watch-blueprint:party", 4)


def names(events: Sequence[Message]) -> list[str]:
    return [type(event).__name__ for event in events]


def test_a_plan_begins_with_its_opening_and_its_inputs() -> None:
    events = decide(Begin(opening=OPENING, inputs=[wanted("a"), wanted("b")], request=request("k")), EMPTY)
    assert names(events) == ["ExecutionRequested", "InputAdded", "InputAdded", "InputsChanged"]
    assert events[0] == OPENING
    assert events[-1] == InputsChanged(
        execution_id="p",
        blueprint="party",
        fleet_revision=7,
        added=2,
        request_key="k",
        request_digest="d",
    )


def test_a_plan_knows_how_it_began() -> None:
    plan = begun("a")
    assert (plan.blueprint, plan.conversation_id, plan.correlation, plan.fleet_revision) == ("party", "c", "p", 7)
    assert (plan.revision, plan.position, list(plan.inputs)) == (2, 20, ["a"])
    one = plan.inputs["a"]
    assert (one.ref, one.at, one.digest, one.read().text) == (
        EventRef(stream=STREAM, revision=1),
        1_000,
        "of cake",
        "cake",
    )


def test_a_plan_does_not_begin_twice() -> None:
    with pytest.raises(Conflicting, match="execution p has begun before"):
        decide(Begin(opening=OPENING, inputs=(), request=request()), begun())


def test_what_comes_and_goes_in_one_request_ends_with_one_event() -> None:
    events = decide(change(add=["c"], remove=["a"]), begun("a", "b"))
    assert events == [
        InputAdded(execution_id="p", input_id="c", content=wanted("c").content, digest="of cake"),
        InputRemoved(execution_id="p", input_id="a"),
        InputsChanged(execution_id="p", blueprint="party", fleet_revision=7, added=1, removed=1, request_digest="d"),
    ]


def test_inputs_stand_in_the_order_in_which_they_came() -> None:
    plan = after(begun("a", "b"), change(add=["c"], remove=["a"]), change(add=["a"]))
    assert list(plan.inputs) == ["b", "c", "a"]


def test_what_is_not_there_cannot_go() -> None:
    plan = after(begun("a"), change(remove=["a"]))
    for missing in ("a", "nothing"):
        with pytest.raises(Missing, match=f"execution p has no input {missing}"):
            decide(change(remove=[missing]), plan)


def test_what_is_there_cannot_come() -> None:
    with pytest.raises(Conflicting, match="has an input a already"):
        decide(change(add=["a"]), begun("a"))


def test_a_plan_has_so_many_inputs_at_most() -> None:
    full = begun(*(f"i{number}" for number in range(MAX_INPUTS)))
    assert len(full.inputs) == MAX_INPUTS
    with pytest.raises(Invalid, match=f"{MAX_INPUTS + 1} inputs, at most {MAX_INPUTS}"):
        decide(change(add=["more"]), full)
    assert decide(change(add=["more"], remove=["i0"]), full)


def test_a_plan_has_so_many_bytes_at_most() -> None:
    large = [wanted(f"i{number}", "x" * 4_000) for number in range(MAX_BYTES // 4_000 + 1)]
    opening = Begin(opening=OPENING, inputs=large, request=request())
    with pytest.raises(Invalid, match=re.escape(f"at most {MAX_BYTES} are kept")):
        decide(opening, EMPTY)


def test_a_plan_is_cancelled_once_and_takes_nothing_then() -> None:
    cancel = Cancel(reason="rain", request=request())
    events = decide(cancel, begun("a"))
    assert events[0] == CancelRequested(execution_id="p", reason=seal(b"rain"))
    assert isinstance(events[-1], InputsChanged)
    plan = after(begun("a"), cancel)
    assert plan.reason == "rain"
    assert plan.cancelled == plan.last
    assert decide(cancel, plan) == []
    for command in (change(add=["b"]), change(remove=["a"]), change(remove=["nothing"])):
        with pytest.raises(Conflicting, match="execution p is cancelled"):
            decide(command, plan)


def test_a_plan_that_a_rule_began_has_its_prompt_as_the_first_input() -> None:
    plan = begun_by("p", trigger())
    assert (plan.blueprint, plan.revision, plan.correlation, plan.fleet_revision) == ("party", -1, "signal", 3)
    one = plan.inputs["t-1"]
    assert (one.read().text, one.read().source_type, one.at) == ("a party", "rule", 500)
    assert one.digest == derive("prompt", "a party")
    assert one.ref == EventRef(stream="t.watch-blueprint:party", revision=4)


@pytest.mark.parametrize(
    ("command", "then"),
    [
        (change(add=["b"], remove=["t-1"]), ["ExecutionAdopted", "InputAdded", "InputRemoved", "InputsChanged"]),
        (Cancel(reason="", request=request()), ["ExecutionAdopted", "CancelRequested", "InputsChanged"]),
    ],
)
def test_the_first_change_adopts_what_a_rule_began(command: Any, then: list[str]) -> None:
    events = decide(command, begun_by("p", trigger()))
    assert names(events) == then
    ref = EventRef(stream="t.watch-blueprint:party", revision=4)
    assert events[0] == ExecutionAdopted(execution_id="p", blueprint="party", trigger=ref)
    assert adopted_from(record(events)) == ref


def test_it_is_adopted_once() -> None:
    plan = after(begun_by("p", trigger()), change(add=["b"]))
    assert list(plan.inputs) == ["t-1", "b"]
    assert plan.correlation == "signal"
    assert names(decide(change(remove=["t-1"]), plan)) == ["InputRemoved", "InputsChanged"]


def test_a_plan_of_a_person_is_adopted_from_nothing() -> None:
    assert adopted_from([]) is None
    assert adopted_from(record([OPENING])) is None


def test_a_fork_knows_where_it_is_from() -> None:
    forked = ExecutionForked(execution_id="p", blueprint="party", from_execution="q", parameters=seal(b"{}"))
    plan = after(EMPTY, Begin(opening=forked, inputs=[wanted("a")], request=request()))
    assert (plan.from_execution, plan.blueprint, plan.parameters) == ("q", "party", seal(b"{}"))


def test_a_request_is_found_again_by_its_key() -> None:
    plan = after(begun("a", key="k-1"), change(add=["b"], remove=["a"], key="k-2", digest="e"), change(add=["c"]))
    first, second = repeated(plan, "k-1", "d"), repeated(plan, "k-2", "e")
    assert first is not None
    assert second is not None
    assert (first.added, first.removed, first.revision, first.position) == (("a",), (), 2, 20)
    assert (second.added, second.removed, second.revision, second.position) == (("b",), ("a",), 5, 50)
    assert repeated(plan, "k-3", "d") is None
    assert repeated(plan, "", "d") is None


def test_a_key_of_another_request_is_refused() -> None:
    with pytest.raises(Invalid, match="another request before"):
        repeated(begun("a", key="k-1"), "k-1", "other")


def test_an_event_of_a_later_version_is_not_decided_on() -> None:
    strange = Recorded(b"", "reveille.ingress.v2.New", b"", Meta(0, About("p")), None, 1, STREAM, 0)
    with pytest.raises(UnknownEventType, match=r"stream t\.inputs-p"):
        fold(EMPTY, [strange])


IDS: Final = st.sampled_from("abcdef")


@given(st.lists(st.tuples(st.sets(IDS, max_size=3), st.sets(IDS, max_size=3)), max_size=20), st.integers(0, 20))
def test_a_plan_is_what_its_requests_left_and_folds_alike_in_one_go_and_in_parts(
    requests: list[tuple[set[str], set[str]]], cut: int
) -> None:
    plan, there, log = EMPTY, set[str](), list[Recorded]()
    opening = decide(Begin(opening=OPENING, inputs=(), request=request()), plan)
    log += record(opening, plan)
    plan = fold(plan, log)
    for add, remove in requests:
        command = change(add=sorted(add), remove=sorted(remove))
        if remove <= there and not add & there:
            events = record(decide(command, plan), plan)
            plan, there, log = fold(plan, events), (there | add) - remove, log + events
        else:
            with pytest.raises((Missing, Conflicting)):
                decide(command, plan)
    assert set(plan.inputs) == there
    assert fold(EMPTY, log) == plan
    assert fold(fold(EMPTY, log[:cut]), log[cut:]).inputs == plan.inputs
