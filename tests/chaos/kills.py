"""SIGKILL: of services at random, of the servers in turn, and of everything."""

from itertools import cycle
from typing import Final

from tests.chaos.running import Run

AWAY_SECONDS: Final = 3.0


def services(run: Run) -> None:
    """Each at least once, in an order of the seed's."""
    order = list(run.services)
    run.chance.shuffle(order)
    for one in cycle(order):
        run.kill_and_start(one)
        order_done = run.faults >= len(order)
        if order_done and not run.going_on:
            return
        run.pause(0.2, 1.5)
