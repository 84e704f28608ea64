"""Whether it may be spent: all accounts of a tenant, so that reserving over several is one append. Stream: ledger."""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, assert_never

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from immutables import Map

from reveille.budget.domain.accounts import (
    EXECUTION,
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
    """A new period has begun: what waited for it is looked at again. `due`: when it was to be looked at."""

    now: int
    due: int


Command = Reserve | Settle | AddUsage | SetLimits | CloseExecution | TurnPeriod


@dataclass(frozen=True, slots=True)
class Held:
    tokens: int
    accounts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A reservation that did not fit, and what it is about. `number` counts the deferrals: the lowest is the oldest."""

    number: int
    run_id: str
    reservation: bytes
    about: About
    priority: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """waiting: by agent, the highest priority first, then the oldest. look_at: when it is looked at again; 0: never."""

    fleet_revision: int = -1
    limits: Map[str, int] = field(default_factory=Map)
    accounts: Map[str, Account] = field(default_factory=Map)
    held: Map[str, Held] = field(default_factory=Map)
    waiting: Map[str, tuple[Waiting, ...]] = field(default_factory=Map)
    deferrals: int = 0
    day: str = ""
    look_at: int = 0

    def limit(self, account: str) -> int:
        return self.limits.get(scope_of(account), 0)

    def account(self, name: str) -> Account:
        return self.accounts.get(name) or Account()

    def accounts_of(self, asked: Reservation, now: int) -> tuple[str, str, str]:
        """Of the period of `now`, or of a later one that was begun already: a clock behind another opens none again."""
        return accounts_of(asked, max(day_of(now), self.day))


def decide(command: Command, state: Ledger) -> list[Decided]:
    match command:
        case Reserve(reservation=asked) if asked.run_id in state.held or _waits(state, asked):
            return []  # asked again: it is held, or it waits
        case Reserve():
            return _answer(command, state)
        case Settle(run_id=run_id) if run_id not in state.held:
            return []
        case Settle():
            settled = _settle(command, state.held[command.run_id])
            return [*settled, *_release_waiting(command.now, _after(state, settled))]
        case AddUsage():
            return [_added(command, state)]
        case SetLimits():
            return _update(command.limits, command.now, state)
        case CloseExecution(execution_id=execution_id):
            account = execution_account(execution_id)
            return [AccountClosed(account=account)] if account in state.accounts else []
        case TurnPeriod(now=now, due=due):
            return _open_period(max(now, due), state) if due == state.look_at else []
        case _:
            assert_never(command)


def _answer(command: Reserve, state: Ledger) -> list[Decided]:
    """Whoever waits is looked at again: who stood before others may wait for his own execution from now on."""
    now = command.now
    events = _update(command.limits, now, state)
    events += _turn(now, _after(state, events))
    events.append(_reserve(command.reservation, now, _after(state, events)))
    return [*events, *_release_waiting(now, _after(state, events))] if state.waiting else events


def _update(limits: Limits, now: int, state: Ledger) -> list[Decided]:
    """Whoever brings new limits, those who wait are looked at under them."""
    if limits.fleet_revision <= state.fleet_revision:
        return []
    updated = BudgetUpdated(fleet_revision=limits.fleet_revision, limits=limits.by_scope)
    return [updated, *_release_waiting(now, _after(state, [updated]))]


def _added(command: AddUsage, state: Ledger) -> UsageAdded:
    """It counts in the period that is now, and for its execution as long as that goes on."""
    accounts = state.accounts_of(Reservation(execution_id=command.execution_id, agent=command.agent), command.now)
    counted = [name for name in accounts if period_of(name) or name in state.accounts]
    return UsageAdded(run_id=command.run_id, tokens=command.tokens, accounts=counted)


def _reserve(asked: Reservation, now: int, state: Ledger) -> Message:
    answer = _admit(asked, now, state)
    if answer is None:
        account = _full(asked, now, state)[-1]
        return _deferred(asked, account, state.account(account).left(state.limit(account)), now)
    blocked = _ahead(asked, now, state)
    if blocked is not None and isinstance(answer, TokensReserved):
        return _deferred(asked, blocked, 0, now)
    return answer


def _admit(asked: Reservation, now: int, state: Ledger) -> TokensReserved | TokensDenied | None:
    """None: there is no room now, and there may be."""
    full = _full(asked, now, state)
    for name in full:
        account, limit = state.account(name), state.limit(name)
        if _never_fits(asked, name, account, limit):
            return TokensDenied(reservation=asked, account=name, limit=limit, left=account.left(limit))
    return None if full else TokensReserved(reservation=asked, accounts=state.accounts_of(asked, now))


def _full(asked: Reservation, now: int, state: Ledger) -> list[str]:
    """Its accounts that have no room for it, the narrowest last."""
    names = state.accounts_of(asked, now)
    return [name for name in names if not state.account(name).fits(asked.tokens, state.limit(name))]


def _never_fits(asked: Reservation, name: str, account: Account, limit: int) -> bool:
    """No release and, for an execution or one that does not wait for it, no new period makes room."""
    spent = account.used + asked.tokens > limit
    return asked.tokens > limit or (spent and (not period_of(name) or not asked.defer))


def _deferred(asked: Reservation, account: str, left: int, now: int) -> ReservationDeferred:
    until = Timestamp(seconds=next_day(now) // 1_000_000)
    return ReservationDeferred(reservation=asked, account=account, left=left, until=until)


def _ahead(asked: Reservation, now: int, state: Ledger) -> str | None:
    """The account for which somebody of the same or a higher priority has been waiting.

    Whoever waits for his own execution, or his own agent, does not hold what others could have.
    """
    tenant, own, _ = state.accounts_of(asked, now)
    # Its own agent first: in which order the map gives the others differs from process to process.
    for agent, queue in sorted(state.waiting.items(), key=lambda item: item[0] != asked.agent):
        for one in queue:
            if one.priority < asked.priority:
                break
            full = _full(Reservation.FromString(one.reservation), now, state)
            if full and scope_of(full[-1]) == EXECUTION:
                continue
            if agent == asked.agent:
                return own
            if state.limit(tenant) and full in ([], [tenant]):
                return tenant
            break
    return None


def _waits(state: Ledger, asked: Reservation) -> bool:
    return any(one.run_id == asked.run_id for one in state.waiting.get(asked.agent, ()))


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
    blocked: set[str] = set()  # agents, and runs whose own execution has no room
    while candidates := list(_foremost(state, blocked)):
        agent, first = min(candidates, key=lambda pair: (-pair[1].priority, pair[1].number))
        asked = Reservation.FromString(first.reservation)
        answer = _admit(asked, now, state)
        if answer is not None:
            state = evolve(state, answer, first.about)
            yield answer, first.about
            continue
        scope = scope_of(_full(asked, now, state)[-1])
        if scope == TENANT:
            return
        blocked.add(first.run_id if scope == EXECUTION else agent)


def _foremost(state: Ledger, blocked: Container[str]) -> Iterator[tuple[str, Waiting]]:
    for agent, queue in state.waiting.items():
        first = None if agent in blocked else next((one for one in queue if one.run_id not in blocked), None)
        if first is not None:
            yield agent, first


def _turn(now: int, state: Ledger) -> list[Decided]:
    """Before its timer has: a reservation that is deferred in the new period sets the timer anew."""
    return _open_period(now, state) if 0 < state.look_at <= now else []


def _open_period(now: int, state: Ledger) -> list[Decided]:
    released = list(_release_waiting(now, state))
    waiting = sum(map(len, state.waiting.values())) - len(released)
    following = Timestamp(seconds=next_day(now) // 1_000_000) if waiting else None
    return [PeriodOpened(day=day_of(now), next=following), *released]


def _after(state: Ledger, decided: list[Decided]) -> Ledger:
    for one in decided:
        event, about = one if isinstance(one, tuple) else (one, About(""))
        state = evolve(state, event, about)
    return state


def evolve(state: Ledger, event: Message, about: About) -> Ledger:
    match event:
        case BudgetUpdated():
            return replace(state, fleet_revision=event.fleet_revision, limits=Map(dict(event.limits)))
        case TokensReserved(reservation=asked, accounts=accounts):
            state = _left_queue(_turned(state, accounts[0]), asked)
            held = state.held.set(asked.run_id, Held(asked.tokens, tuple(accounts)))
            return replace(_changed(state, accounts, reserved=asked.tokens), held=held)
        case ReservationDeferred(reservation=asked, until=until):
            return replace(_queued(state, asked, about), look_at=until.seconds * 1_000_000)
        case TokensDenied(reservation=asked):
            return _left_queue(state, asked)
        case TokensSettled(run_id=run_id, used=used, overrun=overrun):
            return _ended(state, run_id, reserved=overrun - used, used=used)
        case TokensReleased(run_id=run_id, tokens=tokens):
            return _ended(state, run_id, reserved=-tokens, used=0)
        case UsageAdded(tokens=tokens, accounts=accounts):
            return _changed(state, accounts, used=tokens)
        case PeriodOpened(next=following):
            return replace(state, look_at=following.seconds * 1_000_000)
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
    """A run that has both settled and released tokens is held until the second of the two.

    Its execution may have ended, and its account with it, before the end of the run was heard of.
    """
    held = state.held[run_id]
    rest = held.tokens + reserved
    state = _changed(state, [name for name in held.accounts if name in state.accounts], reserved=reserved, used=used)
    if rest > 0:
        return replace(state, held=state.held.set(run_id, Held(rest, held.accounts)))
    return replace(state, held=state.held.delete(run_id))


def _queued(state: Ledger, asked: Reservation, about: About) -> Ledger:
    number = state.deferrals + 1
    waiting = Waiting(number, asked.run_id, asked.SerializeToString(), about, asked.priority)
    queue = sorted((*state.waiting.get(asked.agent, ()), waiting), key=lambda one: (-one.priority, one.number))
    return replace(state, waiting=state.waiting.set(asked.agent, tuple(queue)), deferrals=number)


def _left_queue(state: Ledger, asked: Reservation) -> Ledger:
    queue = state.waiting.get(asked.agent)
    if not queue:
        return state
    rest = tuple(one for one in queue if one.run_id != asked.run_id)
    waiting = state.waiting.set(asked.agent, rest) if rest else state.waiting.delete(asked.agent)
    return replace(state, waiting=waiting)


def _turned(state: Ledger, account: str) -> Ledger:
    """With the first reservation of a period, earlier periods' accounts go that nothing is reserved on any more.

    Late usage may have opened the period's own accounts before.
    """
    day = period_of(account)
    if day <= state.day:
        return state
    kept = {
        name: one
        for name, one in state.accounts.items()
        if one.reserved or not period_of(name) or period_of(name) >= day
    }
    return replace(state, day=day, accounts=Map(kept))


decider: Final = Decider(
    category="ledger", initial=Ledger(), decide=decide, evolve=evolve, snapshot_every=10_000, version=2
)
