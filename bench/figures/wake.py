"""The time from sending a webhook to the agent's skill being entered, at a fixed rate."""

import time
from collections.abc import Sequence
from pathlib import Path

from bench.deliveries import UNMATCHED, WAKING
from bench.driving import ACCEPTED, TAKEN, drive
from bench.figure import Figure, Target, percentile
from bench.fleet import fleet
from bench.load import Orders
from bench.running import PATIENCE, BenchFailed, Running, bare
from bench.session import Session
from bench.skills import WAKES

RATE = 50.0
WARMING = 50
CONNECTIONS = 8


def measure(session: Session) -> list[Figure]:
    count, floor_count = session.pick(1_000, 200), session.pick(300, 100)
    folder = session.fresh()
    folder.mkdir()
    wakes = folder / "wakes"
    values: list[Sequence[float]] = []
    floors: list[Sequence[float]] = []
    lates: list[float] = []
    settings = {WAKES: str(wakes)}
    with session.platform(folder, fleet(skill="tell"), settings) as platform, bare(session.fresh()) as floor:
        _wakes(platform, wakes, WARMING)
        _answers(floor, WARMING)
        for _ in session.rounds("wake", 3, 1):
            floors.append(_answers(floor, floor_count))
            woken, late = _wakes(platform, wakes, count)
            values.append(woken)
            lates.append(late)
    return [
        Figure(
            name=f"wake-p{share * 100:.0f}",
            title=f"webhook sent → skill entered, p{share * 100:.0f} at {RATE:.0f}/s, {count:,} a round",
            unit="ms",
            values=[percentile(value, share) for value in values],
            floors=[percentile(value, share) for value in floors],
            floor_is="round trip to a bare FastAPI endpoint, same rate",
            target=Target(most=most),
            beside={"ms that the latest request was sent late": max(lates)},
        )
        for share, most in ((0.5, 3), (0.99, 8))
    ]


def _wakes(platform: Running, file: Path, count: int) -> tuple[list[float], float]:
    """Milliseconds of each wake, and how late the latest request was sent, which its wake includes."""
    before = len(_lines(file))
    orders = Orders(port=platform.port, count=count, action=WAKING, rate=RATE, timed=True, connections=CONNECTIONS)
    late = drive(orders, ACCEPTED).late / 1e6
    deadline = time.monotonic() + PATIENCE
    while len(lines := _lines(file)[before:]) < count:
        if time.monotonic() > deadline:
            raise BenchFailed(f"{len(lines)} of {count} webhooks woke the agent within {PATIENCE:g} s")
        time.sleep(0.05)
    return [int(line) / 1e6 for line in lines], late


def _answers(floor: Running, count: int) -> list[float]:
    orders = Orders(port=floor.port, count=count, action=UNMATCHED, rate=RATE, connections=CONNECTIONS)
    return [latency / 1e6 for latency in drive(orders, TAKEN).latencies]


def _lines(file: Path) -> list[str]:
    return file.read_text().splitlines() if file.exists() else []
