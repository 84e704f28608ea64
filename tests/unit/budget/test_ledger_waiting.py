"""Who waits, for what, and who goes first when there is room again."""

from reveille.contracts.budget.v1.events_pb2 import TokensReleased, TokensSettled
from reveille.contracts.common.v1.common_pb2 import PRIORITY_CRITICAL, PRIORITY_HIGH, PRIORITY_LOW
from reveille.kernel.events import About
from tests.unit.budget.bookkeeping import (
    TODAY,
    deferred,
    denied,
    exhausted,
    given,
    goes,
    limits,
    reservation,
    reserve,
    reserved,
    set_limits,
    settle,
    updated,
)
from tests.unit.spec import HERE

TENANT, AGENT = f"tenant@{TODAY}", f"agent:a@{TODAY}"
THERE = About("there", "00-there", 2)


def freed(tokens: int, run: str = "r1") -> TokensReleased:
    return TokensReleased(run_id=run, tokens=tokens)


def test_whoever_waits_goes_when_there_is_room() -> None:
    first, second = reservation("r1", 100), reservation("r2", 100)
    ledger = given(updated(tenant=100), reserved(first), deferred(second, TENANT))
    ledger.when(settle("r1", 0)).then(freed(100), *goes(second))


def test_a_reservation_that_waited_stays_about_what_it_was_about() -> None:
    first, second = reservation("r1", 100), reservation("r2", 100)
    ledger = given(updated(tenant=100), reserved(first), (deferred(second, TENANT), THERE))
    ledger.when(settle("r1", 0)).then(freed(100), *goes(second, about=THERE))


def test_whoever_does_not_fit_into_what_came_free_goes_on_waiting() -> None:
    first, second = reservation("r1", 100), reservation("r2", 100)
    ledger = given(updated(tenant=150), reserved(first), deferred(second, TENANT))
    ledger.when(settle("r1", 60)).then(
        TokensSettled(run_id="r1", used=60), freed(40), (exhausted(TENANT, used=60, limit=150), HERE)
    )


def test_the_higher_priority_goes_first() -> None:
    low, high = reservation("low", 100, priority=PRIORITY_LOW), reservation("high", 100, priority=PRIORITY_HIGH)
    ledger = given(updated(tenant=100), reserved(reservation()), deferred(low, TENANT), deferred(high, TENANT))
    ledger.when(settle("r1", 0)).then(freed(100), *goes(high))


def test_of_the_same_priority_the_oldest_goes_first_whatever_its_agent() -> None:
    old, young = reservation("old", 100, agent="b"), reservation("young", 100, agent="a")
    ledger = given(updated(tenant=100), reserved(reservation()), deferred(old, TENANT), deferred(young, TENANT))
    ledger.when(settle("r1", 0)).then(freed(100), *goes(old))


def test_as_many_go_as_fit() -> None:
    waiting = [reservation(f"w{number}", 40) for number in range(3)]
    ledger = given(updated(tenant=100), reserved(reservation()), *(deferred(one, TENANT) for one in waiting))
    ledger.when(settle("r1", 0)).then(freed(100), *goes(waiting[0]), *goes(waiting[1]))


def test_a_smaller_one_does_not_overtake_a_larger_one_that_waits_for_the_tenant() -> None:
    large, small = reservation("large", 80), reservation("small", 10, agent="b")
    ledger = given(updated(tenant=100), reserved(reservation()), deferred(large, TENANT), deferred(small, TENANT))
    ledger.when(settle("r1", 50)).then(
        TokensSettled(run_id="r1", used=50), freed(50), (exhausted(TENANT, used=50, limit=100), HERE)
    )


def test_a_new_one_that_fits_does_not_overtake_one_that_waits_for_the_tenant() -> None:
    large, small = reservation("large", 80), reservation("small", 10, agent="b")
    ledger = given(updated(tenant=100), reserved(reservation(tokens=50)), deferred(large, TENANT, left=50))
    ledger.when(reserve(small)).then(deferred(small, TENANT))


def test_a_new_one_of_higher_priority_passes_those_who_wait() -> None:
    large, small = reservation("large", 80), reservation("small", 10, agent="b", priority=PRIORITY_CRITICAL)
    ledger = given(updated(tenant=100), reserved(reservation(tokens=50)), deferred(large, TENANT, left=50))
    ledger.when(reserve(small)).then(reserved(small))


def test_a_new_one_waits_behind_its_own_agents_that_wait() -> None:
    large, small = reservation("large", 80), reservation("small", 10)
    ledger = given(updated(agent_a=100), reserved(reservation(tokens=50)), deferred(large, AGENT, left=50))
    ledger.when(reserve(small)).then(deferred(small, AGENT))


def test_whoever_waits_for_his_agents_account_does_not_hold_other_agents() -> None:
    waiting, other = reservation("waiting", 80), reservation("other", 10, agent="b")
    ledger = given(updated(tenant=200, agent_a=100), reserved(reservation(tokens=50)), deferred(waiting, AGENT))
    ledger.when(reserve(other)).then(reserved(other))


def test_whoever_waits_for_his_agents_account_is_passed_by_other_agents_that_wait() -> None:
    stuck, other = reservation("stuck", 80), reservation("other", 100, agent="b")
    ledger = given(updated(tenant=110, agent_a=100), reserved(reservation(tokens=30)))
    waiting = ledger.when(reserve(stuck)).when(reserve(other))
    waiting.when(settle("r1", 30)).then(
        TokensSettled(run_id="r1", used=30),
        (exhausted(AGENT, used=30, limit=100), HERE),
        (exhausted(TENANT, used=30, limit=110), HERE),
    )
    waiting.when(settle("r1", 10)).then(TokensSettled(run_id="r1", used=10), freed(20), *goes(stuck))


def test_whoever_waited_for_the_tenant_and_now_waits_for_his_agent_holds_nobody_else() -> None:
    # r2 and r3 are held; `stuck` waits for the tenant, until its own agent has spent its day.
    stuck, other = reservation("stuck", 50), reservation("other", 50, agent="b")
    ledger = given(
        updated(tenant=200, agent_a=100),
        reserved(reservation("r2", 50)),
        reserved(reservation("r3", 150, agent="c")),
        deferred(stuck, TENANT),
    )
    spent = ledger.when(settle("r2", 60)).when(settle("r3", 0))
    spent.when(reserve(other)).then(reserved(other))


def test_whoever_waits_for_his_own_execution_does_not_hold_his_agent() -> None:
    first = reservation("r1", 60, execution_id="e")
    again, other = reservation("r2", 60, execution_id="e"), reservation("r3", 60, execution_id="f")
    ledger = given(updated(execution=100, agent_a=1000), reserved(first)).when(reserve(again))
    ledger.when(reserve(other)).then(reserved(other))


def test_whoever_waits_behind_one_that_waits_for_its_execution_goes_before_it() -> None:
    first, other = reservation("r1", 60, execution_id="e"), reservation("r9", 40)
    again = reservation("r2", 60, execution_id="e", priority=PRIORITY_HIGH)
    behind = reservation("r3", 50, execution_id="f")
    ledger = given(updated(execution=100, agent_a=120), reserved(first), reserved(other))
    waiting = ledger.when(reserve(again)).when(reserve(behind))
    waiting.when(settle("r9", 0)).then(freed(40, "r9"), *goes(behind))


def test_those_behind_one_that_a_reservation_turns_to_wait_for_its_execution_go() -> None:
    stuck, behind = reservation("stuck", 90, execution_id="e", agent="b"), reservation("behind", 10, agent="c")
    urgent = reservation("urgent", 20, execution_id="e", priority=PRIORITY_CRITICAL)
    ledger = given(updated(tenant=200, execution=120), reserved(reservation(tokens=120)))
    waiting = ledger.when(reserve(stuck)).when(reserve(behind))
    full = waiting.when(reserve(reservation("more", 15, execution_id="e", priority=PRIORITY_CRITICAL)))
    full.when(reserve(urgent)).then(reserved(urgent), *goes(behind))


def test_raised_limits_let_those_go_who_wait() -> None:
    asked = reservation()
    ledger = given(updated(1, tenant=150), reserved(reservation("r0", 100)), deferred(asked, TENANT, left=50))
    ledger.when(set_limits(2, tenant=200)).then(updated(2, tenant=200), *goes(asked))


def test_raised_limits_that_come_with_a_reservation_let_those_go_who_wait() -> None:
    asked, new = reservation(), reservation("new", 100)
    ledger = given(updated(1, tenant=150), reserved(reservation("r0", 100)), deferred(asked, TENANT, left=50))
    ledger.when(reserve(new, under=limits(2, tenant=300))).then(updated(2, tenant=300), *goes(asked), reserved(new))


def test_lowered_limits_refuse_those_who_can_never_go() -> None:
    asked = reservation()
    ledger = given(updated(1, tenant=150), reserved(reservation("r0", 100)), deferred(asked, TENANT, left=50))
    ledger.when(set_limits(2, tenant=99)).then(updated(2, tenant=99), (denied(asked, TENANT, limit=99, left=0), HERE))


def test_lowered_limits_take_nothing_from_those_who_hold() -> None:
    ledger = given(updated(1, tenant=150), reserved(reservation(tokens=100))).when(set_limits(2, tenant=10))
    ledger.when(settle("r1", 100)).then(TokensSettled(run_id="r1", used=100))


def test_the_same_limits_again_change_nothing() -> None:
    given(updated(2, tenant=100)).when(set_limits(2, tenant=100)).then()


def test_limits_of_an_older_fleet_change_nothing() -> None:
    given(updated(2, tenant=100)).when(set_limits(1, tenant=7)).then()


def test_one_that_comes_to_stand_before_others_of_its_agent_holds_the_tenant_for_them_no_more() -> None:
    # `middle` holds the tenant until `first` stands before it, which waits for their agent's own account.
    middle, small = reservation("middle", 24), reservation("small", 9, agent="b", priority=PRIORITY_LOW)
    first = reservation("first", 53, priority=PRIORITY_HIGH)
    ledger = given(
        updated(tenant=100, agent_a=60), reserved(reservation("r0", 70, agent="c")), reserved(reservation("r1", 10))
    )
    waiting = ledger.when(reserve(middle)).when(reserve(small))
    waiting.then(deferred(small, TENANT))
    waiting.when(reserve(first)).then(deferred(first, AGENT, left=50), *goes(small))


def test_those_behind_one_to_whom_another_leaves_nothing_in_their_execution_go() -> None:
    stuck = reservation("stuck", 80, execution_id="e", priority=PRIORITY_HIGH)
    other = reservation("other", 50, execution_id="e", agent="b")
    behind = reservation("behind", 60, priority=PRIORITY_LOW)
    ledger = given(
        updated(execution=100, agent_a=100),
        reserved(reservation("r0", 60, execution_id="e")),
        reserved(reservation("r1", 30)),
    )
    waiting = ledger.when(reserve(stuck)).when(reserve(other)).when(reserve(behind))
    waiting.when(settle("r0", 0)).then(freed(60, "r0"), *goes(other), *goes(behind))


def test_who_has_nothing_left_in_its_execution_holds_nobody_of_its_agent_any_more() -> None:
    first, sibling = reservation("first", 42, agent="b", execution_id="e"), reservation("sibling", 45, execution_id="e")
    behind, last = reservation("behind", 25, agent="b"), reservation("last", 7)
    all_held = reservation("all", 150, agent="c", execution_id="f")
    ledger = given(
        updated(tenant=170, agent_b=53, execution=60),
        reserved(reservation("used", 14, agent="b")),
        TokensSettled(run_id="used", used=14),
        reserved(all_held),
        *(deferred(one, f"tenant@{TODAY}") for one in (first, sibling, behind, last)),
    )
    released = ledger.when(settle("all", 0))
    # The first waits for its agent's budget, until its sibling has gone: then for its execution.
    released.then(
        TokensReleased(run_id="all", tokens=150),
        (exhausted(f"agent:b@{TODAY}", used=14, limit=53), HERE),
        *goes(sibling),
        *goes(behind),
        *goes(last),
    )
