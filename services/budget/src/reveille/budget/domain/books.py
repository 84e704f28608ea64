"""What the ledger knows: accounts, what is held of them, and what waits; and how its events change that."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, TypeVar

from google.protobuf.message import Message
from immutables import Map

from reveille.budget.domain.accounts import (
    AGENT,
    EMPTY,
    EXECUTION,
    KINDS,
    TENANT,
    Account,
    Asked,
    Full,
    accounts_of,
    period_of,
    scope_of,
)
from reveille.budget.domain.periods import Period, period_at
from reveille.budget.domain.queue import Queue
from reveille.contracts.budget.v1.events_pb2 import (
    AccountClosed,
    BudgetExhausted,
    BudgetThresholdReached,
    LimitRaised,
    LimitsUpdated,
    PeriodOpened,
    ReservationDeferred,
    ReservationRevoked,
    ReservationWithdrawn,
    TokensDenied,
    TokensReleased,
    TokensReserved,
    TokensSettled,
    TopUpDenied,
    TopUpReserved,
    UsageAdded,
)
from reveille.kernel.clock import SECOND
from reveille.kernel.events import About
from reveille.kernel.replacing import replace

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Held:
    """requests: how many of the run's requests for more have been answered. revoked: nobody wants its result."""

    tokens: int
    accounts: tuple[str, ...]
    requests: int = 0
    revoked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """Of an account: by how much its limit was raised, and what has been said of it."""

    raised: int = 0
    exhausted: bool = False
    warned: tuple[float, ...] = ()


NOTHING: Final = Noted()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """day: the latest period that has begun. look_at: when what waits is looked at again; 0: never."""

    fleet_revision: int = -1
    limits: Map[str, int] = field(default_factory=Map)
    warn_at: Map[str, tuple[float, ...]] = field(default_factory=Map)
    time_zone: str = ""
    accounts: Map[str, Account] = field(default_factory=Map)
    noted: Map[str, Noted] = field(default_factory=Map)
    held: Map[str, Held] = field(default_factory=Map)
    waiting: Queue = field(default_factory=Queue)
    day: str = ""
    look_at: int = 0

    def limit(self, account: str) -> int:
        """In force now; 0 is none."""
        limit = self.limits.get(scope_of(account), 0)
        return limit + self.noted[account].raised if limit and account in self.noted else limit

    def account(self, name: str) -> Account:
        return self.accounts.get(name, EMPTY)

    def period(self, now: int) -> Period:
        """Of `now`, or a later one that has begun already: a clock behind another, or a new zone, opens none again."""
        return period_at(now, self.time_zone, not_before=self.day)

    def full(self, asked: Asked, day: str) -> list[Full]:
        """Its accounts that have no room for it, the narrowest last."""
        limits, found = self.limits, []
        # As `limit` has it, but for the name that it would take apart again: this is asked of all who wait.
        scopes = limits.get(TENANT, 0), limits.get(f"{AGENT}{asked.agent}", 0), limits.get(EXECUTION, 0)
        for name, kind, limit in zip(accounts_of(asked, day), KINDS, scopes, strict=True):
            account = self.accounts.get(name, EMPTY)
            if account.fits(asked.tokens, limit):
                continue
            noted = self.noted.get(name)
            limit += noted.raised if noted else 0
            if not account.fits(asked.tokens, limit):
                found.append(Full(name, kind, limit, account.used, account.left(limit)))
        return found


def evolve(state: Ledger, event: Message, about: About) -> Ledger:
    match event:
        case TokensReserved(reservation=asked, accounts=names):
            state = _begun(state, period_of(names[0]))
            held = state.held.set(asked.run_id, Held(asked.tokens, tuple(names)))
            accounts = _changed(state, names, reserved=asked.tokens, runs=1)
            return replace(state, accounts=accounts, held=held, waiting=state.waiting.left(asked.run_id))
        case TokensSettled(run_id=run_id, used=used, overrun=overrun):
            return _ended(state, run_id, reserved=overrun - used, used=used)
        case TokensReleased(run_id=run_id, tokens=tokens):
            return _ended(state, run_id, reserved=-tokens, used=0)
        case ReservationDeferred(reservation=asked, until=until):
            return replace(state, waiting=state.waiting.joined(asked, about), look_at=until.seconds * SECOND)
        case TokensDenied(reservation=asked):
            return replace(state, waiting=state.waiting.left(asked.run_id))
        case ReservationWithdrawn(run_id=run_id):
            return replace(state, waiting=state.waiting.left(run_id))
        case ReservationRevoked(run_id=run_id) if run_id in state.held:
            return replace(state, held=state.held.set(run_id, replace(state.held[run_id], revoked=True)))
        case LimitsUpdated():
            return replace(
                state,
                fleet_revision=event.fleet_revision,
                limits=Map(dict(event.limits)),
                warn_at=Map({scope: tuple(at.parts) for scope, at in event.warn_at.items()}),
                time_zone=event.time_zone,
            )
        case UsageAdded(tokens=tokens, accounts=names):
            state = _begun(state, max(map(period_of, names), default=""))
            return replace(state, accounts=_changed(state, names, used=tokens))
        case TopUpReserved(run_id=run_id, tokens=tokens, request=request):
            return _topped_up(state, run_id, request, tokens)
        case TopUpDenied(run_id=run_id, request=request):
            return _topped_up(state, run_id, request, 0)
        case LimitRaised(account=account, tokens=tokens):
            noted = state.noted.get(account, NOTHING)
            return _noting(state, account, replace(noted, raised=noted.raised + tokens))
        case BudgetThresholdReached(account=account, part=part):
            noted = state.noted.get(account, NOTHING)
            return _noting(state, account, replace(noted, warned=(*noted.warned, part)))
        case BudgetExhausted(account=account):
            return _noting(state, account, replace(state.noted.get(account, NOTHING), exhausted=True))
        case PeriodOpened(day=day, next=following):
            return replace(_begun(state, day), look_at=following.seconds * SECOND)
        case AccountClosed(account=account):
            return replace(state, accounts=_without(state.accounts, account), noted=_without(state.noted, account))
    return state


def _changed(
    state: Ledger, names: Iterable[str], *, reserved: int = 0, used: int = 0, runs: int = 0
) -> Map[str, Account]:
    """Of an execution that goes on for ever, and of whose runs none has ever taken a token, nothing is kept."""
    changed, counted = state.accounts.mutate(), reserved != 0 or used != 0
    for name in names:
        before = changed.get(name, EMPTY)
        account = Account(before.reserved + reserved, before.used + used, before.runs + runs, counted or before.counted)
        if account.runs > 0 or account.counted or period_of(name):
            changed[name] = account
        elif name in changed:
            del changed[name]
    return changed.finish()


def _ended(state: Ledger, run_id: str, *, reserved: int, used: int) -> Ledger:
    """A run that has both settled and released tokens is held until the second of the two.

    Its execution may have ended, and its account with it, before the end of the run was heard of.
    """
    held = state.held.get(run_id)
    if held is None:
        return state
    rest = held.tokens + reserved
    names = [name for name in held.accounts if name in state.accounts]
    accounts = _changed(state, names, reserved=reserved, used=used, runs=0 if rest > 0 else -1)
    if rest > 0:
        return replace(state, accounts=accounts, held=state.held.set(run_id, replace(held, tokens=rest)))
    return replace(state, accounts=accounts, held=state.held.delete(run_id))


def _topped_up(state: Ledger, run_id: str, request: int, tokens: int) -> Ledger:
    held = state.held.get(run_id)
    if held is None:
        return state
    held = replace(held, tokens=held.tokens + tokens, requests=request)
    names = [name for name in held.accounts if name in state.accounts]
    return replace(state, accounts=_changed(state, names, reserved=tokens), held=state.held.set(run_id, held))


def _noting(state: Ledger, account: str, noted: Noted) -> Ledger:
    return replace(state, noted=state.noted.set(account, noted))


def _begun(state: Ledger, day: str) -> Ledger:
    """With a new period, earlier ones' accounts go that nobody holds any more."""
    if day <= state.day:
        return state
    kept = {
        name: one
        for name, one in state.accounts.items()
        if one.runs > 0 or not period_of(name) or period_of(name) >= day
    }
    noted = {
        name: one for name, one in state.noted.items() if name in kept or not period_of(name) or period_of(name) >= day
    }
    return replace(state, day=day, accounts=Map(kept), noted=Map(noted))


def _without(named: Map[str, T], name: str) -> Map[str, T]:
    return named.delete(name) if name in named else named
