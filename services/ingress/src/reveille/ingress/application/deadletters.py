"""What services have parked, as people ask for it: the view says where it stands, the log has it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from reveille.contracts.common.v1.common_pb2 import MessageParked
from reveille.ingress.application.projections.deadletters import DeadLetterIndex, DeadLetterRow
from reveille.ingress.domain.refusals import Missing
from reveille.kernel.event_store import EventStore
from reveille.kernel.events import Recorded, is_of
from reveille.kernel.ids import text
from reveille.kernel.views import Follower, Transactions

_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """letter: its MessageParked; closed: what says that it was retried or dropped."""

    row: DeadLetterRow
    letter: Recorded
    parked: MessageParked
    closed: Recorded | None


class DeadLetters:
    def __init__(
        self, *, store: EventStore, follower: Follower, transactions: Transactions, index: DeadLetterIndex
    ) -> None:
        self._store = store
        self._follower = follower
        self._transactions = transactions
        self._index = index

    async def wait_for(self, position: int, seconds: float) -> None:
        """Return when it knows what the log held at this position. Raises Transient after so many seconds."""
        await self._follower.wait_for(position, seconds)

    async def page(self, tenant: str, *, before: int, limit: int, having: Mapping[str, str]) -> list[DeadLetter]:
        """Before a position (0: from the newest), the newest first; having: values of service, status and type."""
        rows = await self._transactions.run(
            lambda connection: self._index.newest(connection, tenant, before=before, limit=limit, having=having)
        )
        positions = {at for row in rows for at in (row.position, row.closed_position) if at}
        events = {event.position: event for event in await self._store.read_at(sorted(positions))}
        return [_found(row, events) for row in rows]

    async def open(self) -> Mapping[tuple[str, str], int]:
        """How many nobody has decided about, by tenant and service."""
        return await self._transactions.run(self._index.open)

    async def one(self, tenant: str, id: str) -> DeadLetter:
        """Raises Missing."""
        row: DeadLetterRow | None = None
        if _ID.fullmatch(id):
            key = bytes.fromhex(id.replace("-", ""))
            row = await self._transactions.run(lambda connection: self._index.find(connection, tenant, key))
        if row is None:
            raise Missing("unknown_dead_letter", f"there is no dead letter {id[:100]}")
        positions = [at for at in (row.position, row.closed_position) if at]
        return _found(row, {event.position: event for event in await self._store.read_at(positions)})

    async def original(self, letter: DeadLetter) -> Recorded | None:
        """The event that could not be handled; None where the log does not have it."""
        ref = letter.parked.event
        if not is_of(ref.stream, letter.row.tenant):
            return None  # a record that is no event says of itself whatever its sender likes
        try:
            event = await self._store.read_one(ref.stream, ref.revision)
        except KeyError:
            return None
        return event if text(event.id) == letter.parked.event_id else None


def _found(row: DeadLetterRow, events: Mapping[int, Recorded]) -> DeadLetter:
    letter = events[row.position]
    assert isinstance(letter.msg, MessageParked)
    return DeadLetter(row=row, letter=letter, parked=letter.msg, closed=events.get(row.closed_position))
