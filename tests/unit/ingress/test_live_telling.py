"""Who has all live events so far is told the next one within the turn in which it comes; nothing is lost by it."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from websockets.frames import Frame, Opcode

from reveille.adapters.heard_socket import text_frame
from reveille.contracts.planner.v1.events_pb2 import ExecutionCompleted, StepCompleted
from reveille.ingress.application import live_feed
from reveille.ingress.application.live import Feed, LiveEntry
from reveille.ingress.application.live_entries import Entries
from reveille.ingress.entrypoints.http.events_socket_queue import Outgoing
from tests.unit.ingress import live_events as log
from tests.unit.ingress.plan_events import write
from tests.unit.ingress.test_live import BEGUN, House


@pytest.fixture
async def house() -> AsyncIterator[House]:
    house = House()
    yield house
    await house.transactions.close()


class Hearing:
    """One who is told at once, as long as he takes it."""

    def __init__(self, feed: Feed) -> None:
        self.takes = True
        self.got: list[int] = []
        self.feed = feed
        self.task = asyncio.ensure_future(feed.tell(self.hear))

    def hear(self, entry: LiveEntry) -> bool:
        if self.takes:
            self.got.append(entry.sequence)
        return self.takes

    async def missed(self) -> bool:
        """Whether there is something that he has to ask for."""
        await asyncio.sleep(0)
        return self.task.done()

    async def __aenter__(self) -> "Hearing":
        await asyncio.sleep(0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.task.cancel()
        await asyncio.wait([self.task])


async def test_an_event_is_told_before_the_views_have_it(house: House) -> None:
    await house.tell(*BEGUN)
    async with house.live.watch("t", "w") as feed, Hearing(feed) as hearing:
        await write(house.log, log.thought("w", "hm"))
        events = await house.store.read_all(house.follower.position, 100)
        house.news.coming(events)
        assert hearing.got == [3]
        assert not await hearing.missed()
        assert house.follower.position < events[-1].position


async def test_what_takes_a_look_into_the_log_is_asked_for(house: House) -> None:
    await house.tell(*BEGUN)
    async with house.live.watch("t", "w") as feed, Hearing(feed) as hearing:
        completed = log.execution("w", StepCompleted(execution_id="w", step="work", run_id=log.run_of("w")))
        ended = log.execution("w", ExecutionCompleted(execution_id="w"))
        await house.tell(log.thought("w", "hm"), completed, ended)
        assert hearing.got == [3]
        assert await hearing.missed()
        assert [one.type for one in await feed.after(3)] == ["orchestration-complete"]


async def test_who_does_not_take_an_event_is_told_none_behind_it(house: House) -> None:
    await house.tell(*BEGUN)
    async with house.live.watch("t", "w") as feed, Hearing(feed) as hearing, Hearing(feed) as other:
        hearing.takes = False
        await write(house.log, log.thought("w", "a"), log.thought("w", "b"))
        first, second = await house.store.read_all(house.follower.position, 100)
        house.news.coming([first])
        hearing.takes = True
        house.news.coming([second])
        assert (hearing.got, other.got) == ([], [3, 4])
        assert await hearing.missed()
        assert [one.sequence for one in await feed.after(2)] == [3, 4]


async def test_a_burst_is_not_told_all_at_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_feed, "AT_ONCE", 5)
    await house.tell(*BEGUN)
    async with house.live.watch("t", "w") as feed, Hearing(feed) as hearing:
        await write(house.log, *(log.thought("w", f"{number}") for number in range(20)))
        house.news.coming(await house.store.read_all(house.follower.position, 100))
        assert hearing.got == [3, 4, 5, 6, 7]
        assert await hearing.missed()
        assert [one.sequence for one in await feed.after(7)] == list(range(8, 23))
        async with Hearing(feed) as again:
            await house.tell(log.thought("w", "later"))
            assert again.got == [23]


async def test_an_event_that_cannot_be_told_ends_nobody(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await house.tell(*BEGUN)

    def broken(*_: object) -> None:
        raise ArithmeticError

    async with house.live.watch("t", "w") as feed, Hearing(feed) as hearing:
        with monkeypatch.context() as patched:
            patched.setattr(Entries, "at_hand", broken)
            await house.tell(log.thought("w", "hm"))
        assert await hearing.missed()
        assert [one.sequence for one in await feed.after(2)] == [3]


class Line:
    """A connection that takes frames or not."""

    def __init__(self) -> None:
        self.takes = True
        self.frames: list[bytes] = []

    def send(self, frame: bytes) -> bool:
        if self.takes:
            self.frames.append(frame)
        return self.takes


class Plain:
    waiting = 0
    ended = False

    def said(self, entry: LiveEntry) -> str:
        return entry.text


def entry(sequence: int) -> LiveEntry:
    return LiveEntry(
        execution_id="e",
        sequence=sequence,
        position=sequence,
        at=0,
        type="agent-thinking",
        agent="",
        department="",
        status="",
        text=f"{sequence}",
    )


async def test_an_event_goes_out_at_once_only_where_nothing_is_before_it() -> None:
    line, source = Line(), Plain()
    outgoing = Outgoing(10, line.send)
    assert outgoing.put(source, entry(1), 10)
    assert line.frames == []
    assert await outgoing.next() == "1"
    # What was taken is on its way, and not out before somebody comes for more.
    assert outgoing.put(source, entry(2), 10)
    assert line.frames == []
    assert await outgoing.next() == "2"
    waiting = asyncio.ensure_future(outgoing.next())
    await asyncio.sleep(0)
    assert outgoing.put(source, entry(3), 10)
    assert line.frames == [text_frame("3")]
    outgoing.say("answer")
    assert outgoing.put(source, entry(4), 10)
    assert await waiting == "answer"
    assert await outgoing.next() == "4"
    assert (line.frames, source.waiting) == ([text_frame("3")], 0)


async def test_what_the_connection_does_not_take_waits_up_to_the_bound() -> None:
    line, source = Line(), Plain()
    outgoing = Outgoing(2, line.send)
    waiting = asyncio.ensure_future(outgoing.next())
    await asyncio.sleep(0)
    line.takes = False
    assert [outgoing.put(source, entry(number), 2) for number in (1, 2, 3)] == [True, True, False]
    line.takes = True
    assert not outgoing.put(source, entry(3), 2)
    assert await waiting == "1"
    assert line.frames == []


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, 100_000])
def test_a_frame_is_what_the_protocol_makes_of_a_text(size: int) -> None:
    text = "é" * (size // 2) + "x" * (size % 2)
    assert text_frame(text) == Frame(Opcode.TEXT, text.encode()).serialize(mask=False)


async def test_who_comes_before_the_views_have_what_was_told_misses_none_of_it(house: House) -> None:
    await house.tell(*BEGUN)
    await write(house.log, log.thought("w", "a"), log.thought("w", "b"))
    first, second = await house.store.read_all(house.follower.position, 100)
    house.news.coming([first])
    async with house.live.watch("t", "w") as feed:
        house.news.coming([second])
        assert [one.position for one in await feed.after(2)] == [first.position, second.position]
