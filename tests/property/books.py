"""A ledger of the tests' own: it keeps every account for ever, and says where the real one broke its promise."""

import re
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
    day: str = ""

    def take(self, event: Message, day: str) -> None:
        """Raises AssertionError where the event breaks the promise. day: of the command that it follows from."""
        match event:
            case BudgetUpdated(limits=limits):
                self.limits = dict(limits)
            case TokensReserved(reservation=asked, accounts=accounts):
                self._reserve(asked, accounts, day)
            case ReservationDeferred(reservation=asked):
                self._defer(asked, max(day, self.day))
            case TokensDenied(reservation=asked, account=name):
                assert self._never(asked, name), f"{asked.run_id} is refused, and there may be room in {name}"
                self._leave(asked)
            case TokensSettled(run_id=run_id, used=used, overrun=overrun):
                for name in self._close(run_id, used - overrun):
                    self.used[name] += used
            case TokensReleased(run_id=run_id, tokens=tokens):
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
        for one in self.waiting:
            if self._full(one, day) or any(self._stands_before(other, one, day) for other in self._before(one)):
                continue
            yield one.run_id

    def account(self, name: str) -> tuple[int, int]:
        return self.reserved[name], self.used[name]

    def _reserve(self, asked: Reservation, accounts: Sequence[str], day: str) -> None:
        self.day = max(self.day, day)
        assert asked.run_id not in self.held, f"{asked.run_id} is reserved twice"
        assert list(accounts) == names(asked, self.day)
        passed = [one.run_id for one in self._before(asked) if self._stands_before(one, asked, self.day)]
        assert not passed, f"{asked.run_id} overtakes {passed}"
        for name in accounts:
            after = self.reserved[name] + self.used[name] + asked.tokens
            assert self._limit(name) in (0, max(after, self._limit(name))), f"{name} holds {after}"
            self.reserved[name] += asked.tokens
        self.held[asked.run_id] = (asked.tokens, list(accounts))
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

    def _defer(self, asked: Reservation, day: str) -> None:
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
        # Of the same agent, whoever comes before `other` and waits for their agent holds it too.
        line = [before for before in self._before(other) if before.agent == other.agent]
        return all(self._narrowest(waiting, day) != "agent" for waiting in (*line, other))

    def _narrowest(self, asked: Reservation, day: str) -> str:
        """What it waits for: `tenant`, `agent` or `execution`; "" where it fits."""
        return next((re.split("[:@]", name)[0] for name in reversed(self._full(asked, day))), "")

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
