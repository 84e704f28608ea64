"""What the suites of the ports run on: every adapter of each port, and doubles for the clock alone."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from reveille.adapters.inline_blobs import InlineBlobs
from reveille.adapters.local_fanout import LocalFanout
from reveille.adapters.sql import InlineTransactions, SqlTransactions, open_engine
from reveille.adapters.sql_tables import metadata
from reveille.adapters.sqlite_blobs import SqliteBlobs
from reveille.kernel.blobs import Blobs
from reveille.kernel.fanout import Fanout
from reveille.kernel.views import Transactions

# `postgresql://user@host/database`, which the suites may empty.
POSTGRES = os.environ.get("REVEILLE_TEST_POSTGRES", "")
DATABASES = ["inline", "sqlite", *(["postgresql"] if POSTGRES else [])]


@pytest.fixture(params=DATABASES)
async def transactions(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Transactions]:
    """A database that holds nothing but the tables that all services share."""
    opened: InlineTransactions | SqlTransactions
    match request.param:
        case "inline":
            opened = InlineTransactions()
        case "sqlite":
            opened = SqlTransactions(open_engine(f"sqlite:{tmp_path / 'views.sqlite'}"))
        case _:
            opened = SqlTransactions(open_engine(POSTGRES))
    await opened.run(_empty)
    yield opened
    await opened.close()


@pytest.fixture(params=["inline", "sqlite"])
async def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Blobs]:
    opened = InlineBlobs() if request.param == "inline" else SqliteBlobs.open(tmp_path / "blobs.sqlite")
    yield opened
    await opened.close()


@pytest.fixture(params=["local"])
def fanout(request: pytest.FixtureRequest) -> Fanout:
    """Keeps three messages for a subscriber that does not read."""
    return LocalFanout(capacity=3)


def _empty(connection: Connection) -> None:
    metadata.drop_all(connection)
    metadata.create_all(connection)


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
