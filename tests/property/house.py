"""The real ledger and the tests' own books, side by side, and what happens to both."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from reveille.budget.domain.books import Ledger
from reveille.budget.domain.commands import (
    AddUsage,
    CloseExecution,
    Command,
    Exceed,
    Limits,
    Reserve,
    Revoke,
    SetLimits,
    Settle,
    TopUp,
    TurnPeriod,
)
from reveille.budget.domain.ledger import decider
from reveille.contracts.budget.v1.events_pb2 import Reservation
from reveille.kernel.clock import SECOND
from reveille.kernel.events import About
from tests.property.books import Books
from tests.unit.manual_clock import NOON

AGENTS: Final = 3
EXECUTIONS: Final = 4
# Two hours before a day of UTC ends.
EVENING: Final = NOON + 10 * 3600 * SECOND
ZONES: Final = ("", "Europe/Berlin", "America/New_York", "Pacific/Kiritimati", "Pacific/Honolulu")
FIRST: Final = Limits(fleet_revision=0, by_scope={"tenant": 120, "execution": 90}, warn_at={"tenant": (0.5, 0.8)})
HERE: Final = About("here")

# What happens: a name and numbers, which mean something in whatever state the house is in.
Op = tuple[object, ...]


@dataclass(slots=True)
class House:
    """look_every: so many decisions apart it is asked whether anybody who waits could go."""

    now: int = EVENING
    state: Ledger = field(default_factory=Ledger)
    books: Books = field(default_factory=Books)
    limits: Limits = FIRST
    runs: int = 0
    revision: int = 0
    ended: int = 0
    look_every: int = 1
    decided: int = 0
    executions: list[str] = field(default_factory=lambda: [f"e{number}" for number in range(EXECUTIONS)])
    requests: dict[str, int] = field(default_factory=dict)

    def happen(self, op: Op) -> None:
        for command in self.commands(op):
            self.do(command)

    def do(self, command: Command) -> None:
        """Decide, and have the books say what is wrong with it."""
        now = max(command.now, command.due) if isinstance(command, TurnPeriod) else command.now
        if isinstance(command, Exceed) and command.run_id in self.state.waiting:
            self.books.allowed.add(command.run_id)
        decided = decider.decide(command, self.state)
        books, state = self.books, self.state
        for one in decided:
            event, about = one if isinstance(one, tuple) else (one, HERE)
            books.take(event, now)
            state = decider.evolve(state, event, about)
        self.state = state
        books.done()
        books.allowed.clear()  # it had its tokens already, from the new period
        self.decided += 1
        if decided and books.waiting and self.decided % self.look_every == 0:
            assert not list(books.overlooked(now))
        if isinstance(command, Reserve) and command.reservation.run_id not in state.held:
            asked = command.reservation
            assert books.spent(asked, now) <= books.exhausted, f"{asked.run_id} finds what is spent, and nobody says so"

    def balanced(self) -> None:
        """The two know the same."""
        for name, account in self.state.accounts.items():
            assert (account.reserved, account.used) == self.books.account(name)
            assert self.state.limit(name) == self.books.limit(name)
        for name, reserved in self.books.reserved.items():
            assert reserved >= 0
            known = name in self.state.accounts or name in self.books.closed
            assert known or reserved == 0, f"{name} was forgotten with {reserved} tokens reserved"
        assert {run: held.tokens for run, held in self.state.held.items()} == {
            run: tokens for run, (tokens, _) in self.books.held.items()
        }
        assert {run for run, held in self.state.held.items() if held.revoked} == self.books.revoked & set(
            self.books.held
        )
        self.remembered()
        assert {one.run_id for one in self.state.waiting} == {one.run_id for one in self.books.waiting}
        for agent in self.state.waiting.agents():
            line = [one.run_id for one in self.state.waiting.line(agent)]
            assert line == [
                one.run_id for one in sorted(self.books.waiting, key=lambda one: -one.priority) if one.agent == agent
            ]
        assert self.state.look_at or not self.state.waiting

    def remembered(self) -> None:
        """Of executions that go on: those of which something counts, and those that have runs; no others."""
        runs = {accounts[-1] for _, accounts in self.books.held.values()} - self.books.closed
        kept = {name for name in self.state.accounts if name.startswith("execution:")}
        assert runs <= kept, f"{runs - kept} are forgotten, and have runs"
        assert kept <= runs | self.books.counted, f"{kept - runs} are kept, and nothing of them counts"
        assert {name for name in self.books.counted if name.startswith("execution:")} - self.books.closed <= kept

    def commands(self, op: Op) -> Iterator[Command]:
        match op:
            case ("reserve", int(agent), int(execution), int(tokens), int(priority), int(when_spent)):
                yield self._reserve(agent, execution, tokens, priority, when_spent)
            case ("settle", int(which), int(percent)) if self.books.held:
                run_id = list(self.books.held)[which % len(self.books.held)]
                # Who has no tokens may use some all the same.
                yield Settle(now=self.now, run_id=run_id, used=(self.books.held[run_id][0] or 5) * percent // 100)
            case ("late", int(agent), int(tokens)):
                yield AddUsage(
                    now=self.now, run_id="late", execution_id=self.executions[0], agent=f"a{agent}", tokens=tokens
                )
            case ("limits", int(tenant), int(agent), int(execution), int(zone)):
                yield from self._limits(tenant, agent, execution, zone)
            case ("top up", int(which), int(tokens)) if self.books.held:
                run_id = list(self.books.held)[which % len(self.books.held)]
                self.requests[run_id] = request = self.requests.get(run_id, 0) + 1
                yield TopUp(now=self.now, run_id=run_id, request=request, tokens=tokens)
            case ("exceed", int(which)) if self.books.waiting:
                run_id = self.books.waiting[which % len(self.books.waiting)].run_id
                yield Exceed(now=self.now, run_id=run_id, approval_id=f"approval of {run_id}")
            case ("revoke", int(which)) if runs := [*self.books.held, *(one.run_id for one in self.books.waiting)]:
                yield Revoke(now=self.now, run_id=runs[which % len(runs)])
                assert all(one.run_id != runs[which % len(runs)] for one in self.books.waiting)
            case ("close", int(which)):
                self.ended += 1
                ended, self.executions[which] = self.executions[which], f"e{which} after {self.ended}"
                yield CloseExecution(now=self.now, execution_id=ended)
                assert all(one.execution_id != ended for one in self.books.waiting)
            case ("wait", int(seconds)):
                self.now += seconds * SECOND
            case ("timer",) if 0 < self.state.look_at <= self.now:
                yield TurnPeriod(now=self.now, due=self.state.look_at)

    def _reserve(self, agent: int, execution: int, tokens: int, priority: int, when_spent: int) -> Reserve:
        self.runs += 1
        asked = Reservation(
            run_id=f"r{self.runs}",
            agent=f"a{agent}",
            execution_id=self.executions[execution],
            tokens=tokens,
            priority=priority,  # type: ignore[arg-type]
            defer=when_spent > 0,
            ask=when_spent > 1,
        )
        return Reserve(now=self.now, limits=self.limits, reservation=asked)

    def _limits(self, tenant: int, agent: int, execution: int, zone: int) -> Iterator[Command]:
        self.revision += 1
        scopes = {"tenant": tenant, "execution": execution, "agent:a0": agent, "agent:a1": agent // 2}
        self.limits = Limits(
            fleet_revision=self.revision,
            by_scope=scopes,
            warn_at={"tenant": (0.5, 0.9), "agent:a0": (0.25,)} if self.revision % 3 else {},
            time_zone=ZONES[zone],
        )
        if self.revision % 2:  # else the next reservation brings them
            yield SetLimits(now=self.now, limits=self.limits)
