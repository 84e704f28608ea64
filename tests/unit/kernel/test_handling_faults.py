"""What happens to a batch when the store, the rules or the dead letters fail."""

import re
from collections.abc import Callable

import pytest

from reveille.kernel.errors import Poison, Rejected, Transient, Unknown, UnknownEventType
from reveille.kernel.events import MAX_EVENT_BYTES
from reveille.kernel.handling import MAX_RESENDS, Handling, Work
from tests.unit.kernel import tally
from tests.unit.kernel.tally import Inbox, Last, Note, Refuse, WatchedStore, again, noted, report
from tests.unit.log import Log

pytestmark = pytest.mark.asyncio
NewHandling = Callable[..., Handling]
ONE, TWO, THREE = "t.tally-1", "t.tally-2", "t.tally-3"
LOST = Unknown("no answer", retry_after=0)
LATER = Transient("not now", retry_after=7)


class Kept:
    """Dead letters, and what the log held of a stream when each was kept."""

    def __init__(self, log: Log, stream: str = ONE, fault: Transient | None = None) -> None:
        self._log = log
        self._stream = stream
        self._fault = fault
        self.letters: list[tuple[Work, str]] = []
        self.seen: list[object] = []

    async def __call__(self, work: Work, error: Exception) -> None:
        if self._fault is not None:
            raise self._fault
        self.letters.append((work, str(error)))
        self.seen = await self._log.messages(self._stream)  # type: ignore[assignment]


@pytest.fixture
def kept(log: Log) -> Kept:
    return Kept(log)


@pytest.mark.parametrize("lands", [True, False])
async def test_an_append_without_an_answer_stands_once(
    handling: Handling, store: WatchedStore, log: Log, lands: bool
) -> None:
    store.faults, store.lands = [LOST], lands
    work = report((ONE, Last(label="a")))
    await handling.execute([work])
    assert (await log.messages(ONE), work.error) == ([noted("a")], None)


async def test_an_append_without_an_answer_is_sent_again_as_it_was(
    handling: Handling, store: WatchedStore, log: Log
) -> None:
    store.faults, store.lands = [LOST], True
    work = report((ONE, Last(label="a")))
    await handling.execute([work])
    assert [event.id for event in await log.read(ONE)] == [new.id for new in work.events]


async def test_a_store_that_never_answers_gives_the_work_back(handling: Handling, store: WatchedStore) -> None:
    store.faults = [LOST] * (MAX_RESENDS + 1)
    work = report((ONE, Note(label="a")))
    await handling.execute([work])
    assert work.error is LOST
    assert len(store.appends) == MAX_RESENDS + 1


async def test_what_may_have_landed_is_looked_at_before_the_next_decision(
    handling: Handling, store: WatchedStore, log: Log
) -> None:
    store.faults = [LOST] * (MAX_RESENDS + 1)
    await handling.execute([report((ONE, Note(label="a")))])
    await handling.execute([report((ONE, Note(label="a")), (TWO, Note(label="b")))])
    assert (await log.messages(ONE), await log.messages(TWO)) == ([noted("a")], [noted("b")])


async def test_a_store_that_is_away_gives_all_of_the_batch_back(
    handling: Handling, store: WatchedStore, inbox: Inbox
) -> None:
    works = [await inbox.work((ONE, Note(label="a"))), await inbox.work((TWO, Note(label="b")), partition=1)]
    store.faults, store.lands = [LATER], False
    await handling.execute(works)
    assert [work.error for work in works] == [LATER, LATER]


async def test_a_stream_that_others_keep_changing_is_given_back(handling: Handling, store: WatchedStore) -> None:
    store.rivals[ONE] = [f"rival {number}" for number in range(1000)]
    work, other = report((ONE, Last(label="a"))), report((TWO, Note(label="b")))
    await handling.execute([work, other])
    assert str(work.error) == "stream t.tally-1 kept changing"
    assert isinstance(work.error, Transient)
    assert other.error is None


async def test_a_snapshot_that_cannot_be_saved_fails_nothing(
    new_handling: NewHandling, store: WatchedStore, log: Log
) -> None:
    store.snapshot_fault = LATER
    works = [report((ONE, Note(label=label))) for label in "ab"]
    await new_handling(tally.remembering).execute(works)
    assert [work.error for work in works] == [None, None]


async def test_what_must_wait_holds_what_is_behind_it_in_its_partition_and_nothing_else(
    handling: Handling, inbox: Inbox, log: Log
) -> None:
    before = await inbox.work((ONE, Note(label="before")))
    held = await inbox.work((ONE, Refuse(error=LATER)))
    behind = await inbox.work((TWO, Note(label="behind")))
    elsewhere = await inbox.work((ONE, Note(label="elsewhere")), partition=1)
    told = report((ONE, Note(label="told")))
    await handling.execute([before, held, behind, elsewhere, told])
    assert [work.error for work in (before, held, behind, elsewhere, told)] == [None, LATER, LATER, None, None]
    assert await log.messages(ONE) == [noted("before"), noted("elsewhere"), noted("told")]
    assert await log.messages(TWO) == []


async def test_what_must_wait_is_recorded_in_none_of_its_streams(handling: Handling, inbox: Inbox, log: Log) -> None:
    await handling.execute([await inbox.work((ONE, Note(label="a")), (TWO, Refuse(error=LATER)))])
    assert await log.messages(ONE) == []


async def test_what_had_to_wait_is_answered_when_it_comes_again(handling: Handling, inbox: Inbox, log: Log) -> None:
    messages = [await inbox.message() for _ in range(2)]
    works = [again(messages[0], (ONE, Refuse(error=LATER))), again(messages[1], (ONE, Note(label="behind")))]
    await handling.execute(works)
    await handling.execute(
        [again(messages[0], (ONE, Note(label="now"))), again(messages[1], (ONE, Note(label="behind")))]
    )
    assert await log.messages(ONE) == [noted("now"), noted("behind")]


async def test_a_report_that_must_wait_holds_no_message(handling: Handling, inbox: Inbox) -> None:
    message = await inbox.work((ONE, Note(label="a")))
    await handling.execute([report((ONE, Refuse(error=LATER))), message])
    assert message.error is None


async def test_poison_is_taken_out_of_all_its_streams_and_the_rest_is_decided_without_it(
    handling: Handling, inbox: Inbox, log: Log, kept: Kept
) -> None:
    poison = await inbox.work((ONE, Note(label="a")), (TWO, Refuse(error=Poison("never"))))
    behind = await inbox.work((ONE, Refuse(error=Rejected("a was noted"), after="a")), (ONE + "x", Note(label="b")))
    await handling.execute([poison, behind], kept)
    assert (await log.messages(ONE), await log.messages(TWO)) == ([], [])
    assert await log.messages(ONE + "x") == [noted("b")]
    assert behind.error is None


async def test_poison_is_kept_before_what_is_behind_it_is_answered(
    handling: Handling, inbox: Inbox, log: Log, kept: Kept
) -> None:
    poison = await inbox.work((ONE, Refuse(error=Poison("never"))))
    await handling.execute([poison, await inbox.work((ONE, Note(label="behind")))], kept)
    assert kept.letters == [(poison, "never")]
    assert kept.seen == []
    assert await log.messages(ONE) == [noted("behind")]


async def test_poison_that_cannot_be_kept_holds_its_partition(handling: Handling, inbox: Inbox, log: Log) -> None:
    fault = Transient("no room for dead letters")
    poison = await inbox.work((ONE, Refuse(error=Poison("never"))))
    behind = await inbox.work((TWO, Note(label="behind")))
    elsewhere = await inbox.work((THREE, Note(label="elsewhere")), partition=1)
    await handling.execute([poison, behind, elsewhere], Kept(log, fault=fault))
    assert [work.error for work in (poison, behind, elsewhere)] == [fault, fault, None]
    assert (await log.messages(TWO), await log.messages(THREE)) == ([], [noted("elsewhere")])


async def test_a_refusal_that_nobody_hears_is_kept_as_poison(handling: Handling, inbox: Inbox, kept: Kept) -> None:
    await handling.execute([await inbox.work((ONE, Refuse(error=Rejected("no"))))], kept)
    assert [reason for _, reason in kept.letters] == ["no"]


async def test_a_bug_in_the_rules_is_poison(handling: Handling, inbox: Inbox, kept: Kept) -> None:
    behind = await inbox.work((ONE, Note(label="behind")))
    bug = await inbox.work((ONE, Refuse(error=KeyError("what somebody wrote"))))
    await handling.execute([bug, behind], kept)
    (reason,) = (reason for _, reason in kept.letters)
    assert re.fullmatch(r"KeyError at reveille\.kernel\.handling:\d+", reason)


async def test_an_event_that_is_too_large_is_poison(handling: Handling, inbox: Inbox, kept: Kept) -> None:
    await handling.execute([await inbox.work((ONE, Note(label="x" * MAX_EVENT_BYTES)))], kept)
    assert [reason for _, reason in kept.letters] == [
        f"an event reveille.common.v1.EventRef of {MAX_EVENT_BYTES + 4} bytes, at most {MAX_EVENT_BYTES} are kept"
    ]


async def test_poison_of_a_report_is_told_to_whoever_reported(handling: Handling, kept: Kept) -> None:
    work = report((ONE, Refuse(error=Poison("never"))))
    await handling.execute([work], kept)
    assert (str(work.error), kept.letters) == ("never", [])


async def test_a_stream_that_this_build_cannot_read_waits_for_another_build(
    handling: Handling, inbox: Inbox, log: Log
) -> None:
    await log.write_unknown(ONE)
    work = await inbox.work((ONE, Note(label="a")))
    await handling.execute([work])
    assert isinstance(work.error, UnknownEventType)
    assert len(await log.read(ONE)) == 1


async def test_a_stream_that_this_build_cannot_read_holds_its_partition_and_nothing_else(
    handling: Handling, inbox: Inbox, log: Log
) -> None:
    await log.write_unknown(ONE)
    unread = await inbox.work((ONE, Note(label="a")), (TWO, Note(label="a")))
    behind = await inbox.work((TWO, Note(label="behind")))
    elsewhere = await inbox.work((TWO, Note(label="elsewhere")), partition=1)
    await handling.execute([unread, behind, elsewhere])
    assert [work.error is None for work in (unread, behind, elsewhere)] == [False, False, True]
    assert await log.messages(TWO) == [noted("elsewhere")]


async def test_a_stream_that_a_newer_build_wrote_meanwhile_waits_too(
    handling: Handling, inbox: Inbox, log: Log
) -> None:
    await handling.execute([report((ONE, Note(label="a")))])
    await log.write_unknown(ONE)
    work = await inbox.work((ONE, Note(label="b")))
    await handling.execute([work])
    assert isinstance(work.error, UnknownEventType)


async def test_poison_behind_what_must_wait_waits_with_it(handling: Handling, inbox: Inbox, kept: Kept) -> None:
    first = await inbox.work((TWO, Note(label="a")))
    held = await inbox.work((THREE, Refuse(error=LATER)))
    poison = await inbox.work((TWO, Refuse(error=Poison("never"))))
    await handling.execute([first, held, poison], kept)
    assert ([work.error for work in (first, held, poison)], kept.letters) == ([None, LATER, LATER], [])


async def test_poison_in_several_streams_is_kept_once_each_and_in_order(
    handling: Handling, inbox: Inbox, kept: Kept
) -> None:
    first = await inbox.work((ONE, Note(label="a")))
    poisons = [
        await inbox.work((stream, Refuse(error=Poison(why)))) for stream, why in ((TWO, "b"), (ONE, "c"), (TWO, "d"))
    ]
    await handling.execute([first, *poisons], kept)
    assert [reason for _, reason in kept.letters] == ["b", "c", "d"]


async def test_what_is_poison_for_two_of_its_streams_is_kept_once(handling: Handling, inbox: Inbox, kept: Kept) -> None:
    never = Refuse(error=Poison("never"))
    await handling.execute([await inbox.work((ONE, never), (TWO, never))], kept)
    assert len(kept.letters) == 1
