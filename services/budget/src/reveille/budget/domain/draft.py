"""A decision in the making."""

from collections.abc import Iterable

from google.protobuf.message import Message

from reveille.budget.domain.books import Ledger, evolve
from reveille.kernel.decider import Decided
from reveille.kernel.events import About

# What an event is about that its cause is about: the ledger keeps that of reservations alone, once they wait.
_CAUSE = About("")


class Draft:
    """What is decided so far, and the ledger as it is after that. Nobody sees it but the one who decides."""

    __slots__ = ("_behind", "_state", "events")

    def __init__(self, state: Ledger) -> None:
        self.events: list[Decided] = []
        self._state = state
        # Events that the state does not know yet: many a decision never asks for it.
        self._behind = 0

    @property
    def state(self) -> Ledger:
        while self._behind < len(self.events):
            decided = self.events[self._behind]
            event, about = decided if isinstance(decided, tuple) else (decided, _CAUSE)
            self._state = evolve(self._state, event, about)
            self._behind += 1
        return self._state

    def add(self, event: Message, about: About | None = None) -> None:
        """about: where it is about something else than its cause is."""
        self.events.append(event if about is None else (event, about))

    def add_all(self, events: Iterable[Message], about: About | None = None) -> None:
        for event in events:
            self.add(event, about)
