"""What the agent-runner can be told from outside, by environment variables; models are told themselves."""

import re
from dataclasses import dataclass
from typing import Final

from reveille.adapters.settings import setting

SECONDS: Final = {"second": 1, "minute": 60, "hour": 3600}


def _rate(value: str) -> float:
    found = re.fullmatch(r"([1-9][0-9]{0,8})/(second|minute|hour)", value)
    if not found:
        raise ValueError("a number per second, minute or hour, like 10/second")
    return int(found[1]) / SECONDS[found[2]]


def _modules(value: str) -> tuple[str, ...]:
    found = tuple(part.strip() for part in value.split(",") if part.strip())
    if not found or not all(part.isidentifier() for one in found for part in one.split(".")):
        raise ValueError("names of Python modules, parted by commas, like acme.agents")
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """thinking_rate: thoughts a second that are recorded of one execution, by each process; twice as many at once.

    skill_modules: the only ones, with what is below them, that a fleet's skills may be in; () is any.
    """

    thinking_rate: float = setting("REVEILLE_THINKING_RATE", default=10.0, parse=_rate)
    skill_modules: tuple[str, ...] = setting("REVEILLE_SKILL_MODULES", default=(), parse=_modules)
