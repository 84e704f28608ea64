"""What an inbox has brought to this process since it began, for people who watch it."""

from collections.abc import Sequence

from reveille.kernel.event_bus import Message


class Counting:
    """since: microseconds since 1970. published: messages that the bus brought; of these some are delivered or parked.

    failed: attempts that have to be made again. A message that comes again counts once: per partition and sender,
    positions rise.
    """

    __slots__ = ("_came", "_ended", "delivered", "failed", "parked", "published", "since")

    def __init__(self, since: int) -> None:
        self.since = since
        self.published = 0
        self.delivered = 0
        self.failed = 0
        self.parked = 0
        self._came: dict[tuple[str, int], int] = {}
        self._ended: dict[tuple[str, int], int] = {}

    def came(self, messages: Sequence[Message]) -> None:
        highest = self._came
        for message in messages:
            place, at = (message.sender, message.partition), _place(message)
            if at > highest.get(place, 0):
                highest[place] = at
                self.published += 1

    def ended(self, message: Message, *, parked: bool) -> None:
        place, at = (message.sender, message.partition), _place(message)
        if at > self._ended.get(place, 0):
            self._ended[place] = at
            if parked:
                self.parked += 1
            else:
                self.delivered += 1


def _place(message: Message) -> int:
    """A record that is no event has no position; its offset rises too."""
    position = message.event.position
    return position if position > 0 else message.offset + 1
