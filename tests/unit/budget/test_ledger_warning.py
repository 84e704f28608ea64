"""Of each account it is said once that a part of its limit is used, and once that it is spent."""

from collections.abc import Sequence
from typing import Any

import pytest

from reveille.budget.domain.commands import Limits, SetLimits
from reveille.contracts.budget.v1.events_pb2 import BudgetThresholdReached, LimitsUpdated
from tests.unit.budget.bookkeeping import (
    MIDNIGHT,
    TODAY,
    TOMORROW,
    add_usage,
    deferred,
    denied,
    exhausted,
    given,
    reservation,
    reserve,
    reserved,
    scopes,
    set_limits,
    settle,
    updated,
    warned,
)
from tests.unit.manual_clock import NOON
from tests.unit.spec import Given, When

TENANT, AGENT = f"tenant@{TODAY}", f"agent:a@{TODAY}"


def watched(warn_at: dict[str, Any], **by_scope: int) -> LimitsUpdated:
    return LimitsUpdated(limits=scopes(by_scope), warn_at=warned(**warn_at))


def reached(when: When | Given, account: str = TENANT) -> Sequence[tuple[float, int, int]]:
    assert isinstance(when, When)
    told = [event for event in when.events if isinstance(event, BudgetThresholdReached)]
    return [(event.part, event.used, event.limit) for event in told if event.account == account]


def test_limits_bring_the_parts_at_which_to_say_so() -> None:
    limits = Limits(fleet_revision=3, by_scope={"tenant": 100}, warn_at={"tenant": (0.5, 0.8)})
    given().when(SetLimits(now=NOON, limits=limits)).then(
        LimitsUpdated(fleet_revision=3, limits={"tenant": 100}, warn_at=warned(tenant=[0.5, 0.8]))
    )


@pytest.mark.parametrize(("used", "parts"), [(49, []), (50, [0.5]), (79, [0.5]), (80, [0.5, 0.8]), (130, [0.5, 0.8])])
def test_a_settlement_says_which_parts_it_has_reached(used: int, parts: list[float]) -> None:
    ledger = given(watched({"tenant": [0.5, 0.8]}, tenant=100), reserved(reservation())).when(settle(used=used))
    assert reached(ledger) == [(part, used, 100) for part in parts]


def test_a_part_is_told_once() -> None:
    ledger = given(
        watched({"tenant": [0.5]}, tenant=100), reserved(reservation("r1", 50)), reserved(reservation("r2", 50))
    )
    first = ledger.when(settle("r1", 50))
    assert reached(first) == [(0.5, 50, 100)]
    assert reached(first.when(settle("r2", 10))) == []


def test_a_part_is_told_again_in_the_next_period() -> None:
    ledger = given(watched({"tenant": [0.5]}, tenant=100)).when(reserve(reservation("r1", 60))).when(settle("r1", 60))
    tomorrow = ledger.when(reserve(reservation("r2", 60), now=MIDNIGHT)).when(settle("r2", 60, now=MIDNIGHT))
    assert reached(tomorrow, f"tenant@{TOMORROW}") == [(0.5, 60, 100)]


def test_late_usage_reaches_parts_too() -> None:
    ledger = given(watched({"agent_a": [0.5]}, agent_a=100)).when(add_usage(tokens=50))
    assert reached(ledger, AGENT) == [(0.5, 50, 100)]


def test_each_account_has_parts_of_its_own() -> None:
    facts = watched({"tenant": [0.5], "agent_a": [0.9]}, tenant=100, agent_a=60)
    ledger = given(facts, reserved(reservation("r1", 60))).when(settle("r1", 55))
    assert (reached(ledger), reached(ledger, AGENT)) == ([(0.5, 55, 100)], [(0.9, 55, 60)])


def test_an_account_without_a_limit_has_no_parts() -> None:
    ledger = given(watched({"tenant": [0.5]}, tenant=0), reserved(reservation())).when(settle(used=100))
    assert reached(ledger) == []


def test_a_run_that_crosses_the_period_reaches_the_parts_of_its_own() -> None:
    ledger = given(watched({"tenant": [0.5]}, tenant=100)).when(reserve(reservation("r1", 60)))
    crossing = ledger.when(reserve(reservation("r2", 10), now=MIDNIGHT)).when(settle("r1", 60, now=MIDNIGHT))
    assert reached(crossing) == [(0.5, 60, 100)]


def test_that_a_budget_is_spent_is_told_once() -> None:
    waiting, more = reservation("r2"), reservation("r3")
    ledger = given(updated(agent_a=150)).when(reserve(reservation("r1"))).when(settle("r1", 100))
    spent = ledger.when(reserve(waiting))
    spent.then(deferred(waiting, AGENT, left=50), exhausted(AGENT, used=100, limit=150))
    spent.when(reserve(more)).then(deferred(more, AGENT, left=50))


def test_tokens_that_others_hold_are_not_spent() -> None:
    waiting = reservation("r2")
    given(updated(agent_a=150), reserved(reservation())).when(reserve(waiting)).then(deferred(waiting, AGENT, left=50))


def test_more_than_a_limit_says_nothing_of_what_is_left_of_it() -> None:
    asked = reservation(tokens=200)
    given(updated(agent_a=150)).when(reserve(asked)).then(denied(asked, AGENT, limit=150, left=150))


def test_every_account_that_is_spent_is_named() -> None:
    waiting = reservation("r2")
    ledger = given(updated(tenant=180, agent_a=150)).when(reserve(reservation("r1"))).when(settle("r1", 100))
    ledger.when(reserve(waiting)).then(
        deferred(waiting, AGENT, left=50),
        exhausted(TENANT, used=100, limit=180),
        exhausted(AGENT, used=100, limit=150),
    )


def test_raised_limits_do_not_say_it_again_in_the_same_period() -> None:
    ledger = given(updated(1, agent_a=150)).when(reserve(reservation("r1"))).when(settle("r1", 100))
    again = ledger.when(reserve(reservation("r2"))).when(set_limits(2, agent_a=210)).when(settle("r2", 100))
    third = reservation("r3")
    again.when(reserve(third)).then(deferred(third, AGENT, left=10))
