"""Runs that take no tokens, as those of agents without a model: they wait for nobody, and leave nothing behind."""

from reveille.contracts.budget.v1.events_pb2 import (
    AccountClosed,
    ReservationRevoked,
    TokensDenied,
    TokensReleased,
    TokensSettled,
    TopUpReserved,
)
from reveille.contracts.common.v1.common_pb2 import PRIORITY_CRITICAL, PRIORITY_LOW
from tests.unit.budget.bookkeeping import (
    MIDNIGHT,
    TODAY,
    TOMORROW,
    account,
    close,
    deferred,
    given,
    reservation,
    reserve,
    reserved,
    revoke,
    settle,
    top_up,
    updated,
)

TENANT, AGENT, EXECUTION = f"tenant@{TODAY}", f"agent:a@{TODAY}", "execution:e-r1"
FREE = reservation("r1", 0)


def test_a_run_of_no_tokens_is_reserved_and_settled() -> None:
    running = given().when(reserve(FREE))
    running.then(reserved(FREE))
    running.when(settle()).then(TokensSettled(run_id="r1"))


def test_it_is_settled_once() -> None:
    given(reserved(FREE)).when(settle()).when(settle()).then()


def test_it_has_its_place_in_a_budget_that_is_spent() -> None:
    spent = given(updated(agent_a=100), reserved(reservation("r0"))).when(settle("r0", 100))
    spent.when(reserve(FREE)).then(reserved(FREE))


def test_it_has_its_place_in_a_budget_that_an_overrun_has_to_be_covered_of() -> None:
    over = given(updated(agent_a=100, tenant=100, execution=100), reserved(reservation("r0"))).when(settle("r0", 150))
    over.when(reserve(FREE)).then(reserved(FREE))
    refused, *_ = over.when(reserve(reservation("r2", 1, defer=False))).events
    assert isinstance(refused, TokensDenied)


def test_it_passes_whoever_waits_for_tokens_and_takes_none_of_theirs() -> None:
    waiting = deferred(reservation("r2", priority=PRIORITY_CRITICAL), AGENT)
    held = given(updated(agent_a=100, tenant=500), reserved(reservation("r0")), waiting)
    low = reservation("r1", 0, priority=PRIORITY_LOW)
    held.when(reserve(low)).then(reserved(low))


def test_one_that_asks_again_is_answered_already() -> None:
    given(reserved(FREE)).when(reserve(FREE)).then()


def test_a_plan_that_goes_on_and_has_taken_no_tokens_leaves_no_account_behind() -> None:
    running = given(reserved(FREE))
    assert running.state.accounts[EXECUTION].runs == 1
    assert EXECUTION not in running.when(settle()).state.accounts


def test_an_account_stays_while_another_run_of_the_plan_goes_on() -> None:
    plan = given(reserved(FREE), reserved(reservation("r2", 0, execution_id="e-r1"))).when(settle())
    assert plan.state.accounts[EXECUTION].runs == 1
    assert EXECUTION not in plan.when(settle("r2")).state.accounts


def test_a_plan_that_took_tokens_once_keeps_its_account_until_it_ends() -> None:
    plan = given(reserved(reservation("r1", 100))).when(settle(used=0))
    assert plan.state.account(EXECUTION) == account()
    plan.when(close("e-r1")).then(AccountClosed(account=EXECUTION))


def test_what_a_run_of_no_tokens_used_all_the_same_counts() -> None:
    plan = given(reserved(FREE)).when(settle(used=7))
    plan.then(TokensSettled(run_id="r1", used=7, overrun=7))
    assert plan.state.account(EXECUTION) == account(used=7)


def test_it_gets_more_where_it_asks() -> None:
    plan = given(updated(execution=100), reserved(FREE)).when(top_up(tokens=40))
    plan.then(TopUpReserved(run_id="r1", agent="a", request=1, tokens=40))
    plan.when(settle()).then(TokensReleased(run_id="r1", tokens=40))
    assert plan.when(settle()).state.account(EXECUTION) == account()


def test_it_gets_more_also_when_its_day_is_over() -> None:
    tomorrow = reservation("r2", 0)
    plan = given(reserved(FREE)).when(reserve(tomorrow, now=MIDNIGHT))
    plan.then(reserved(tomorrow, TOMORROW))
    more = plan.when(top_up(now=MIDNIGHT))
    more.then(TopUpReserved(run_id="r1", agent="a", request=1, tokens=50))
    assert more.state.account(TENANT) == account(reserved=50, runs=1)


def test_it_is_revoked_like_any_other() -> None:
    plan = given(reserved(FREE)).when(revoke())
    plan.then(ReservationRevoked(run_id="r1", execution_id="e-r1", agent="a"))
    plan.when(settle()).then(TokensSettled(run_id="r1"))


def test_an_execution_that_ends_before_it_closes_its_account_once() -> None:
    ended = given(reserved(FREE)).when(close("e-r1"))
    ended.then(AccountClosed(account=EXECUTION))
    settled = ended.when(settle())
    settled.then(TokensSettled(run_id="r1"))
    assert EXECUTION not in settled.state.accounts
    settled.when(close("e-r1")).then()
