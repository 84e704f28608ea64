"""The contract of Transactions, on every database of views."""

import asyncio

import pytest
from sqlalchemy import Connection, func, insert, select, text
from sqlalchemy.exc import DBAPIError

from reveille.adapters.sql import upsert
from reveille.adapters.sql_tables import SqlPositions, positions
from reveille.kernel.views import Transactions


def _rows(connection: Connection) -> dict[str, int]:
    return {row.view: row.position for row in connection.execute(select(positions))}


async def test_what_a_transaction_returns_reaches_its_caller(transactions: Transactions) -> None:
    assert (
        await transactions.run(
            lambda connection: connection.execute(select(func.count()).select_from(positions)).scalar()
        )
        == 0
    )


async def test_a_later_transaction_sees_what_an_earlier_one_wrote(transactions: Transactions) -> None:
    await transactions.run(lambda connection: upsert(connection, positions, [{"view": "signals", "position": 7}]))
    assert await transactions.run(_rows) == {"signals": 7}


async def test_a_text_with_a_character_that_some_databases_do_not_have_is_kept_and_found(
    transactions: Transactions,
) -> None:
    """It comes in with a webhook; a view that could not take it would stand still, for everybody."""
    await transactions.run(lambda connection: upsert(connection, positions, [{"view": "a\x00b", "position": 7}]))
    await transactions.run(lambda connection: upsert(connection, positions, [{"view": "ab", "position": 8}]))
    wanted = select(positions.c.position).where(positions.c.view == "a\x00b")
    assert await transactions.run(lambda connection: list(connection.execute(wanted).scalars())) == [7]


async def test_a_transaction_that_raises_leaves_nothing_behind(transactions: Transactions) -> None:
    def work(connection: Connection) -> None:
        connection.execute(insert(positions), {"view": "signals", "position": 7})
        raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"):
        await transactions.run(work)
    assert await transactions.run(_rows) == {}


async def test_a_wrong_statement_is_not_taken_for_a_passing_trouble(transactions: Transactions) -> None:
    with pytest.raises(DBAPIError):
        await transactions.run(lambda connection: connection.execute(text("SELECT x FROM nowhere")).scalar())
    assert await transactions.run(_rows) == {}


async def test_reading_and_then_writing_is_not_disturbed_by_others(transactions: Transactions) -> None:
    store = SqlPositions()

    def one_more(connection: Connection) -> None:
        at = (
            connection.execute(select(positions.c.position).where(positions.c.view == "v").with_for_update()).scalar()
            or 0
        )
        store.save(connection, "v", at + 1)

    await transactions.run(lambda connection: store.save(connection, "v", 0))
    await asyncio.gather(*(transactions.run(one_more) for _ in range(20)))
    assert await transactions.run(_rows) == {"v": 20}


async def test_a_cancelled_transaction_is_there_whole_or_not_at_all(transactions: Transactions) -> None:
    def work(connection: Connection) -> None:
        upsert(connection, positions, [{"view": f"view-{number}", "position": 1} for number in range(50)])
        upsert(connection, positions, [{"view": f"view-{number}", "position": 2} for number in range(50)])

    for turns in range(30):
        task = asyncio.ensure_future(transactions.run(work))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        assert set((await transactions.run(_rows)).values()) <= {2}


async def test_an_upsert_takes_the_place_of_the_row_with_its_key(transactions: Transactions) -> None:
    await transactions.run(lambda connection: upsert(connection, positions, [{"view": "a", "position": 1}]))
    both = [{"view": "a", "position": 2}, {"view": "b", "position": 3}]
    await transactions.run(lambda connection: upsert(connection, positions, both))
    assert await transactions.run(_rows) == {"a": 2, "b": 3}


async def test_positions_of_an_unknown_view_are_zero(transactions: Transactions) -> None:
    assert await transactions.run(lambda connection: SqlPositions().load(connection, "unheard")) == 0


async def test_a_saved_position_is_loaded_by_its_view(transactions: Transactions) -> None:
    def work(connection: Connection) -> tuple[int, int]:
        store = SqlPositions()
        store.save(connection, "a", 5)
        store.save(connection, "b", 6)
        store.save(connection, "a", 1 << 40)
        return store.load(connection, "a"), store.load(connection, "b")

    assert await transactions.run(work) == (1 << 40, 6)


@pytest.mark.parametrize("begun", [True, False], ids=["begun", "new"])
async def test_of_replicas_that_keep_one_view_each_takes_in_what_the_other_has_not(
    transactions: Transactions, begun: bool
) -> None:
    """As the follower does: load, add to rows, save; all in one transaction."""
    kept = SqlPositions()
    if begun:
        await transactions.run(lambda connection: kept.save(connection, "view", 0))

    def take_in(connection: Connection) -> None:
        at = kept.load(connection, "view")
        kept.save(connection, "view", at + 1)

    await asyncio.gather(*(transactions.run(take_in) for _ in range(20)))
    assert await transactions.run(lambda connection: kept.load(connection, "view")) == 20
