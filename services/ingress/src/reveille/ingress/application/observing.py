"""Several observers of one follower."""

from collections.abc import Sequence

from reveille.kernel.events import Recorded
from reveille.kernel.views import Observer


class Observers:
    def __init__(self, *observers: Observer) -> None:
        self._observers = observers

    def coming(self, events: Sequence[Recorded]) -> None:
        for one in self._observers:
            one.coming(events)

    def seen(self, events: Sequence[Recorded]) -> None:
        for one in self._observers:
            one.seen(events)

    def is_waiting(self) -> bool:
        return any(one.is_waiting() for one in self._observers)
