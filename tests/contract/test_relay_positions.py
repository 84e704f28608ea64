"""How far the relays have come, on every database."""

import asyncio

import pytest

from reveille.adapters.sql_tables import SqlRelayPositions
from reveille.kernel.views import Transactions


@pytest.fixture
def relayed(transactions: Transactions) -> SqlRelayPositions:
    return SqlRelayPositions(transactions)


async def test_nothing_is_relayed_at_first(relayed: SqlRelayPositions) -> None:
    assert await relayed.load() == {}


async def test_each_service_has_a_position_of_its_own(relayed: SqlRelayPositions) -> None:
    await relayed.save("planner", 7)
    await relayed.save("budget", 2**40)
    assert await relayed.load() == {"planner": 7, "budget": 2**40}


async def test_a_late_relay_does_not_put_the_position_back(relayed: SqlRelayPositions) -> None:
    await relayed.save("planner", 7)
    await relayed.save("planner", 5)
    assert await relayed.load() == {"planner": 7}
    await relayed.save("planner", 8)
    assert await relayed.load() == {"planner": 8}


async def test_the_number_of_partitions_is_what_the_first_one_wanted(relayed: SqlRelayPositions) -> None:
    assert await relayed.partitions(12) == 12
    assert await relayed.partitions(4) == 12


async def test_of_several_at_once_all_agree_on_one_number(relayed: SqlRelayPositions) -> None:
    agreed = await asyncio.gather(*(relayed.partitions(wanted) for wanted in (3, 5, 7)))
    assert len(set(agreed)) == 1
