"""The log in PostgreSQL when connections end: what is known of an append, and that nobody who follows misses any."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from reveille.adapters.postgres_store import PostgresEventStore
from reveille.kernel.errors import Transient, Unknown
from reveille.kernel.event_store import NO_STREAM, Append, Appended
from tests.integration.adapters.postgres_log import (
    TYPES,
    Server,
    Way,
    administrator,
    event,
    followed,
    resent,
    texts,
    way,
)
from tests.postgres import database
from tests.servers import postgres_url


@pytest.fixture
async def url() -> AsyncIterator[str]:
    async with database(postgres_url()) as url:
        yield url


@pytest.fixture
async def server(url: str) -> AsyncIterator[Server]:
    async with administrator(url) as server:
        yield server


@pytest.fixture
async def other(url: str) -> AsyncIterator[PostgresEventStore]:
    store = await PostgresEventStore.open(url, TYPES, name="other")
    yield store
    await store.close()


@pytest.fixture
async def the_way(url: str) -> AsyncIterator[Way]:
    async with way(url) as opened:
        yield opened


@pytest.fixture
async def store(the_way: Way) -> AsyncIterator[PostgresEventStore]:
    store = await PostgresEventStore.open(the_way.url, TYPES, name="cut")
    yield store
    await store.close()


async def test_an_append_that_did_not_happen_before_the_connection_ended_stands_when_it_is_sent_again(
    store: PostgresEventStore, server: Server
) -> None:
    append = Append("t.a-1", NO_STREAM, [event()])
    async with server.turn_taken():
        sent = asyncio.ensure_future(store.append([append]))
        await server.append_waits()
        assert await server.cut("cut") >= 2
        with pytest.raises(Unknown):
            await sent
    assert await resent(store, append) == Appended(0, 1)


async def test_an_append_whose_answer_was_lost_is_found_to_stand_when_it_is_sent_again(
    store: PostgresEventStore, the_way: Way, other: PostgresEventStore
) -> None:
    await store.append([Append("t.before-1", NO_STREAM, [event()])])  # so that the statement is prepared
    append = Append("t.a-1", NO_STREAM, [event(), event()])
    the_way.loses_answers = True
    sent = asyncio.ensure_future(store.append([append]))
    await asyncio.wait_for(other.wait(2), 30)
    the_way.cut()
    with pytest.raises(Unknown):
        await sent
    the_way.loses_answers = False
    assert await resent(store, append) == Appended(1, 3, repeated=True)
    assert await store.head() == 3


async def test_an_append_that_cannot_be_sent_is_known_not_to_have_happened(
    store: PostgresEventStore, the_way: Way
) -> None:
    await store.append([Append("t.a-1", NO_STREAM, [event()])])
    await the_way.close()
    with pytest.raises(Transient) as unsent:  # the driver hears of the end of its connection a moment later
        await resent(store, Append("t.a-2", NO_STREAM, [event()]))
    assert not isinstance(unsent.value, Unknown)
    with pytest.raises(Transient):
        await store.head()
    await the_way.open()
    assert await resent(store, Append("t.a-3", NO_STREAM, [event()])) == Appended(0, 2)
    assert await store.head() == 2


async def test_who_was_cut_off_misses_nothing(
    store: PostgresEventStore, the_way: Way, other: PostgresEventStore
) -> None:
    following = asyncio.ensure_future(followed(store, 40))
    for n in range(20):
        await other.append([Append(f"t.a-{n}", NO_STREAM, [event(str(n))])])
    await asyncio.wait_for(store.wait(19), 30)
    await the_way.close()
    for n in range(20, 40):
        await other.append([Append(f"t.a-{n}", NO_STREAM, [event(str(n))])])
    await the_way.open()
    assert texts(await following) == [str(n) for n in range(40)]


async def test_a_reader_sees_what_its_process_has_appended_also_while_the_tail_is_cut_off(
    store: PostgresEventStore, server: Server, other: PostgresEventStore
) -> None:
    await store.append([Append("t.a-1", NO_STREAM, [event("0")])])
    await server.cut("cut", sparing="log.append")
    await other.append([Append("t.b-1", NO_STREAM, [event("1")])])
    assert await store.append([Append("t.a-1", 0, [event("2")])]) == [Appended(1, 3)]
    assert texts(await store.read_all(0, 10)) == ["0", "1", "2"]


async def test_under_cuts_every_append_stands_once_and_in_order(
    store: PostgresEventStore, server: Server, other: PostgresEventStore
) -> None:
    async def write(stream: str) -> None:
        for n in range(40):
            while True:
                try:
                    outcome = await resent(store, Append(stream, n - 1, [event(f"{stream}/{n}")]))
                except Transient:
                    continue
                assert isinstance(outcome, Appended)
                assert outcome.revision == n
                break

    async def cut() -> None:
        for seen in range(40, 400, 60):
            await other.wait(seen)
            await server.cut("cut")

    async with asyncio.TaskGroup() as tasks:
        following = [tasks.create_task(followed(one, 400)) for one in (store, other)]
        tasks.create_task(cut())
        for stream in range(10):
            tasks.create_task(write(f"t.a-{stream}"))
    for seen in (task.result() for task in following):
        assert [recorded.position for recorded in seen] == list(range(1, 401))
        assert sorted(texts(seen)) == sorted(f"t.a-{stream}/{n}" for stream in range(10) for n in range(40))


async def test_reading_goes_on_after_a_cut(store: PostgresEventStore, server: Server) -> None:
    await store.append([Append("t.a-1", NO_STREAM, [event("kept")])])
    for _ in range(3):
        assert texts(await store.read_backwards("t.a-1", 1)) == ["kept"]
        await server.cut("cut")


async def test_a_prepared_statement_that_a_migration_has_outdated_is_prepared_anew(
    store: PostgresEventStore, server: Server
) -> None:
    await store.append([Append("t.a-1", NO_STREAM, [event("0")])])
    assert texts(await store.read_backwards("t.a-1", 1)) == ["0"]
    await server.connection.execute("ALTER TABLE log.events ALTER COLUMN replica TYPE varchar")
    assert texts(await store.read_backwards("t.a-1", 1)) == ["0"]
    assert await store.append([Append("t.a-1", 0, [event("1")])]) == [Appended(1, 2)]


async def test_closing_answers_what_was_sent_and_fails_what_waits(store: PostgresEventStore, server: Server) -> None:
    await store.append([Append("t.a-1", NO_STREAM, [event()])])
    following = asyncio.ensure_future(store.wait(2))
    async with server.turn_taken():
        sent = asyncio.ensure_future(store.append([Append("t.a-1", 0, [event()])]))
        await server.append_waits()
        waiting = asyncio.ensure_future(store.append([Append("t.a-2", NO_STREAM, [event()])]))
        await asyncio.sleep(0)
        closing = asyncio.ensure_future(store.close())
        with pytest.raises(Transient, match="the log is closed here") as unsent:
            await waiting
        assert not isinstance(unsent.value, Unknown)
        assert not sent.done()
    assert await sent == [Appended(1, 2)]
    await closing
    for asked in (
        following,
        store.append([Append("t.a-2", NO_STREAM, [event()])]),
        store.read_all(0, 1),
        store.head(),
        store.read_one("t.none-1", 0),
        store.wait(2),
    ):
        with pytest.raises(Transient, match="closed here"):
            await asked


async def test_closing_does_not_wait_for_a_server_that_does_not_answer(
    store: PostgresEventStore, the_way: Way, other: PostgresEventStore
) -> None:
    await store.append([Append("t.a-1", NO_STREAM, [event()])])
    the_way.loses_answers = True
    sent = asyncio.ensure_future(store.append([Append("t.a-1", 0, [event()])]))
    await asyncio.wait_for(other.wait(1), 30)
    await asyncio.wait_for(store.close(), 30)
    with pytest.raises(Unknown, match="closed before it answered"):
        await sent


async def test_a_log_that_has_lost_events_is_not_followed_any_more(
    store: PostgresEventStore, other: PostgresEventStore, server: Server
) -> None:
    for n in range(3):
        await other.append([Append(f"t.a-{n}", NO_STREAM, [event()])])
    await asyncio.wait_for(store.wait(2), 30)
    # As after a failover to a standby that was behind, and that has gone on.
    await server.connection.execute("DELETE FROM log.events WHERE position = 3")
    following = asyncio.ensure_future(store.wait(3))
    await server.cut("cut")
    with pytest.raises(RuntimeError, match="the log no longer holds the event at position 3"):
        await asyncio.wait_for(following, 30)
    with pytest.raises(RuntimeError, match="no longer holds"):
        await store.append([Append("t.b-1", NO_STREAM, [event()])])
