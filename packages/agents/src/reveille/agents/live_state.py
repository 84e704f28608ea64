"""How a connection for live events is, and how long it waits before it comes again."""

import random
from dataclasses import dataclass
from typing import Literal

What = Literal["connecting", "open", "waiting", "lagging"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveState:
    """For whoever watches the connection. `waiting`: it was lost, and comes again; `lagging`: a reader was too slow."""

    what: What
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """Seconds before a connection is made again: doubled each time, and spread by half up and down."""

    first: float = 0.2
    most: float = 15.0

    def seconds(self, failures: int) -> float:
        return float(min(self.most, self.first * 2 ** min(failures, 16)) * (0.5 + random.random()))
