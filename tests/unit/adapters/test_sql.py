"""What a database of views does when it cannot be had."""

import sqlite3
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from reveille.adapters.sql import SqlTransactions, may_pass, open_engine, sqlite_path
from reveille.kernel.errors import Misconfigured, Transient


async def test_a_file_that_cannot_be_opened_may_be_there_later(tmp_path: Path) -> None:
    transactions = SqlTransactions(open_engine(f"sqlite:{tmp_path / 'missing' / 'views.sqlite'}"))
    with pytest.raises(Transient, match="database of views: unable to open database file"):
        await transactions.run(lambda connection: connection.execute(text("SELECT 1")).scalar())
    (tmp_path / "missing").mkdir()
    assert await transactions.run(lambda connection: connection.execute(text("SELECT 1")).scalar()) == 1
    await transactions.close()


async def test_a_server_that_does_not_answer_may_be_there_later(unused_tcp_port: int) -> None:
    transactions = SqlTransactions(open_engine(f"postgresql://nobody@127.0.0.1:{unused_tcp_port}/views"))
    with pytest.raises(Transient, match="database of views"):
        await transactions.run(lambda connection: connection.execute(text("SELECT 1")).scalar())
    await transactions.close()


def _sqlite(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("said so")
    error.sqlite_errorcode = code
    return error


class FromServer(Exception):
    def __init__(self, sqlstate: str) -> None:
        super().__init__("said so")
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (OperationalError("", None, _sqlite(sqlite3.SQLITE_BUSY)), True),
        (OperationalError("", None, _sqlite(sqlite3.SQLITE_IOERR_WRITE)), True),
        (OperationalError("", None, _sqlite(sqlite3.SQLITE_ERROR)), False),
        (DBAPIError("", None, FromServer("40001")), True),
        (DBAPIError("", None, FromServer("42P01")), False),
        (DBAPIError("", None, FromServer("42P01"), connection_invalidated=True), True),
        (FromServer("57P03"), True),
        (FromServer("3D000"), False),
        (InterfaceError("", None, Exception("connection is closed")), True),
        (asyncpg.InterfaceError("connection is closed"), True),
        (asyncpg.exceptions.ClientConfigurationError("a wrong argument"), False),
        (ConnectionRefusedError("refused"), True),
        (ValueError("a bug of ours"), False),
    ],
)
def test_only_what_may_go_well_later_is_tried_again(error: Exception, passes: bool) -> None:
    assert may_pass(error) is passes


def test_a_path_may_hold_anything() -> None:
    assert sqlite_path("sqlite:/some where/100%.sqlite") == Path("/some where/100%.sqlite")


@pytest.mark.parametrize("url", ["", "sqlite:", "sqlite:///x", "views.sqlite", "postgres://host/db"])
def test_any_other_url_is_refused(url: str) -> None:
    with pytest.raises(Misconfigured, match="expected sqlite:PATH or postgresql://"):
        open_engine(url)
