"""How long a platform takes from the first POST of many to the last durable completion."""

from contextlib import closing
from dataclasses import dataclass
from typing import Final, Protocol

from bench.deliveries import WAKING
from bench.driving import ACCEPTED, Driving
from bench.load import Orders
from bench.log import COMPLETED, Log

# What a platform does for the first time only, such as compiling its rules, is no part of a rate.
WARMING: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """cold: seconds for the first WARMING webhooks of the process. sizes: of its events, in bytes of message."""

    count: int
    seconds: float
    cold: float
    sizes: list[int]

    @property
    def rate(self) -> float:
        return self.count / self.seconds


class Working(Protocol):
    """A platform, in one process or in several. port: of its HTTP."""

    @property
    def port(self) -> int: ...

    def settle(self) -> None:
        """Return when it is at rest."""
        ...

    def check(self) -> None:
        """Raises BenchFailed where it has ended."""
        ...


@dataclass(frozen=True, slots=True)
class Passed:
    """seconds: from the first POST to the last completion. generator_cpu: seconds of the load generator's meanwhile."""

    seconds: float
    generator_cpu: float


def complete(working: Working, log: Log, count: int) -> Completed:
    """A warm platform's way with so many webhooks, each of which wakes a no-op agent. The log is closed."""
    with closing(log):
        cold = pass_through(working, log, WARMING).seconds
        working.settle()
        log.look()
        after = log.position
        seconds = pass_through(working, log, count).seconds
        working.settle()
        return Completed(count=count, seconds=seconds, cold=cold, sizes=log.sizes(after))


def fill(working: Working, log: Log, events: int) -> None:
    """Let it work until its log holds at least so many events. The log is closed."""
    with closing(log):
        pass_through(working, log, WARMING)
        first = log.position
        while log.position < events:
            pass_through(working, log, (events - log.position) * WARMING // first + 1)
        working.settle()


def pass_through(working: Working, log: Log, count: int) -> Passed:
    """So many webhooks, each of which wakes a no-op agent, from the first POST to the last completion."""
    expected = log.counts[COMPLETED] + count
    with Driving(Orders(port=working.port, count=count, action=WAKING)) as driving:
        ended = log.until_completed(expected, working.check)
        outcome = driving.outcome(ACCEPTED)
        return Passed(ended - outcome.began / 1e9, outcome.cpu)
