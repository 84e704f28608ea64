"""What the ledger is asked and what it answers, with everything that does not matter left out."""

from collections.abc import Mapping
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from reveille.budget.domain.ledger import (
    AddUsage,
    CloseExecution,
    Limits,
    Reserve,
    SetLimits,
    Settle,
    TurnPeriod,
    decider,
)
from reveille.contracts.budget.v1.events_pb2 import (
    BudgetUpdated,
    Reservation,
    ReservationDeferred,
    TokensDenied,
    TokensReserved,
)
from reveille.contracts.common.v1.common_pb2 import PRIORITY_MEDIUM
from reveille.kernel.clock import SECOND
from tests.unit.manual_clock import NOON
from tests.unit.spec import spec

given = spec(decider)

DAY = 24 * 3600 * SECOND
MIDNIGHT = NOON + DAY // 2
TODAY, TOMORROW = "2026-11-21", "2026-11-22"


def reservation(run: str = "r1", tokens: int = 100, **other: Any) -> Reservation:
    """Of agent `a`, each run in an execution of its own."""
    fields = {"agent": "a", "execution_id": f"e-{run}", "priority": PRIORITY_MEDIUM, "defer": True}
    return Reservation(run_id=run, tokens=tokens, **{**fields, **other})


def limits(revision: int = 0, **by_scope: int) -> Limits:
    """`agent_a=5` is the limit of the scope `agent:a`."""
    return Limits(fleet_revision=revision, by_scope=scopes(by_scope))


def scopes(by_scope: Mapping[str, int]) -> dict[str, int]:
    return {name.replace("_", ":"): limit for name, limit in by_scope.items()}


def updated(revision: int = 0, **by_scope: int) -> BudgetUpdated:
    return BudgetUpdated(fleet_revision=revision, limits=scopes(by_scope))


def reserve(asked: Reservation, *, now: int = NOON, under: Limits | None = None) -> Reserve:
    return Reserve(now=now, reservation=asked, limits=under or Limits(fleet_revision=-1, by_scope={}))


def settle(run: str = "r1", used: int = 0, *, now: int = NOON) -> Settle:
    return Settle(now=now, run_id=run, used=used)


def set_limits(revision: int, *, now: int = NOON, **by_scope: int) -> SetLimits:
    return SetLimits(now=now, limits=limits(revision, **by_scope))


def add_usage(run: str = "r1", tokens: int = 10, *, now: int = NOON) -> AddUsage:
    return AddUsage(now=now, run_id=run, execution_id=f"e-{run}", agent="a", tokens=tokens)


def close(execution: str = "e-r1", *, now: int = NOON) -> CloseExecution:
    return CloseExecution(now=now, execution_id=execution)


def turn(due: int = MIDNIGHT, *, now: int | None = None) -> TurnPeriod:
    return TurnPeriod(now=due if now is None else now, due=due)


def accounts(asked: Reservation, day: str = TODAY) -> list[str]:
    return [f"tenant@{day}", f"agent:{asked.agent}@{day}", f"execution:{asked.execution_id}"]


def reserved(asked: Reservation, day: str = TODAY) -> TokensReserved:
    return TokensReserved(reservation=asked, accounts=accounts(asked, day))


def deferred(asked: Reservation, account: str, left: int = 0, until: int = MIDNIGHT) -> ReservationDeferred:
    return ReservationDeferred(reservation=asked, account=account, left=left, until=Timestamp(seconds=until // SECOND))


def denied(asked: Reservation, account: str, limit: int, left: int) -> TokensDenied:
    return TokensDenied(reservation=asked, account=account, limit=limit, left=left)
