"""Who did what, as an administrator asks for it."""

from dataclasses import dataclass

from reveille.contracts.ingress.v1.events_pb2 import ActDone
from reveille.ingress.application.projections.audit import AuditIndex
from reveille.kernel.event_store import EventStore
from reveille.kernel.events import Recorded
from reveille.kernel.views import Follower, Transactions


@dataclass(frozen=True, slots=True)
class Act:
    event: Recorded
    done: ActDone


class Audit:
    def __init__(self, *, store: EventStore, follower: Follower, transactions: Transactions, index: AuditIndex) -> None:
        self._store = store
        self._follower = follower
        self._transactions = transactions
        self._index = index

    async def caught_up(self, seconds: float) -> None:
        """Return when it knows all that the log holds now: what was answered before is in it."""
        await self._follower.wait_for(await self._store.head(), seconds)

    async def page(self, tenant: str, *, before: int, limit: int, by: str = "", since: int = 0) -> list[Act]:
        """Before a position (0: from the newest), the newest first. since: microseconds."""
        positions = await self._transactions.run(
            lambda connection: self._index.newest(connection, tenant, before=before, limit=limit, by=by, since=since)
        )
        events = await self._store.read_at(sorted(positions))
        return [Act(event, event.msg) for event in reversed(events) if isinstance(event.msg, ActDone)]
