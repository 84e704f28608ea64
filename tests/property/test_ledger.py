"""Promise 3 over random histories: nothing is spent that is not there, and nobody is refused what is."""

from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from reveille.budget.domain.accounts import period_of
from reveille.budget.domain.commands import Exceed, Limits, Reserve, SetLimits, Settle
from reveille.contracts.budget.v1.events_pb2 import Reservation
from reveille.kernel.clock import SECOND
from tests.property.house import AGENTS, EXECUTIONS, ZONES, House, Op

RESERVE: Final = st.tuples(
    st.just("reserve"),
    st.integers(0, AGENTS - 1),
    st.integers(0, EXECUTIONS - 1),
    # An agent without a model takes none.
    st.integers(0, 60),
    st.integers(1, 4),
    # Drop, defer, ask.
    st.integers(0, 2),
)
# Which of those that hold, and how much of what it holds it used: more than all is an overrun.
SETTLE: Final = st.tuples(st.just("settle"), st.integers(0, 30), st.integers(0, 130))
OPS: Final = st.one_of(
    RESERVE,
    RESERVE,
    RESERVE,
    SETTLE,
    SETTLE,
    st.tuples(st.just("late"), st.integers(0, AGENTS - 1), st.integers(1, 20)),
    st.tuples(
        st.just("limits"),
        st.integers(60, 200),
        st.integers(0, 120),
        st.sampled_from([0, 60, 90]),
        st.sampled_from([0, 0, *range(len(ZONES))]),
    ),
    st.tuples(st.just("top up"), st.integers(0, 30), st.integers(1, 60)),
    st.tuples(st.just("exceed"), st.integers(0, 30)),
    st.tuples(st.just("revoke"), st.integers(0, 30)),
    st.tuples(st.just("close"), st.integers(0, EXECUTIONS - 1)),
    # A day is soon over; and a clock may be behind another's, or be set.
    st.tuples(st.just("wait"), st.sampled_from([1, 3600, 3 * 3600, 8 * 3600, -3600, -3 * 3600])),
    st.just(("timer",)),
)
HISTORIES: Final = st.lists(OPS, min_size=30, max_size=90)


def lived(ops: list[Op]) -> House:
    house = House()
    for op in ops:
        house.happen(op)
        house.balanced()
    return house


@given(ops=HISTORIES)
@settings(max_examples=400)
def test_the_ledger_keeps_its_promise_in_every_prefix_of_its_history(ops: list[Op]) -> None:
    lived(ops)


@given(ops=HISTORIES)
@settings(max_examples=150)
def test_every_reservation_closes_once_and_leaves_nothing_reserved(ops: list[Op]) -> None:
    house = lived(ops)
    while house.books.held:  # each end lets others in
        house.do(Settle(now=house.now, run_id=next(iter(house.books.held)), used=0))
    assert not any(account.reserved for account in house.state.accounts.values())
    assert not any(house.books.reserved.values())


@given(ops=HISTORIES)
@settings(max_examples=150)
def test_whoever_waits_is_answered_when_there_is_room_for_everybody(ops: list[Op]) -> None:
    house = lived(ops)
    house.do(SetLimits(now=house.now, limits=Limits(fleet_revision=house.revision + 1, by_scope={})))
    assert not house.state.waiting


@given(ops=HISTORIES)
@settings(max_examples=150)
def test_whoever_waits_has_its_tokens_when_a_person_lets_it_exceed(ops: list[Op]) -> None:
    house = lived(ops)
    while house.state.waiting:
        run_id = next(iter(house.state.waiting)).run_id
        house.do(Exceed(now=house.now, run_id=run_id, approval_id="a"))
        house.balanced()
        # Limits that came meanwhile, or a new day, may have refused it for good before anybody could.
        assert run_id not in house.state.waiting


@given(ops=HISTORIES)
@settings(max_examples=150)
def test_whoever_waits_is_gone_when_all_executions_have_ended(ops: list[Op]) -> None:
    house = lived(ops)
    for which in range(EXECUTIONS):
        house.happen(("close", which))
        house.balanced()
    assert not house.state.waiting


@given(ops=HISTORIES)
@settings(max_examples=100)
def test_accounts_of_periods_that_are_over_do_not_pile_up(ops: list[Op]) -> None:
    house = lived(ops)
    house.now += 10 * 24 * 3600 * SECOND
    asked = Reservation(run_id="last", agent="a0", execution_id="last", tokens=1)
    unlimited = Limits(fleet_revision=house.revision + 1, by_scope={})
    house.do(Reserve(now=house.now, reservation=asked, limits=unlimited))
    today = house.books.today(house.now)
    past = [name for name in house.state.accounts if period_of(name) not in ("", today)]
    holding = {name for _, accounts in house.books.held.values() for name in accounts}
    assert set(past) <= holding
    assert all(name in house.state.accounts or period_of(name) in ("", today) for name in house.state.noted)


@given(ops=HISTORIES)
@settings(max_examples=100)
def test_plans_that_go_on_for_ever_and_take_no_tokens_leave_nothing_behind(ops: list[Op]) -> None:
    house = lived(ops)
    for number in range(20):
        asked = Reservation(run_id=f"free{number}", agent="a0", execution_id=f"plan{number}")
        house.do(Reserve(now=house.now, reservation=asked, limits=house.limits))
        assert asked.run_id in house.state.held
    for number in range(20):
        house.do(Settle(now=house.now, run_id=f"free{number}", used=0))
        house.balanced()
    assert not [name for name in house.state.accounts if name.startswith("execution:plan")]
