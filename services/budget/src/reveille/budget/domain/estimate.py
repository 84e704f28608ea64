"""What a plan costs by now, against what its user has. Stream: estimate-<execution>."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from google.protobuf.message import Message
from immutables import Map

from reveille.contracts.budget.v1.events_pb2 import BudgetUpdated
from reveille.contracts.common.v1.common_pb2 import Money
from reveille.kernel.decider import Decider
from reveille.kernel.events import About

# What agents say is not checked against anything: sums stay what an event can hold.
MOST: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Cost:
    """In hundredths of the currency."""

    min: int
    max: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A plan's costs, all of them. limit: what its user has; 0 where nobody said."""

    now: int
    execution_id: str
    by_step: Mapping[str, Cost]
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimated:
    """The picture that was told last; all else follows from it."""

    by_step: Map[str, Cost] = field(default_factory=Map)
    limit: int = 0


def decide(command: Estimate, state: Estimated) -> list[Message]:
    if Map(command.by_step) == state.by_step and command.limit == state.limit:
        return []
    least = min(MOST, sum(cost.min for cost in command.by_step.values()))
    most = min(MOST, sum(cost.max for cost in command.by_step.values()))
    over_by = _over(most, command.limit)
    return [
        BudgetUpdated(
            execution_id=command.execution_id,
            by_step={step: Money(min=cost.min, max=cost.max) for step, cost in command.by_step.items()},
            total=Money(min=least, max=most),
            limit=command.limit,
            over_by=over_by,
            over_at_least=_over(least, command.limit),
            driver=_dearest(command.by_step) if over_by else "",
        )
    ]


def _over(money: int, limit: int) -> int:
    return max(0, money - limit) if limit else 0


def _dearest(by_step: Mapping[str, Cost]) -> str:
    """Of equals the first by name."""
    return min(by_step, key=lambda step: (-by_step[step].max, step), default="")


def evolve(state: Estimated, event: Message, about: About) -> Estimated:
    match event:
        case BudgetUpdated(by_step=by_step, limit=limit):
            costs = {step: Cost(money.min, money.max) for step, money in by_step.items()}
            return Estimated(by_step=Map(costs), limit=limit)
    return state


decider: Final = Decider(category="estimate", initial=Estimated(), decide=decide, evolve=evolve, snapshot_every=100)
