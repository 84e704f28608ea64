"""What people who plan are going to do, and when; what exactly, they see when they do it."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final, Literal

from tests.simulation import scenes
from tests.simulation.blueprints import NAMES

# A hierarchy is begun as often as any other plan.
OFTEN: Final = (*NAMES, *scenes.NAMES)
# quarrel: two people change what both have seen, at once.
Kind = Literal["change", "quarrel", "cancel", "fork"]
KINDS: Final[Sequence[Kind]] = ("change", "change", "change", "change", "quarrel", "quarrel", "fork", "cancel")
# Of acts upon one plan.
SPREAD: Final = (0.0, 0.02, 1.0, 6.0, 15.0)


@dataclass(frozen=True, slots=True)
class Act:
    """after: seconds after the one before it. seed: of what is done."""

    kind: Kind
    after: float
    seed: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A plan that somebody begins, and what is done to it. execution_id: "" where the platform is to name it."""

    tenant: str
    number: int
    execution_id: str
    blueprint: str
    at: float
    seed: float
    acts: Sequence[Act]


def parties(random: Random, tenants: Sequence[str], seconds: float) -> list[Party]:
    found = []
    for tenant in tenants:
        for number in range(random.choice((1, 1, 2))):
            party = Party(
                tenant=tenant,
                number=number,
                # Callers of two tenants may give the same id.
                execution_id=f"party-{number}" if random.random() < 0.7 else "",
                blueprint=random.choice(OFTEN),
                at=random.uniform(0.5, seconds / 2),
                seed=random.random(),
                acts=acts(random, random.choice((1, 2, 3, 5))),
            )
            found.append(party)
    return found


def acts(random: Random, count: int) -> list[Act]:
    return [Act(random.choice(KINDS), random.choice(SPREAD) * random.random(), random.random()) for _ in range(count)]
