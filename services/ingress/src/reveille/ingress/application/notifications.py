"""Who was told of what, as people ask for it: the view says how it stands, the log has when."""

from collections.abc import Mapping
from dataclasses import dataclass

from reveille.contracts.ingress.v1.events_pb2 import NotificationDelivered, NotificationFailed
from reveille.ingress.application.projections.notifications import NotificationRow, NotificationRows, last_of
from reveille.kernel.event_store import EventStore
from reveille.kernel.events import Recorded
from reveille.kernel.views import Follower, Transactions


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """event: that it is about. closed: what says that it was told, or given up."""

    row: NotificationRow
    event: Recorded
    closed: Recorded | None

    @property
    def sequence(self) -> int | None:
        """Of the live event, once it was looked up."""
        msg = self.closed.msg if self.closed is not None else None
        return msg.sequence if isinstance(msg, NotificationDelivered | NotificationFailed) else None


class Notifications:
    def __init__(
        self, *, store: EventStore, follower: Follower, transactions: Transactions, rows: NotificationRows
    ) -> None:
        self._store = store
        self._follower = follower
        self._transactions = transactions
        self._rows = rows

    async def wait_for(self, position: int, seconds: float) -> None:
        """Return when it knows what the log held at this position. Raises Transient after so many seconds."""
        await self._follower.wait_for(position, seconds)

    async def page(
        self, tenant: str, *, until: int, skip: int, limit: int, having: Mapping[str, str]
    ) -> tuple[list[Entry], tuple[int, int]]:
        """The newest first, and where the next page begins (see `last_of`).

        until, skip: where this one does; having: values of status, name, execution_id and type.
        """
        rows = await self._transactions.run(
            lambda connection: self._rows.newest(
                connection, tenant, until=until, skip=skip, limit=limit + 1, having=having
            )
        )
        following, shown = last_of(rows, limit)
        rows = rows[:limit]
        positions = {at for row in rows for at in (row.position, row.closed_position) if at}
        events = {event.position: event for event in await self._store.read_at(sorted(positions))}
        entries = [Entry(row=one, event=events[one.position], closed=events.get(one.closed_position)) for one in rows]
        # Where this page began within one event, the next one may go on there.
        return entries, (following, shown + (skip if following == until else 0))
