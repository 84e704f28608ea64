"""How far the signals of one key have come towards a pattern, from the times at which they were received alone.

The order in which they stand in the log does not matter: one that had to wait for its provider counts at its own time.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

# Of one key and pattern; where more come within its window, those that can still matter are kept.
KEPT: Final = 64


@dataclass(frozen=True, slots=True)
class Seen:
    """A signal that counts, and which steps of the pattern it may be."""

    at: int
    signal_id: str
    stream: str
    revision: int
    steps: tuple[int, ...]
    hop: int


def with_seen(seen: Sequence[Seen], one: Seen) -> tuple[Seen, ...]:
    """By time; of the same time, as they came."""
    at = bisect_right(seen, one.at, key=lambda other: other.at)
    return (*seen[:at], one, *seen[at:])


def counted(seen: Sequence[Seen], count: int, within: int) -> Sequence[Seen]:
    """The first so many that lie within so long; () where there are not enough."""
    for start in range(len(seen) - count + 1):
        if seen[start + count - 1].at - seen[start].at <= within:
            return seen[start : start + count]
    return ()


def in_sequence(seen: Sequence[Seen], length: int, within: int) -> Sequence[Seen]:
    """One signal for each step, in order, from the first to the last within so long; () where there are none."""
    chains = _chains(seen, length, within)
    return chains[length]


def kept(seen: Sequence[Seen], length: int, within: int, *, sequence: bool) -> tuple[Seen, ...]:
    """Those that can still become part of what the pattern wants, also with signals that come late by a window."""
    newest = seen[-1].at
    live = [one for one in seen if newest - one.at <= 2 * within]
    if not sequence:
        return tuple(live[-max(2 * length, KEPT) :])
    if len(live) <= KEPT:
        return tuple(live)
    # The chain of a length that began last can be finished whenever any of that length can.
    needed = {id(one) for chain in _chains(live, length, within) for one in chain}
    needed |= {id(one) for one in live[-KEPT // 2 :]}
    return tuple(one for one in live if id(one) in needed)


def _chains(seen: Sequence[Seen], length: int, within: int) -> list[tuple[Seen, ...]]:
    """For each number of steps the chain of signals that began last; the first one that is whole ends it."""
    chains: list[tuple[Seen, ...]] = [()] * (length + 1)
    for one in seen:
        for step in sorted(one.steps, reverse=True):  # so that a signal serves one step alone
            if step >= length:
                continue
            before = chains[step]
            if step and (not before or one.at - before[0].at > within):
                continue
            chain = (*before, one)
            if not chains[step + 1] or chain[0].at >= chains[step + 1][0].at:
                chains[step + 1] = chain
        if chains[length]:
            break
    return chains
