"""How a service answers its inbox: what it acknowledges, what it holds, what it parks."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Sequence

import pytest

from reveille.adapters.embedded_bus import EmbeddedBus, EmbeddedConsumer
from reveille.contracts.common.v1.common_pb2 import EventRef, Json, MessageParked
from reveille.kernel.clock import SECOND
from reveille.kernel.decider import Command
from reveille.kernel.errors import NotThere, Poison, Transient
from reveille.kernel.event_bus import Routes
from reveille.kernel.events import Recorded
from reveille.kernel.handling import Desk, Handling
from reveille.kernel.parking import Parking
from reveille.kernel.processing import Processing
from tests.unit.kernel.tally import Last, Note, Refuse, WatchedStore, noted
from tests.unit.log import Log
from tests.unit.manual_clock import ManualClock

pytestmark = pytest.mark.asyncio
NewHandling = Callable[..., Handling]
TALLY = "t.tally-1"
FUTURE = "reveille.planner.v1.FromTheFuture"
ROUTES: Routes = {
    "reveille.common.v1.Json": {"svc": lambda event: event.msg.text.partition(" ")[0]},  # type: ignore[union-attr]
    FUTURE: {"svc": lambda event: "future"},
}


async def turn(processing: Processing, consumer: EmbeddedConsumer) -> None:
    """A turn that waits for what never comes fails."""
    await asyncio.wait_for(processing.turn(consumer), 5)


class Office:
    """One service on a bus of four partitions. A message is a word: its first letter is the key, the rest an act."""

    def __init__(self, log: Log, new_handling: NewHandling, clock: ManualClock) -> None:
        self.log = log
        self.clock = clock
        self.words: dict[str, Exception] = {}
        self._new_handling = new_handling
        self._tasks: list[asyncio.Task[None]] = []
        self._told = 0
        self.begin_anew()

    def begin_anew(self) -> None:
        """The process is killed and started again before it has saved how far it was."""
        store = self.log.store
        self._bus = EmbeddedBus(ROUTES, store=store, positions=store, clock=self.clock, partitions=4)

    async def tell(self, *words: str, tenant: str = "t") -> None:
        for word in words:
            self._told += 1
            await self.log.write(f"{tenant}.told-{self._told}", Json(text=word))

    async def open(self) -> tuple[Processing, EmbeddedConsumer]:
        handling = self._new_handling()
        parking = Parking("svc", handling=handling, clock=self.clock)
        desk = Desk(handling, parking.park)
        self._tasks.append(asyncio.create_task(desk.run()))
        processing = Processing(
            "svc",
            {"reveille.common.v1.Json": self._on_word},
            handling=handling,
            desk=desk,
            parking=parking,
            bus=self._bus,
            clock=self.clock,
            replica="here",
        )
        consumer = await self._bus.consumer("svc", "here")
        await turn(processing, consumer)  # the assignment
        return processing, consumer

    async def answer(self) -> None:
        """One turn of a replica that knows nothing, which then leaves."""
        processing, consumer = await self.open()
        await turn(processing, consumer)
        await consumer.close()

    async def unanswered(self) -> list[str]:
        """What another replica would get."""
        consumer = await self._bus.consumer("svc", "other")
        await consumer.receive(100)
        words: list[str] = []
        while True:
            receiving = asyncio.create_task(consumer.receive(100))
            done, _ = await asyncio.wait([receiving], timeout=0.01)
            if not done:
                receiving.cancel()
                break
            words += [message.event.msg.text for message in receiving.result().messages]  # type: ignore[union-attr]
        await consumer.close()
        return words

    async def letters(self) -> list[str]:
        """Why; of bugs without the line that they are in."""
        parked = [event.msg for event in await self.log.all("MessageParked")]
        return [re.sub(r":\d+$", "", letter.error) for letter in parked if isinstance(letter, MessageParked)]

    async def noted(self) -> list[str]:
        return [event.stream for event in await self.log.messages(TALLY) if isinstance(event, EventRef)]

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _on_word(self, event: Recorded, now: int) -> Sequence[tuple[str, Command]]:
        assert isinstance(event.msg, Json)
        _, _, what = event.msg.text.partition(" ")
        match what.split():
            case ["react", name]:
                raise self.words[name]
            case ["once", name]:
                if (error := self.words.pop(name, None)) is not None:
                    raise error
                return [(TALLY, Note(label="then", now=now))]
            case ["decide", name]:
                return [(TALLY, Refuse(error=self.words[name], now=now))]
            case ["last", label]:
                return [(TALLY, Last(label=label, now=now))]
            case _:
                return [(TALLY, Note(label=event.msg.text, now=now))]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def office(log: Log, new_handling: NewHandling, clock: ManualClock) -> AsyncIterator[Office]:
    office = Office(log, new_handling, clock)
    office.words = {
        "later": Transient("not now", retry_after=3),
        "never": Poison("never"),
        "missing": NotThere("stream t.fleet has no fleet at revision 7 yet"),
        "bug": KeyError("no such thing"),
    }
    yield office
    await office.close()


async def test_a_message_is_answered_and_acknowledged(office: Office) -> None:
    await office.tell("a")
    await office.answer()
    assert (await office.noted(), await office.unanswered()) == (["a"], [])


async def test_what_an_event_was_caused_by_can_be_read_from_it(office: Office) -> None:
    await office.tell("a")
    await office.answer()
    (told,), (event,) = await office.log.read("t.told-1"), await office.log.read(TALLY)
    origin = event.meta.origin
    assert (origin.cause, origin.sender, origin.position) == (told.id, "common", told.position)


async def test_the_messages_of_a_turn_share_an_append(office: Office, store: WatchedStore) -> None:
    await office.tell("a", "b", "c")
    await office.answer()
    assert (store.appends, await office.noted()) == ([[TALLY]], ["a", "b", "c"])


async def test_a_message_that_comes_again_changes_nothing(office: Office) -> None:
    await office.tell("a last x", "a last y", "a react never")
    await office.answer()
    office.begin_anew()
    assert await office.unanswered() == ["a last x", "a last y", "a react never"]
    await office.answer()
    assert (await office.noted(), await office.letters()) == (["x", "y"], ["never"])


@pytest.mark.parametrize("when", ["react", "decide"])
async def test_what_must_wait_holds_its_partition_and_no_other(office: Office, when: str) -> None:
    await office.tell("a before", f"a {when} later", "a behind", "b elsewhere")
    await office.answer()
    assert await office.noted() == ["a before", "b elsewhere"]
    assert await office.unanswered() == [f"a {when} later", "a behind"]


@pytest.mark.parametrize("when", ["react", "decide"])
async def test_what_had_to_wait_comes_again_after_its_time(office: Office, clock: ManualClock, when: str) -> None:
    processing, consumer = await office.open()
    await office.tell(f"a {when} later", "a behind")
    await turn(processing, consumer)
    office.words["later"] = Poison("now it is clear")
    clock.advance(3)
    await turn(processing, consumer)
    assert (await office.letters(), await office.noted()) == (["now it is clear"], ["a behind"])


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("react never", "never"),
        ("decide never", "never"),
        ("react bug", "KeyError at reveille.kernel.processing"),
        ("decide bug", "KeyError at reveille.kernel.handling"),
    ],
)
async def test_what_can_never_be_handled_is_parked_and_what_is_behind_it_goes_on(
    office: Office, word: str, reason: str
) -> None:
    await office.tell(f"a {word}", "a behind")
    await office.answer()
    assert (await office.letters(), await office.noted(), await office.unanswered()) == ([reason], ["a behind"], [])


async def test_all_that_is_parked_in_one_turn_is_kept(office: Office) -> None:
    await office.tell("a react never", "a decide never", "a decide bug", "a react bug", "a behind")
    await office.answer()
    whys = [why.partition(" at ")[0] for why in await office.letters()]
    assert sorted(whys) == ["KeyError", "KeyError", "never", "never"]
    assert await office.noted() == ["a behind"]


async def test_a_message_that_names_a_fact_which_the_log_before_it_does_not_hold_is_parked(office: Office) -> None:
    await office.tell("a react missing", "a behind")
    await office.answer()
    (reason,) = await office.letters()
    assert reason.startswith("stream t.fleet has no fleet at revision 7")
    assert await office.noted() == ["a behind"]


async def test_a_fact_that_came_while_it_was_looked_for_is_found(office: Office) -> None:
    await office.tell("a once missing", "a behind")
    await office.answer()
    assert (await office.letters(), await office.noted()) == ([], ["then", "a behind"])


async def test_a_fact_is_waited_for_where_the_log_is_not_seen_up_to_its_message_yet(
    office: Office, monkeypatch: pytest.MonkeyPatch, clock: ManualClock
) -> None:
    async def nothing_yet() -> int:
        return 0

    processing, consumer = await office.open()
    await office.tell("a once missing", "a behind")
    with monkeypatch.context() as patched:
        patched.setattr(processing, "_log_head", nothing_yet)
        await turn(processing, consumer)
    assert (await office.letters(), await office.noted()) == ([], [])
    clock.advance(1)
    await turn(processing, consumer)
    assert (await office.letters(), await office.noted()) == ([], ["then", "a behind"])


async def test_a_fact_is_not_waited_for_without_end(
    office: Office, monkeypatch: pytest.MonkeyPatch, clock: ManualClock
) -> None:
    async def never() -> int:
        return 0

    processing, consumer = await office.open()
    monkeypatch.setattr(processing, "_log_head", never)
    await office.tell("a react missing", "a behind")
    clock.advance(600)
    await turn(processing, consumer)
    assert (len(await office.letters()), await office.noted()) == (1, ["a behind"])


@pytest.mark.parametrize("word", ["react never", "decide never"])
async def test_what_cannot_be_parked_is_held(
    office: Office, store: WatchedStore, clock: ManualClock, word: str
) -> None:
    processing, consumer = await office.open()
    await office.tell(f"a {word}", "a behind")
    store.faults, store.lands = [Transient("away", retry_after=3)], False
    await turn(processing, consumer)
    assert (await office.letters(), await office.noted()) == ([], [])
    clock.advance(3)
    await turn(processing, consumer)
    assert (await office.letters(), await office.noted()) == (["never"], ["a behind"])


async def test_an_event_of_a_newer_build_waits_for_another_build(office: Office) -> None:
    await office.log.write_unknown("t.told-x")
    await office.answer()
    assert await office.letters() == []
    consumer = await EmbeddedBus(
        ROUTES, store=office.log.store, positions=office.log.store, clock=office.clock
    ).consumer("svc", "newer")
    await consumer.receive(1)
    assert [message.event.type for message in (await consumer.receive(1)).messages] == [FUTURE]


async def test_an_event_of_a_newer_build_is_parked_when_no_newer_build_comes(
    office: Office, clock: ManualClock
) -> None:
    await office.log.write_unknown("t.told-x")
    clock.advance(600)
    await office.answer()
    (reason,) = await office.letters()
    assert reason == f"the inbox of svc holds an event of type {FUTURE}, which this build does not know"


async def test_an_event_that_says_it_is_of_next_year_is_not_waited_for(office: Office, clock: ManualClock) -> None:
    await office.log.write_unknown("t.told-x", at=clock.now() + 365 * 86_400 * SECOND)
    await office.answer()
    assert len(await office.letters()) == 1


async def test_partitions_that_come_back_are_decided_on_what_others_did_meanwhile(
    office: Office, store: WatchedStore
) -> None:
    processing, consumer = await office.open()
    await office.tell("a last x")
    await turn(processing, consumer)
    __, visitor = await office.open()
    await office.log.write(TALLY, noted("y"))
    await visitor.close()
    await turn(processing, consumer)  # the assignment
    await office.tell("a last x")
    store.appends.clear()
    await turn(processing, consumer)
    assert await office.noted() == ["x", "y", "x"]
    assert store.appends == [[TALLY]], "what it knew was not tried first"


async def test_an_inbox_is_not_answered_while_another_member_is_behind(office: Office) -> None:
    processing, consumer = await office.open()
    _, other = await office.open()
    await office.tell("a", "b", "c", "d", "e")
    head = await office.log.store.head()
    await turn(processing, consumer)  # the assignment, anew
    await turn(processing, consumer)
    assert await consumer.behind(head)
    await other.close()
    await turn(processing, consumer)  # the assignment of what the other one had
    await turn(processing, consumer)
    assert not await consumer.behind(head)


async def test_an_inbox_is_answered_up_to_a_position_when_that_was_acknowledged(office: Office) -> None:
    processing, consumer = await office.open()
    await consumer.close()
    running = asyncio.create_task(processing.run())
    await office.tell("a")
    await processing.answered(await office.log.store.head())
    assert await office.noted() == ["a"]
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def counted(processing: Processing, tenant: str = "") -> tuple[int, int, int, int]:
    told = processing.counted.of(tenant)
    return told.published, told.delivered, told.failed, told.parked


async def test_what_is_delivered_and_what_is_parked_is_counted(office: Office) -> None:
    processing, consumer = await office.open()
    await office.tell("a", "b", "a react never", "b decide bug")
    await turn(processing, consumer)
    assert await counted(processing) == (4, 2, 0, 2)


async def test_what_is_counted_of_a_tenant_is_its_own(office: Office) -> None:
    processing, consumer = await office.open()
    await office.tell("a", "a react never")
    await office.tell("b", "b react later", tenant="u")
    await turn(processing, consumer)
    assert await counted(processing, "t") == (2, 1, 0, 1)
    assert await counted(processing, "u") == (2, 1, 1, 0)
    assert await counted(processing, "nobody") == (0, 0, 0, 0)
    assert await counted(processing) == (4, 2, 1, 1)


async def test_a_message_that_has_to_wait_is_published_once_and_failed_each_time(
    office: Office, clock: ManualClock
) -> None:
    processing, consumer = await office.open()
    await office.tell("a react later", "a behind", "b")
    for _ in range(2):
        await turn(processing, consumer)
        clock.advance(3)
    assert await counted(processing) == (3, 1, 2, 0)
    office.words["later"] = Poison("now it is clear")
    await turn(processing, consumer)
    assert await counted(processing) == (3, 2, 2, 1)


async def test_a_message_that_the_bus_brings_again_counts_once(office: Office) -> None:
    processing, consumer = await office.open()
    await office.tell("a", "a react never")
    await turn(processing, consumer)
    office.begin_anew()
    _, again = await office.open()
    await turn(processing, again)
    assert await counted(processing) == (2, 1, 0, 1)
