"""Promise 3: nobody spends what is not there, and nobody is refused what is; every reservation is closed once."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from reveille.contracts.agent_runner.v1.events_pb2 import (
    LateUsageFound,
    ModelAnswered,
    ModelCalled,
    RunCompleted,
    RunFailed,
    RunStarted,
    UsageReported,
)
from reveille.contracts.budget.v1.events_pb2 import (
    AccountClosed,
    BudgetExhausted,
    BudgetThresholdReached,
    LimitRaised,
    LimitsUpdated,
    PeriodOpened,
    Reservation,
    ReservationAdmitted,
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
from reveille.contracts.planner.v1.events_pb2 import StepReady
from reveille.kernel.clock import to_datetime
from reveille.kernel.events import Recorded, key_of, tenant_of
from tests.simulation.checker.broken import Broken
from tests.simulation.checker.history import History, together

SETS_FREE: Final = TokensSettled | TokensReleased | LimitsUpdated | PeriodOpened | LimitRaised | ReservationWithdrawn


@dataclass(slots=True)
class Account:
    reserved: int = 0
    used: int = 0


@dataclass(slots=True)
class Books:
    """A ledger of the checker's own, which forgets nothing. `waiting` is in the order of the deferrals."""

    limits: dict[str, int] = field(default_factory=dict)
    revision: int = -1
    accounts: dict[str, Account] = field(default_factory=lambda: defaultdict(Account))
    held: dict[str, tuple[int, Sequence[str]]] = field(default_factory=dict)
    waiting: dict[str, Reservation] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    day: str = ""
    zone: tzinfo = UTC
    raised: Counter[str] = field(default_factory=Counter)
    # What was said of an account, and is said of it once.
    told: set[tuple[str, float]] = field(default_factory=set)
    closed: set[str] = field(default_factory=set)
    revoked: set[str] = field(default_factory=set)

    def limit(self, name: str) -> int:
        """In force now; 0 is none."""
        limit = self.limits.get("execution" if name.startswith("execution:") else name.partition("@")[0], 0)
        return limit + self.raised[name] if limit else 0

    def has_room(self, tokens: int, name: str) -> bool:
        account, limit = self.accounts[name], self.limit(name)
        return limit == 0 or tokens == 0 or account.used + account.reserved + tokens <= limit

    def room(self, asked: Reservation, name: str) -> bool:
        return self.has_room(asked.tokens, name)

    def day_of(self, event: Recorded) -> str:
        return self.day_at(event.meta.time)

    def day_at(self, now: int) -> str:
        return to_datetime(now).astimezone(self.zone).date().isoformat()

    def fits(self, asked: Reservation, day: str) -> bool:
        return all(self.room(asked, name) for name in accounts_of(asked, day))

    def ahead_of(self, asked: Reservation) -> bool:
        return any(one.priority >= asked.priority for one in self.waiting.values() if one.run_id != asked.run_id)


def accounts_of(asked: Reservation, day: str) -> list[str]:
    return [f"tenant@{day}", f"agent:{asked.agent}@{day}", f"execution:{asked.execution_id}"]


def check(history: History, now: int) -> Iterator[Broken]:
    """now: the time at the end, when everybody has been given time enough."""
    used: Counter[tuple[str, str]] = Counter()
    for stream, events in history.of_category("ledger"):
        books = Books()
        for group in together(events):
            for event in group:
                for what in _take(history, books, event, used):
                    yield Broken(promise=3, what=f"{stream} revision {event.revision}: {what}")
            if any(isinstance(event.msg, SETS_FREE) for event in group):
                for what in _left_waiting(books, books.day_of(group[-1])):
                    yield Broken(promise=3, what=f"{stream} revision {group[-1].revision}: {what}")
        for what in _left_waiting(books, books.day_at(now)):
            yield Broken(promise=3, what=f"{stream} at the end: {what}")
        for run_id in books.held:
            yield Broken(promise=3, what=f"{stream}: the reservation of run {run_id} was never closed")
        for name, account in books.accounts.items():
            if account.reserved and name not in books.closed:
                yield Broken(promise=3, what=f"{stream}: {name} ends with {account.reserved} tokens reserved")
    yield from _usage(history, used)
    yield from _answered(history)


def _take(history: History, books: Books, event: Recorded, used: Counter[tuple[str, str]]) -> Iterator[str]:
    match event.msg:
        case LimitsUpdated() as updated:
            yield from _limits(history, books, event, updated)
        case TokensReserved(reservation=asked) as reserved:
            yield from _reserved(books, reserved, asked, books.day_of(event))
        case ReservationDeferred(reservation=asked) as deferred:
            if asked.run_id in books.seen or asked.run_id in books.waiting:
                yield f"run {asked.run_id} is deferred, it was answered before"
            if not asked.tokens:
                yield f"run {asked.run_id} is deferred, it takes no tokens"
            if books.fits(asked, max(books.day_of(event), books.day)) and not books.ahead_of(asked):
                yield f"run {asked.run_id} is deferred, {asked.tokens} tokens fit and nobody is ahead of it"
            if deferred.account not in accounts_of(asked, max(books.day_of(event), books.day)):
                yield f"run {asked.run_id} is deferred by {deferred.account}, which is none of its accounts"
            books.waiting[asked.run_id] = asked
        case TokensDenied(reservation=asked) as denied:
            books.waiting.pop(asked.run_id, None)
            if asked.run_id in books.seen:
                yield f"run {asked.run_id} is denied, it was answered before"
            books.seen.add(asked.run_id)
            if books.room(asked, denied.account):
                yield f"run {asked.run_id} is denied, {asked.tokens} tokens fit into {denied.account}"
        case TokensSettled(run_id=run_id) as settled:
            if run_id not in books.held:
                yield f"run {run_id} is settled, nothing is held for it"
                return
            used[tenant_of(event.stream), run_id] += settled.used
            yield from _close(books, run_id, settled.used - settled.overrun, settled.used)
        case TokensReleased(run_id=run_id, tokens=tokens):
            if run_id not in books.held:
                yield f"run {run_id} is released, nothing is held for it"
                return
            yield from _close(books, run_id, tokens, 0)
        case UsageAdded(run_id=run_id, tokens=tokens) as added:
            used[tenant_of(event.stream), run_id] += tokens
            books.day = max(books.day, *(name.partition("@")[2] for name in added.accounts))
            for name in added.accounts:
                books.accounts[name].used += tokens
        case _:
            yield from _more(books, event)


def _more(books: Books, event: Recorded) -> Iterator[str]:
    match event.msg:
        case TopUpReserved(run_id=run_id, tokens=tokens):
            if run_id not in books.held:
                yield f"run {run_id} gets more, nothing is held for it"
                return
            if run_id in books.revoked:
                yield f"run {run_id} gets more, and nobody wants its result"
            held, accounts = books.held[run_id]
            for name in accounts:
                if not books.has_room(tokens, name):
                    yield f"{tokens} more tokens are reserved of {name}, which has {books.accounts[name]}"
                books.accounts[name].reserved += tokens
            books.held[run_id] = (held + tokens, accounts)
        case TopUpDenied(run_id=run_id, tokens=tokens, account=account):
            unwanted = account in books.closed or run_id in books.revoked
            if run_id in books.held and not unwanted and books.has_room(tokens, account):
                yield f"run {run_id} is denied {tokens} more tokens, which fit into {account}"
        case LimitRaised(account=account, tokens=tokens, run_id=run_id):
            if run_id not in books.waiting or tokens <= 0:
                yield f"{account} is raised by {tokens} for run {run_id}, which does not wait"
            books.raised[account] += tokens
        case ReservationWithdrawn(run_id=run_id):
            if books.waiting.pop(run_id, None) is None:
                yield f"run {run_id} is withdrawn, it does not wait"
            books.seen.add(run_id)
        case ReservationRevoked(run_id=run_id, execution_id=execution_id, agent=agent):
            if run_id in books.revoked or run_id not in books.held:
                yield f"run {run_id} is revoked, nothing is held for it, or it was revoked before"
            elif accounts_of(Reservation(agent=agent, execution_id=execution_id), "")[2] != books.held[run_id][1][2]:
                yield f"run {run_id} is revoked as one of execution {execution_id}"
            books.revoked.add(run_id)
        case ReservationAdmitted(run_id=run_id):
            if run_id not in books.held:
                yield f"run {run_id} is admitted, nothing is held for it"
        case PeriodOpened(day=day):
            books.day = max(books.day, day)
        case AccountClosed(account=account):
            books.closed.add(account)
        case BudgetThresholdReached(account=account, part=part) as reached:
            if (account, part) in books.told or books.accounts[account].used < part * reached.limit:
                yield f"{part} of {account} is told to be used, which is {books.accounts[account]}, or was told before"
            books.told.add((account, part))
        case BudgetExhausted(account=account):
            if (account, 0.0) in books.told:
                yield f"{account} is told to be spent a second time"
            books.told.add((account, 0.0))


def _limits(history: History, books: Books, event: Recorded, updated: LimitsUpdated) -> Iterator[str]:
    fleet = history.fleet(tenant_of(event.stream), updated.fleet_revision)
    limits = {f"agent:{agent.name}": agent.budget.tokens for agent in fleet.agents.values()}
    limits |= {"tenant": fleet.limits.tenant_tokens, "execution": fleet.limits.execution_tokens}
    if updated.fleet_revision <= books.revision:
        yield f"limits of fleet {updated.fleet_revision} come after those of fleet {books.revision}"
    if dict(updated.limits) != limits:
        yield f"limits of fleet {updated.fleet_revision} are {dict(updated.limits)}, the fleet says {limits}"
    books.limits, books.revision = limits, updated.fleet_revision
    books.zone = ZoneInfo(fleet.limits.time_zone) if fleet.limits.time_zone else UTC


def _reserved(books: Books, reserved: TokensReserved, asked: Reservation, day: str) -> Iterator[str]:
    books.waiting.pop(asked.run_id, None)
    if asked.run_id in books.seen:
        yield f"run {asked.run_id} is reserved, it was answered before"
    books.seen.add(asked.run_id)
    books.day = max(books.day, day)
    if list(reserved.accounts) != accounts_of(asked, books.day):
        yield f"run {asked.run_id} is held by {list(reserved.accounts)}, on {books.day}"
    for name in reserved.accounts:
        if not books.room(asked, name):
            account = books.accounts[name]
            yield f"{asked.tokens} tokens are reserved of {name}, which has {account} under {books.limits}"
        books.accounts[name].reserved += asked.tokens
    books.held[asked.run_id] = (asked.tokens, list(reserved.accounts))


def _close(books: Books, run_id: str, freed: int, used: int) -> Iterator[str]:
    tokens, accounts = books.held.pop(run_id)
    if freed > tokens:
        yield f"{freed} tokens of run {run_id} come free, {tokens} are held"
    for name in accounts:
        if name in books.closed:
            continue
        books.accounts[name].reserved -= freed
        books.accounts[name].used += used
    if freed < tokens:
        books.held[run_id] = (tokens - freed, accounts)


def _left_waiting(books: Books, day: str) -> Iterator[str]:
    """Whoever waits and fits, with nobody ahead of him for the account that has no room, goes."""
    day = max(day, books.day)
    blocked: set[str] = set()
    for asked in sorted(books.waiting.values(), key=lambda one: -one.priority):
        if asked.agent in blocked:
            continue
        if books.fits(asked, day):
            yield f"run {asked.run_id} goes on waiting, {asked.tokens} tokens fit and nobody is ahead of it"
        if not books.room(asked, f"tenant@{day}"):
            return
        blocked.add(asked.agent)


def _usage(history: History, used: Counter[tuple[str, str]]) -> Iterator[Broken]:
    """What the ledger counted is what the runs recorded: answers at their use, calls without an answer at their cap."""
    for stream, events in history.of_category("run"):
        caps: dict[int, int] = {}
        total, late, ended, reported = 0, 0, 0, 0
        started = events[0].msg
        remote = isinstance(started, RunStarted) and started.work.remote
        for event in events:
            match event.msg:
                case ModelCalled() as called:
                    caps[called.call] = called.cap
                case ModelAnswered() as answer:
                    tokens = answer.input_tokens + answer.output_tokens
                    cap = caps.pop(answer.call, 0)
                    total += max(tokens, cap) if ended else tokens
                    late += max(0, tokens - cap) if ended else 0
                case UsageReported(tokens_used=tokens):
                    late += max(0, tokens - max(reported, total)) if ended else 0
                    reported = max(reported, tokens)
                case RunCompleted() | RunFailed() as end if remote:
                    ended += 1
                    if end.tokens_used < reported:
                        yield Broken(
                            promise=3, what=f"{stream} ends with {end.tokens_used} tokens, {reported} were said"
                        )
                    reported = end.tokens_used
                case RunCompleted() | RunFailed() as end:
                    ended += 1
                    if end.tokens_used != total + sum(caps.values()):
                        yield Broken(
                            promise=3, what=f"{stream} ends with {end.tokens_used} tokens, it used {total}, open {caps}"
                        )
                case LateUsageFound(tokens=tokens):
                    late -= tokens
        if late:
            yield Broken(promise=3, what=f"{stream} used {late} tokens late and did not say so")
        run_id, spent = key_of(stream), reported if remote else total + sum(caps.values())
        counted = used[tenant_of(stream), run_id]
        if ended and counted != spent:
            yield Broken(promise=3, what=f"run {run_id} used {spent} tokens, the ledger counted {counted}")


def _answered(history: History) -> Iterator[Broken]:
    answered = {
        (tenant_of(event.stream), event.msg.reservation.run_id)
        for event in history.log
        if isinstance(event.msg, TokensReserved | ReservationDeferred | TokensDenied)
    }
    for event, ready in history.all(StepReady):
        if (tenant_of(event.stream), ready.run_id) not in answered:
            yield Broken(promise=3, what=f"step {ready.step} of run {ready.run_id} got no answer from the ledger")
