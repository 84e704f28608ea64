"""Who did what: appended before the answer begins, each tenant's in a stream of its own."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import Final
from weakref import WeakValueDictionary

from reveille.contracts.ingress.v1.events_pb2 import ActDone
from reveille.ingress.application.appending import append
from reveille.kernel.clock import Clock
from reveille.kernel.errors import Transient
from reveille.kernel.event_store import NO_STREAM, Append, Appended, EventStore
from reveille.kernel.events import About, Meta, New, new_event, stream_name
from reveille.kernel.ids import Ids, text

AUDIT: Final = "audit"
# A replica may lose to others until all that they have waiting is written.
MAX_ROUNDS: Final = 200
# Of one append: what waits behind it goes in the next.
MAX_AT_ONCE: Final = 500

Waiting = tuple[New, "asyncio.Future[None]"]


class Auditing:
    """Acts that come while an append is under way are appended together, so that the stream costs nobody his turn."""

    def __init__(self, *, store: EventStore, clock: Clock, ids: Ids, replica: str) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._replica = replica
        # The last revision that is known of each tenant's stream.
        self._revisions: dict[str, int] = {}
        self._waiting: defaultdict[str, list[Waiting]] = defaultdict(list)
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def record(self, tenant: str, act: ActDone, *, trace: str = "") -> None:
        """Returns after the append. Raises Transient where it is not on record, or nobody knows."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        meta = Meta(self._clock.now(), About(text(self._ids.new()), trace), replica=self._replica)
        self._waiting[tenant].append((new_event(self._ids.new(), act, meta), done))
        turn = self._turns.get(tenant)
        if turn is None:
            turn = self._turns[tenant] = asyncio.Lock()
        async with turn:
            while not done.done():
                await self._append_waiting(tenant)
        await done

    async def _append_waiting(self, tenant: str) -> None:
        """All that waits, this caller's with it or before it."""
        waiting = self._waiting[tenant][:MAX_AT_ONCE]
        del self._waiting[tenant][:MAX_AT_ONCE]
        if not self._waiting[tenant]:
            del self._waiting[tenant]
        error: Exception = Transient("whoever was writing it down was cut off")
        try:
            await self._append(tenant, [new for new, _ in waiting])
        except Transient as transient:
            error = transient
        else:
            for _, done in waiting:
                if not done.done():
                    done.set_result(None)
        finally:
            for _, done in waiting:
                if not done.done():
                    done.set_exception(error)
                    done.exception()  # nobody may be left to ask for it

    async def _append(self, tenant: str, news: Sequence[New]) -> None:
        stream = stream_name(tenant, AUDIT)
        for _ in range(MAX_ROUNDS):
            expected = self._revisions.get(tenant, NO_STREAM)
            outcome = (await append(self._store, self._clock, [Append(stream, expected, news)]))[0]
            if isinstance(outcome, Appended):
                self._revisions[tenant] = outcome.revision
                return
            self._revisions[tenant] = outcome.actual
        raise Transient(f"stream {stream} kept changing", retry_after=1.0)
