"""Opening the log and the blobs in PostgreSQL: who comes first makes them, and what is wrong is said in one line."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest

from reveille.adapters.postgres_blobs import PostgresBlobs
from reveille.adapters.postgres_store import PostgresEventStore
from reveille.kernel.errors import Misconfigured
from reveille.kernel.event_store import NO_STREAM, Append, Appended
from tests.integration.adapters.postgres_log import TYPES, administrator, event, followed, texts
from tests.postgres import database
from tests.servers import postgres_url

SECRET = "s3cret-w0rd"


@pytest.fixture
async def url() -> AsyncIterator[str]:
    async with database(postgres_url()) as url:
        yield url


async def refusal(url: str) -> str:
    """What both say: one line, without the password."""
    with pytest.raises(Misconfigured) as log:
        await PostgresEventStore.open(url, TYPES)
    with pytest.raises(Misconfigured) as blobs:
        await PostgresBlobs.open(url)
    for error in (log.value, blobs.value):
        assert len(str(error).splitlines()) == 1
        assert SECRET not in str(error)
    return str(log.value)


async def test_processes_that_start_together_on_an_empty_database_make_one_log(url: str) -> None:
    opened = await asyncio.gather(
        *(PostgresEventStore.open(url, TYPES) for _ in range(5)), *(PostgresBlobs.open(url) for _ in range(3))
    )
    stores = [one for one in opened if isinstance(one, PostgresEventStore)]
    blobs = [one for one in opened if isinstance(one, PostgresBlobs)]
    for n, store in enumerate(stores):
        assert await store.append([Append("t.a-1", n - 1, [event(str(n))])]) == [Appended(n, n + 1)]
    for store in stores:
        assert texts(await followed(store, 5)) == ["0", "1", "2", "3", "4"]
    digests = await asyncio.gather(*(one.put("acme", b"same") for one in blobs))
    assert await blobs[0].get("acme", digests[2]) == b"same"
    await asyncio.gather(*(store.close() for store in stores), *(one.close() for one in blobs))


async def test_the_log_goes_on_where_it_was_when_it_is_opened_again(url: str) -> None:
    first = await PostgresEventStore.open(url, TYPES)
    await first.append([Append("t.a-1", NO_STREAM, [event("0")])])
    await first.save_snapshot("t.a-1", b"snapshot")
    await first.close()
    second = await PostgresEventStore.open(url, TYPES)
    assert await second.append([Append("t.a-1", 0, [event("1")])]) == [Appended(1, 2)]
    assert texts(await second.read_all(0, 10)) == ["0", "1"]
    assert await second.snapshot("t.a-1") == b"snapshot"
    await second.close()


async def test_the_server_shows_who_is_connected(url: str) -> None:
    store = await PostgresEventStore.open(url, TYPES, name="reveille-planner")
    async with administrator(url) as server:
        names = await server.connection.fetch("SELECT DISTINCT application_name FROM pg_stat_activity")
    assert "reveille-planner" in [row[0] for row in names]
    await store.close()


async def test_a_log_of_a_newer_build_is_left_alone(url: str) -> None:
    await (await PostgresEventStore.open(url, TYPES)).close()
    await (await PostgresBlobs.open(url)).close()
    async with administrator(url) as server:
        await server.connection.execute("UPDATE log.versions SET version = 99")
        assert "its events are at schema 99, this build knows up to 1" in await refusal(url)


async def test_an_absent_database_is_named(url: str) -> None:
    parts = urlsplit(url)
    absent = parts._replace(netloc=f"{parts.username}:{SECRET}@{parts.hostname}:{parts.port}", path="/no_such_one")
    assert "no_such_one" in await refusal(absent.geturl())


async def test_a_user_whom_the_server_does_not_know_is_named(url: str) -> None:
    parts = urlsplit(url)
    stranger = parts._replace(netloc=f"stranger:{SECRET}@{parts.hostname}:{parts.port}")
    assert "stranger" in await refusal(stranger.geturl())


async def test_a_server_that_is_away_is_named() -> None:
    async with refusing() as port:
        pass
    assert f"127.0.0.1:{port}/reveille" in await refusal(f"postgresql://reveille:{SECRET}@127.0.0.1:{port}/reveille")


async def test_a_password_that_the_server_refuses_is_not_repeated() -> None:
    async with refusing() as port:
        said = await refusal(f"postgresql://reveille:{SECRET}@127.0.0.1:{port}/reveille")
    assert f"127.0.0.1:{port}/reveille: password authentication failed" in said


@pytest.mark.parametrize(
    "url",
    [
        f"mysql://reveille:{SECRET}@127.0.0.1/reveille",
        f"postgresql://reveille:{SECRET}@127.0.0.1:port/reveille",
        f"postgresql://reveille:{SECRET}/with?signs#@127.0.0.1:1/reveille",
        f"postgresql://reveille:{SECRET}@[::1/reveille",
    ],
)
async def test_a_url_that_cannot_be_read_is_not_repeated(url: str) -> None:
    assert await refusal(url)


@asynccontextmanager
async def refusing() -> AsyncIterator[int]:
    """A server of PostgreSQL's protocol to which every password is wrong; the tests' own server asks for none."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        size = int.from_bytes(await reader.readexactly(4), "big")
        opening = await reader.readexactly(size - 4)
        if opening == (80877103).to_bytes(4, "big"):  # asks for TLS
            writer.write(b"N")
            await answer(reader, writer)
            return
        writer.write(b"R" + (8).to_bytes(4, "big") + (3).to_bytes(4, "big"))  # the password, please
        assert await reader.readexactly(1) == b"p"
        size = int.from_bytes(await reader.readexactly(4), "big")
        assert SECRET.encode() in await reader.readexactly(size - 4)
        fields = b"SFATAL\0VFATAL\0C28P01\0Mpassword authentication failed for user\0\0"
        writer.write(b"E" + (len(fields) + 4).to_bytes(4, "big") + fields)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()
