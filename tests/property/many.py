"""Long histories of the ledger from a seed: faster than hypothesis, for as many reservations as one has time for."""

import gc
from random import Random
from typing import Final

from reveille.kernel.clock import SECOND
from tests.property.house import AGENTS, EXECUTIONS, ZONES, House, Op

HOUR: Final = 3600
# As many reservations as a history has; more would only make its maps larger.
LENGTH: Final = 2_000
# With more that wait, a day passes: a queue that only grows tries the same again and again.
MOST_WAITING: Final = 4


def histories(seed: int, reservations: int) -> dict[str, int]:
    """What happened how often, in histories that have so many reservations in all. A broken promise names its seed."""
    counted: dict[str, int] = {}
    # Nothing here makes cycles, and looking for them is a third of the work.
    gc.disable()
    while counted.get("reserve", 0) < reservations:
        try:
            history(seed, counted)
        except AssertionError as error:
            raise AssertionError(f"the history of seed {seed}: {error}") from error
        seed += 1
    return counted


def history(seed: int, counted: dict[str, int]) -> None:
    random, house = Random(seed), House(look_every=5)
    # Some live near their limits, some never meet them.
    pace, largest, limits = random.choice((60, 300, 900)), random.choice((4, 12, 60)), random.random() < 0.8
    reserved = 0
    while reserved < LENGTH:
        op = _next(random, house, pace, largest, limits)
        house.happen(op)
        counted[str(op[0])] = counted.get(str(op[0]), 0) + 1
        reserved += op[0] == "reserve"
        if random.random() < 0.002:
            house.balanced()
    house.balanced()


def _next(random: Random, house: House, pace: int, largest: int, limits: bool) -> Op:
    house.now += int(random.random() * pace) * SECOND
    chance = random.random()
    if house.state.look_at and house.state.look_at <= house.now and chance < 0.7:
        return ("timer",)
    if len(house.books.waiting) > MOST_WAITING and chance < 0.5:
        return random.choice((("wait", 4 * HOUR), ("wait", 20 * HOUR), ("exceed", 3), ("close", 0), ("close", 1)))
    if chance < 0.52:
        return (
            "reserve",
            int(random.random() * AGENTS),
            int(random.random() * EXECUTIONS),
            int(random.random() * (largest + 1)),
            1 + int(random.random() * 4),
            int(random.random() * 3),
        )
    if chance < 0.93:
        return ("settle", int(random.random() * 8), int(random.random() * 60 + (random.random() < 0.05) * 90))
    match random.randrange(8):
        case 0:
            return ("late", random.randrange(AGENTS), random.randrange(1, 20))
        case 1 if limits:
            zone = random.randrange(len(ZONES)) if random.random() < 0.2 else 0
            return ("limits", random.randrange(60, 400), random.randrange(0, 200), random.choice((0, 60, 200)), zone)
        case 2:
            return ("top up", random.randrange(8), random.randrange(1, 60))
        case 3:
            return ("exceed", random.randrange(8))
        case 4:
            return ("revoke", random.randrange(12))
        case 5 | 6:
            return ("close", random.randrange(EXECUTIONS))
    return ("wait", random.choice((HOUR, 3 * HOUR, -HOUR)))
