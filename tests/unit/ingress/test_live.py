"""Whoever watches an execution: how the platform comes to know it, and what it keeps when nobody does any more."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack

import pytest

from reveille.adapters.inline_blobs import InlineBlobs
from reveille.adapters.inline_store import InlineEventStore
from reveille.adapters.sql_tables import SqlPositions
from reveille.ingress.adapters.sql.conversations import SqlConversations
from reveille.ingress.application import live as live_module
from reveille.ingress.application.live import Live
from reveille.ingress.application.news import News
from reveille.ingress.domain.refusals import Missing
from reveille.kernel.errors import Transient
from reveille.kernel.events import Recorded
from reveille.kernel.views import Follower
from tests.unit.databases import database_of
from tests.unit.ingress import live_events as log
from tests.unit.ingress.plan_events import Written, write
from tests.unit.log import EVENT_TYPES, Log
from tests.unit.manual_clock import ManualClock


class CountingStore(InlineEventStore):
    """It counts what is read of streams, and is away when a test says so."""

    def __init__(self) -> None:
        super().__init__(EVENT_TYPES)
        self.reads = 0
        self.away = False

    async def read_streams(self, after: Mapping[str, int]) -> dict[str, list[Recorded]]:
        if self.away:
            raise Transient("the log is away")
        self.reads += 1
        return await super().read_streams(after)

    async def read_at(self, positions: object) -> list[Recorded]:
        self.reads += 1
        return await super().read_at(positions)  # type: ignore[arg-type]


class House:
    def __init__(self) -> None:
        self.store, self.news = CountingStore(), News()
        self.log = Log(self.store)
        self.transactions, self.rows = database_of("ingress"), SqlConversations()
        self.follower = Follower(
            [self.rows],
            store=self.store,
            transactions=self.transactions,
            positions=SqlPositions(),
            clock=ManualClock(),
            observer=self.news,
        )
        self.live = Live(
            store=self.store,
            follower=self.follower,
            transactions=self.transactions,
            rows=self.rows,
            blobs=InlineBlobs(),
            news=self.news,
        )

    async def tell(self, *events: Written) -> None:
        await write(self.log, *events)
        while found := await self.store.read_all(self.follower.position, 100):
            await self.follower.take_in(found)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    house = House()
    yield house
    await house.transactions.close()


BEGUN = [*log.woken("w"), log.ready("w"), log.ran("w")]


async def test_what_comes_is_told_without_another_look_into_the_log(house: House) -> None:
    await house.tell(*BEGUN)
    async with house.live.watch("t", "w") as feed:
        assert [one.type for one in await feed.after(0)] == ["orchestration-start", "agent-start"]
        reads, version = house.store.reads, feed.watch.version
        await house.tell(log.thought("w", "hm"), log.called("w"))
        assert feed.watch.version > version
        assert [one.type for one in await feed.after(2)] == ["agent-thinking", "tool-call"]
        assert (feed.last, house.store.reads) == (4, reads)


async def test_a_text_is_made_once_for_all_who_watch(house: House) -> None:
    await house.tell(*BEGUN)
    async with house.live.watch("t", "w") as one, house.live.watch("t", "w") as other:
        assert one is other
        await house.tell(log.thought("w", "hm"))
        (first,), (second,) = await asyncio.gather(one.after(2), other.after(2))
        assert first.text is second.text


async def test_a_feed_is_dropped_when_the_last_who_watches_leaves(house: House) -> None:
    await house.tell(*BEGUN)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(house.live.watch("t", "w"))
        async with house.live.watch("t", "w"):
            assert house.news.is_waiting()
        assert house.news.is_waiting()
    assert not house.news.is_waiting()


async def test_who_watches_again_has_only_what_is_new_read(house: House) -> None:
    await house.tell(*BEGUN)
    async with house.live.watch("t", "w") as feed:
        await feed.after(0)
    await house.tell(log.thought("w", "meanwhile"))
    async with house.live.watch("t", "w") as feed:
        assert feed.last == 3
        assert [one.sequence for one in await feed.after(0)] == [1, 2, 3]


async def test_an_older_event_is_read_again_as_it_was(house: House) -> None:
    await house.tell(*BEGUN, *(log.thought("w", f"{number}") for number in range(250)))
    async with house.live.watch("t", "w") as feed:
        first = await feed.after(2, 5)
        await house.tell(*(log.thought("w", f"more {number}") for number in range(250)))
        assert await feed.after(2, 5) == first
        assert [one.sequence for one in await feed.after(450, 1_000)] == list(range(451, 503))


async def test_the_history_of_an_execution_that_is_watched_costs_no_look_into_its_streams(house: House) -> None:
    await house.tell(*BEGUN)
    async with house.live.watch("t", "w") as feed:
        told = await feed.after(0)
        reads = house.store.reads
        assert list(await house.live.history("t", "w")) == told
        assert house.store.reads == reads


async def test_a_log_that_is_away_is_said_and_tried_again_by_the_next(house: House) -> None:
    await house.tell(*BEGUN)
    house.store.away = True
    with pytest.raises(Transient, match="the log is away"):
        async with house.live.watch("t", "w"):
            pass
    assert not house.news.is_waiting()
    house.store.away = False
    async with house.live.watch("t", "w") as feed:
        assert feed.last == 2


async def test_what_nobody_has_heard_of_is_missing(house: House) -> None:
    await house.tell(*BEGUN)
    for id in ("nobody", "", "\0", "x" * 10_000):
        with pytest.raises(Missing):
            async with house.live.watch("t", id):
                pass
        with pytest.raises(Missing):
            await house.live.history("t", id)
    with pytest.raises(Missing):
        await house.live.history("other", "w")


async def test_all_who_wait_are_woken_when_the_platform_leaves(house: House) -> None:
    await house.tell(*BEGUN)
    async with house.live.watch("t", "w") as feed:
        with house.live.conversation("t", "talk") as watch:
            versions = feed.watch.version, watch.version
            house.news.leave()
            async with asyncio.timeout(30):
                await feed.watch.wait(versions[0])
                await watch.wait(versions[1])


async def test_only_so_many_executions_that_nobody_watches_are_kept(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_module, "MAX_KEPT", 2)
    for id in ("a", "b", "c"):
        await house.tell(*log.woken(id))
        await house.live.page("t", id, limit=1)
    reads = house.store.reads
    await house.live.page("t", "c", limit=1)
    assert house.store.reads == reads
    await house.live.page("t", "a", limit=1)
    assert house.store.reads > reads


async def test_a_conversations_executions_are_the_same_after_a_rebuild(house: House) -> None:
    asked = [*log.asked("z", "one", conversation="talk"), *log.asked("a", "two", conversation="talk")]
    await house.tell(*asked, *log.asked("n", "none"))
    for _ in range(2):
        assert await house.live.executions_of("t", "talk") == ["z", "a"]
        assert await house.live.executions_of("t", "") == []
        await house.follower.clear()
        assert await house.live.executions_of("t", "talk") == []
        await house.follower.catch_up()


async def test_only_its_own_conversation_wakes(house: House) -> None:
    with house.live.conversation("t", "talk") as own, house.live.conversation("t", "other") as other:
        await house.tell(*log.asked("z", "one", conversation="talk"))
        assert (own.version, other.version) == (1, 0)
    assert not house.news.is_waiting()
