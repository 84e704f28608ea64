"""Load, decide, append: what one batch of work does to the log."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from reveille.kernel.errors import Rejected, UnknownEventType
from reveille.kernel.event_store import NO_STREAM, Append, Appended, Conflict
from reveille.kernel.events import About, Origin
from reveille.kernel.handling import Handling
from reveille.kernel.states import States
from tests.unit.kernel import tally
from tests.unit.kernel.tally import Inbox, Last, Note, Open, Refuse, WatchedStore, again, noted, report
from tests.unit.log import Log
from tests.unit.manual_clock import NOON
from tests.unit.spec import HERE

pytestmark = pytest.mark.asyncio
NewHandling = Callable[..., Handling]
ONE, TWO = "t.tally-1", "t.tally-2"


async def test_a_command_becomes_the_events_that_were_decided(handling: Handling, log: Log) -> None:
    await handling.execute([report((ONE, Note(label="a")))])
    assert await log.messages(ONE) == [noted("a")]


async def test_an_event_says_when_why_and_by_whom_it_was_decided(handling: Handling, log: Log, inbox: Inbox) -> None:
    message = await inbox.message(partition=3)
    await handling.execute([again(message, (ONE, Note(label="a")))])
    (event,) = await log.read(ONE)
    origin = Origin(message.event.id, "sender", 3, message.event.position)
    assert (event.meta.time, event.meta.about, event.meta.origin, event.meta.replica) == (NOON, HERE, origin, "here")


async def test_an_event_about_something_else_than_its_cause_says_so(handling: Handling, log: Log) -> None:
    there = About("there", "00-there", 2)
    await handling.execute([report((ONE, Note(label="a", also=("b", there))))])
    assert [event.meta.about for event in await log.read(ONE)] == [HERE, there]


async def test_a_batch_is_one_call_of_the_store(handling: Handling, store: WatchedStore, inbox: Inbox) -> None:
    works = [await inbox.work((ONE, Note(label="a")), (TWO, Note(label="b"))), await inbox.work((ONE, Note(label="c")))]
    store.appends.clear()
    await handling.execute(works)
    assert store.appends == [[ONE, TWO]]


async def test_commands_of_a_batch_are_decided_in_order_each_on_what_the_one_before_has_changed(
    handling: Handling, log: Log
) -> None:
    await handling.execute([report((ONE, Note(label=label))) for label in ("a", "b", "a", "c")])
    assert await log.messages(ONE) == [noted("a"), noted("b"), noted("c")]


async def test_a_work_knows_its_events_and_how_far_the_log_must_be_read_to_see_them(
    handling: Handling, log: Log
) -> None:
    work = report((ONE, Note(label="a")), (TWO, Note(label="b")))
    await handling.execute([work])
    assert (len(work.events), work.position, work.error) == (2, await log.store.head(), None)


async def test_a_message_that_was_answered_is_not_answered_again(
    new_handling: NewHandling, log: Log, inbox: Inbox
) -> None:
    message = await inbox.message()
    await new_handling().execute([again(message, (ONE, Last(label="a")))])
    await new_handling().execute([again(await inbox.message(), (ONE, Last(label="b")))])
    repeated = again(message, (ONE, Last(label="a")))
    await new_handling().execute([repeated])
    assert (await log.messages(ONE), repeated.error) == ([noted("a"), noted("b")], None)


async def test_a_message_that_comes_twice_in_one_batch_is_answered_once(
    handling: Handling, log: Log, inbox: Inbox
) -> None:
    first, second = await inbox.message(), await inbox.message()
    labels = {"a": first, "b": second}
    works = [again(message, (ONE, Last(label=label))) for label, message in labels.items()]
    await handling.execute([*works, again(first, (ONE, Last(label="a")))])
    assert await log.messages(ONE) == [noted("a"), noted("b")]


@pytest.mark.parametrize("other", [{"partition": 1}, {"sender": "other"}])
async def test_each_sender_has_a_mark_of_its_own_in_each_partition(
    handling: Handling, log: Log, inbox: Inbox, other: dict[str, object]
) -> None:
    early = await inbox.message(**other)  # type: ignore[arg-type]
    late = await inbox.message()
    await handling.execute([again(late, (ONE, Note(label="late")))])
    await handling.execute([again(early, (ONE, Note(label="early")))])
    assert await log.messages(ONE) == [noted("late"), noted("early")]


async def test_a_message_is_done_when_all_its_streams_have_answered(
    new_handling: NewHandling, log: Log, inbox: Inbox
) -> None:
    message = await inbox.message()
    await new_handling().execute([again(message, (ONE, Note(label="a")))])  # and then it crashed
    await new_handling().execute([again(message, (ONE, Note(label="a")), (TWO, Note(label="b")))])
    assert (await log.messages(ONE), await log.messages(TWO)) == ([noted("a")], [noted("b")])


async def test_a_decision_without_events_is_confirmed_by_a_check(
    new_handling: NewHandling, handling: Handling, log: Log
) -> None:
    await handling.execute([report((ONE, Last(label="a")))])
    await new_handling().execute([report((ONE, Last(label="b")))])
    # What it knows says that `a` is the last label; that is no longer so.
    await handling.execute([report((ONE, Last(label="a")))])
    assert await log.messages(ONE) == [noted("a"), noted("b"), noted("a")]


async def test_after_a_conflict_the_decision_is_made_again(handling: Handling, store: WatchedStore, log: Log) -> None:
    store.rivals[ONE] = ["a"]
    await handling.execute([report((ONE, Note(label="a")))])
    assert await log.messages(ONE) == [noted("a")]


async def test_after_a_conflict_only_what_is_new_is_read(handling: Handling, store: WatchedStore) -> None:
    await handling.execute([report((ONE, Note(label="a")), (TWO, Note(label="a")))])
    store.reads.clear()
    store.rivals[ONE] = ["b"]
    await handling.execute([report((ONE, Note(label="c")), (TWO, Note(label="c")))])
    assert store.reads == [{ONE: 0}]


async def test_a_conflict_on_one_stream_leaves_the_others_alone(
    handling: Handling, store: WatchedStore, log: Log
) -> None:
    store.rivals[ONE] = ["x"]
    await handling.execute([report((ONE, Note(label="a")), (TWO, Note(label="b")))])
    assert (await log.messages(ONE), await log.messages(TWO)) == ([noted("x"), noted("a")], [noted("b")])


async def test_what_is_known_is_not_read_again(handling: Handling, store: WatchedStore) -> None:
    await handling.execute([report((ONE, Note(label="a")))])
    store.reads.clear()
    await handling.execute([report((ONE, Note(label="b")))])
    assert store.reads == []


async def test_what_was_known_is_read_again_after_it_was_forgotten(handling: Handling, store: WatchedStore) -> None:
    await handling.execute([report((ONE, Note(label="a")))])
    store.reads.clear()
    handling.forget()
    await handling.execute([report((ONE, Note(label="b")))])
    assert store.reads == [{ONE: NO_STREAM}]


async def test_what_was_to_be_forgotten_while_it_was_appended_is_not_kept(
    handling: Handling, store: WatchedStore
) -> None:
    inner = store.append

    async def forgetting(batch: Sequence[Append]) -> list[Appended | Conflict]:
        handling.forget()
        return await inner(batch)

    store.append = forgetting  # type: ignore[method-assign]
    await handling.execute([report((ONE, Note(label="a")))])
    store.reads.clear()
    await handling.execute([report((ONE, Note(label="b")))])
    assert store.reads == [{ONE: NO_STREAM}]


async def test_no_more_streams_are_known_than_there_is_room_for(log: Log, store: WatchedStore) -> None:
    handling = Handling([tally.decider], store=store, ids=log.ids, replica="here", states=States(streams=1))
    await handling.execute([report((ONE, Note(label="a")))])
    await handling.execute([report((TWO, Note(label="a")))])
    store.reads.clear()
    await handling.execute([report((ONE, Note(label="b")))])
    assert store.reads == [{ONE: NO_STREAM}]


async def test_a_stream_that_is_opened_is_not_looked_at_before(
    handling: Handling, store: WatchedStore, log: Log
) -> None:
    await handling.execute([report((ONE, Open(label="a")))])
    assert (store.reads, await log.messages(ONE)) == ([], [noted("a")])


async def test_a_stream_that_was_opened_already_is_found_by_the_append(
    new_handling: NewHandling, handling: Handling, log: Log
) -> None:
    await new_handling().execute([report((ONE, Open(label="a")))])
    work = report((ONE, Open(label="b")))
    await handling.execute([work])
    assert (await log.messages(ONE), work.error) == ([noted("a")], None)


async def test_a_stream_can_be_loaded_as_it_stands(handling: Handling) -> None:
    await handling.execute([report((ONE, Note(label="a")))])
    loaded = await handling.load(ONE)
    assert (loaded.state.labels, loaded.revision) == (("a",), 0)


async def test_a_stream_that_is_not_there_loads_as_nothing(handling: Handling) -> None:
    loaded = await handling.load(ONE)
    assert (loaded.state.labels, loaded.revision) == ((), NO_STREAM)


async def test_a_stream_of_a_newer_build_cannot_be_loaded(handling: Handling, log: Log) -> None:
    await log.write_unknown(ONE)
    with pytest.raises(UnknownEventType, match=r"t\.tally-1 holds an event of type reveille\.planner\.v1\.FromThe"):
        await handling.load(ONE)


async def test_whoever_asked_hears_that_he_was_refused(handling: Handling, log: Log) -> None:
    refused, other = report((ONE, Refuse(error=Rejected("no")))), report((ONE, Note(label="a")))
    await handling.execute([refused, other])
    assert isinstance(refused.error, Rejected)
    assert (await log.messages(ONE), other.error) == ([noted("a")], None)


async def test_a_snapshot_saves_reading_what_it_holds(new_handling: NewHandling, store: WatchedStore, log: Log) -> None:
    for label in ("a", "b", "c"):
        await new_handling(tally.remembering).execute([report((ONE, Note(label=label)))])
    store.reads.clear()
    await new_handling(tally.remembering).execute([report((ONE, Note(label="b")), (ONE + "x", Note(label="d")))])
    assert store.reads == [{ONE: 1, ONE + "x": NO_STREAM}]


async def test_a_snapshot_holds_what_was_answered(new_handling: NewHandling, log: Log, inbox: Inbox) -> None:
    messages = [await inbox.message() for _ in range(2)]
    works = [again(message, (ONE, Last(label=label))) for message, label in zip(messages, "ab", strict=True)]
    await new_handling(tally.remembering).execute(works)
    await new_handling(tally.remembering).execute([again(messages[0], (ONE, Last(label="a")))])
    assert await log.messages(ONE) == [noted("a"), noted("b")]


async def test_a_snapshot_of_another_version_is_ignored(new_handling: NewHandling, store: WatchedStore) -> None:
    works = [report((ONE, Note(label=label))) for label in "ab"]
    await new_handling(tally.remembering).execute(works)
    store.reads.clear()
    await new_handling(replace(tally.remembering, version=2)).execute([report((ONE, Note(label="c")))])
    assert store.reads == [{ONE: NO_STREAM}]
