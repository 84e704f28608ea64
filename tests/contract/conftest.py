"""What the suites of the ports run on: every adapter of each port, and doubles for the clock alone."""

import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from reveille.adapters.inline_blobs import InlineBlobs
from reveille.adapters.local_fanout import LocalFanout
from reveille.adapters.postgres_blobs import PostgresBlobs
from reveille.adapters.redis_fanout import RedisFanout
from reveille.adapters.sealed_blobs import SealedBlobs
from reveille.adapters.sql import InlineTransactions, SqlTransactions, open_engine
from reveille.adapters.sql_tables import metadata
from reveille.adapters.sqlite_blobs import SqliteBlobs
from reveille.kernel.blobs import Blobs
from reveille.kernel.fanout import Fanout
from reveille.kernel.views import Transactions
from tests.postgres import database
from tests.sealing import ring
from tests.servers import postgres_url, redis_url

DATABASES = ["inline", "sqlite", "postgresql"]


@pytest.fixture(params=DATABASES)
async def transactions(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Transactions]:
    """A database that holds nothing but the tables that all services share."""
    opened: InlineTransactions | SqlTransactions
    async with AsyncExitStack() as stack:
        match request.param:
            case "inline":
                opened = InlineTransactions()
            case "sqlite":
                opened = SqlTransactions(open_engine(f"sqlite:{tmp_path / 'views.sqlite'}"))
            case _:
                opened = SqlTransactions(open_engine(await stack.enter_async_context(database(postgres_url()))))
        stack.push_async_callback(opened.close)
        await opened.run(metadata.create_all)
        yield opened


@pytest.fixture(params=[*DATABASES, *(f"sealed-{kind}" for kind in DATABASES)])
async def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Blobs]:
    opened: InlineBlobs | SqliteBlobs | PostgresBlobs
    async with AsyncExitStack() as stack:
        match request.param.removeprefix("sealed-"):
            case "inline":
                opened = InlineBlobs()
            case "sqlite":
                opened = SqliteBlobs.open(tmp_path / "blobs.sqlite")
            case _:
                opened = await PostgresBlobs.open(await stack.enter_async_context(database(postgres_url())))
        stack.push_async_callback(opened.close)
        if request.param.startswith("sealed-"):
            yield SealedBlobs(opened, await stack.enter_async_context(ring(tmp_path)))
        else:
            yield opened


@pytest.fixture(params=["local", "redis"])
async def fanout(request: pytest.FixtureRequest) -> AsyncIterator[Fanout]:
    """Keeps three messages for a subscriber that does not read."""
    if request.param == "local":
        yield LocalFanout(capacity=3)
        return
    opened = await RedisFanout.open(redis_url(), prefix=f"{uuid.uuid4().hex}:", capacity=3)
    assert opened.connected
    yield opened
    await opened.close()


class ManualClock:
    """Stands still until it is set."""

    def __init__(self, now: int = 1_000_000_000) -> None:
        self._now = now

    def now(self) -> int:
        return self._now

    def advance(self, seconds: float) -> None:
        self._now += int(seconds * 1_000_000)

    async def sleep(self, seconds: float) -> None:
        self.advance(seconds)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()
