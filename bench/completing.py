"""How long a platform takes from the first POST of many to the last durable completion."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.deliveries import WAKING
from bench.driving import ACCEPTED, Driving
from bench.load import Orders
from bench.log_file import COMPLETED, LogFile
from bench.running import Running

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


def complete(running: Running, folder: Path, count: int) -> Completed:
    """A warm platform's way with so many webhooks, each of which wakes a no-op agent."""
    log = LogFile(folder)
    try:
        cold = _run(running, log, WARMING)
        running.settle()
        log.look()
        after = log.position
        seconds = _run(running, log, count)
        running.settle()
        return Completed(count=count, seconds=seconds, cold=cold, sizes=log.sizes(after))
    finally:
        log.close()


def fill(running: Running, folder: Path, events: int) -> None:
    """Let it work until its log holds at least so many events."""
    log = LogFile(folder)
    try:
        _run(running, log, WARMING)
        first = log.position
        while log.position < events:
            _run(running, log, (events - log.position) * WARMING // first + 1)
        running.settle()
    finally:
        log.close()


def _run(running: Running, log: LogFile, count: int) -> float:
    expected = log.counts[COMPLETED] + count
    with Driving(Orders(port=running.port, count=count, action=WAKING)) as driving:
        ended = log.until_completed(expected, running)
        return ended - driving.outcome(ACCEPTED).began / 1e9
