"""Events as Kafka records, and what is made of records that are none."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reveille.adapters.kafka_records import Unreadable, event_of, headers_of, unreadable
from reveille.adapters.kafka_records import given as given_of
from reveille.contracts.common.v1 import common_pb2
from reveille.contracts.common.v1.common_pb2 import Json
from reveille.contracts.planner.v1 import events_pb2
from reveille.contracts.planner.v1.events_pb2 import StepReady
from reveille.kernel.events import About, EventTypes, Meta, Origin, Recorded

TYPES = EventTypes([common_pb2, events_pb2])
TRACE = f"00-{'a' * 32}-{'b' * 16}-01"
READY = StepReady(step="wake", agent="worker")
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=40)
NAMES = st.from_regex(r"[a-z0-9_]{1,10}", fullmatch=True)


def recorded(**changes: Any) -> Recorded:
    values: dict[str, Any] = {
        "id": bytes(range(16)),
        "type": "reveille.planner.v1.StepReady",
        "data": READY.SerializeToString(),
        "meta": Meta(1_795_262_400_123_456, About("c-1", TRACE, 2), Origin(b"c" * 16)),
        "msg": READY,
        "position": 41,
        "stream": "default.execution-e-1",
        "revision": 3,
    }
    return Recorded(**{**values, **changes})


def test_the_headers_are_those_of_cloudevents_in_binary_mode() -> None:
    assert dict(headers_of(recorded())) == {
        "ce_specversion": b"1.0",
        "content-type": b"application/protobuf",
        "ce_id": b"00010203-0405-0607-0809-0a0b0c0d0e0f",
        "ce_type": b"reveille.planner.v1.StepReady",
        "ce_source": b"reveille/planner",
        "ce_subject": b"default.execution-e-1",
        "ce_time": b"2026-11-21T12:00:00.123456Z",
        "ce_tenant": b"default",
        "ce_correlationid": b"c-1",
        "ce_causationid": b"63636363-6363-6363-6363-636363636363",
        "ce_streamrevision": b"3",
        "ce_position": b"41",
        "ce_hop": b"2",
        "traceparent": TRACE.encode(),
    }


def test_what_has_no_cause_and_no_trace_has_no_header_for_them() -> None:
    names = dict(headers_of(recorded(meta=Meta(0, About("c")))))
    assert not {"ce_causationid", "traceparent"} & set(names)


@given(
    st.binary(min_size=16, max_size=16),
    st.integers(0, 2**52),
    TEXTS,
    TEXTS,
    st.integers(0, 100),
    st.one_of(st.just(b""), st.binary(min_size=16, max_size=16)),
    NAMES,
    TEXTS.filter(bool),
    st.integers(1, 2**63 - 1),
    st.integers(0, 2**31 - 1),
)
def test_an_event_comes_out_as_it_went_in(
    id: bytes,
    time: int,
    correlation: str,
    trace: str,
    hop: int,
    cause: bytes,
    tenant: str,
    rest: str,
    position: int,
    revision: int,
) -> None:
    meta = Meta(time, About(correlation, trace, hop), Origin(cause))
    event = recorded(id=id, meta=meta, stream=f"{tenant}.{rest}", position=position, revision=revision)
    found, sender = event_of(event.data, given_of(headers_of(event)), TYPES.decode)
    assert sender == "planner"
    assert found.msg == READY
    for name in ("id", "type", "data", "meta", "position", "stream", "revision"):
        assert getattr(found, name) == getattr(event, name), name


def test_a_type_that_is_not_known_gives_no_message() -> None:
    event = recorded(type="acme.stock.v1.Sold", data=b"\xff")
    found, sender = event_of(event.data, given_of(headers_of(event)), TYPES.decode)
    assert (found.msg, found.data, sender) == (None, b"\xff", "stock")


@pytest.mark.parametrize("name", ["ce_id", "ce_type", "ce_subject", "ce_source", "ce_time", "ce_position", "ce_hop"])
def test_a_header_that_is_missing_is_named(name: str) -> None:
    headers = [header for header in headers_of(recorded()) if header[0] != name]
    with pytest.raises(Unreadable, match=f"no header {name}"):
        event_of(b"", given_of(headers), TYPES.decode)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ce_id", b"7"),
        ("ce_time", b"yesterday"),
        ("ce_time", b"2026-11-21T12:00:00"),
        ("ce_position", b"-1"),
        ("ce_position", b"1e3"),
        ("ce_streamrevision", b"-2"),
        ("ce_hop", b""),
        ("ce_subject", b"nothing"),
        ("ce_subject", b".run-1"),
        ("ce_subject", b"\xff\xfe"),
        ("ce_subject", b"A B.run-1"),
        ("ce_causationid", b"\xff"),
        # What no log can keep: it would end the service, and again after each restart.
        ("ce_type", None),
        ("ce_time", None),
        ("ce_position", b"9223372036854775808"),
        ("ce_streamrevision", b"2147483648"),
        ("ce_hop", b"2147483648"),
        ("ce_hop", b"-1"),
        ("ce_subject", b"default.run-\x00"),
        ("ce_correlationid", b"c\x00"),
        ("traceparent", b"\x00"),
        ("ce_type", b"acme.\x00"),
        ("ce_source", b"reveille/\x00"),
    ],
)
def test_a_header_that_is_wrong_makes_the_record_unreadable(name: str, value: bytes | None) -> None:
    headers = [(key, value if key == name else told) for key, told in headers_of(recorded())]
    with pytest.raises(Unreadable):
        event_of(READY.SerializeToString(), given_of(headers), TYPES.decode)


def test_a_value_that_is_not_its_type_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="is no reveille"):
        event_of(b"\xff\xff\xff", given_of(headers_of(recorded())), TYPES.decode)


def test_a_record_without_a_value_is_an_event_without_content() -> None:
    event = recorded(type="reveille.common.v1.Json", data=b"")
    found, _ = event_of(None, given_of(headers_of(event)), TYPES.decode)
    assert (found.msg, found.data) == (Json(), b"")


def test_of_an_unreadable_record_is_kept_what_it_says_of_itself() -> None:
    found = unreadable(b"\xff", {"ce_tenant": b"acme", "ce_type": b"some.Type"}, 7, 1_000)
    assert (found.data, found.type, found.msg) == (b"\xff", "some.Type", None)
    assert (found.stream, found.position, found.meta.time) == ("acme.unreadable", -8, 1_000)


STRANGE = st.one_of(
    st.none(), st.binary(max_size=40), st.sampled_from([b"\x00", b"0", b"9" * 19, b"-1", b"default.x-1"])
)


@given(
    st.one_of(st.none(), st.binary(max_size=50)),
    st.lists(st.tuples(st.sampled_from([name for name, _ in headers_of(recorded())]), STRANGE)),
    st.integers(0, 2**62),
)
def test_no_record_is_too_strange_to_be_kept(
    value: bytes | None, headers: list[tuple[str, bytes | None]], offset: int
) -> None:
    """As a database keeps it: no character 0 in a text, and numbers of 8 bytes."""
    given = [*headers_of(recorded()), *headers]
    try:
        kept, _ = event_of(value, given_of(given), TYPES.decode)
    except Unreadable:
        kept = unreadable(value, given_of(given), offset, 0)
        assert kept.stream.endswith(".unreadable")
        assert kept.position < 0
    about = kept.meta.about
    assert "\x00" not in kept.stream + kept.type + about.correlation + about.trace
    assert abs(kept.position) < 2**63
    assert 0 <= about.hop < 2**31
