"""A ledger of the tests' own: it keeps every account for ever, and says where the real one broke its promise."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from google.protobuf.message import Message

from reveille.contracts.budget.v1.events_pb2 import (
    AccountClosed,
    BudgetUpdated,
    Reservation,
    ReservationDeferred,
    TokensDenied,
    TokensReleased,
    TokensReserved,
    TokensSettled,
    UsageAdded,
)


@dataclass(slots=True)
class Books:
    """waiting: in the order in which they were deferred."""

    limits: dict[str, int] = field(default_factory=dict)
    reserved: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    used: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    held: dict[str, tuple[int, list[str]]] = field(default_factory=dict)
    waiting: list[Reservation] = field(default_factory=list)
    closed: set[str] = field(default_factory=set)
    asked_for: int = 0
    given_back: int = 0
    day: str = ""

    def take(self, event: Message, day: str) -> None:
        """Raises AssertionError where the event breaks the promise. day: of the command that it follows from."""
        match event:
            case BudgetUpdated(limits=limits):
                self.limits = dict(limits)
            case TokensReserved(reservation=asked, accounts=accounts):
                self._reserve(asked, accounts, day)
            case ReservationDeferred(reservation=asked):
                reason = self._reason_to_wait(asked, max(day, self.day))
                assert reason, f"{asked.run_id} waits, and there is room and nobody before it"
                self.waiting.append(asked)
            case TokensDenied(reservation=asked, account=name):
                assert self._never(asked, name), f"{asked.run_id} is refused, and there may be room in {name}"
                self._leave(asked)
            case TokensSettled(run_id=run_id, used=used, overrun=overrun):
                for name in self._close(run_id, used - overrun):
                    self.used[name] += used
            case TokensReleased(run_id=run_id, tokens=tokens):
                self.given_back += tokens
                self._close(run_id, tokens)
            case UsageAdded(tokens=tokens, accounts=accounts):
                for name in accounts:
                    self.used[name] += tokens
            case AccountClosed(account=account):
                assert account not in self.closed, f"{account} is closed twice"
                self.closed.add(account)

    def overlooked(self, day: str) -> Iterator[str]:
        """Whoever waits though there is room for it, and nobody stands before it for what they share."""
        day = max(day, self.day)
        order = sorted(self.waiting, key=lambda one: -one.priority)
        for number, one in enumerate(order):
            if self._full(one, day):
                continue
            before = [other for other in order[:number] if self._stands_before(other, one, day)]
            if not before:
                yield one.run_id

    def account(self, name: str) -> tuple[int, int]:
        return self.reserved[name], self.used[name]

    def _reserve(self, asked: Reservation, accounts: Sequence[str], day: str) -> None:
        self.day = max(self.day, day)
        assert asked.run_id not in self.held, f"{asked.run_id} is reserved twice"
        assert list(accounts) == names(asked, self.day)
        for name in accounts:
            after = self.reserved[name] + self.used[name] + asked.tokens
            assert self._limit(name) in (0, max(after, self._limit(name))), f"{name} holds {after}"
            self.reserved[name] += asked.tokens
        self.held[asked.run_id] = (asked.tokens, list(accounts))
        self.asked_for += asked.tokens
        self._leave(asked)

    def _close(self, run_id: str, tokens: int) -> Iterable[str]:
        held, accounts = self.held.pop(run_id)
        assert tokens <= held, f"{tokens} of {run_id} come free, {held} are held"
        for name in accounts:
            self.reserved[name] -= tokens
        if tokens < held:
            self.held[run_id] = (held - tokens, accounts)
        return accounts

    def _leave(self, asked: Reservation) -> None:
        self.waiting = [one for one in self.waiting if one.run_id != asked.run_id]

    def _reason_to_wait(self, asked: Reservation, day: str) -> bool:
        if self._full(asked, day):
            return True
        return any(
            other.priority >= asked.priority and self._stands_before(other, asked, day) for other in self.waiting
        )

    def _stands_before(self, other: Reservation, one: Reservation, day: str) -> bool:
        """Both could have the tokens of an account that `other` waits for, or could have at once."""
        full = self._full(other, day)
        if full and full[-1].startswith("execution:"):
            return False
        if other.agent == one.agent:
            return True
        return not any(name.startswith("agent:") for name in full)

    def _full(self, asked: Reservation, day: str) -> list[str]:
        return [
            name
            for name in names(asked, day)
            if self._limit(name) and self.reserved[name] + self.used[name] + asked.tokens > self._limit(name)
        ]

    def _never(self, asked: Reservation, name: str) -> bool:
        limit = self._limit(name)
        assert limit, f"{name} refuses and has no limit"
        spent = self.used[name] + asked.tokens > limit
        return asked.tokens > limit or (spent and (name.startswith("execution:") or not asked.defer))

    def _limit(self, name: str) -> int:
        return self.limits.get("execution" if name.startswith("execution:") else name.partition("@")[0], 0)


def names(asked: Reservation, day: str) -> list[str]:
    return [f"tenant@{day}", f"agent:{asked.agent}@{day}", f"execution:{asked.execution_id}"]
