"""Platforms that break a promise are caught within some seeds."""

from typing import Final

from tests.simulation.running import run_seed

# By then it must have been caught; each is caught much earlier.
MOST_SEEDS: Final = 40


def caught(promise: int, words: str, first: int = 1) -> bool:
    """Run seeds until the checker names the promise and says the words. `first`: one that is known to be near."""
    for seed in range(first, first + MOST_SEEDS):
        outcome = run_seed(seed)
        if any(one.promise == promise and words in one.what for one in outcome.broken):
            return True
    return False
