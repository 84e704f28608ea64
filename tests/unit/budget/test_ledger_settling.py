"""What is used counts, what is not comes free, and every reservation is closed once."""

from reveille.contracts.budget.v1.events_pb2 import AccountClosed, TokensReleased, TokensSettled, UsageAdded
from tests.unit.budget.bookkeeping import (
    MIDNIGHT,
    TODAY,
    TOMORROW,
    account,
    accounts,
    add_usage,
    close,
    deferred,
    exhausted,
    given,
    reservation,
    reserve,
    reserved,
    settle,
    updated,
)

TENANT, AGENT = f"tenant@{TODAY}", f"agent:a@{TODAY}"


def test_what_was_used_is_settled_and_the_rest_released() -> None:
    given(reserved(reservation(tokens=100))).when(settle(used=30)).then(
        TokensSettled(run_id="r1", used=30), TokensReleased(run_id="r1", tokens=70)
    )


def test_nothing_comes_free_where_all_was_used() -> None:
    given(reserved(reservation(tokens=100))).when(settle(used=100)).then(TokensSettled(run_id="r1", used=100))


def test_nothing_is_settled_where_nothing_was_used() -> None:
    given(reserved(reservation(tokens=100))).when(settle(used=0)).then(TokensReleased(run_id="r1", tokens=100))


def test_more_than_was_reserved_is_an_overrun() -> None:
    given(reserved(reservation(tokens=100))).when(settle(used=130)).then(
        TokensSettled(run_id="r1", used=130, overrun=30)
    )


def test_after_a_settlement_nothing_is_reserved_and_what_was_used_is_used() -> None:
    ledger = given(reserved(reservation(tokens=100))).when(settle(used=30)).state
    assert {name: ledger.account(name) for name in accounts(reservation())} == dict.fromkeys(
        accounts(reservation()), account(used=30)
    )


def test_after_an_overrun_nothing_is_reserved_and_all_of_it_is_used() -> None:
    ledger = given(reserved(reservation(tokens=100))).when(settle(used=130)).state
    assert ledger.account(TENANT) == account(used=130)


def test_a_run_is_settled_once() -> None:
    given(reserved(reservation())).when(settle(used=30)).when(settle(used=30)).then()


def test_a_run_that_holds_nothing_is_not_settled() -> None:
    given().when(settle("unknown", 30)).then()


def test_an_overrun_takes_from_what_others_could_have() -> None:
    first, second = reservation("r1", 100), reservation("r2", 100)
    ledger = given(updated(tenant=220)).when(reserve(first)).when(settle("r1", 130)).when(reserve(second))
    ledger.then(deferred(second, TENANT, left=90), exhausted(TENANT, used=130, limit=220))


def test_what_a_settlement_frees_can_be_reserved_again() -> None:
    first, second = reservation("r1", 100), reservation("r2", 100)
    ledger = given(updated(tenant=110)).when(reserve(first)).when(settle("r1", 10)).when(reserve(second))
    ledger.then(reserved(second))


def test_tokens_count_in_the_period_that_reserved_them() -> None:
    ledger = given(reserved(reservation(tokens=100))).when(settle(used=30, now=MIDNIGHT)).state
    assert (ledger.account(TENANT).used, ledger.account(f"tenant@{TOMORROW}").used) == (30, 0)


def test_late_usage_counts_for_the_tenant_the_agent_and_an_execution_that_goes_on() -> None:
    ledger = given(reserved(reservation())).when(settle(used=30)).when(add_usage(tokens=5))
    ledger.then(UsageAdded(run_id="r1", tokens=5, accounts=accounts(reservation())))


def test_late_usage_does_not_open_the_account_of_an_execution_that_has_ended() -> None:
    ledger = given(reserved(reservation())).when(settle(used=30)).when(close()).when(add_usage(tokens=5))
    ledger.then(UsageAdded(run_id="r1", tokens=5, accounts=[TENANT, AGENT]))


def test_late_usage_leaves_less_for_others() -> None:
    first, second = reservation("r1", 100), reservation("r2", 100)
    ledger = given(updated(tenant=200)).when(reserve(first)).when(settle("r1", 100)).when(add_usage(tokens=1))
    ledger.when(reserve(second)).then(deferred(second, TENANT, left=99), exhausted(TENANT, used=101, limit=200))


def test_an_execution_that_ended_has_no_account_any_more() -> None:
    given(reserved(reservation())).when(settle(used=30)).when(close()).then(AccountClosed(account="execution:e-r1"))


def test_an_execution_that_never_reserved_has_no_account_to_close() -> None:
    given().when(close()).then()


def test_an_execution_is_closed_once() -> None:
    given(reserved(reservation())).when(settle()).when(close()).when(close()).then()


def test_a_run_that_ends_after_its_execution_was_closed_brings_no_account_back() -> None:
    ledger = given(reserved(reservation(tokens=100))).when(close()).when(settle(used=30)).state
    assert set(ledger.accounts) == {TENANT, AGENT}


def test_a_run_that_ends_after_its_execution_was_closed_is_counted_all_the_same() -> None:
    ledger = given(reserved(reservation(tokens=100))).when(close()).when(settle(used=30)).state
    assert (ledger.account(TENANT), ledger.account(AGENT)) == (account(used=30), account(used=30))
