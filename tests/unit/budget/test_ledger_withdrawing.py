"""An execution that ends takes back what it was waiting for."""

from reveille.contracts.budget.v1.events_pb2 import AccountClosed, ReservationWithdrawn
from tests.unit.budget.bookkeeping import (
    TODAY,
    close,
    deferred,
    given,
    goes,
    reservation,
    reserve,
    reserved,
    settle,
    updated,
)

TENANT, AGENT = f"tenant@{TODAY}", f"agent:a@{TODAY}"


def withdrawn(run: str) -> ReservationWithdrawn:
    return ReservationWithdrawn(run_id=run, agent="a")


def test_nothing_is_admitted_for_an_execution_that_has_ended() -> None:
    waiting = reservation("r2")
    ledger = given(updated(tenant=100), reserved(reservation("r1")), deferred(waiting, TENANT)).when(close("e-r2"))
    ledger.then(withdrawn("r2"))
    assert not [event for event in ledger.when(settle("r1", 0)).events if isinstance(event, tuple)]


def test_all_that_an_execution_was_waiting_for_is_taken_back() -> None:
    runs = [reservation(run, execution_id="e") for run in ("r2", "r3")]
    ledger = given(updated(tenant=100), reserved(reservation("r1")), *(deferred(one, TENANT) for one in runs))
    ledger.when(close("e")).then(withdrawn("r2"), withdrawn("r3"))


def test_its_account_is_closed_with_it() -> None:
    first, waiting = reservation("r1", execution_id="e"), reservation("r2", execution_id="e")
    ledger = given(updated(execution=150), reserved(first)).when(reserve(waiting))
    ledger.when(close("e")).then(withdrawn("r2"), AccountClosed(account="execution:e"))


def test_whoever_stood_behind_it_goes() -> None:
    large, small = reservation("large", 80), reservation("small", 10)
    ledger = given(updated(agent_a=100), reserved(reservation(tokens=50)), deferred(large, AGENT))
    ledger.when(reserve(small)).when(close("e-large")).then(withdrawn("large"), *goes(small))


def test_an_execution_is_closed_once_also_where_something_waited() -> None:
    ledger = given(updated(tenant=100), reserved(reservation("r1")), deferred(reservation("r2"), TENANT))
    ledger.when(close("e-r2")).when(close("e-r2")).then()


def test_an_execution_whose_spent_account_was_told_of_is_closed_though_it_held_nothing() -> None:
    first, again = reservation("r1", execution_id="e"), reservation("r2", execution_id="e")
    spent = given(updated(execution=150)).when(reserve(first)).when(settle("r1", 100)).when(reserve(again))
    assert not spent.when(close("e")).state.noted
