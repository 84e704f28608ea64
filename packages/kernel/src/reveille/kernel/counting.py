"""What an inbox has brought to this process since it began, for people who watch it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from reveille.kernel.event_bus import Message
from reveille.kernel.events import tenant_of


@dataclass(slots=True)
class Counts:
    """published: messages that the bus brought; of these some are delivered or parked.

    failed: attempts that have to be made again.
    """

    published: int = 0
    delivered: int = 0
    failed: int = 0
    parked: int = 0


class Counting:
    """since: microseconds since 1970. A message that comes again counts once: per partition and sender, positions rise.

    Tenants are as many as the log has, and as whoever may write to the inbox names.
    """

    __slots__ = ("_by_tenant", "_came", "_ended", "since")

    def __init__(self, since: int) -> None:
        self.since = since
        self._by_tenant = defaultdict[str, Counts](Counts)
        self._came: dict[tuple[str, int], int] = {}
        self._ended: dict[tuple[str, int], int] = {}

    def came(self, messages: Sequence[Message]) -> None:
        highest = self._came
        for message in messages:
            place, at = (message.sender, message.partition), _place(message)
            if at > highest.get(place, 0):
                highest[place] = at
                self._of(message).published += 1

    def ended(self, message: Message, *, parked: bool) -> None:
        place, at = (message.sender, message.partition), _place(message)
        if at > self._ended.get(place, 0):
            self._ended[place] = at
            if parked:
                self._of(message).parked += 1
            else:
                self._of(message).delivered += 1

    def failed(self, message: Message) -> None:
        self._of(message).failed += 1

    def of(self, tenant: str = "") -> Counts:
        """Of one tenant, or of all."""
        if tenant:
            return self._by_tenant.get(tenant, Counts())
        every = self._by_tenant.values()
        return Counts(
            published=sum(one.published for one in every),
            delivered=sum(one.delivered for one in every),
            failed=sum(one.failed for one in every),
            parked=sum(one.parked for one in every),
        )

    def _of(self, message: Message) -> Counts:
        return self._by_tenant[tenant_of(message.event.stream)]


def _place(message: Message) -> int:
    """A record that is no event has no position; its offset rises too."""
    position = message.event.position
    return position if position > 0 else message.offset + 1
