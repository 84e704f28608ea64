"""What both runs have alike: the fleet, and what happens in the part of the day that is looked at."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from bench.tokens.day import DAY, day, window
from bench.tokens.happening import Happening
from reveille.ingress.application.agent_catalogue import CATALOGUE
from reveille.ingress.bootstrap import fleet_from
from reveille.ingress.domain.fleet import WantedFleet

FLEET: Final = Path(__file__).with_name("fleet.yaml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """begin, end: in seconds from midnight. happened: from begin on and before end."""

    seed: int
    fleet: WantedFleet
    happened: Sequence[Happening]
    begin: float
    end: float

    @property
    def hours(self) -> float:
        return (self.end - self.begin) / 3600

    @property
    def whole_day(self) -> bool:
        return self.end - self.begin == DAY


def setting(*, seed: int, hours: float) -> Setting:
    begin, end = window(hours)
    return Setting(
        seed=seed,
        fleet=_without_plans(fleet_from(FLEET.read_text(encoding="utf-8"), file=FLEET.name)),
        happened=[one for one in day(seed) if begin <= one.at < end],
        begin=begin,
        end=end,
    )


def _without_plans(fleet: WantedFleet) -> WantedFleet:
    """Nothing of the day begins a plan, and the agents of plans would ask nobody."""
    return replace(fleet, agents=[one for one in fleet.agents if one.name not in CATALOGUE], blueprints=())
