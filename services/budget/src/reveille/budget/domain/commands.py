"""What the ledger is asked to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from reveille.contracts.budget.v1.events_pb2 import Reservation


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Of one revision of the fleet, by scope (`tenant`, `execution`, `agent:<id>`); what is not named has none.

    warn_at: by scope, the parts of the limit at which to say so. time_zone: where the tenant's days begin.
    """

    fleet_revision: int
    by_scope: Mapping[str, int]
    warn_at: Mapping[str, Sequence[float]] = field(default_factory=dict)
    time_zone: str = ""


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
class TopUp:
    """A run that goes on asks for more. `request` counts what it asks, from 1."""

    now: int
    run_id: str
    request: int
    tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Exceed:
    """A person lets a reservation that waits exceed its budgets, once."""

    now: int
    run_id: str
    approval_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Revoke:
    """Nobody wants the run's result any more."""

    now: int
    run_id: str


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


Command = Reserve | Settle | AddUsage | TopUp | Exceed | Revoke | SetLimits | CloseExecution | TurnPeriod
