"""Promise 3 over random histories: nothing is spent that is not there, and nobody is refused what is."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from reveille.budget.domain.accounts import day_of, period_of
from reveille.budget.domain.ledger import (
    AddUsage,
    CloseExecution,
    Command,
    Ledger,
    Limits,
    Reserve,
    SetLimits,
    Settle,
    TurnPeriod,
    decider,
)
from reveille.contracts.budget.v1.events_pb2 import Reservation
from reveille.kernel.clock import SECOND
from tests.property.books import Books
from tests.unit.manual_clock import NOON
from tests.unit.spec import evolved

AGENTS, EXECUTIONS = 2, 3
# Two hours before a day of UTC ends.
EVENING: Final = NOON + 10 * 3600 * SECOND

TOKENS: Final = st.integers(1, 60)
RESERVE: Final = st.tuples(
    st.just("reserve"),
    st.integers(0, AGENTS - 1),
    st.integers(0, EXECUTIONS - 1),
    TOKENS,
    st.integers(1, 4),
    st.booleans(),
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
    st.tuples(st.just("limits"), st.integers(60, 200), st.integers(0, 120), st.sampled_from([0, 60, 90])),
    st.tuples(st.just("close"), st.integers(0, EXECUTIONS - 1)),
    # A day is soon over; and a clock may be behind another's, or be set.
    st.tuples(st.just("wait"), st.sampled_from([1, 3600, 3 * 3600, 8 * 3600, -3600, -3 * 3600])),
    st.just(("timer",)),
)
HISTORIES: Final = st.lists(OPS, min_size=30, max_size=90)


@dataclass(slots=True)
class House:
    """The real ledger and the tests' own books, side by side."""

    now: int = EVENING
    state: Ledger = field(default_factory=Ledger)
    books: Books = field(default_factory=Books)
    runs: int = 0
    revision: int = 0
    executions: list[str] = field(default_factory=lambda: [f"e{number}" for number in range(EXECUTIONS)])
    limits: Limits = field(default_factory=lambda: Limits(fleet_revision=0, by_scope={"tenant": 120, "execution": 90}))

    def waits(self, execution: str) -> bool:
        """Then it has not ended; the ends of its runs may be heard of after its own, for others send them."""
        return any(one.execution_id == execution for one in self.books.waiting)

    def do(self, command: Command) -> None:
        day = day_of(command.now)
        for one in decider.decide(command, self.state):
            event = one[0] if isinstance(one, tuple) else one
            self.books.take(event, day)
            self.state = evolved(decider, self.state, [one])
        self._balanced()
        if not isinstance(command, AddUsage | CloseExecution):
            assert list(self.books.overlooked(day)) == []

    def _balanced(self) -> None:
        for name, account in self.state.accounts.items():
            assert (account.reserved, account.used) == self.books.account(name)
        for name, reserved in self.books.reserved.items():
            assert reserved >= 0
            known = name in self.state.accounts or name in self.books.closed
            assert known or reserved == 0, f"{name} was forgotten with {reserved} tokens reserved"
        assert {run: held.tokens for run, held in self.state.held.items()} == {
            run: tokens for run, (tokens, _) in self.books.held.items()
        }
        waiting = {one.run_id for queue in self.state.waiting.values() for one in queue}
        assert waiting == {one.run_id for one in self.books.waiting}


def _commands(house: House, op: tuple[object, ...]) -> Iterator[Command]:
    match op:
        case ("reserve", int(agent), int(execution), int(tokens), int(priority), bool(defer)):
            house.runs += 1
            yield Reserve(
                now=house.now,
                limits=house.limits,
                reservation=Reservation(
                    run_id=f"r{house.runs}",
                    agent=f"a{agent}",
                    execution_id=house.executions[execution],
                    tokens=tokens,
                    priority=priority,  # type: ignore[arg-type]
                    defer=defer,
                ),
            )
        case ("settle", int(which), int(percent)) if house.books.held:
            run_id = list(house.books.held)[which % len(house.books.held)]
            yield Settle(now=house.now, run_id=run_id, used=house.books.held[run_id][0] * percent // 100)
        case ("late", int(agent), int(tokens)):
            yield AddUsage(
                now=house.now, run_id="late", execution_id=house.executions[0], agent=f"a{agent}", tokens=tokens
            )
        case ("limits", int(tenant), int(agent), int(execution)):
            house.revision += 1
            scopes = {"tenant": tenant, "execution": execution, "agent:a0": agent, "agent:a1": agent // 2}
            house.limits = Limits(fleet_revision=house.revision, by_scope=scopes)
            if house.revision % 2:  # else the next reservation brings them
                yield SetLimits(now=house.now, limits=house.limits)
        case ("close", int(which)) if not house.waits(house.executions[which]):
            ended, house.executions[which] = house.executions[which], f"after r{house.runs}, {which}"
            yield CloseExecution(now=house.now, execution_id=ended)
        case ("wait", int(seconds)):
            house.now += seconds * SECOND
        case ("timer",) if 0 < house.state.look_at <= house.now:
            yield TurnPeriod(now=house.now, due=house.state.look_at)


@given(ops=HISTORIES)
@settings(max_examples=400)
def test_the_ledger_keeps_its_promise_in_every_prefix_of_its_history(ops: list[tuple[object, ...]]) -> None:
    house = House()
    for op in ops:
        for command in _commands(house, op):
            house.do(command)


@given(ops=HISTORIES)
@settings(max_examples=150)
def test_every_reservation_closes_once_and_leaves_nothing_reserved(ops: list[tuple[object, ...]]) -> None:
    house = House()
    for op in ops:
        for command in _commands(house, op):
            house.do(command)
    while house.books.held:  # each end lets others in
        house.do(Settle(now=house.now, run_id=next(iter(house.books.held)), used=0))
    assert not any(account.reserved for account in house.state.accounts.values())
    assert not any(house.books.reserved.values())


@given(ops=HISTORIES)
@settings(max_examples=150)
def test_whoever_waits_is_answered_when_there_is_room_for_everybody(ops: list[tuple[object, ...]]) -> None:
    house = House()
    for op in ops:
        for command in _commands(house, op):
            house.do(command)
    house.do(SetLimits(now=house.now, limits=Limits(fleet_revision=house.revision + 1, by_scope={})))
    assert not house.state.waiting


@given(ops=HISTORIES)
@settings(max_examples=150)
def test_as_long_as_somebody_waits_the_ledger_looks_at_it_again(ops: list[tuple[object, ...]]) -> None:
    house = House()
    for op in ops:
        for command in _commands(house, op):
            house.do(command)
            assert bool(house.state.look_at) or not house.state.waiting


@given(ops=HISTORIES)
@settings(max_examples=100)
def test_accounts_of_periods_that_are_over_do_not_pile_up(ops: list[tuple[object, ...]]) -> None:
    house = House()
    for op in ops:
        for command in _commands(house, op):
            house.do(command)
    asked = Reservation(run_id="last", agent="a0", execution_id="last", tokens=1)
    house.now += 10 * 24 * 3600 * SECOND
    unlimited = Limits(fleet_revision=house.revision + 1, by_scope={})
    house.do(Reserve(now=house.now, reservation=asked, limits=unlimited))
    today = day_of(house.now)
    past = [name for name in house.state.accounts if period_of(name) not in ("", today)]
    assert all(house.state.account(name).reserved for name in past)
