"""When the ledger reserves, when it lets wait, and when it refuses."""

import pytest

from tests.unit.budget.bookkeeping import (
    TODAY,
    deferred,
    denied,
    exhausted,
    given,
    limits,
    reservation,
    reserve,
    reserved,
    settle,
    updated,
)

TENANT, AGENT = f"tenant@{TODAY}", f"agent:a@{TODAY}"


def test_a_reservation_is_held_by_the_tenants_the_agents_and_the_executions_account() -> None:
    asked = reservation()
    given(updated(tenant=1000, agent_a=500, execution=200)).when(reserve(asked)).then(reserved(asked))


def test_a_limit_of_nought_is_none() -> None:
    asked = reservation(tokens=10**12)
    given(updated(tenant=0)).when(reserve(asked)).then(reserved(asked))


def test_a_scope_without_a_limit_has_room_for_everything() -> None:
    asked = reservation(tokens=10**12)
    given().when(reserve(asked)).then(reserved(asked))


def test_the_last_token_can_be_reserved() -> None:
    first, second = reservation("r1", 600), reservation("r2", 400)
    given(updated(tenant=1000), reserved(first)).when(reserve(second)).then(reserved(second))


@pytest.mark.parametrize(("scope", "account"), [("tenant", TENANT), ("agent_a", AGENT), ("execution", "execution:e")])
def test_one_token_more_than_any_account_has_left_waits_for_that_account(scope: str, account: str) -> None:
    first, second = reservation("r1", 600, execution_id="e"), reservation("r2", 401, execution_id="e")
    given(updated(**{scope: 1000}), reserved(first)).when(reserve(second)).then(deferred(second, account, left=400))


def test_where_several_accounts_have_no_room_the_narrowest_is_named() -> None:
    first, second = reservation("r1", 600), reservation("r2", 401)
    ledger = given(updated(tenant=1000, agent_a=900), reserved(first))
    ledger.when(reserve(second)).then(deferred(second, AGENT, left=300))


def test_another_agent_has_room_where_this_one_has_none() -> None:
    first, second = reservation("r1", 600), reservation("r2", 600, agent="b")
    ledger = given(updated(tenant=2000, agent_a=600, agent_b=600), reserved(first))
    ledger.when(reserve(second)).then(reserved(second))


def test_a_reservation_that_is_held_is_not_made_again() -> None:
    given(reserved(reservation())).when(reserve(reservation())).then()


def test_a_reservation_that_waits_does_not_wait_twice() -> None:
    asked = reservation()
    given(updated(tenant=50), deferred(asked, TENANT)).when(reserve(asked)).then()


def test_a_reservation_brings_the_limits_that_it_stands_under() -> None:
    asked = reservation()
    under = limits(7, tenant=1000, execution=100)
    given(updated(3, tenant=1)).when(reserve(asked, under=under)).then(
        updated(7, tenant=1000, execution=100), reserved(asked)
    )


def test_the_limits_of_an_older_fleet_do_not_come_back() -> None:
    asked = reservation()
    given(updated(7, tenant=1000)).when(reserve(asked, under=limits(3, tenant=1))).then(reserved(asked))


@pytest.mark.parametrize(
    ("scope", "account"), [("tenant", TENANT), ("agent_a", AGENT), ("execution", "execution:e-r1")]
)
def test_more_than_a_limit_is_refused_for_good(scope: str, account: str) -> None:
    asked = reservation(tokens=101)
    given(updated(**{scope: 100})).when(reserve(asked)).then(denied(asked, account, limit=100, left=100))


def test_what_can_never_fit_one_account_is_refused_though_it_would_wait_for_another() -> None:
    first, second = reservation("r1", 900), reservation("r2", 500)
    ledger = given(updated(tenant=1000, execution=400), reserved(first))
    ledger.when(reserve(second)).then(denied(second, "execution:e-r2", limit=400, left=400))


def test_an_execution_that_has_used_its_tokens_gets_none_for_no_new_period_comes_for_it() -> None:
    first, second = reservation("r1", 100, execution_id="e"), reservation("r2", 100, execution_id="e")
    ledger = given(updated(execution=150)).when(reserve(first)).when(settle("r1", 100)).when(reserve(second))
    ledger.then(
        denied(second, "execution:e", limit=150, left=50), exhausted("execution:e", used=100, limit=150, until=0)
    )


def test_an_agent_that_does_not_wait_is_refused_when_its_day_is_spent() -> None:
    first, second = reservation("r1", 100), reservation("r2", 100, defer=False)
    ledger = given(updated(agent_a=150)).when(reserve(first)).when(settle("r1", 100)).when(reserve(second))
    ledger.then(denied(second, AGENT, limit=150, left=50), exhausted(AGENT, used=100, limit=150))


def test_an_agent_that_does_not_wait_for_a_period_waits_for_what_may_still_come_free() -> None:
    first, second = reservation("r1", 100), reservation("r2", 100, defer=False)
    ledger = given(updated(agent_a=150), reserved(first))
    ledger.when(reserve(second)).then(deferred(second, AGENT, left=50))
