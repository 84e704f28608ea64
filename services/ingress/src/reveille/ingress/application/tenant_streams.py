"""The streams of one category, of which each tenant has one: what is new of them, also of a tenant that is new."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from typing import Final

from reveille.kernel.event_store import EventStore
from reveille.kernel.events import Recorded, stream_name, tenant_of

BATCH: Final = 1_000
# How long a log that reads behind its head is waited for.
BEHIND_SECONDS: Final = 2.0

# Whom a view knows, and the position of the log up to which that is all of them.
Known = Callable[[], Awaitable[tuple[int, Collection[str]]]]


async def nobody_known() -> tuple[int, Collection[str]]:
    return 0, ()


class TenantStreams:
    """For one caller at a time. Without a view the first reading goes through the whole log."""

    def __init__(self, store: EventStore, category: str, known: Known = nobody_known) -> None:
        self._store = store
        self._category = category
        self._known = known
        self._position: int | None = None

    async def read(self, revision: Callable[[str], int], also: Iterable[str] = ()) -> Mapping[str, Sequence[Recorded]]:
        """By tenant what stands in its stream behind this revision, of those of whom something came, and of `also`.

        What came may end in the middle of an append: who needs all of one keeps to the revision before it.
        """
        changed, position = await self._changed()
        streams = {stream_name(tenant, self._category): revision(tenant) for tenant in {*changed, *also}}
        found = await self._store.read_streams(streams) if streams else {}
        self._position = position  # not before: what could not be read now is read the next time
        return {tenant_of(stream): events for stream, events in found.items()}

    async def _changed(self) -> tuple[Collection[str], int]:
        """Of whom something came, and the position up to which that is all."""
        changed = set[str]()
        position = self._position
        if position is None:
            position, tenants = await self._known()
            changed |= {*tenants}
        # What is appended from now on is behind it: the next reading need not look at what lies before.
        head = await self._store.head()
        if not await self._reads_up_to(head):
            head = 0
        while events := await self._store.read_all(position, BATCH, category=self._category):
            changed |= {tenant_of(event.stream) for event in events}
            position = events[-1].position
        return changed, max(position, head)

    async def _reads_up_to(self, head: int) -> bool:
        """What other processes append, `head` tells of before it can be read: passed over, it would be lost here."""
        try:
            async with asyncio.timeout(BEHIND_SECONDS):
                if head:
                    await self._store.wait(head - 1)
        except TimeoutError:
            return False
        return True
