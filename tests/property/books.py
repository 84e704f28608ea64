"""A ledger of the tests' own: it keeps every account for ever, and says where the real one broke its promise."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from google.protobuf.message import Message

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


@dataclass(slots=True)
class Books:
    """waiting: in the order in which they were deferred. allowed: runs that a person lets exceed, until they do."""

    limits: dict[str, int] = field(default_factory=dict)
    warn_at: dict[str, list[float]] = field(default_factory=dict)
    zone: str = ""
    reserved: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    used: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    raised: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    held: dict[str, tuple[int, list[str]]] = field(default_factory=dict)
    waiting: list[Reservation] = field(default_factory=list)
    closed: set[str] = field(default_factory=set)
    allowed: set[str] = field(default_factory=set)
    told: set[tuple[str, float]] = field(default_factory=set)
    exhausted: set[str] = field(default_factory=set)
    answered: dict[str, int] = field(default_factory=dict)
    revoked: set[str] = field(default_factory=set)
    # Accounts of which something has been reserved, or used, at any time.
    counted: set[str] = field(default_factory=set)
    # Of the decision that is being taken in.
    grown: set[str] = field(default_factory=set)
    admitted: set[str] = field(default_factory=set)
    day: str = ""

    def take(self, event: Message, now: int) -> None:
        """Raises AssertionError where the event breaks the promise. now: of the command that it follows from."""
        match event:
            case TokensReserved(reservation=asked, accounts=accounts):
                self._reserve(asked, accounts, now)
            case TokensReleased(run_id=run_id, tokens=tokens):
                self._close(run_id, tokens)
            case TokensSettled(run_id=run_id, used=used, overrun=overrun):
                self._grow(self._close(run_id, used - overrun), used)
            case ReservationDeferred(reservation=asked, until=until):
                self._defer(asked, self.today(now))
                assert until.seconds * 1_000_000 > now, f"{asked.run_id} waits until what is past"
                assert _day(until.seconds - 1, self.zone) <= self.today(now) < _day(until.seconds, self.zone)
            case TokensDenied(reservation=asked, account=name):
                assert asked.tokens, f"{asked.run_id} takes nothing, and is refused"
                assert self._never(asked, name), f"{asked.run_id} is refused, and there may be room in {name}"
                self._leave(asked.run_id)
            case ReservationAdmitted(run_id=run_id):
                assert run_id in self.admitted, f"{run_id} is admitted and did not wait"
            case ReservationWithdrawn(run_id=run_id):
                assert self._leave(run_id), f"{run_id} is taken back and does not wait"
            case ReservationRevoked(run_id=run_id, execution_id=execution, agent=agent):
                assert run_id not in self.revoked, f"{run_id} is revoked twice"
                _, own, narrowest = self.held[run_id][1]
                assert (own.partition("@")[0], narrowest) == (f"agent:{agent}", f"execution:{execution}")
                self.revoked.add(run_id)
            case LimitsUpdated(limits=limits, warn_at=warn_at, time_zone=zone):
                self.limits, self.zone = dict(limits), zone
                self.warn_at = {scope: list(at.parts) for scope, at in warn_at.items()}
            case UsageAdded(tokens=tokens, accounts=accounts):
                self.day = self.today(now)
                self._grow(accounts, tokens)
            case TopUpReserved(run_id=run_id, tokens=tokens, request=request):
                self._top_up(run_id, request, tokens)
            case TopUpDenied() as denied:
                self._no_top_up(denied)
            case LimitRaised(account=name, tokens=tokens, run_id=run_id):
                self._raise(name, tokens, run_id)
            case BudgetThresholdReached(account=name, part=part, used=used, limit=limit):
                assert (name, part) not in self.told, f"{part} of {name} is told twice"
                assert (used, limit) == (self.used[name], self.limit(name))
                assert used >= part * limit
                self.told.add((name, part))
            case BudgetExhausted(account=name, used=used, limit=limit):
                assert name not in self.exhausted, f"{name} is told to be spent twice"
                assert (used, limit) == (self.used[name], self.limit(name))
                self.exhausted.add(name)
            case PeriodOpened(day=day):
                assert day == self.today(now), f"{day} is opened, it is {self.today(now)}"
                self.day = day
            case AccountClosed(account=account):
                assert account not in self.closed, f"{account} is closed twice"
                self.closed.add(account)
            case _:
                raise AssertionError(f"an event of type {type(event).__name__}")

    def done(self) -> None:
        """All events of a decision are taken in."""
        for name in self.grown:
            limit, used = self.limit(name), self.used[name]
            for part in self.warn_at.get(_scope(name), ()) if limit else ():
                assert used < part * limit or (name, part) in self.told, f"{part} of {name} is used and nobody says so"
        self.grown.clear()
        self.admitted.clear()

    def today(self, now: int) -> str:
        """Of `now`, or a later one that was begun: none is opened again."""
        return max(self.day, _day(now // 1_000_000, self.zone))

    def spent(self, asked: Reservation, now: int) -> set[str]:
        """Of its accounts, those in which nothing that comes free will do."""
        names = _names(asked, self.today(now))
        return {
            name
            for name in names
            if (limit := self.limit(name)) and asked.tokens <= limit < self.used[name] + asked.tokens
        }

    def overlooked(self, now: int) -> Iterator[str]:
        """Whoever waits though there is room for it, and nobody stands before it for what they share."""
        day = self.today(now)
        for one in self.waiting:
            if self._full(one, day) or any(self._stands_before(other, one, day) for other in self._before(one)):
                continue
            yield one.run_id

    def account(self, name: str) -> tuple[int, int]:
        return self.reserved[name], self.used[name]

    def limit(self, name: str) -> int:
        base = self.limits.get(_scope(name), 0)
        return base + self.raised.get(name, 0) if base else 0

    def _reserve(self, asked: Reservation, accounts: Sequence[str], now: int) -> None:
        self.day = self.today(now)
        assert asked.run_id not in self.held, f"{asked.run_id} is reserved twice"
        assert list(accounts) == _names(asked, self.day)
        if asked.run_id in self.allowed:
            self.allowed.remove(asked.run_id)
        elif self.waiting and asked.tokens:
            passed = [one.run_id for one in self._before(asked) if self._stands_before(one, asked, self.day)]
            assert not passed, f"{asked.run_id} overtakes {passed}"
        self._add(accounts, asked.tokens)
        self.held[asked.run_id] = (asked.tokens, list(accounts))
        if self._leave(asked.run_id):
            self.admitted.add(asked.run_id)

    def _add(self, accounts: Iterable[str], tokens: int) -> None:
        for name in accounts if tokens else ():
            after, limit = self.reserved[name] + self.used[name] + tokens, self.limit(name)
            assert not limit or after <= limit, f"{name} holds {after} of {limit}"
            self.reserved[name] += tokens
            self.counted.add(name)

    def _grow(self, accounts: Iterable[str], tokens: int) -> None:
        for name in accounts:
            self.used[name] += tokens
            if tokens:
                self.counted.add(name)
            if name not in self.closed:
                self.grown.add(name)

    def _close(self, run_id: str, tokens: int) -> Iterable[str]:
        held, accounts = self.held.pop(run_id)
        assert tokens <= held, f"{tokens} of {run_id} come free, {held} are held"
        for name in accounts:
            self.reserved[name] -= tokens
        if tokens < held:
            self.held[run_id] = (held - tokens, accounts)
        return accounts

    def _top_up(self, run_id: str, request: int, tokens: int) -> None:
        held, accounts = self.held[run_id]
        self._answer(run_id, request)
        assert run_id not in self.revoked, f"{run_id} gets more, and nobody wants its result"
        assert not self.closed.intersection(accounts), f"{run_id} gets more for an execution that has ended"
        self._add(accounts, tokens)
        self.held[run_id] = (held + tokens, accounts)

    def _no_top_up(self, denied: TopUpDenied) -> None:
        self._answer(denied.run_id, denied.request)
        name, limit = denied.account, self.limit(denied.account)
        assert name in self.held[denied.run_id][1]
        left = limit - self.reserved[name] - self.used[name]
        unwanted = name in self.closed or denied.run_id in self.revoked
        assert unwanted or (limit and denied.tokens > left), f"{denied.run_id} gets no more, and it fits"

    def _answer(self, run_id: str, request: int) -> None:
        assert request > self.answered.get(run_id, 0), f"request {request} of {run_id} is answered twice"
        self.answered[run_id] = request

    def _raise(self, name: str, tokens: int, run_id: str) -> None:
        assert run_id in self.allowed, f"{name} is raised for {run_id}, which nobody allowed"
        (asked,) = (one for one in self.waiting if one.run_id == run_id)
        missing = self.reserved[name] + self.used[name] + asked.tokens - self.limit(name)
        assert tokens == missing > 0, f"{name} is raised by {tokens} for {run_id}, {missing} are missing"
        self.raised[name] += tokens

    def _leave(self, run_id: str) -> bool:
        before = len(self.waiting)
        self.waiting = [one for one in self.waiting if one.run_id != run_id]
        return len(self.waiting) < before

    def _defer(self, asked: Reservation, day: str) -> None:
        assert asked.tokens, f"{asked.run_id} takes nothing, and waits"
        full = self._full(asked, day)
        assert not any(self._never(asked, name) for name in full), f"{asked.run_id} waits for what can never be"
        ahead = any(self._stands_before(one, asked, day) for one in self._before(asked))
        assert full or ahead, f"{asked.run_id} waits, and there is room and nobody before it"
        self.waiting.append(asked)

    def _before(self, asked: Reservation) -> list[Reservation]:
        """Of a higher priority, or of the same and older; whoever asks only now is the youngest."""
        order = sorted(self.waiting, key=lambda one: -one.priority)
        runs = [one.run_id for one in order]
        if asked.run_id in runs:
            return order[: runs.index(asked.run_id)]
        return [one for one in order if one.priority >= asked.priority]

    def _stands_before(self, other: Reservation, one: Reservation, day: str) -> bool:
        """Both could have the tokens of an account that `other` waits for, or could have at once."""
        if self._narrowest(other, day) == "execution":
            return False
        if other.agent == one.agent:
            return True
        if not self.limit(f"tenant@{day}"):
            return False  # it stands behind its own agent's, and shares nothing else
        # Of the same agent, whoever comes before `other` and waits for their agent holds it too.
        line = [before for before in self._before(other) if before.agent == other.agent]
        return all(self._narrowest(waiting, day) != "agent" for waiting in (*line, other))

    def _narrowest(self, asked: Reservation, day: str) -> str:
        """What it waits for: `tenant`, `agent` or `execution`; "" where it fits."""
        full = self._full(asked, day)
        return full[-1].replace("@", ":").partition(":")[0] if full else ""

    def _full(self, asked: Reservation, day: str) -> list[str]:
        limits, found = self.limits, []
        for name, scope in zip(_names(asked, day), ("tenant", f"agent:{asked.agent}", "execution"), strict=True):
            limit = limits.get(scope, 0)
            if limit and self.reserved[name] + self.used[name] + asked.tokens > limit + self.raised.get(name, 0):
                found.append(name)
        return found

    def _never(self, asked: Reservation, name: str) -> bool:
        limit = self.limit(name)
        assert limit, f"{name} refuses and has no limit"
        spent = self.used[name] + asked.tokens > limit
        if name.startswith("execution:"):
            return spent and not asked.ask
        return asked.tokens > limit or (spent and not asked.defer and not asked.ask)


def _names(asked: Reservation, day: str) -> list[str]:
    return [f"tenant@{day}", f"agent:{asked.agent}@{day}", f"execution:{asked.execution_id}"]


def _scope(name: str) -> str:
    return "execution" if name.startswith("execution:") else name.partition("@")[0]


@lru_cache(maxsize=256)
def _day(seconds: int, zone: str) -> str:
    """As a calendar there shows it."""
    local = datetime.fromtimestamp(seconds, UTC).astimezone(ZoneInfo(zone) if zone else UTC)
    return f"{local.year:04}-{local.month:02}-{local.day:02}"
