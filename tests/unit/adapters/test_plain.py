"""Protobuf messages as the plain values of REST answers."""

from google.protobuf.timestamp_pb2 import Timestamp

from reveille.adapters.plain import to_plain
from reveille.contracts.common.v1.common_pb2 import PRIORITY_HIGH, EventRef, Json, MessageParked, Sealed, SignalContent
from reveille.contracts.ingress.v1.events_pb2 import PATHS_UNKNOWN_SKIP, Rule
from reveille.contracts.ingress.v1.queries_pb2 import SignalView
from reveille.contracts.planner.v1.queries_pb2 import (
    CauseOfExecution,
    ExecutionView,
    GetExecutionResponse,
    StepView,
    Tokens,
)


def test_times_are_utc_with_milliseconds() -> None:
    started = Timestamp(seconds=1_795_233_600, nanos=123_999_999)
    assert to_plain(ExecutionView(started_at=started))["started_at"] == "2026-11-21T04:00:00.123Z"


def test_a_message_that_is_not_set_is_none() -> None:
    plain = to_plain(ExecutionView())
    assert plain["started_at"] is None
    assert plain["cause"] is None
    assert to_plain(GetExecutionResponse()) == {"execution": None}


def test_whole_numbers_of_64_bits_stay_numbers() -> None:
    assert to_plain(ExecutionView(position=(1 << 62) + 1))["position"] == (1 << 62) + 1


def test_a_json_text_becomes_what_it_says() -> None:
    result = Json(text='{"findings": [], "big": 123456789012345678901}')
    assert to_plain(ExecutionView(result=result))["result"] == {"findings": [], "big": 123456789012345678901}


def test_an_empty_json_text_and_null_are_none() -> None:
    assert to_plain(SignalView(paths=Json()))["paths"] is None
    assert to_plain(SignalView(paths=Json(text="null")))["paths"] is None
    assert to_plain(SignalView())["paths"] is None


def test_enums_lose_their_prefix() -> None:
    plain = to_plain(Rule(priority=PRIORITY_HIGH, paths_unknown=PATHS_UNKNOWN_SKIP))
    assert (plain["priority"], plain["paths_unknown"]) == ("high", "skip")
    assert to_plain(Rule())["priority"] == "unspecified"


def test_an_enum_value_of_a_newer_peer_is_its_number() -> None:
    assert to_plain(Rule.FromString(b"\x48\x63"))["priority"] == "99"


def test_repeated_fields_and_messages_within_are_lists() -> None:
    execution = ExecutionView(
        cause=CauseOfExecution(signal_ids=["a", "b"]),
        steps=[StepView(name="work", tokens=Tokens(reserved=5)), StepView(name="review")],
    )
    plain = to_plain(execution)
    assert plain["cause"] == {"kind": "", "signal_ids": ["a", "b"], "rule": ""}
    assert [(step["name"], step["tokens"]) for step in plain["steps"]] == [
        ("work", {"reserved": 5, "used": 0}),
        ("review", None),
    ]


def test_maps_are_dictionaries() -> None:
    assert to_plain(SignalContent(labels={"bug": "true"}))["labels"] == {"bug": "true"}


def test_bytes_are_base64() -> None:
    assert to_plain(Sealed(data=b"\xff\xfe"))["data"] == "//4="


def test_every_field_is_there_by_its_own_name() -> None:
    parked = MessageParked(event=EventRef(stream="t.run-1", revision=3))
    plain = to_plain(parked)
    assert list(plain) == [field.name for field in MessageParked.DESCRIPTOR.fields]
    assert plain["event"] == {"stream": "t.run-1", "revision": 3}
