"""Webhooks at a fixed rate: when each entered its agent's skill, or had its answer."""

import time
from pathlib import Path
from typing import Final

from bench.deliveries import UNMATCHED, WAKING
from bench.driving import ACCEPTED, TAKEN, drive
from bench.load import Orders
from bench.running import PATIENCE, BenchFailed

RATE: Final = 50.0
# Connections are opened and caches filled by these.
WARMING: Final = 50
CONNECTIONS: Final = 8


def wakes(port: int, file: Path, count: int) -> tuple[list[float], float]:
    """Milliseconds of each wake, and how late the latest request was sent, which its wake includes.

    file: to which the skill of the platform at that port tells its wakes.
    """
    before = len(_lines(file))
    orders = Orders(port=port, count=count, action=WAKING, rate=RATE, timed=True, connections=CONNECTIONS)
    late = drive(orders, ACCEPTED).late / 1e6
    deadline = time.monotonic() + PATIENCE
    while len(lines := _lines(file)[before:]) < count:
        if time.monotonic() > deadline:
            raise BenchFailed(f"{len(lines)} of {count} webhooks woke the agent within {PATIENCE:g} s")
        time.sleep(0.05)
    return [int(line) / 1e6 for line in lines], late


def answers(port: int, count: int) -> list[float]:
    """Milliseconds to each answer of a server that does nothing else."""
    orders = Orders(port=port, count=count, action=UNMATCHED, rate=RATE, connections=CONNECTIONS)
    return [latency / 1e6 for latency in drive(orders, TAKEN).latencies]


def _lines(file: Path) -> list[str]:
    return file.read_text().splitlines() if file.exists() else []
