"""A period is a day of UTC: what waits for it goes with it, what was reserved before it stays in its own."""

from google.protobuf.timestamp_pb2 import Timestamp

from reveille.budget.application.timers import SETS, fires
from reveille.contracts.budget.v1.events_pb2 import PeriodOpened
from reveille.kernel.clock import SECOND
from reveille.kernel.timers import Due, Timer
from tests.unit.budget.bookkeeping import (
    DAY,
    MIDNIGHT,
    TODAY,
    TOMORROW,
    account,
    add_usage,
    deferred,
    exhausted,
    given,
    goes,
    reservation,
    reserve,
    reserved,
    settle,
    turn,
    updated,
)
from tests.unit.manual_clock import NOON
from tests.unit.spec import HERE

TENANT = f"tenant@{TODAY}"


def opened(day: str, following: int | None = None) -> PeriodOpened:
    return PeriodOpened(day=day, next=None if following is None else Timestamp(seconds=following // SECOND))


def test_with_the_new_period_those_go_who_waited_for_it() -> None:
    first, second = reservation("r1", 100), reservation("r2", 100)
    ledger = given(updated(tenant=100)).when(reserve(first)).when(settle("r1", 100)).when(reserve(second))
    ledger.when(turn()).then(opened(TOMORROW), *goes(second, TOMORROW))


def test_where_somebody_goes_on_waiting_the_next_period_is_looked_at_too() -> None:
    waiting = [reservation(f"w{number}", 100) for number in range(2)]
    ledger = given(updated(tenant=100), *(deferred(one, TENANT) for one in waiting))
    ledger.when(turn()).then(opened(TOMORROW, MIDNIGHT + DAY), *goes(waiting[0], TOMORROW))


def test_a_period_is_opened_once() -> None:
    given(deferred(reservation(), TENANT)).when(turn()).when(turn()).then()


def test_a_timer_of_a_period_that_nobody_waits_for_opens_none() -> None:
    given().when(turn()).then()


def test_a_timer_that_a_later_one_has_replaced_opens_none() -> None:
    ledger = given(deferred(reservation(), TENANT), deferred(reservation("r2"), TENANT, until=MIDNIGHT + DAY))
    ledger.when(turn(MIDNIGHT)).then()


def test_a_clock_that_was_set_back_meanwhile_opens_the_period_all_the_same() -> None:
    asked = reservation()
    ledger = given(updated(tenant=100), deferred(asked, TENANT))
    ledger.when(turn(MIDNIGHT, now=MIDNIGHT - 2 * SECOND)).then(opened(TOMORROW), *goes(asked, TOMORROW))


def test_whoever_is_deferred_by_a_clock_behind_is_looked_at_again() -> None:
    # The new day has been opened by another replica; this one's clock still shows the old one.
    first, late = reservation("r1", 100), reservation("late", 100)
    ledger = given(updated(tenant=100), deferred(first, TENANT)).when(turn()).when(reserve(late, now=MIDNIGHT - SECOND))
    spent = ledger.when(settle("r1", 100, now=MIDNIGHT))
    spent.when(turn()).then()
    spent.when(turn(MIDNIGHT + DAY)).then(opened("2026-11-23"), *goes(late, "2026-11-23"))


def test_a_clock_behind_does_not_open_yesterday_again() -> None:
    asked = reservation("r2", 100)
    ledger = given(updated(tenant=150), reserved(reservation(tokens=100), TOMORROW))
    ledger.when(reserve(asked, now=MIDNIGHT - SECOND)).then(
        deferred(asked, f"tenant@{TOMORROW}", left=50, until=MIDNIGHT + DAY)
    )


def test_with_the_first_reservation_of_a_period_the_accounts_of_the_last_one_go() -> None:
    ledger = given().when(reserve(reservation("r1"))).when(settle("r1", 100))
    state = ledger.when(reserve(reservation("r2"), now=MIDNIGHT)).state
    assert TENANT not in state.accounts


def test_an_account_stays_beyond_its_period_while_something_is_reserved_on_it() -> None:
    ledger = given().when(reserve(reservation("r1"))).when(reserve(reservation("r2"), now=MIDNIGHT))
    assert ledger.state.account(TENANT) == account(reserved=100, runs=1)


def test_a_new_period_has_all_of_its_limit() -> None:
    first, second = reservation("r1", 100), reservation("r2", 100)
    ledger = given(updated(tenant=100)).when(reserve(first)).when(settle("r1", 100))
    ledger.when(reserve(second, now=MIDNIGHT)).then(reserved(second, TOMORROW))


def test_whoever_comes_between_midnight_and_its_timer_goes_after_those_who_waited_for_it() -> None:
    waiting, new = reservation("waiting"), reservation("new")
    ledger = given(updated(tenant=100), deferred(waiting, TENANT))
    ledger.when(reserve(new, now=MIDNIGHT)).then(
        opened(TOMORROW),
        *goes(waiting, TOMORROW),
        deferred(new, f"tenant@{TOMORROW}", until=MIDNIGHT + DAY),
    )


def test_late_usage_counts_in_the_period_that_hears_of_it() -> None:
    ledger = given().when(reserve(reservation())).when(settle(used=10)).when(add_usage(tokens=5, now=MIDNIGHT)).state
    assert ledger.account(f"tenant@{TOMORROW}") == account(used=5)


def test_late_usage_before_the_first_reservation_of_a_period_counts_in_it() -> None:
    asked = reservation("r2", 100)
    ledger = given(updated(tenant=100)).when(add_usage(tokens=5)).when(reserve(reservation("r1", 60)))
    ledger.when(reserve(asked)).then(deferred(asked, TENANT, left=35), exhausted(TENANT, used=5, limit=100))


def test_a_deferral_sets_the_timer_of_the_next_period() -> None:
    sets = SETS["reveille.budget.v1.ReservationDeferred"]
    assert sets(deferred(reservation(), TENANT)) == [Timer("period", MIDNIGHT)]


def test_an_opened_period_sets_the_timer_of_the_following_one_where_somebody_waits() -> None:
    sets = SETS["reveille.budget.v1.PeriodOpened"]
    assert sets(opened(TOMORROW, MIDNIGHT + DAY)) == [Timer("period", MIDNIGHT + DAY)]


def test_an_opened_period_puts_the_timer_off_where_nobody_waits() -> None:
    assert SETS["reveille.budget.v1.PeriodOpened"](opened(TOMORROW)) == [Timer("period", None)]


def test_the_timer_turns_the_period_that_it_was_set_for() -> None:
    due = Due("t.ledger", "period", MIDNIGHT, HERE, b"")
    assert fires(due, NOON) == turn(MIDNIGHT, now=NOON)
