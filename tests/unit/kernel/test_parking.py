"""A message that can never be handled is kept whole, with the reason, and once."""

import json

import pytest

from reveille.contracts.common.v1.common_pb2 import EventRef, MessageParked
from reveille.kernel.errors import Poison, Transient
from reveille.kernel.event_bus import Message
from reveille.kernel.events import About, Meta, Recorded
from reveille.kernel.handling import Handling
from reveille.kernel.ids import text
from reveille.kernel.parking import RECENT, Park, Parking, decider
from tests.unit.kernel.tally import Inbox, Refuse, WatchedStore, again
from tests.unit.log import Log
from tests.unit.manual_clock import NOON, ManualClock
from tests.unit.spec import spec

pytestmark = pytest.mark.asyncio
given = spec(decider)
LETTERS = "t.deadletter-svc-0"
NEVER = Poison("never")


@pytest.fixture
def parking(handling: Handling) -> Parking:
    return Parking("svc", handling=handling, clock=ManualClock())


async def positions(log: Log) -> list[int]:
    return [event.msg.position for event in await log.read(LETTERS) if isinstance(event.msg, MessageParked)]


def of(message: Message, error: str = "never") -> MessageParked:
    event = message.event
    return MessageParked(
        service="svc",
        partition=message.partition,
        event_id=text(event.id),
        event_type=event.type,
        event=EventRef(stream=event.stream, revision=event.revision),
        position=event.position,
        error=error,
        attempts=1,
    )


async def test_a_dead_letter_names_the_message_and_the_reason(parking: Parking, log: Log, inbox: Inbox) -> None:
    message = await inbox.message(partition=0)
    await parking.park(again(message), NEVER)
    assert await log.messages(LETTERS) == [of(message)]


async def test_a_dead_letter_is_about_its_message_and_caused_by_it(parking: Parking, log: Log, inbox: Inbox) -> None:
    message = await inbox.message()
    await parking.park(again(message), NEVER)
    (letter,) = await log.read(LETTERS)
    assert (letter.meta.about, letter.meta.origin.cause) == (message.event.meta.about, message.event.id)


async def test_each_partition_has_dead_letters_of_its_own(parking: Parking, log: Log, inbox: Inbox) -> None:
    message = await inbox.message(partition=5)
    await parking.park(again(message), NEVER)
    assert await log.messages("t.deadletter-svc-5") == [of(message)]


async def test_a_message_that_comes_again_is_kept_once(parking: Parking, log: Log, inbox: Inbox) -> None:
    message = await inbox.message()
    for _ in range(2):
        await parking.park(again(message), NEVER)
    assert await positions(log) == [message.event.position]


async def test_poison_that_is_found_out_of_order_is_kept_all_the_same(parking: Parking, log: Log, inbox: Inbox) -> None:
    early, late = await inbox.message(), await inbox.message()
    await parking.park(again(late), NEVER)
    await parking.park(again(early), NEVER)
    assert await positions(log) == [late.event.position, early.event.position]


async def test_poison_of_a_reactor_and_of_the_rules_is_kept_alike(
    parking: Parking, handling: Handling, log: Log, inbox: Inbox
) -> None:
    early, late = await inbox.message(), await inbox.message()
    refused = again(late, ("t.tally-1", Refuse(error=NEVER)))
    await handling.execute([parking.instead_of(again(early), NEVER), refused], parking.park)
    assert sorted(await positions(log)) == [early.event.position, late.event.position]


async def test_a_message_that_cannot_be_kept_must_come_again(
    parking: Parking, store: WatchedStore, inbox: Inbox
) -> None:
    store.faults, store.lands = [Transient("the log is away")], False
    with pytest.raises(Transient, match="a message could not be parked: the log is away"):
        await parking.park(again(await inbox.message()), NEVER)


async def test_a_reason_is_cut_before_it_is_too_long() -> None:
    message = Message(_event(7), "sender", 0, 7)
    given().when(Park(now=NOON, service="svc", message=message, error="x" * 5000)).then(of(message, "x" * 2000))


async def test_what_came_from_a_broker_is_kept_whole_also_where_it_is_no_event_of_the_log() -> None:
    event = _event(7)
    event.data = b"said"
    message = Message(event, "sender", 0, 7, headers={"ce_type": b"x.y.Z", "their": b"own"})
    letter = of(message)
    letter.record.data = b"said"
    letter.headers.data = b'{"ce_type":"x.y.Z","their":"own"}'
    given().when(Park(now=NOON, service="svc", message=message, error="never")).then(letter)


async def test_two_messages_that_claim_one_position_are_both_kept() -> None:
    """Whoever writes to an inbox from outside numbers as he likes."""
    first, second = (Message(_event(7, bytes([number]) * 16), "sender", 0, number) for number in (1, 2))
    parked = given(of(first))
    parked.when(Park(now=NOON, service="svc", message=second, error="never")).then(of(second))
    parked.when(Park(now=NOON, service="svc", message=first, error="never")).then()


async def test_headers_are_cut_before_they_are_too_long() -> None:
    message = Message(_event(7), "sender", 0, 7, headers={f"{n:03}" + "n" * 300: b"v" * 3000 for n in range(99)})
    (letter,) = decider.decide(Park(now=NOON, service="svc", message=message, error="never"), decider.initial)
    assert isinstance(letter, MessageParked)
    headers = json.loads(letter.headers.data)
    assert (len(headers), {len(name) for name in headers}, {len(value) for value in headers.values()}) == (
        50,
        {200},
        {2000},
    )


async def test_as_many_are_remembered_as_a_bus_may_bring_again() -> None:
    first, second, *others = (Message(_event(position), "sender", 0, position) for position in range(RECENT + 1))
    letters = [of(message) for message in (first, second, *others)]
    parked = given(*letters)
    parked.when(Park(now=NOON, service="svc", message=second, error="never")).then()
    parked.when(Park(now=NOON, service="svc", message=first, error="never")).then(of(first))


def _event(position: int, id: bytes = bytes(16)) -> Recorded:
    return Recorded(id, "x.y.Z", b"", Meta(NOON, About("c")), None, position, "t.s-1", 3)
