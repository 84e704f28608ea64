"""Live events of a cluster: who appends nudges whoever watches, by Redis, and nobody else; without it all is slower."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.message import Message

from reveille.adapters import nudging_interest, nudging_listening
from reveille.adapters.nudging import NudgingStore
from reveille.adapters.nudging_interest import Interest
from reveille.adapters.nudging_listening import Listening
from reveille.adapters.postgres_store import PostgresEventStore
from reveille.adapters.redis_fanout import RedisFanout
from reveille.kernel.event_store import NO_STREAM, Append, Appended, EventStore
from reveille.kernel.events import Meta, new_event
from reveille.kernel.ids import UuidV7Ids
from tests.integration.adapters.redis_server import OwnRedis, own_redis
from tests.integration.ingress.live_house import PATIENCE, LiveHouse, until
from tests.live_client import LiveClient
from tests.postgres import database
from tests.servers import postgres_url, redis_url
from tests.unit.log import EVENT_TYPES
from tests.unit.manual_clock import NOON
from tests.unit.running import running
from tests.unit.spec import HERE


class TwoStores:
    """One log of two processes: what `write` says is another's, and read from `store`."""

    def __init__(self, store: EventStore, other: EventStore) -> None:
        self.store = store
        self.ids = UuidV7Ids()
        self._other = other
        self._revisions: dict[str, int] = {}

    async def write(self, stream: str, *messages: Message) -> None:
        at = self._revisions.get(stream, NO_STREAM)
        news = [new_event(self.ids.new(), one, Meta(NOON, HERE)) for one in messages]
        (outcome,) = await self._other.append([Append(stream, at, news)])
        assert isinstance(outcome, Appended)
        self._revisions[stream] = outcome.revision


class Looks:
    """How often the log was asked how far it is; the rest is its business."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self.count = 0

    async def head(self) -> int:
        self.count += 1
        return await self._store.head()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


class Cluster:
    """An ingress and another service, each with its own store and its own connection to Redis."""

    def __init__(self, stack: AsyncExitStack, prefix: str) -> None:
        self._stack = stack
        self._prefix = prefix

    async def open(self, url: str, redis: str) -> "Cluster":
        self.redis = redis
        self.theirs, self.ours = await self.fanout(), await self.fanout()
        interest = Interest(self.theirs)
        self.wants = interest.wants
        self.looks = Looks(await self._store(url))
        log = TwoStores(self.looks, NudgingStore(await self._store(url), self.theirs, interest))
        self.house = LiveHouse(log)  # type: ignore[arg-type]
        listening = Listening(
            self.house.news, fanout=self.ours, store=self.looks, reached=lambda: self.house.follower.position
        )
        await self._stack.enter_async_context(self.house.serving())
        await self._stack.enter_async_context(running(interest.run(), listening.run()))
        return self

    async def fanout(self) -> RedisFanout:
        opened = await RedisFanout.open(self.redis, prefix=self._prefix)
        self._stack.push_async_callback(opened.close)
        return opened

    async def _store(self, url: str) -> PostgresEventStore:
        store = await PostgresEventStore.open(url, EVENT_TYPES)
        self._stack.push_async_callback(store.close)
        return store


Open = Callable[..., Awaitable[Cluster]]


@pytest.fixture
async def opened(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Open]:
    for module in (nudging_interest, nudging_listening):
        monkeypatch.setattr(module, "AGAIN_SECONDS", 0.1)
    async with AsyncExitStack() as stack:

        async def open_one(redis: str = "") -> Cluster:
            url = await stack.enter_async_context(database(postgres_url()))
            return await Cluster(stack, f"{uuid.uuid4().hex}:").open(url, redis or redis_url())

        yield open_one


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[OwnRedis]:
    async with own_redis(tmp_path) as running:
        yield running


async def test_only_what_somebody_watches_is_published(opened: Open) -> None:
    cluster = await opened()
    house = cluster.house
    for name in ("watched", "other"):
        await house.begin(name)
    ear = await cluster.fanout()
    async with (
        house.client() as client,
        ear.subscribe("t.run-watched-r") as of_watched,
        ear.subscribe("t.run-other-r") as of_other,
    ):
        await client.ask("subscribe", executionId="watched", after=2)
        await until(lambda: cluster.wants("t.run-watched-r"))
        assert not cluster.wants("t.run-other-r")
        await house.think("other", texts=["not published"])
        await house.think("watched", texts=["published"])
        assert (await client.hear())["sequence"] == 3
        async with asyncio.timeout(PATIENCE):
            assert int(await anext(of_watched)) == await cluster.looks.head()
        # What goes the same way arrives in order: had it been published, it would have been here first.
        await ear.publish("t.run-other-r", b"last")
        async with asyncio.timeout(PATIENCE):
            assert await anext(of_other) == b"last"


async def test_a_nudge_has_the_log_read_at_once(opened: Open) -> None:
    cluster = await opened()
    await cluster.house.begin()
    async with cluster.house.client() as client:
        await client.ask("subscribe", executionId="e", after=2)
        ear = await cluster.fanout()
        before = cluster.looks.count
        # Further than the views are, so that there must be something to look for.
        async with asyncio.timeout(PATIENCE):
            while cluster.looks.count == before:
                await ear.publish("t.run-e-r", b"1000000")
                await asyncio.sleep(0.05)
        before = cluster.looks.count
        for nonsense in (b"", b"x", b"-1", b"1"):
            await ear.publish("t.run-e-r", nonsense)
        await ear.publish("t.run-nobody-r", b"2000000")
        await cluster.house.think(texts=["told"])
        assert (await client.hear())["sequence"] == 3


async def test_what_nobody_watches_any_more_is_published_no_more(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nudging_interest, "KNOWN_SECONDS", 0.5)
    cluster = await opened()
    await cluster.house.begin()
    async with cluster.house.client() as client:
        await client.ask("subscribe", executionId="e", after=2)
        await until(lambda: cluster.wants("t.run-e-r"))
    await until(lambda: not cluster.wants("t.run-e-r"))


async def test_while_redis_is_away_and_when_it_is_back_each_event_is_told_once(opened: Open, server: OwnRedis) -> None:
    cluster = await opened(server.url())
    house = cluster.house
    await house.begin()
    client = LiveClient(lambda: house.url, "e")
    async with asyncio.timeout(2 * PATIENCE), asyncio.TaskGroup() as tasks:
        tasks.create_task(client.watch(until=62))
        await until(lambda: cluster.wants("t.run-e-r"))
        await _think(house, 20)
        await server.kill()
        await until(lambda: not cluster.theirs.connected)
        await _think(house, 20)
        await until(lambda: client.last >= 42)
        await server.start()
        await until(lambda: cluster.theirs.connected and cluster.ours.connected)
        await _think(house, 20)
    assert (client.connections, client.lagged) == (1, 0)
    assert cluster.wants("t.run-e-r")


async def _think(house: LiveHouse, times: int) -> None:
    for number in range(times):
        await house.think(texts=[str(number)])
