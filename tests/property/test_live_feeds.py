"""However the log grows and is told, whoever watches an execution gets each of its live events once, in order."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Final

from google.protobuf.message import Message
from hypothesis import given, settings
from hypothesis import strategies as st

from reveille.adapters.inline_blobs import InlineBlobs
from reveille.adapters.inline_store import InlineEventStore
from reveille.adapters.sql_tables import SqlPositions
from reveille.ingress.adapters.sql.conversations import SqlConversations
from reveille.ingress.application.live import Live, LiveEntry
from reveille.ingress.application.news import News
from reveille.ingress.domain.live.fold import Fold
from reveille.ingress.domain.live.telling import Found, told
from reveille.ingress.domain.live.wire import wire
from reveille.kernel.event_store import Append, Appended
from reveille.kernel.events import About, Meta, Recorded, key_of, new_event
from reveille.kernel.ids import UuidV7Ids
from reveille.kernel.views import Follower
from tests.property.live_logs import Story, noise
from tests.unit.databases import database_of
from tests.unit.ingress.live_events import TRACE
from tests.unit.log import EVENT_TYPES, Log
from tests.unit.manual_clock import NOON, ManualClock

IDS: Final = ("e", "f")
# Turns of the loop after which everybody has been told what there is, or never will be.
TURNS: Final = 3_000


class SlowStore(InlineEventStore):
    """Reads take some turns of the loop, in which the log goes on. Of what nobody has been told yet, as of a log that
    many write to, it may show a later event of one stream and not an earlier one of another."""

    def __init__(self, random: Random) -> None:
        super().__init__(EVENT_TYPES)
        self.random = random
        # Up to here, somebody has been told of everything.
        self.told = 0

    async def read_streams(self, after: Mapping[str, int]) -> dict[str, list[Recorded]]:
        reached = self.told
        await self._turns()
        found = await super().read_streams(after)
        await self._turns()
        return {stream: self._shown(events, reached) for stream, events in found.items()}

    def _shown(self, events: list[Recorded], reached: int) -> list[Recorded]:
        certain = sum(event.position <= reached for event in events)
        return events[: self.random.randint(certain, len(events))]

    async def _turns(self) -> None:
        for _ in range(self.random.randint(0, 3)):
            await asyncio.sleep(0)


@dataclass(slots=True, eq=False)
class Watcher:
    """Reads a few at a time, from some event on. takes: how likely it takes what it is told at once; 0: it asks."""

    execution_id: str
    cursor: int
    limit: int
    takes: float
    random: Random
    got: list[tuple[int, int, str]] = field(default_factory=list)
    task: asyncio.Task[None] | None = None

    async def watch(self, live: Live) -> None:
        async with live.watch("t", self.execution_id) as feed:
            while True:
                version = feed.watch.version
                entries = await feed.after(self.cursor, self.limit)
                if not entries and self.takes and self.cursor == feed.last:
                    await feed.tell(self.hear)
                elif not entries:
                    await feed.watch.wait(version)
                for entry in entries:
                    self.take(entry)

    def hear(self, entry: LiveEntry) -> bool:
        if self.random.random() >= self.takes:
            return False
        assert entry.sequence == self.cursor + 1
        self.take(entry)
        return True

    def take(self, entry: LiveEntry) -> None:
        self.got.append((entry.sequence, entry.position, entry.text))
        self.cursor = entry.sequence


class World:
    def __init__(self, random: Random) -> None:
        self.random = random
        self.store = SlowStore(random)
        self.log = Log(self.store)
        self.ids = UuidV7Ids()
        self.news = News()
        transactions = database_of("ingress")
        rows = SqlConversations()
        self.follower = Follower(
            [rows],
            store=self.store,
            transactions=transactions,
            positions=SqlPositions(),
            clock=ManualClock(),
            observer=self.news,
        )
        self.close = transactions.close
        self.live = Live(
            store=self.store,
            follower=self.follower,
            transactions=transactions,
            rows=rows,
            blobs=InlineBlobs(),
            news=self.news,
        )
        self.stories = [Story(id) for id in IDS]
        self.watchers: list[Watcher] = []
        self.now = NOON

    async def write(self) -> None:
        events = [noise()] if self.random.random() < 0.2 else self.random.choice(self.stories).next(self.random)
        for stream, message in events:
            await self._append(stream, message)

    async def _append(self, stream: str, message: Message) -> None:
        self.now += self.random.randint(-1_000, 50_000)
        last = await self.store.read_backwards(stream, 1)
        new = new_event(self.ids.new(), message, Meta(self.now, About("c", TRACE)))
        (outcome,) = await self.store.append([Append(stream, last[0].revision if last else -1, [new])])
        assert isinstance(outcome, Appended)

    async def tell(self) -> None:
        """The follower's next batch, wherever it ends."""
        if events := await self.store.read_all(self.follower.position, self.random.randint(1, 8)):
            self.store.told = max(self.store.told, events[-1].position)
            await self.follower.take_in(events)

    async def tell_again(self) -> None:
        """What has been told is told once more, as far as it goes."""
        reached = self.follower.position
        before = [event for event in await self.store.read_all(0, 10_000) if event.position <= reached]
        for tell in (self.news.coming, self.news.seen):
            tell(before[-self.random.randint(1, 10) :])

    async def rebuild(self) -> None:
        """The views are cleared: all is told from the beginning."""
        await self.follower.clear()
        await self.tell()

    async def open(self) -> None:
        story = self.random.choice(self.stories)
        if not story.begun:
            return
        watcher = Watcher(
            story.id,
            self.random.choice([0, 0, 1, 5, 30]),
            self.random.choice([1, 3, 100]),
            self.random.choice([0, 0.7, 1]),
            self.random,
        )
        watcher.task = asyncio.create_task(watcher.watch(self.live))
        self.watchers.append(watcher)

    async def leave(self) -> None:
        if running := [one for one in self.watchers if one.task is not None and not one.task.done()]:
            await self.hang_up(self.random.choice(running))

    async def hang_up(self, watcher: Watcher) -> None:
        assert watcher.task is not None
        watcher.task.cancel()
        await asyncio.wait([watcher.task])
        assert watcher.task.cancelled(), watcher.task.exception()

    async def page(self) -> None:
        """Somebody reads the history, which is the same whether or not the execution is watched."""
        story = self.random.choice(self.stories)
        if story.begun:
            await self.live.page("t", story.id, after=self.random.randint(0, 20), limit=5)

    async def plain(self) -> dict[str, list[tuple[int, int, str]]]:
        """The fold of the whole log."""
        events = await self.store.read_all(0, 100_000)
        by_position = {event.position: event for event in events}
        found: dict[str, list[tuple[int, int, str]]] = {}
        for id in IDS:
            fold, own = Fold(id), [event for event in events if key_of(event.stream) == id]
            found[id] = []
            for event in events:
                if key_of(event.stream) != id and not key_of(event.stream).startswith(f"{id}-"):
                    continue
                if (moment := fold.take(event)) is not None:
                    text = wire(told(id, moment, event, Found(beside=by_position, opening=own)))
                    found[id].append((moment.sequence, moment.position, text))
        return found


async def play(random: Random, acts: list[str]) -> None:
    world = World(random)
    try:
        await world._append(*noise())
        await world.tell()
        for act in acts:
            await getattr(world, act)()
            for _ in range(random.randint(0, 2)):
                await asyncio.sleep(0)
        while world.follower.position < await world.store.head():
            await world.tell()
        await check(world)
    finally:
        for watcher in world.watchers:
            if watcher.task is not None and not watcher.task.done():
                await world.hang_up(watcher)
        await world.close()
    assert not world.news.is_waiting()


async def check(world: World) -> None:
    plain = await world.plain()
    for watcher in world.watchers:
        # A cursor behind the end hears what comes behind it.
        began = watcher.got[0][0] - 1 if watcher.got else watcher.cursor
        expected = plain[watcher.execution_id][began:]
        assert watcher.task is not None
        if not watcher.task.done():
            for _ in range(TURNS):
                if len(watcher.got) >= len(expected):
                    break
                await asyncio.sleep(0)
            assert watcher.got == expected
        else:
            assert watcher.got == expected[: len(watcher.got)]
    for story in world.stories:
        if story.begun:
            entries = await world.live.history("t", story.id)
            assert [(one.sequence, one.position, one.text) for one in entries] == plain[story.id]
            assert [one.sequence for one in entries] == list(range(1, len(entries) + 1))


ACTS: Final = st.lists(
    st.sampled_from(
        [*["write"] * 8, *["tell"] * 5, *["open"] * 2, "leave", "page", "tell_again", "rebuild"],
    ),
    min_size=20,
    max_size=150,
)


@settings(max_examples=300)
@given(st.integers(0, 1 << 32), ACTS)
def test_every_watcher_gets_the_fold_of_the_whole_log(seed: int, acts: list[str]) -> None:
    asyncio.run(play(Random(seed), acts))
