"""The contract of Leases, on every database of views."""

import asyncio

import pytest

from reveille.adapters.sql_tables import SqlLeases
from reveille.kernel.leases import Leases
from reveille.kernel.views import Transactions

from .conftest import ManualClock


@pytest.fixture
def leases(transactions: Transactions, clock: ManualClock) -> Leases:
    return SqlLeases(transactions, clock)


async def test_a_free_lease_is_given(leases: Leases) -> None:
    assert await leases.renew("runner-1", "a", 10)


async def test_a_held_lease_is_refused_to_others(leases: Leases) -> None:
    await leases.renew("runner-1", "a", 10)
    assert not await leases.renew("runner-1", "b", 10)


async def test_its_owner_keeps_a_lease_by_renewing_it(leases: Leases, clock: ManualClock) -> None:
    await leases.renew("runner-1", "a", 10)
    clock.advance(9)
    assert await leases.renew("runner-1", "a", 10)
    clock.advance(9)
    assert not await leases.renew("runner-1", "b", 10)


async def test_a_lease_that_ran_out_goes_to_whoever_asks(leases: Leases, clock: ManualClock) -> None:
    await leases.renew("runner-1", "a", 10)
    clock.advance(10)
    assert await leases.renew("runner-1", "b", 10)
    assert not await leases.renew("runner-1", "a", 10)


async def test_a_released_lease_is_free(leases: Leases) -> None:
    await leases.renew("runner-1", "a", 10)
    await leases.release("runner-1", "a")
    assert await leases.renew("runner-1", "b", 10)


async def test_nobody_releases_the_lease_of_another(leases: Leases) -> None:
    await leases.renew("runner-1", "a", 10)
    await leases.release("runner-1", "b")
    assert not await leases.renew("runner-1", "b", 10)


async def test_holders_are_the_names_below_a_prefix_that_have_not_run_out(leases: Leases, clock: ManualClock) -> None:
    await leases.renew("run_er-old", "a", 5)
    clock.advance(5)
    for name in ("run_er-1", "run_er-2", "RUN_ER-3", "runner-4", "other"):
        await leases.renew(name, "a", 5)
    assert sorted(await leases.holders("run_er-")) == ["run_er-1", "run_er-2"]


async def test_of_many_who_ask_at_once_one_gets_it(leases: Leases) -> None:
    answers = await asyncio.gather(*(leases.renew("relay", f"replica-{number}", 10) for number in range(20)))
    assert answers.count(True) == 1
