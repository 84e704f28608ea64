"""A person may let a reservation exceed its budgets, once, by just what is missing."""

import pytest

from reveille.contracts.budget.v1.events_pb2 import LimitRaised, PeriodOpened, TokensReleased, TokensSettled, UsageAdded
from reveille.contracts.common.v1.common_pb2 import PRIORITY_HIGH
from reveille.kernel.events import About
from tests.unit.budget.bookkeeping import (
    MIDNIGHT,
    TODAY,
    TOMORROW,
    account,
    add_usage,
    deferred,
    denied,
    exceed,
    exhausted,
    given,
    goes,
    reservation,
    reserve,
    reserved,
    set_limits,
    settle,
    turn,
    updated,
)
from tests.unit.spec import HERE

TENANT, AGENT = f"tenant@{TODAY}", f"agent:a@{TODAY}"
THERE = About("there", "00-there", 2)


def raised(account: str, tokens: int, run: str = "r1") -> LimitRaised:
    return LimitRaised(account=account, tokens=tokens, run_id=run, approval_id="approval")


def test_whoever_may_ask_waits_as_one_who_waits_for_the_period() -> None:
    asked = reservation("r2", ask=True)
    ledger = given(updated(agent_a=150)).when(reserve(reservation("r1"))).when(settle("r1", 100))
    ledger.when(reserve(asked)).then(deferred(asked, AGENT, left=50), exhausted(AGENT, used=100, limit=150))


def test_an_approval_raises_the_limit_by_what_is_missing_and_reserves() -> None:
    asked = reservation("r2", 100, ask=True)
    ledger = given(updated(agent_a=150)).when(reserve(reservation("r1"))).when(settle("r1", 80)).when(reserve(asked))
    ledger.when(exceed("r2")).then((raised(AGENT, 30, "r2"), HERE), *goes(asked))


def test_an_approval_raises_every_account_that_has_no_room() -> None:
    asked = reservation("r2", 100, ask=True)
    ledger = given(updated(tenant=120, agent_a=110), reserved(reservation("r1", 60))).when(reserve(asked))
    ledger.when(exceed("r2")).then((raised(TENANT, 40, "r2"), HERE), (raised(AGENT, 50, "r2"), HERE), *goes(asked))


def test_a_spent_execution_can_be_exceeded_too() -> None:
    first, asked = reservation("r1", execution_id="e"), reservation("r2", execution_id="e", ask=True)
    ledger = given(updated(execution=150)).when(reserve(first)).when(settle("r1", 100)).when(reserve(asked))
    ledger.then(deferred(asked, "execution:e", left=50), exhausted("execution:e", used=100, limit=150, until=0))
    ledger.when(exceed("r2")).then((raised("execution:e", 50, "r2"), HERE), *goes(asked))


def test_more_than_a_whole_limit_is_refused_also_where_a_person_could_be_asked() -> None:
    asked = reservation(tokens=101, ask=True)
    given(updated(agent_a=100)).when(reserve(asked)).then(denied(asked, AGENT, limit=100, left=100))


def test_an_approved_reservation_stays_about_what_it_was_about() -> None:
    asked = reservation("r2", ask=True)
    ledger = given(updated(agent_a=100), reserved(reservation("r1")), (deferred(asked, AGENT), THERE))
    ledger.when(exceed("r2")).then((raised(AGENT, 100, "r2"), THERE), *goes(asked, about=THERE))


def test_an_approval_holds_once() -> None:
    asked = reservation("r2", ask=True)
    ledger = given(updated(agent_a=100), reserved(reservation("r1")), deferred(asked, AGENT))
    ledger.when(exceed("r2")).when(exceed("r2")).then()


def test_an_approval_of_what_does_not_wait_changes_nothing() -> None:
    given(updated(agent_a=100), reserved(reservation("r1"))).when(exceed("r1")).then()


def test_the_next_one_meets_the_raised_limit_and_not_more() -> None:
    asked, third = reservation("r2", ask=True), reservation("r3", 1)
    ledger = given(updated(agent_a=100)).when(reserve(reservation("r1"))).when(settle("r1", 100)).when(reserve(asked))
    allowed = ledger.when(exceed("r2"))
    assert allowed.state.limit(AGENT) == 200
    allowed.when(reserve(third)).then(deferred(third, AGENT))


def test_what_an_exceeding_run_does_not_use_is_room_until_the_period_ends() -> None:
    asked, third = reservation("r2", ask=True), reservation("r3", 60)
    ledger = given(updated(agent_a=100)).when(reserve(reservation("r1"))).when(settle("r1", 100)).when(reserve(asked))
    ledger.when(exceed("r2")).when(settle("r2", 40)).when(reserve(third)).then(reserved(third))


def test_a_raised_limit_ends_with_its_period() -> None:
    asked = reservation("r2", ask=True)
    ledger = given(updated(agent_a=100), reserved(reservation("r1")), deferred(asked, AGENT)).when(exceed("r2"))
    state = ledger.when(reserve(reservation("r3"), now=MIDNIGHT)).state
    assert state.limit(f"agent:a@{TOMORROW}") == 100


def test_a_raised_limit_stays_for_the_run_that_crosses_the_period() -> None:
    asked = reservation("r2", ask=True)
    ledger = given(updated(agent_a=100), reserved(reservation("r1")), deferred(asked, AGENT)).when(exceed("r2"))
    crossing = ledger.when(reserve(reservation("r3"), now=MIDNIGHT)).when(settle("r2", 100, now=MIDNIGHT)).state
    assert (crossing.limit(AGENT), crossing.account(AGENT)) == (200, account(reserved=100, used=100, runs=1))


def test_a_new_period_admits_it_before_anybody_answers() -> None:
    asked = reservation("r2", ask=True)
    ledger = given(updated(agent_a=100)).when(reserve(reservation("r1"))).when(settle("r1", 100)).when(reserve(asked))
    ledger.when(turn()).then(PeriodOpened(day=TOMORROW), *goes(asked, TOMORROW))


def test_tokens_that_come_free_admit_it_before_anybody_answers() -> None:
    asked = reservation("r2", ask=True)
    ledger = given(updated(agent_a=100), reserved(reservation("r1"))).when(reserve(asked))
    ledger.when(settle("r1", 0)).then(TokensReleased(run_id="r1", tokens=100), *goes(asked))
    ledger.when(settle("r1", 0)).when(exceed("r2")).then()


def test_an_approval_after_midnight_finds_it_admitted_by_the_new_period() -> None:
    asked = reservation("r2", ask=True)
    ledger = given(updated(agent_a=100)).when(reserve(reservation("r1"))).when(settle("r1", 100)).when(reserve(asked))
    ledger.when(exceed("r2", now=MIDNIGHT)).then(PeriodOpened(day=TOMORROW), *goes(asked, TOMORROW))


def test_an_approved_one_passes_those_who_stand_before_it() -> None:
    first, asked = reservation("r1", 100, priority=PRIORITY_HIGH), reservation("r2", 40, ask=True)
    ledger = given(
        updated(tenant=110), reserved(reservation("r0", 60)), deferred(first, TENANT), deferred(asked, TENANT)
    )
    ledger.when(exceed("r2")).then(*goes(asked))


def test_a_raised_limit_stays_on_top_of_new_limits() -> None:
    asked = reservation("r2", ask=True)
    ledger = given(updated(1, agent_a=100), reserved(reservation("r1")), deferred(asked, AGENT)).when(exceed("r2"))
    assert ledger.when(set_limits(2, agent_a=300)).state.limit(AGENT) == 400


@pytest.mark.parametrize("used", [0, 100, 130])
def test_after_everything_nothing_stays_reserved(used: int) -> None:
    asked = reservation("r2", ask=True)
    ledger = given(updated(agent_a=100), reserved(reservation("r1")), deferred(asked, AGENT)).when(exceed("r2"))
    state = ledger.when(settle("r2", used)).when(settle("r1", 0)).state
    assert state.account(AGENT) == account(used=used)


def test_late_usage_that_spends_a_budget_says_so_for_whoever_waits() -> None:
    asked = reservation("r2")
    ledger = given(updated(agent_a=150), reserved(reservation("r1"))).when(reserve(asked))
    ledger.when(add_usage("r0", 60)).then(
        UsageAdded(run_id="r0", tokens=60, accounts=[TENANT, AGENT]), (exhausted(AGENT, used=60, limit=150), HERE)
    )


def test_what_is_settled_is_settled_also_where_the_limit_was_raised() -> None:
    asked = reservation("r2", ask=True)
    ledger = given(updated(agent_a=100), reserved(reservation("r1")), deferred(asked, AGENT)).when(exceed("r2"))
    ledger.when(settle("r2", 100)).then(TokensSettled(run_id="r2", used=100))
