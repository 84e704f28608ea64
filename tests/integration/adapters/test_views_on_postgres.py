"""Transactions of views on a PostgreSQL that takes connections away."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import Connection, insert, select, text

from reveille.adapters.sql import SqlTransactions, open_engine
from reveille.adapters.sql_tables import metadata, positions
from reveille.kernel.errors import Transient
from tests.postgres import database
from tests.servers import postgres_url

LOSE = text("SELECT pg_terminate_backend(pg_backend_pid())")
# The trigger runs when the transaction commits, and takes its connection away there.
AT_COMMIT = (
    """
    CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        PERFORM pg_terminate_backend(pg_backend_pid());
        RETURN NULL;
    END $$
    """,
    """
    CREATE CONSTRAINT TRIGGER lose AFTER INSERT ON positions DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION lose()
    """,
)


class Work:
    """Saves one position, and loses its connection before so many of its runs have done so."""

    def __init__(self, lost: int = 0) -> None:
        self._lost = lost
        self.runs = 0

    def __call__(self, connection: Connection) -> int:
        self.runs += 1
        connection.execute(insert(positions), {"view": f"view-{self.runs}", "position": 1})
        if self.runs <= self._lost:
            connection.execute(LOSE)
        return self.runs


def names(connection: Connection) -> list[str]:
    return list(connection.execute(select(positions.c.view)).scalars())


@pytest.fixture
async def url() -> AsyncIterator[str]:
    async with database(postgres_url()) as made:
        yield made


@pytest.fixture
async def transactions(url: str) -> AsyncIterator[SqlTransactions]:
    opened = SqlTransactions(open_engine(url))
    await opened.run(metadata.create_all)
    yield opened
    await opened.close()


async def test_a_connection_that_was_lost_while_it_was_idle_is_not_noticed(
    url: str, transactions: SqlTransactions
) -> None:
    other = SqlTransactions(open_engine(url))
    theirs = text(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "
        "WHERE pid <> pg_backend_pid() AND datname = current_database()"
    )
    ours = text("SELECT pg_backend_pid()")
    before = await transactions.run(lambda connection: connection.execute(ours).scalar())
    await other.run(lambda connection: connection.execute(theirs).all())
    await other.close()
    assert await transactions.run(lambda connection: connection.execute(ours).scalar()) != before


async def test_work_that_lost_its_connection_is_done_again_and_stands_once(transactions: SqlTransactions) -> None:
    work = Work(lost=1)
    assert await transactions.run(work) == 2
    assert await transactions.run(names) == ["view-2"]


async def test_work_that_loses_every_connection_may_go_well_later(transactions: SqlTransactions) -> None:
    work = Work(lost=9)
    with pytest.raises(Transient):
        await transactions.run(work)
    assert (work.runs, await transactions.run(names)) == (2, [])


async def test_what_was_lost_while_it_committed_is_not_done_again(transactions: SqlTransactions) -> None:
    def prepare(connection: Connection) -> None:
        for statement in AT_COMMIT:
            connection.exec_driver_sql(statement)

    await transactions.run(prepare)
    work = Work()
    with pytest.raises(Transient):
        await transactions.run(work)
    assert work.runs == 1
