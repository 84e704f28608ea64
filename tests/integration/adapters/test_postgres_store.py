"""The log in PostgreSQL under many processes' hands: what the contract, with one store, cannot show."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from reveille.adapters.postgres_blobs import PostgresBlobs
from reveille.adapters.postgres_store import PostgresEventStore
from reveille.kernel.event_store import NO_STREAM, Append, Appended, Conflict
from reveille.kernel.events import EventTypes
from tests.integration.adapters.postgres_log import TYPES, administrator, event, followed, texts
from tests.postgres import database
from tests.servers import postgres_url


@pytest.fixture
async def url() -> AsyncIterator[str]:
    async with database(postgres_url()) as url:
        yield url


@pytest.fixture
async def stores(url: str) -> AsyncIterator[list[PostgresEventStore]]:
    async with AsyncExitStack() as stack:
        opened = []
        for _ in range(5):
            opened.append(await PostgresEventStore.open(url, TYPES))
            stack.push_async_callback(opened[-1].close)
        yield opened


async def test_what_many_stores_write_at_once_is_followed_in_one_order_without_a_hole(
    stores: list[PostgresEventStore],
) -> None:
    async def write(store: PostgresEventStore, stream: str, count: int) -> None:
        for n in range(count):
            (outcome,) = await store.append([Append(stream, n - 1, [event(f"{stream}/{n}")])])
            assert isinstance(outcome, Appended)

    async with asyncio.TaskGroup() as tasks:
        following = [tasks.create_task(followed(store, 900)) for store in stores]
        for number, store in enumerate(stores[:3]):
            for task in range(10):
                tasks.create_task(write(store, f"t.w{number}-{task}", 30))
    first, *others = [task.result() for task in following]
    assert [recorded.position for recorded in first] == list(range(1, 901))
    assert sorted(texts(first)) == sorted(f"t.w{w}-{t}/{n}" for w in range(3) for t in range(10) for n in range(30))
    for seen in others:
        assert [(e.position, e.id, e.stream, e.revision, e.meta) for e in seen] == [
            (e.position, e.id, e.stream, e.revision, e.meta) for e in first
        ]
        assert texts(seen) == texts(first)


async def test_of_many_stores_on_one_revision_one_wins(stores: list[PostgresEventStore]) -> None:
    for n in range(20):
        results = await asyncio.gather(*(store.append([Append("t.a-1", n - 1, [event()])]) for store in stores))
        outcomes = [outcome for (outcome,) in results]
        assert sum(isinstance(outcome, Appended) for outcome in outcomes) == 1
        assert [o for o in outcomes if isinstance(o, Conflict)] == [Conflict("t.a-1", n - 1, n)] * 4
    assert [e.revision for e in (await stores[0].read_streams({"t.a-1": NO_STREAM}))["t.a-1"]] == list(range(20))


async def test_appends_to_one_stream_that_wait_together_see_each_others_effect(
    stores: list[PostgresEventStore],
) -> None:
    other = [Append(f"t.other-{n}", NO_STREAM, [event()]) for n in range(30)]
    results = await asyncio.gather(
        *(stores[0].append([Append("t.a-1", n - 1, [event(str(n))]), other[n]]) for n in range(30))
    )
    assert [outcome for outcome, _ in results] == [Appended(n, 2 * n + 1) for n in range(30)]
    assert texts((await stores[1].read_streams({"t.a-1": NO_STREAM}))["t.a-1"]) == [str(n) for n in range(30)]


async def test_a_conflict_and_a_repetition_leave_alone_what_goes_with_them(stores: list[PostgresEventStore]) -> None:
    store, same = stores[0], [event("a"), event("b")]
    await store.append([Append("t.a-1", NO_STREAM, same), Append("t.b-1", NO_STREAM, [event()])])
    new = [Append(f"t.new-{n}", NO_STREAM, [event(str(n)), event(str(n))]) for n in range(3)]
    conflicts = [Append("t.b-1", NO_STREAM, [event()]), Append("t.b-1x", 3)]
    again, check = Append("t.a-1", NO_STREAM, same), Append("t.a-2", NO_STREAM)
    assert await store.append([new[0], conflicts[0], new[1], again, conflicts[1], check, new[2]]) == [
        Appended(1, 5),
        Conflict("t.b-1", NO_STREAM, 0),
        Appended(1, 7),
        Appended(1, 2, repeated=True),
        Conflict("t.b-1x", 3, NO_STREAM),
        Appended(NO_STREAM, 7),
        Appended(1, 9),
    ]
    for reader in stores[:2]:
        assert texts(await followed(reader, 9))[3:] == ["0", "0", "1", "1", "2", "2"]


async def test_an_event_that_cannot_be_kept_does_not_stop_what_goes_with_it(stores: list[PostgresEventStore]) -> None:
    store = stores[0]
    unfit = [event(correlation="nul \0"), event(correlation="half \ud800")]
    results = await asyncio.gather(
        store.append([Append("t.a-1", NO_STREAM, [event()])]),
        *(store.append([Append(f"t.unfit-{n}", NO_STREAM, [new])]) for n, new in enumerate(unfit)),
        store.append([Append("t.a-2", NO_STREAM, [event()])]),
        return_exceptions=True,
    )
    assert results[0] == [Appended(0, 1)]
    assert results[-1] == [Appended(0, 2)]
    for refused in results[1:-1]:
        assert isinstance(refused, ValueError)
        assert "an event cannot be kept" in str(refused)
    assert await store.head() == 2


async def test_an_address_that_no_event_can_have_is_not_there(url: str, stores: list[PostgresEventStore]) -> None:
    blobs = await PostgresBlobs.open(url)
    for stream, revision in (("t.a-\0", 0), ("t.a-\ud800", 0), ("t.a-1", 2**40)):
        with pytest.raises(KeyError):
            await stores[0].read_one(stream, revision)
    with pytest.raises(KeyError):
        await blobs.get("acme", "\0")
    await blobs.close()


async def test_an_event_of_a_type_that_this_build_does_not_know_has_no_message(
    url: str, stores: list[PostgresEventStore]
) -> None:
    older = await PostgresEventStore.open(url, EventTypes([]))
    await stores[0].append([Append("t.a-1", NO_STREAM, [event("new")])])
    (tailed,) = await followed(older, 1)
    (read,) = await older.read_backwards("t.a-1", 1)
    for recorded in (tailed, read):
        assert recorded.msg is None
        assert recorded.type == "reveille.common.v1.MessageParked"
    await older.close()


async def test_what_others_have_appended_when_one_asks_is_at_or_below_the_head(
    stores: list[PostgresEventStore],
) -> None:
    for n in range(50):
        (outcome,) = await stores[n % 3].append([Append(f"t.a-{n}", NO_STREAM, [event()])])
        assert isinstance(outcome, Appended)
        assert await stores[3].head() == outcome.position == n + 1


async def test_a_burst_larger_than_the_tail_is_followed_in_chunks(stores: list[PostgresEventStore]) -> None:
    writer, reader = stores[:2]
    async with asyncio.TaskGroup() as tasks:
        following = tasks.create_task(followed(reader, 25_000))
        for batch in range(50):
            appends = [Append(f"t.a-{batch}-{n}", NO_STREAM, [event()]) for n in range(500)]
            tasks.create_task(writer.append(appends))
    assert [recorded.position for recorded in following.result()] == list(range(1, 25_001))
    assert [recorded.position for recorded in await followed(writer, 25_000)] == list(range(1, 25_001))


async def test_large_events_of_others_come_through_the_tail(stores: list[PostgresEventStore]) -> None:
    writer, reader = stores[:2]
    async with asyncio.TaskGroup() as tasks:
        following = tasks.create_task(followed(reader, 200))
        for n in range(200):
            tasks.create_task(writer.append([Append(f"t.a-{n}", NO_STREAM, [event("x" * 250_000)])]))
    assert {len(text) for text in texts(following.result())} == {250_000}


async def test_what_is_answered_is_on_the_disk_whatever_the_servers_defaults(url: str) -> None:
    async with administrator(url) as server:
        for setting in ("synchronous_commit = off", "default_transaction_isolation = 'repeatable read'"):
            await server.connection.execute(
                f"DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET {setting.replace(chr(39), chr(39) * 2)}', "
                "current_database()); END $$"
            )
        store = await PostgresEventStore.open(url, TYPES)
        await server.connection.execute(
            "CREATE TABLE seen AS SELECT '' AS durable, '' AS isolation WHERE false; "
            "CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.seen VALUES "
            "(current_setting('synchronous_commit'), current_setting('transaction_isolation')); RETURN new; END $$; "
            "CREATE TRIGGER seeing BEFORE INSERT ON log.events FOR EACH ROW EXECUTE FUNCTION see()"
        )
        await store.append([Append("t.a-1", NO_STREAM, [event()])])
        seen = [tuple(row) for row in await server.connection.fetch("SELECT * FROM public.seen")]
        await store.close()
    assert seen == [("on", "read committed")]
