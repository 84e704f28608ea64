"""What has happened in plans: the view says where in the log it stands, the log has it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from reveille.ingress.application.news import News
from reveille.ingress.application.projections.timeline import EVERYTHING, Place, Plan, TimelineRows, Totals, Wanted
from reveille.ingress.domain.refusals import Missing
from reveille.kernel.event_store import EventStore
from reveille.kernel.events import Recorded
from reveille.kernel.views import Follower, Transactions

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Entry:
    """An event of a plan, and its number there."""

    execution_id: str
    sequence: int
    event: Recorded


class Timeline:
    """The number of an event in its plan is the same on every replica, and after every rebuild."""

    def __init__(
        self, *, store: EventStore, follower: Follower, transactions: Transactions, rows: TimelineRows, news: News
    ) -> None:
        self._store = store
        self._follower = follower
        self._transactions = transactions
        self._rows = rows
        self.news = news

    async def wait_for(self, position: int, seconds: float) -> None:
        """Return when it knows what the log held at this position. Raises Transient after so many seconds."""
        await self._follower.wait_for(position, seconds)

    async def catch_up(self, seconds: float = 5.0) -> None:
        """Return when it knows what the log holds now. Raises Transient after so many seconds."""
        await self.wait_for(await self._store.head(), seconds)

    async def plan(self, tenant: str, execution_id: str) -> Plan:
        """Raises Missing where it is none, or nobody has heard of it."""
        found = await self._ask(lambda connection: self._rows.find(connection, tenant, execution_id))
        if found is None:
            raise Missing("unknown_plan", f"there is no plan {execution_id[:100]}")
        return found

    async def page(
        self, tenant: str, execution_id: str, *, after: int = 0, limit: int, wanted: Wanted = EVERYTHING
    ) -> list[Entry]:
        """Behind a sequence number, in order."""
        return await self._entries(
            lambda connection: self._rows.after(
                connection, tenant, execution_id, sequence=after, limit=limit, wanted=wanted
            )
        )

    async def page_back(
        self, tenant: str, execution_id: str, *, before: int, limit: int, types: Sequence[str]
    ) -> list[Entry]:
        """Before a sequence number, the newest first."""
        return await self._entries(
            lambda connection: self._rows.before(
                connection, tenant, execution_id, sequence=before, limit=limit, types=types
            )
        )

    async def newest(self, tenant: str, *, before: int = 0, limit: int, wanted: Wanted = EVERYTHING) -> list[Entry]:
        """Of all plans of the tenant, before a position (0: from the newest), the newest first."""
        return await self._entries(
            lambda connection: self._rows.newest(connection, tenant, before=before, limit=limit, wanted=wanted)
        )

    async def position_of(self, tenant: str, execution_id: str, sequence: int) -> int | None:
        """Where in the log the event with this number stands; None: the plan has none."""
        return await self._ask(lambda connection: self._rows.position_of(connection, tenant, execution_id, sequence))

    async def counts(self, tenant: str, execution_id: str) -> dict[str, int]:
        """How many events of each type the plan has."""
        return await self._ask(lambda connection: self._rows.counts(connection, tenant, execution_id))

    async def totals(self, tenant: str) -> Totals:
        return await self._ask(lambda connection: self._rows.totals(connection, tenant))

    async def _entries(self, find: Callable[[Any], list[Place]]) -> list[Entry]:
        places = await self._ask(find)
        events = {event.position: event for event in await self._store.read_at(sorted(one.position for one in places))}
        return [Entry(one.execution_id, one.sequence, events[one.position]) for one in places]

    async def _ask(self, ask: Callable[[Any], T]) -> T:
        return await self._transactions.run(ask)
