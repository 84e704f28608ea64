"""What the ledger is asked and what it answers, with everything that does not matter left out."""

from collections.abc import Mapping
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from reveille.budget.domain.accounts import Account
from reveille.budget.domain.commands import (
    AddUsage,
    CloseExecution,
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
from reveille.contracts.budget.v1.events_pb2 import (
    BudgetExhausted,
    LimitsUpdated,
    Reservation,
    ReservationAdmitted,
    ReservationDeferred,
    Thresholds,
    TokensDenied,
    TokensReserved,
)
from reveille.contracts.common.v1.common_pb2 import PRIORITY_MEDIUM
from reveille.kernel.clock import SECOND
from reveille.kernel.decider import Decided
from reveille.kernel.events import About
from tests.unit.manual_clock import NOON
from tests.unit.spec import HERE, spec

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


def updated(revision: int = 0, **by_scope: int) -> LimitsUpdated:
    return LimitsUpdated(fleet_revision=revision, limits=scopes(by_scope))


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


def top_up(run: str = "r1", tokens: int = 50, *, request: int = 1, now: int = NOON) -> TopUp:
    return TopUp(now=now, run_id=run, request=request, tokens=tokens)


def exceed(run: str = "r1", *, now: int = NOON) -> Exceed:
    return Exceed(now=now, run_id=run, approval_id="approval")


def revoke(run: str = "r1", *, now: int = NOON) -> Revoke:
    return Revoke(now=now, run_id=run)


def turn(due: int = MIDNIGHT, *, now: int | None = None) -> TurnPeriod:
    return TurnPeriod(now=due if now is None else now, due=due)


def account(*, reserved: int = 0, used: int = 0, runs: int = 0) -> Account:
    """Of which something has been reserved, or used."""
    return Account(reserved, used, runs, counted=True)


def accounts(asked: Reservation, day: str = TODAY) -> list[str]:
    return [f"tenant@{day}", f"agent:{asked.agent}@{day}", f"execution:{asked.execution_id}"]


def reserved(asked: Reservation, day: str = TODAY) -> TokensReserved:
    return TokensReserved(reservation=asked, accounts=accounts(asked, day))


def deferred(asked: Reservation, account: str, left: int = 0, until: int = MIDNIGHT) -> ReservationDeferred:
    return ReservationDeferred(reservation=asked, account=account, left=left, until=Timestamp(seconds=until // SECOND))


def denied(asked: Reservation, account: str, limit: int, left: int) -> TokensDenied:
    return TokensDenied(reservation=asked, account=account, limit=limit, left=left)


def goes(asked: Reservation, day: str = TODAY, *, about: About = HERE) -> list[Decided]:
    """One that had waited has its tokens, and is about what it was about."""
    admitted = ReservationAdmitted(
        run_id=asked.run_id, execution_id=asked.execution_id, step=asked.step, attempt=asked.attempt
    )
    return [(reserved(asked, day), about), (admitted, about)]


def exhausted(account: str, used: int, limit: int, until: int = MIDNIGHT) -> BudgetExhausted:
    """until: 0 where no new period comes."""
    ends = Timestamp(seconds=until // SECOND) if until else None
    return BudgetExhausted(account=account, used=used, limit=limit, until=ends)


def warned(**by_scope: list[float]) -> dict[str, Thresholds]:
    return {name.replace("_", ":"): Thresholds(parts=parts) for name, parts in by_scope.items()}
