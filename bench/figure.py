"""A figure: what was measured in each round beside its floor, and what was to be reached."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

# What is held against a target.
MEDIAN, RATIO = "median", "ratio"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """of: MEDIAN or RATIO. Exactly one of least and most is given."""

    of: str = MEDIAN
    least: float | None = None
    most: float | None = None

    def reached(self, value: float) -> bool:
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)

    def __str__(self) -> str:
        bound = f"≥ {self.least:,g}" if self.least is not None else f"≤ {self.most:,g}"
        return f"ratio {bound}" if self.of == RATIO else bound


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """values, floors: one for each round; a floor was measured in the same round as its value, just before or after.

    floors: empty where there is none. beside: what else was measured in the same rounds, by what it is. cpu: where it
    was looked at, the milliseconds that each process used for one of what is counted, by its name.
    """

    name: str
    title: str
    unit: str
    values: Sequence[float]
    floors: Sequence[float] = ()
    floor_is: str = ""
    target: Target | None = None
    beside: Mapping[str, float] = field(default_factory=dict)
    cpu: Mapping[str, float] = field(default_factory=dict)

    @property
    def median(self) -> float:
        return median(self.values)

    @property
    def floor(self) -> float | None:
        return median(self.floors) if self.floors else None

    @property
    def ratio(self) -> float | None:
        """The median of the rounds' own ratios: what else the machine does in a round slows both sides of it."""
        return median(v / f for v, f in zip(self.values, self.floors, strict=True)) if self.floors else None

    @property
    def reached(self) -> bool | None:
        """None where nothing was to be reached."""
        if self.target is None:
            return None
        held = self.ratio if self.target.of == RATIO else self.median
        return held is not None and self.target.reached(held)

    def as_json(self, mode: str = "embedded") -> dict[str, Any]:
        return {
            "name": self.name,
            "title": self.title,
            "mode": mode,
            "unit": self.unit,
            "median": _rounded(self.median),
            "min": _rounded(min(self.values)),
            "max": _rounded(max(self.values)),
            "runs": len(self.values),
            "floor": None if self.floor is None else _rounded(self.floor),
            "ratio": None if self.ratio is None else _rounded(self.ratio),
            "floor_is": self.floor_is or None,
            "beside": {name: _rounded(value) for name, value in self.beside.items()},
            **({"cpu_ms": {name: _rounded(value) for name, value in self.cpu.items()}} if self.cpu else {}),
            "target": None if self.target is None else str(self.target),
            "reached": self.reached,
        }


def _rounded(value: float) -> float:
    """Four digits are more than any of them is worth."""
    return float(f"{value:.4g}")


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[math.ceil(len(ordered) * share) - 1]
