"""Plans under measurement: diamonds of five steps, and parties whose inputs keep coming."""

import asyncio
import itertools
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from bench.completing import Working
from bench.log import COMPLETED, Log
from bench.posting import Post, post_all
from bench.running import PATIENCE, BenchFailed

IN_FLIGHT: Final = 200
# A log that has not grown for so long has nothing more to come: a step waits for nothing that takes longer.
STILL_SECONDS: Final = 2.0
# One step, then three side by side, then one that reads all three.
DIAMOND: Final = """
blueprints:
  - blueprint: diamond
    title: A diamond
    required: [last]
    facts: []
    steps:
      first: {agent: worker, always: true}
      left: {agent: worker, always: true, needs: [first]}
      middle: {agent: worker, always: true, needs: [first]}
      right: {agent: worker, always: true, needs: [first]}
      last: {agent: worker, always: true, needs: [left, middle, right]}
"""
_CITIES: Final = ("Austin", "Boston", "Chicago", "Denver", "Seattle", "Portland", "Miami", "Atlanta")
_THEMES: Final = ("jungle", "space", "pirate", "unicorn", "dinosaur", "mermaid", "superhero", "princess")
# What is said of a party, one after the other.
_SAID: Final = (
    "{theme} theme party for {guests} guests",
    "outdoor venue under $900 in {city}",
    "buffet for everyone",
    "chocolate cake",
    "a magician",
    "two guests are vegetarian",
    "balloons by the door",
    "a cake with three tiers",
    "we are {guests} and two more guests",
    "a photographer for the afternoon",
    "an indoor venue if it rains",
    "one child has a nut allergy",
    "our budget is $4000",
    "fingerfood before the buffet",
    "vanilla frosting",
    "a dj for the evening",
    "it is her 7th birthday",
    "the venue should have a garden",
    "cupcakes for the children",
    "{theme} decor on all tables",
)


def complete_diamonds(working: Working, log: Log, count: int) -> float:
    """Seconds from the first POST to the last durable completion, at most IN_FLIGHT at a time."""
    before = log.counts[COMPLETED]
    sent = itertools.count(1)

    async def wait() -> None:
        number = next(sent)
        while number - (log.counts[COMPLETED] - before) > IN_FLIGHT:  # noqa: ASYNC110 - another thread counts
            await asyncio.sleep(0.005)

    posts = [Post("/api/v1/executions", {"blueprint": "diamond"}) for _ in range(count)]
    # Whoever reads the log blocks, or has a loop of its own.
    with ThreadPoolExecutor(1) as sender:
        sent_all = sender.submit(post_all, working.port, posts, wait)
        ended = log.until_completed(before + count, working.check)
        return ended - sent_all.result()


def plan_parties(working: Working, log: Log, *, run: str, parties: int, inputs: int) -> float:
    """Seconds from the first POST to the last event of the last plan; `inputs` of each party, one request each."""
    log.look()
    posts = list(_posts(run, parties, inputs))
    began = post_all(working.port, posts[:parties])  # nobody has a wish for a party that there is not
    post_all(working.port, posts[parties:])
    return _still(working, log) - began


def _posts(run: str, parties: int, inputs: int) -> Iterator[Post]:
    """The parties take turns, as people do."""
    for said in range(inputs):
        for party in range(parties):
            words = {"theme": _THEMES[party % 8], "guests": 10 + party % 90, "city": _CITIES[party // 8 % 8]}
            text, id = _SAID[said % len(_SAID)].format(**words), f"{run}-{party}"
            if said == 0:
                yield Post("/api/v1/event-driven/start", {"party_id": id, "inputs": [{"content": text}]})
            else:
                yield Post("/api/v1/event-driven/input", {"party_id": id, "content": text})


def _still(working: Working, log: Log) -> float:
    """The monotonic time at which the log grew for the last time."""
    grew = began = time.monotonic()
    position = log.position
    while time.monotonic() - grew < STILL_SECONDS:
        time.sleep(0.05)
        log.look()
        working.check()
        if log.position > position:
            position, grew = log.position, time.monotonic()
        if time.monotonic() - began > 20 * PATIENCE:
            raise BenchFailed(f"plans do not settle: the log is at {position} and grows")
    return grew
