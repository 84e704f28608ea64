"""What one reader wants to hear, what came for it that it has not taken yet, and how the platform is asked for more."""

import asyncio
import json
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from reveille.agents.live_event import TYPES, LiveEvent

# The platform takes messages of at most 16 KiB; what is not named in `after` is told again, and known here.
MAX_PLACES_BYTES: Final = 12 * 1024
# What the socket has one subscription of at a time: the name of its field in messages, and its id.
Key = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One of execution_id and conversation_id. after: None is from now on. speed: None is live. Filters: () is all."""

    execution_id: str = ""
    conversation_id: str = ""
    after: int | None = 0
    types: Sequence[str] = ()
    agents: Sequence[str] = ()
    departments: Sequence[str] = ()
    speed: float | None = None

    def __post_init__(self) -> None:
        """Raises ValueError."""
        if bool(self.execution_id) == bool(self.conversation_id):
            raise ValueError("expected an execution_id or a conversation_id, and not both")
        if self.after is not None and self.after < 0:
            raise ValueError(f"after is {self.after}, expected the sequence of an event, or 0 for all")
        if self.conversation_id and self.after:
            raise ValueError(f"after is {self.after}, expected 0 or None: a sequence counts within one execution")
        if self.speed is not None and not (self.speed == 0 or 1 <= self.speed <= 1000):
            raise ValueError(f"speed is {self.speed:g}, expected 1 to 1000, or 0: as fast as it is taken")
        for name, values in (("types", self.types), ("agents", self.agents), ("departments", self.departments)):
            if isinstance(values, str):
                raise ValueError(f"{name} is {values!r}, expected a list of texts")
        if unknown := [one for one in self.types if one not in TYPES]:
            raise ValueError(f"types has {unknown[0]!r}, expected of {', '.join(TYPES)}")

    @property
    def key(self) -> Key:
        return ("executionId", self.execution_id) if self.execution_id else ("conversationId", self.conversation_id)

    def matches(self, event: LiveEvent) -> bool:
        return (
            (not self.types or event.type in self.types)
            and (not self.agents or event.agent in self.agents)
            and (not self.departments or event.department in self.departments)
        )


class Watch:
    """In order, each event once: what was seen is not taken again, and what comes too early neither.

    room: events that it keeps for its reader. Where there is no room it takes none, and is `behind` until all that it
    keeps is read; then it is to be told again what follows `places`. begun: it is known where it begins.
    """

    def __init__(self, wanted: Wanted, *, room: int) -> None:
        self.wanted = wanted
        self.behind = False
        self.begun = wanted.after is not None
        # By execution, the last sequence that it needs not be told any more.
        self.places: dict[str, int] = (
            {wanted.execution_id: wanted.after} if wanted.execution_id and wanted.after else {}
        )
        self._room = room
        self._kept: deque[LiveEvent] = deque()
        self._stir = asyncio.Event()
        self._end: BaseException | None = None
        self._ended = False

    def begins_at(self, places: Mapping[str, int]) -> None:
        """Where `now` is, of a reader that wants what comes from now on."""
        self.begun = True
        self.places.update(places)

    def offer(self, event: LiveEvent, *, all_of_them: bool) -> bool:
        """Whether nothing is amiss. all_of_them: no filter stands between, so that each sequence must follow the last.

        False: one is missing before this one, or there is no room for it; it is to be told again.
        """
        if self.behind or self._ended:
            return True
        seen = self.places.get(event.execution_id, 0)
        if event.sequence <= seen:
            return True
        if all_of_them and event.sequence != seen + 1:
            return False
        if self.wanted.matches(event):
            if len(self._kept) >= self._room:
                self.behind = True
                return False
            self._kept.append(event)
            self._stir.set()
        self.places[event.execution_id] = event.sequence
        return True

    def end(self, error: BaseException | None = None) -> None:
        """Nothing follows what it keeps. error: its reader gets it behind that."""
        if not self._ended:
            self._ended, self._end = True, error
            self._stir.set()

    async def take(self) -> LiveEvent | None:
        """The next one; None: that was all. Raises what it was ended with."""
        while not self._kept:
            if self._ended:
                if self._end is not None:
                    raise self._end
                return None
            self._stir.clear()
            await self._stir.wait()
        return self._kept.popleft()

    @property
    def is_empty(self) -> bool:
        return not self._kept


@dataclass(slots=True)
class Subscription:
    """live: the platform has said so, and what comes is of it. known: it has said so before."""

    watches: list[Watch] = field(default_factory=list)
    # Those that the last request was for.
    asked_for: list[Watch] = field(default_factory=list)
    ref: str = ""
    asked_at: float = 0.0
    asked: bool = False
    all_of_them: bool = False
    live: bool = False
    known: bool = False
    failures: int = 0


def request_of(watches: Sequence[Watch], ref: str) -> dict[str, Any]:
    """One subscription for all of them, who have the same key: nothing that one of them wants is left out.

    Where one has not begun, it is asked from now on: the others are to be told again what they miss.
    """
    wanted = watches[0].wanted
    name, id = wanted.key
    asked: dict[str, Any] = {"type": "subscribe", name: id, "ref": ref}
    if all(watch.begun for watch in watches):
        shared = set.intersection(*(set(watch.places) for watch in watches))
        places = {one: min(watch.places[one] for watch in watches) for one in shared}
        asked["after"] = places.get(id, 0) if wanted.execution_id else _fitting(places)
    for filter in ("types", "agents", "departments"):
        values: list[Sequence[str]] = [getattr(watch.wanted, filter) for watch in watches]
        if all(values):
            asked[filter] = sorted({one for some in values for one in some})
    if wanted.speed is not None:
        asked["replay"] = {"speed": wanted.speed}
    return asked


def _fitting(places: Mapping[str, int]) -> dict[str, int]:
    """Those of which the most would be told again."""
    fitting: dict[str, int] = {}
    left = MAX_PLACES_BYTES
    for execution_id, sequence in sorted(places.items(), key=lambda place: -place[1]):
        left -= len(json.dumps(execution_id)) + len(str(sequence)) + len(": , ")
        if left < 0:
            break
        fitting[execution_id] = sequence
    return fitting
