"""A decider: the rules of one category of streams, as two pure functions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from google.protobuf.message import Message

from reveille.kernel.events import About


class Command(Protocol):
    """`now` is the time that the command's events get, in microseconds since 1970."""

    @property
    def now(self) -> int: ...


def _small(state: Any) -> int:
    return 1


# An event; or an event with what it is about, where that is not what its cause is about (work that had waited).
Decided = Message | tuple[Message, About]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decider:
    """`decide(command, state)` gives events, [] for what is already so, and raises Rejected or Poison.

    `evolve(state, event, about)` never raises and never refuses. Neither reads a clock, an id or anything outside.
    """

    category: str
    initial: Any
    decide: Callable[[Any, Any], Sequence[Decided]]
    evolve: Callable[[Any, Message, About], Any]
    # Commands that open a stream: it is taken to be empty without a look, and the append checks that.
    opening: tuple[type, ...] = ()
    # Long streams load from a snapshot, saved about every so many events; 0: never.
    snapshot_every: int = 0
    # How much memory a state takes, in small ones: so many of them are kept (see States).
    weight: Callable[[Any], int] = _small
    # Change it whenever the state's shape or evolve changes: older snapshots are then ignored.
    version: int = 1
