"""What people watch of an execution, one moment for each live event: whose it is, and what else it takes to tell it."""

from dataclasses import dataclass
from typing import Final

from reveille.contracts.ingress.v1.live_pb2 import LiveEvent

# By their names on the wire.
TYPES: Final = tuple(field.name.replace("_", "-") for field in LiveEvent.DESCRIPTOR.oneofs_by_name["event"].fields)
# What has a part of a moment that is not set.
NOTHING: Final = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """An attempt at a step, as its StepReady has it. role: "" where the execution is no hierarchy."""

    id: str
    step: str
    agent: str
    attempt: int
    department: str
    role: str
    round: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """took: milliseconds. quality: None where there are no departments."""

    took: float
    tokens: int
    agents: int
    runs: int
    departments: int
    revisions: int
    quality: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A live event without what is sealed in it, which may be large and stands in the log.

    at: microseconds. took: milliseconds, where it ends something. beside: positions of further events that it is told
    from, NOTHING where one of them has none.
    """

    sequence: int
    position: int
    at: int
    type: str
    conversation: str
    agent: str = ""
    department: str = ""
    status: str = ""
    run: Run | None = None
    took: float = 0.0
    beside: tuple[int, ...] = ()
    metrics: Metrics | None = None
