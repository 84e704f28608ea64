"""Whether it may be spent: all accounts of a tenant, so that reserving over several is one append. Stream: ledger."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, assert_never

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from immutables import Map

from reveille.budget.domain.accounts import (
    TENANT,
    Account,
    accounts_of,
    day_of,
    execution_account,
    next_day,
    period_of,
    scope_of,
)
from reveille.contracts.budget.v1.events_pb2 import (
    AccountClosed,
    BudgetUpdated,
    PeriodOpened,
    Reservation,
    ReservationDeferred,
    TokensDenied,
    TokensReleased,
    TokensReserved,
    TokensSettled,
    UsageAdded,
)
from reveille.kernel.decider import Decided, Decider
from reveille.kernel.events import About
from reveille.kernel.replacing import replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Of one revision of the fleet, by scope (`tenant`, `execution`, `agent:<id>`); what is not named has none."""

    fleet_revision: int
    by_scope: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserve:
    now: int
    reservation: Reservation
    limits: Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Settle:
    """A run ended and used so many tokens."""

    now: int
    run_id: str
    used: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AddUsage:
    """More was used than a settlement knew of."""

    now: int
    run_id: str
    execution_id: str
    agent: str
    tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLimits:
    now: int
    limits: Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseExecution:
    now: int
    execution_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnPeriod:
    """A new period may have begun: what waited for it is looked at again."""

    now: int


Command = Reserve | Settle | AddUsage | SetLimits | CloseExecution | TurnPeriod


@dataclass(frozen=True, slots=True)
class Held:
    tokens: int
    accounts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A reservation that did not fit, and what it is about. `number` counts the deferrals: the lowest is the oldest."""

    number: int
    reservation: bytes
    about: About
    priority: int
    scope: str  # the scope of the account that had no room


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """waiting: by agent, the highest priority first, then the oldest."""

    fleet_revision: int = -1
    limits: Map[str, int] = field(default_factory=Map)
    accounts: Map[str, Account] = field(default_factory=Map)
    held: Map[str, Held] = field(default_factory=Map)
    waiting: Map[str, tuple[Waiting, ...]] = field(default_factory=Map)
    deferrals: int = 0
    day: str = ""
    opened: str = ""

    def limit(self, account: str) -> int:
        return self.limits.get(scope_of(account), 0)

    def account(self, name: str) -> Account:
        return self.accounts.get(name) or Account()


def decide(command: Command, state: Ledger) -> list[Decided]:
    match command:
        case Reserve(reservation=asked) if asked.run_id in state.held or _waits(state, asked):
            return []  # asked again: it is held, or it waits
        case Reserve():
            updated = _update(command.limits, state)
            return [*updated, _reserve(command.reservation, command.now, _after(state, updated))]
        case Settle(run_id=run_id) if run_id not in state.held:
            return []
        case Settle():
            settled = _settle(command, state.held[command.run_id])
            return [*settled, *_release_waiting(command.now, _after(state, settled))]
        case AddUsage(tokens=tokens):
            reservation = Reservation(execution_id=command.execution_id, agent=command.agent)
            return [
                UsageAdded(run_id=command.run_id, tokens=tokens, accounts=accounts_of(reservation, command.now)[:2])
            ]
        case SetLimits():
            updated = _update(command.limits, state)
            return [*updated, *_release_waiting(command.now, _after(state, updated))] if updated else []
        case CloseExecution(execution_id=execution_id):
            account = execution_account(execution_id)
            return [AccountClosed(account=account)] if account in state.accounts else []
        case TurnPeriod(now=now):
            return _open_period(now, state) if day_of(now) > state.opened else []
        case _:
            assert_never(command)


def _update(limits: Limits, state: Ledger) -> list[Decided]:
    if limits.fleet_revision <= state.fleet_revision:
        return []
    return [BudgetUpdated(fleet_revision=limits.fleet_revision, limits=limits.by_scope)]


def _reserve(asked: Reservation, now: int, state: Ledger) -> Message:
    accounts = accounts_of(asked, now)
    for name in accounts:
        account, limit = state.account(name), state.limit(name)
        if account.fits(asked.tokens, limit):
            continue
        if _never_fits(asked, name, account, limit):
            return TokensDenied(reservation=asked, account=name, limit=limit, left=account.left(limit))
        return _deferred(asked, name, account.left(limit), now)
    blocked = _overtakes(asked, state)
    if blocked is not None:
        return _deferred(asked, _named(blocked, accounts), 0, now)
    return TokensReserved(reservation=asked, accounts=accounts)


def _never_fits(asked: Reservation, name: str, account: Account, limit: int) -> bool:
    """No release and, for an execution or one that does not wait for it, no new period makes room."""
    spent = account.used + asked.tokens > limit
    return asked.tokens > limit or (spent and (not period_of(name) or not asked.defer))


def _deferred(asked: Reservation, account: str, left: int, now: int) -> ReservationDeferred:
    until = Timestamp(seconds=next_day(now) // 1_000_000)
    return ReservationDeferred(reservation=asked, account=account, left=left, until=until)


def _overtakes(asked: Reservation, state: Ledger) -> str | None:
    """The scope for which somebody of the same or a higher priority has been waiting."""
    for agent, queue in state.waiting.items():
        first = queue[0]
        shares = first.scope == TENANT or agent == asked.agent
        if shares and first.priority >= asked.priority and first.scope != "execution":
            return first.scope
    return None


def _named(scope: str, accounts: tuple[str, ...]) -> str:
    return next(name for name in accounts if scope_of(name) == scope)


def _waits(state: Ledger, asked: Reservation) -> bool:
    queue = state.waiting.get(asked.agent, ())
    return any(Reservation.FromString(one.reservation).run_id == asked.run_id for one in queue)


def _settle(command: Settle, held: Held) -> list[Decided]:
    """What was used counts, the rest comes free."""
    events: list[Decided] = []
    if command.used > 0:
        overrun = max(0, command.used - held.tokens)
        events.append(TokensSettled(run_id=command.run_id, used=command.used, overrun=overrun))
    if held.tokens > command.used:
        events.append(TokensReleased(run_id=command.run_id, tokens=held.tokens - command.used))
    return events


def _release_waiting(now: int, state: Ledger) -> Iterator[Decided]:
    """Whoever waits and fits now, in order; each keeps what it is about."""
    skipped: set[str] = set()
    while candidates := [(agent, queue[0]) for agent, queue in state.waiting.items() if agent not in skipped]:
        agent, first = min(candidates, key=lambda pair: (-pair[1].priority, pair[1].number))
        asked = Reservation.FromString(first.reservation)
        answer = _admit(asked, now, state)
        if answer is None:
            blocked = _blocking(asked, now, state)
            if blocked == TENANT:
                return
            skipped.add(agent)
            continue
        state = evolve(state, answer, first.about)
        yield answer, first.about


def _open_period(now: int, state: Ledger) -> list[Decided]:
    released = list(_release_waiting(now, state))
    waiting = sum(map(len, state.waiting.values())) - len(released)
    following = Timestamp(seconds=next_day(now) // 1_000_000) if waiting else None
    return [PeriodOpened(day=day_of(now), next=following), *released]


def _blocking(asked: Reservation, now: int, state: Ledger) -> str:
    accounts = accounts_of(asked, now)
    return scope_of(next(name for name in accounts if not state.account(name).fits(asked.tokens, state.limit(name))))


def _admit(asked: Reservation, now: int, state: Ledger) -> Message | None:
    """None: it goes on waiting."""
    accounts = accounts_of(asked, now)
    for name in accounts:
        account, limit = state.account(name), state.limit(name)
        if not account.fits(asked.tokens, limit):
            if _never_fits(asked, name, account, limit):
                return TokensDenied(reservation=asked, account=name, limit=limit, left=account.left(limit))
            return None
    return TokensReserved(reservation=asked, accounts=accounts)


def _after(state: Ledger, events: list[Decided]) -> Ledger:
    for event in events:
        assert isinstance(event, Message)
        state = evolve(state, event, About(""))
    return state


def evolve(state: Ledger, event: Message, about: About) -> Ledger:
    match event:
        case BudgetUpdated():
            return replace(state, fleet_revision=event.fleet_revision, limits=Map(dict(event.limits)))
        case TokensReserved(reservation=asked, accounts=accounts):
            state = _left_queue(_turned(state, accounts[0]), asked)
            held = state.held.set(asked.run_id, Held(asked.tokens, tuple(accounts)))
            return replace(_changed(state, accounts, reserved=asked.tokens), held=held)
        case ReservationDeferred(reservation=asked, account=account):
            return _queued(state, asked, scope_of(account), about)
        case TokensDenied(reservation=asked):
            return _left_queue(state, asked)
        case TokensSettled(run_id=run_id, used=used, overrun=overrun):
            return _ended(state, run_id, reserved=overrun - used, used=used)
        case TokensReleased(run_id=run_id, tokens=tokens):
            return _ended(state, run_id, reserved=-tokens, used=0)
        case UsageAdded(tokens=tokens, accounts=accounts):
            return _changed(state, accounts, used=tokens)
        case PeriodOpened(day=day):
            return replace(state, opened=day)
        case AccountClosed(account=account):
            return replace(state, accounts=state.accounts.delete(account)) if account in state.accounts else state
    return state


def _changed(state: Ledger, accounts: Iterable[str], *, reserved: int = 0, used: int = 0) -> Ledger:
    changed = state.accounts.mutate()
    for name in accounts:
        account = changed.get(name) or Account()
        changed[name] = Account(account.reserved + reserved, account.used + used)
    return replace(state, accounts=changed.finish())


def _ended(state: Ledger, run_id: str, *, reserved: int, used: int) -> Ledger:
    """A run that has both settled and released tokens is held until the second of the two."""
    held = state.held[run_id]
    rest = held.tokens + reserved
    state = _changed(state, held.accounts, reserved=reserved, used=used)
    if rest > 0:
        return replace(state, held=state.held.set(run_id, Held(rest, held.accounts)))
    return replace(state, held=state.held.delete(run_id))


def _queued(state: Ledger, asked: Reservation, scope: str, about: About) -> Ledger:
    number = state.deferrals + 1
    waiting = Waiting(number, asked.SerializeToString(), about, asked.priority, scope)
    queue = sorted((*state.waiting.get(asked.agent, ()), waiting), key=lambda one: (-one.priority, one.number))
    return replace(state, waiting=state.waiting.set(asked.agent, tuple(queue)), deferrals=number)


def _left_queue(state: Ledger, asked: Reservation) -> Ledger:
    queue = state.waiting.get(asked.agent)
    if not queue:
        return state
    rest = tuple(one for one in queue if Reservation.FromString(one.reservation).run_id != asked.run_id)
    waiting = state.waiting.set(asked.agent, rest) if rest else state.waiting.delete(asked.agent)
    return replace(state, waiting=waiting)


def _turned(state: Ledger, account: str) -> Ledger:
    """With the first reservation of a period, earlier periods' accounts go that nothing is reserved on any more."""
    day = period_of(account)
    if day <= state.day:
        return state
    kept = {name: one for name, one in state.accounts.items() if not period_of(name) or one.reserved}
    return replace(state, day=day, accounts=Map(kept))


decider: Final = Decider(category="ledger", initial=Ledger(), decide=decide, evolve=evolve, snapshot_every=10_000)
