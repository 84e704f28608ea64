"""What one reader wants to hear, and what came for it that it has not taken yet."""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from reveille.agents.live_event import TYPES, LiveEvent

# As the socket has it: of text, each.
MAX_ID: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One of execution_id and conversation_id. after: None is from now on. speed: None is live. Of filters, () is all."""

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
        if self.conversation_id and self.after != 0:
            raise ValueError(f"after is {self.after}, expected 0: a sequence counts within one execution")
        if self.speed is not None and not 0 <= self.speed <= 1000:
            raise ValueError(f"speed is {self.speed:g}, expected 0 (as fast as it is taken) to 1000")
        for name, values in (("types", self.types), ("agents", self.agents), ("departments", self.departments)):
            if isinstance(values, str):
                raise ValueError(f"{name} is {values!r}, expected a list of texts")
        if unknown := [one for one in self.types if one not in TYPES]:
            raise ValueError(f"types has {unknown[0]!r}, expected of {', '.join(TYPES)}")

    @property
    def key(self) -> str:
        """Whom the socket tells apart: at one time it has one subscription of each."""
        return self.execution_id or self.conversation_id

    def matches(self, event: LiveEvent) -> bool:
        return (
            (not self.types or event.type in self.types)
            and (not self.agents or event.agent in self.agents)
            and (not self.departments or event.department in self.departments)
        )


class Watch:
    """In order, each event once: what was seen is not taken again, and what comes too early neither.

    room: events that it keeps for its reader. Where there is no room it takes none, and is `behind` until all that it
    keeps is read; then it is to be told again from `cursor` on.
    """

    def __init__(self, wanted: Wanted, *, room: int) -> None:
        self.wanted = wanted
        self.behind = False
        self._room = room
        self._kept: deque[LiveEvent] = deque()
        self._seen: dict[str, int] = {}
        self._stir = asyncio.Event()
        self._end: BaseException | None = None
        self._ended = False
        if wanted.execution_id and wanted.after is not None:
            self._seen[wanted.execution_id] = wanted.after

    @property
    def cursor(self) -> int | None:
        """The sequence behind which to go on; None: from now on, and nothing was told yet."""
        if self.wanted.conversation_id:
            return 0
        return self._seen.get(self.wanted.execution_id)

    def begins_at(self, sequence: int) -> None:
        """Where `now` was, of a reader that wants what comes from now on."""
        if self.wanted.execution_id:
            self._seen.setdefault(self.wanted.execution_id, sequence)

    def offer(self, event: LiveEvent, *, all_of_them: bool) -> bool:
        """Whether nothing is amiss. all_of_them: no filter stands between, so that each sequence must follow the last.

        False: one is missing before this one, or there is no room for it; it is to be told again.
        """
        if self.behind or self._ended:
            return True
        seen = self._seen.get(event.execution_id, 0 if self.wanted.conversation_id else None)
        if seen is not None and event.sequence <= seen:
            return True
        if seen is not None and all_of_them and event.sequence != seen + 1:
            return False
        if not self.wanted.matches(event):
            self._seen[event.execution_id] = event.sequence
            return True
        if len(self._kept) >= self._room:
            self.behind = True
            return False
        self._seen[event.execution_id] = event.sequence
        self._kept.append(event)
        self._stir.set()
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


def request_of(watches: Sequence[Watch], ref: str) -> Mapping[str, Any]:
    """One subscription for all of them, who have the same key: nothing that one of them wants is left out."""
    first = watches[0].wanted
    asked: dict[str, Any] = {"type": "subscribe", "ref": ref}
    if first.execution_id:
        asked["executionId"] = first.execution_id
    else:
        asked["conversationId"] = first.conversation_id
    cursors = [watch.cursor for watch in watches]
    known = [cursor for cursor in cursors if cursor is not None]
    if known:
        asked["after"] = min(known)
    for name in ("types", "agents", "departments"):
        values: list[Sequence[str]] = [getattr(watch.wanted, name) for watch in watches]
        if all(values):
            asked[name] = sorted({one for some in values for one in some})
    if first.speed is not None:
        asked["replay"] = {"speed": first.speed}
    return asked
