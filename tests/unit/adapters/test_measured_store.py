"""What is counted of a store, and what is told of it as spans."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from reveille.adapters.measured_store import CONFLICT, UNAVAILABLE, UNKNOWN, MeasuredStore
from reveille.contracts.common.v1.common_pb2 import Json
from reveille.kernel import trace_context
from reveille.kernel.errors import Transient, Unknown
from reveille.kernel.event_store import NO_STREAM, Append, Appended, Conflict, EventStore
from reveille.kernel.events import About, Meta, New, new_event
from reveille.kernel.measuring import Measures
from reveille.kernel.spans import NoSpans, Spans
from tests.recorded_spans import RecordedSpans
from tests.unit.log import CountedIds, Log

pytestmark = pytest.mark.asyncio
TYPE = Json.DESCRIPTOR.full_name
ONE, OTHER = (f"00-{digit * 32}-{digit * 16}-01" for digit in "ab")


class House:
    def __init__(self, spans: Spans | None = None) -> None:
        self.log = Log()
        self.measures = Measures()
        self.ids = CountedIds(100)
        self.store: EventStore = MeasuredStore(self.log.store, self.measures, spans or NoSpans(), system="sqlite")

    def event(self, trace: str = "") -> New:
        return new_event(self.ids.new(), Json(text="x"), Meta(1, About("c", trace)))


async def test_events_are_counted_by_type_when_they_are_in_the_log() -> None:
    house = House()
    await house.store.append([Append("t.a", NO_STREAM, [house.event(), house.event()]), Append("t.b", NO_STREAM)])
    assert house.measures.appended == {TYPE: 2}
    assert house.measures.append.count == 1
    assert len(await house.store.read_all(0, 10)) == 2


async def test_what_another_was_faster_with_is_a_conflict_and_no_event() -> None:
    house = House()
    await house.store.append([Append("t.a", NO_STREAM, [house.event()])])
    (outcome,) = await house.store.append([Append("t.a", NO_STREAM, [house.event()])])
    assert isinstance(outcome, Conflict)
    assert (house.measures.appended, house.measures.refused) == ({TYPE: 1}, {CONFLICT: 1})


@contextmanager
def failing(house: House, monkeypatch: pytest.MonkeyPatch, error: Exception, *, written: bool) -> Iterator[None]:
    append = house.log.store.append

    async def fail(batch: Sequence[Append]) -> list[Appended | Conflict]:
        if written:
            await append(batch)
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(house.log.store, "append", fail)
        yield


@pytest.mark.parametrize("written", [True, False])
async def test_an_append_that_is_sent_again_counts_once_wherever_its_first_answer_was_lost(
    monkeypatch: pytest.MonkeyPatch, written: bool
) -> None:
    house = House()
    batch = [Append("t.a", NO_STREAM, [house.event()])]
    with failing(house, monkeypatch, Unknown("no answer"), written=written), pytest.raises(Unknown):
        await house.store.append(batch)
    (outcome,) = await house.store.append(batch)
    assert isinstance(outcome, Appended)
    assert outcome.repeated is written
    assert (house.measures.appended, house.measures.refused) == ({TYPE: 1}, {UNKNOWN: 1})


async def test_a_log_that_is_away_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    house = House()
    with failing(house, monkeypatch, Transient("away"), written=False), pytest.raises(Transient):
        await house.store.append([Append("t.a", NO_STREAM, [house.event()])])
    assert (house.measures.appended, house.measures.refused) == ({}, {UNAVAILABLE: 1})


async def test_an_append_about_one_trace_is_a_part_of_it() -> None:
    spans = RecordedSpans()
    house = House(spans)
    await house.store.append([Append("t.a", NO_STREAM, [house.event(ONE), house.event(ONE)])])
    (span,) = spans.started
    assert (span.name, span.parent, span.links, span.ended) == ("append log", ONE, [], [None])
    assert span.attributes["reveille.events"] == 2


async def test_an_append_about_several_traces_is_linked_to_them() -> None:
    spans = RecordedSpans()
    house = House(spans)
    await house.store.append(
        [Append("t.a", NO_STREAM, [house.event(ONE)]), Append("t.b", NO_STREAM, [house.event(OTHER)])]
    )
    (span,) = spans.started
    assert (span.parent, span.links) == ("", [ONE, OTHER])


async def test_an_append_that_fails_fails_its_span(monkeypatch: pytest.MonkeyPatch) -> None:
    spans = RecordedSpans()
    house, error = House(spans), Transient("away")
    with failing(house, monkeypatch, error, written=False), pytest.raises(Transient):
        await house.store.append([Append("t.a", NO_STREAM, [house.event(ONE)])])
    assert spans.started[0].ended == [error]


async def test_a_read_is_told_of_where_somebody_reads_for_a_trace_and_following_never_is() -> None:
    spans = RecordedSpans()
    house = House(spans)
    await house.store.append([Append("t.a", NO_STREAM, [house.event()])])
    await house.store.read_streams({"t.a": NO_STREAM})
    assert spans.started == []
    with trace_context.about(ONE):
        await house.store.read_all(0, 10)
        assert spans.started == []
        await house.store.read_one("t.a", 0)
        with pytest.raises(KeyError):
            await house.store.read_one("t.a", 1)
    assert [(span.parent, span.attributes["db.operation.name"], span.ended) for span in spans.started] == [
        (ONE, "read_one", [None])
    ] * 2
