"""What is said of an account once: that a part of its limit is used, that it is spent."""

from collections.abc import Iterable, Iterator, Sequence

from google.protobuf.timestamp_pb2 import Timestamp

from reveille.budget.domain.accounts import EXECUTION, Asked, Full, scope_of
from reveille.budget.domain.books import NOTHING, Ledger
from reveille.budget.domain.periods import Period
from reveille.contracts.budget.v1.events_pb2 import BudgetExhausted, BudgetThresholdReached
from reveille.kernel.clock import SECOND


def thresholds(names: Iterable[str], more: int, state: Ledger) -> Iterator[BudgetThresholdReached]:
    """Which parts are reached when these accounts have used so much more."""
    if not state.warn_at:
        return
    for name in names:
        limit, used = state.limit(name), state.account(name).used + more
        told = state.noted.get(name, NOTHING).warned
        for part in state.warn_at.get(scope_of(name), ()) if limit else ():
            if used >= part * limit and part not in told:
                yield BudgetThresholdReached(account=name, part=part, used=used, limit=limit)


def exhausted(asked: Asked, full: Sequence[Full], period: Period, state: Ledger) -> Iterator[BudgetExhausted]:
    """Of those that are full for it, which have used so much that nothing that comes free will do.

    What asks for more than a whole limit says nothing about what is left of it.
    """
    for name, kind, limit, used, _ in full:
        if asked.tokens <= limit < used + asked.tokens and not state.noted.get(name, NOTHING).exhausted:
            until = None if kind == EXECUTION else Timestamp(seconds=period.ends // SECOND)
            yield BudgetExhausted(account=name, used=used, limit=limit, until=until)
