"""A run that goes on asks for more: it gets it at once from what it holds, or not at all."""

from reveille.contracts.budget.v1.events_pb2 import TokensReleased, TokensSettled, TopUpDenied, TopUpReserved
from tests.unit.budget.bookkeeping import (
    MIDNIGHT,
    TODAY,
    TOMORROW,
    account,
    accounts,
    close,
    deferred,
    given,
    reservation,
    reserve,
    reserved,
    settle,
    top_up,
    updated,
)

TENANT, AGENT = f"tenant@{TODAY}", f"agent:a@{TODAY}"


def more(tokens: int = 50, request: int = 1) -> TopUpReserved:
    return TopUpReserved(run_id="r1", agent="a", request=request, tokens=tokens)


def no_more(account: str, left: int, tokens: int = 50, request: int = 1) -> TopUpDenied:
    return TopUpDenied(run_id="r1", agent="a", request=request, tokens=tokens, account=account, left=left)


def test_a_run_gets_more_where_all_its_accounts_have_room() -> None:
    asked = reservation()
    ledger = given(updated(tenant=150, agent_a=150, execution=150), reserved(asked)).when(top_up())
    ledger.then(more())
    assert {ledger.state.account(name) for name in accounts(asked)} == {account(reserved=150, runs=1)}


def test_a_run_gets_nothing_where_any_account_has_no_room_and_the_narrowest_is_named() -> None:
    ledger = given(updated(tenant=120, agent_a=130), reserved(reservation()))
    ledger.when(top_up()).then(no_more(AGENT, 30))


def test_a_refused_request_leaves_everything_as_it_was() -> None:
    ledger = given(updated(tenant=120), reserved(reservation())).when(top_up()).state
    assert (ledger.account(TENANT), ledger.held["r1"].tokens) == (account(reserved=100, runs=1), 100)


def test_a_request_is_answered_once() -> None:
    given(reserved(reservation())).when(top_up()).when(top_up()).then()
    given(updated(tenant=120), reserved(reservation())).when(top_up()).when(top_up()).then()


def test_each_request_is_answered() -> None:
    ledger = given(updated(tenant=160), reserved(reservation())).when(top_up(tokens=50)).when(top_up(request=2))
    ledger.then(no_more(TENANT, 10, request=2))
    ledger.when(top_up(tokens=10, request=3)).then(more(10, 3))


def test_a_run_that_has_ended_gets_no_answer() -> None:
    given(reserved(reservation())).when(settle(used=10)).when(top_up()).then()


def test_what_was_topped_up_is_settled_and_released_with_the_rest() -> None:
    ledger = given(reserved(reservation())).when(top_up()).when(settle(used=120))
    ledger.then(TokensSettled(run_id="r1", used=120), TokensReleased(run_id="r1", tokens=30))
    assert ledger.state.account(TENANT) == account(used=120)
    assert not ledger.state.held


def test_a_run_gets_more_in_the_period_that_reserved_it() -> None:
    ledger = given(updated(tenant=150)).when(reserve(reservation()))
    crossing = ledger.when(reserve(reservation("r2"), now=MIDNIGHT)).when(top_up(now=MIDNIGHT))
    crossing.then(more())
    assert crossing.state.account(TENANT) == account(reserved=150, runs=1)
    assert crossing.state.account(f"tenant@{TOMORROW}") == account(reserved=100, runs=1)


def test_a_run_whose_execution_has_ended_gets_no_more() -> None:
    given(reserved(reservation())).when(close()).when(top_up()).then(no_more("execution:e-r1", 0))


def test_what_a_run_gets_others_have_not() -> None:
    other = reservation("r2", 60)
    ledger = given(updated(tenant=200), reserved(reservation())).when(top_up())
    ledger.when(reserve(other)).then(deferred(other, TENANT, left=50))
