"""The streams of one category, of which each tenant has one: what is new of them, also of a tenant that is new."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Final

from reveille.kernel.event_store import NO_STREAM, EventStore
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

    async def read(self) -> Mapping[str, Sequence[Recorded]]:
        """By tenant what came since it was read last, in order and every append whole; some of it may come twice."""
        found: defaultdict[str, list[Recorded]] = defaultdict(list)
        position = self._position
        if position is None:
            position, tenants = await self._known()
            streams = await self._store.read_streams({self._stream(tenant): NO_STREAM for tenant in tenants})
            for stream, events in streams.items():
                found[tenant_of(stream)] += events
        # What is appended from now on is behind it: the next reading need not look at what lies before.
        head = await self._store.head()
        if not await self._reads_up_to(head):
            head = 0
        while events := await self._store.read_all(position, BATCH, category=self._category):
            for event in events:
                found[tenant_of(event.stream)].append(event)
            position = events[-1].position
        self._position = max(position, head)
        return found

    async def _reads_up_to(self, head: int) -> bool:
        """What other processes append, `head` tells of before it can be read: passed over, it would be lost here."""
        try:
            async with asyncio.timeout(BEHIND_SECONDS):
                if head:
                    await self._store.wait(head - 1)
        except TimeoutError:
            return False
        return True

    def _stream(self, tenant: str) -> str:
        return stream_name(tenant, self._category)
