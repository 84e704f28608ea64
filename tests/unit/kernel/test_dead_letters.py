"""A dead letter is handled again, or dropped, by a person's word; once."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack

import pytest

from reveille.contracts.common.v1.common_pb2 import (
    DeadLetterDropped,
    DeadLetterRetried,
    EventRef,
    Json,
    MessageParked,
    Sealed,
)
from reveille.kernel import event_bus, snapshots
from reveille.kernel.dead_letters import DeadLetters
from reveille.kernel.decider import Command
from reveille.kernel.errors import Poison, Rejected, Transient
from reveille.kernel.events import Recorded
from reveille.kernel.handling import Desk, Handling
from reveille.kernel.ids import text
from reveille.kernel.parking import MAX_RECORD_BYTES, Closed, Drop, Parking, Retry, decider
from tests.unit.kernel.tally import Inbox, Note, Refuse, WatchedStore, again, noted
from tests.unit.log import EVENT_TYPES, Log
from tests.unit.manual_clock import NOON, ManualClock
from tests.unit.running import running
from tests.unit.spec import evolved, spec

pytestmark = pytest.mark.asyncio
given = spec(decider)
LETTERS, TALLY = "t.deadletter-svc-0", "t.tally-1"
REF = EventRef.DESCRIPTOR.full_name
FIRST = EventRef(stream=LETTERS, revision=0)


class Office:
    """A service whose reactor does what the test says: it notes that it was told, unless it is at fault."""

    def __init__(self, log: Log, handling: Handling, inbox: Inbox) -> None:
        clock = ManualClock()
        self.log = log
        self.fault: Exception | None = None
        self.rules_fault: Exception | None = None
        self.reacted = 0
        self._inbox = inbox
        self._parking = Parking("svc", handling=handling, clock=clock)
        self.desk = Desk(handling, self._parking.park)
        self.letters = DeadLetters(
            "svc", {REF: self._react}, handling=handling, desk=self.desk, store=log.store, clock=clock
        )

    async def _react(self, event: Recorded, now: int) -> Sequence[tuple[str, Command]]:
        self.reacted += 1
        if self.fault is not None:
            raise self.fault
        if self.rules_fault is not None:
            return [(TALLY, Refuse(error=self.rules_fault))]
        assert isinstance(event.msg, EventRef)
        return [(TALLY, Note(label=event.msg.stream))]

    async def park(self) -> event_bus.Message:
        message = await self._inbox.message(partition=0)
        await self._parking.park(again(message), Poison("never"))
        return message

    async def retry(self, ref: EventRef = FIRST) -> int:
        return await self.letters.retry(ref, decode=EVENT_TYPES.decode)

    async def closings(self) -> list[object]:
        return [m for m in await self.log.messages(LETTERS) if isinstance(m, DeadLetterRetried | DeadLetterDropped)]

    async def put(self, **parked: object) -> None:
        """A record of the bus, as it was kept."""
        event = EventRef(stream="t.told-9", revision=4)
        kept = {"service": "svc", "event_id": text(bytes(15) + b"\x09"), "event_type": REF, "event": event}
        await self.log.write(LETTERS, MessageParked(**{**kept, "position": 77, "error": "never", **parked}))  # type: ignore[arg-type]


@pytest.fixture
async def office(log: Log, handling: Handling, inbox: Inbox) -> AsyncIterator[Office]:
    async with AsyncExitStack() as stack:
        office = Office(log, handling, inbox)
        await stack.enter_async_context(running(office.desk.run()))
        yield office


async def test_a_letter_that_is_retried_is_handled_and_that_is_recorded(office: Office) -> None:
    await office.park()
    position = await office.retry()
    assert await office.log.messages(TALLY) == [noted("told")]
    assert await office.closings() == [DeadLetterRetried(service="svc", parked=FIRST)]
    assert position == (await office.log.read(LETTERS))[-1].position


async def test_what_a_retry_leads_to_is_caused_by_the_event_and_by_no_bus_message(office: Office) -> None:
    """Its position was answered when it was parked: told by it, the stream would do nothing."""
    message = await office.park()
    await office.retry()
    (event,) = await office.log.read(TALLY)
    assert (event.meta.origin.cause, event.meta.origin.sender) == (message.event.id, "")
    assert event.meta.about == message.event.meta.about


@pytest.mark.parametrize(
    ("where", "error", "expected"),
    [
        ("fault", Poison("still never"), "still never"),
        ("fault", Transient("the fact is not there yet"), "the fact is not there yet"),
        ("fault", KeyError("what somebody wrote"), r"^KeyError at reveille\.kernel\.dead_letters:\d+$"),
        ("rules_fault", Poison("the rules say no"), "the rules say no"),
        ("rules_fault", Rejected("not as it stands"), "not as it stands"),
    ],
)
async def test_what_is_still_wrong_is_the_answer_and_the_letter_stays(
    office: Office, where: str, error: Exception, expected: str
) -> None:
    await office.park()
    setattr(office, where, error)
    with pytest.raises((Poison, Transient, Rejected), match=expected):
        await office.retry()
    assert (await office.log.messages(TALLY), await office.closings()) == ([], [])
    setattr(office, where, None)
    await office.retry()
    assert len(await office.closings()) == 1


async def test_a_letter_is_retried_once_however_many_ask_for_it(office: Office) -> None:
    await office.park()
    outcomes = await asyncio.gather(*(office.retry() for _ in range(5)), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Closed"] * 4 + ["int"]
    assert (office.reacted, len(await office.closings())) == (1, 1)


async def test_a_letter_that_is_dropped_is_not_handled_any_more(office: Office) -> None:
    await office.park()
    await office.letters.drop(FIRST, "nobody needs it")
    with pytest.raises(Closed, match="was dropped before"):
        await office.retry()
    with pytest.raises(Closed, match="was dropped before"):
        await office.letters.drop(FIRST, "again")
    dropped = DeadLetterDropped(service="svc", parked=FIRST, reason=Sealed(data=b"nobody needs it"))
    assert (office.reacted, await office.closings()) == (0, [dropped])


async def test_what_another_replica_has_retried_meanwhile_is_not_recorded_twice(
    office: Office, store: WatchedStore
) -> None:
    """Both have handled it, as each would after a crash; the rules of the streams see to it that it counts once."""
    await office.park()
    await office.log.write(LETTERS, DeadLetterRetried(service="svc", parked=FIRST))
    with pytest.raises(Closed, match="was retried before"):
        await office.retry()
    assert len(await office.closings()) == 1


@pytest.mark.parametrize(
    "ref",
    [
        EventRef(stream=LETTERS, revision=7),
        EventRef(stream="t.deadletter-other-0", revision=0),
        EventRef(stream="t.told-1", revision=0),
        EventRef(stream="nonsense"),
        EventRef(stream=".deadletter-svc-0"),
    ],
    ids=str,
)
async def test_what_is_no_letter_of_the_service_is_not_there(office: Office, ref: EventRef) -> None:
    await office.park()
    with pytest.raises(KeyError, match="svc has no dead letter"):
        await office.retry(ref)
    with pytest.raises(KeyError, match="svc has no dead letter"):
        await office.letters.drop(ref, "")


async def test_a_record_of_the_closing_is_no_letter(office: Office) -> None:
    await office.park()
    await office.retry()
    with pytest.raises(KeyError, match="svc has no dead letter"):
        await office.retry(EventRef(stream=LETTERS, revision=1))


async def test_a_record_that_the_log_does_not_have_is_handled_as_it_was_kept(office: Office) -> None:
    await office.put(record=Sealed(data=EventRef(stream="kept").SerializeToString()))
    await office.retry()
    assert await office.log.messages(TALLY) == [noted("kept")]


async def test_a_record_whose_headers_were_broken_is_found_in_the_log_by_those_that_are_whole(office: Office) -> None:
    (event,) = await office.log.write("t.told-3", EventRef(stream="in the log"))
    headers = b'{"ce_subject": "t.told-3", "ce_streamrevision": "0"}'
    unreadable = EventRef(stream="t.unreadable")
    await office.put(
        event_id=text(event.id),
        event=unreadable,
        position=-5,
        record=Sealed(data=b"cut"),
        headers=Sealed(data=headers),
    )
    await office.retry()
    assert await office.log.messages(TALLY) == [noted("in the log")]


@pytest.mark.parametrize(
    ("parked", "why"),
    [
        ({}, "the log has no event .* at t.told-9@4, and no record of it was kept"),
        ({"position": -3, "record": Sealed(data=b"x"), "error": "no header ce_type"}, "is no event: no header ce_type"),
        ({"record": Sealed(data=bytes(MAX_RECORD_BYTES))}, "only the first 131072 bytes were kept"),
        ({"record": Sealed(data=b"\xff")}, "its record is no reveille.common.v1.EventRef"),
        ({"event_type": "their.own", "record": Sealed(data=b"x")}, "does nothing about events of type their.own"),
        ({"event_type": Json.DESCRIPTOR.full_name, "record": Sealed(data=b"")}, "svc does nothing about events"),
    ],
)
async def test_what_cannot_be_rebuilt_says_why(office: Office, parked: dict[str, object], why: str) -> None:
    await office.put(**parked)
    with pytest.raises(Poison, match=why):
        await office.retry()
    assert await office.closings() == []


async def test_an_event_of_the_log_is_not_taken_for_another_one_of_its_place(office: Office) -> None:
    """Whoever writes to an inbox from outside may name any event."""
    await office.log.write("t.told-9", *(EventRef(stream=f"true {number}") for number in range(5)))
    await office.put(record=Sealed(data=EventRef(stream="said").SerializeToString()))
    await office.retry()
    assert await office.log.messages(TALLY) == [noted("said")]


async def test_only_the_letter_that_is_meant_is_closed() -> None:
    other = EventRef(stream=LETTERS, revision=1)
    retried = given(DeadLetterRetried(service="svc", parked=FIRST))
    retried.when(Drop(now=NOON, service="svc", parked=other, reason="r")).then(
        DeadLetterDropped(service="svc", parked=other, reason=Sealed(data=b"r"))
    )
    retried.when(Retry(now=NOON, service="svc", parked=other)).then(DeadLetterRetried(service="svc", parked=other))


async def test_a_snapshot_knows_which_letters_are_closed() -> None:
    retried, dropped = (EventRef(stream=LETTERS, revision=number) for number in range(2))
    events = [DeadLetterRetried(service="svc", parked=retried), DeadLetterDropped(service="svc", parked=dropped)]
    state = evolved(decider, decider.initial, events)
    loaded = snapshots.decode(decider, snapshots.encode(decider, snapshots.Loaded(state, 9, {})))
    assert loaded is not None
    for ref in (retried, dropped):
        with pytest.raises(Closed):
            loaded.state.check_open(ref)
