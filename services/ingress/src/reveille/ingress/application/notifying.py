"""Whoever wants to be told of live events is told, each of them once: what is open in the view `notifications`.

One replica tells, by a lease. Nothing rests on that but work saved: where two do, a receiver sees one id twice.
"""

import asyncio
import logging
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Final

from reveille.ingress.application.notification_definitions import NotificationDefinitions
from reveille.ingress.application.notification_telling import AGAIN_SECONDS, Receivers, Send, Telling
from reveille.ingress.application.projections.notifications import NotificationRow
from reveille.kernel.clock import Clock
from reveille.kernel.errors import Transient
from reveille.kernel.event_store import EventStore
from reveille.kernel.leases import Leases, while_held
from reveille.kernel.racing import first_to_end
from reveille.kernel.views import Follower

logger = logging.getLogger(__name__)

LEASE: Final = "notifying"
LEASE_SECONDS: Final = 6.0
# Of one notification; the others that are open stay in the view until some of these are done.
MAX_UNDER_WAY: Final = 1_000
# Of all together: what waits for its next attempt takes some 10 KB, and a tenant may have a hundred notifications. Each
# tenant has an equal share of it, and each of its notifications of that; of none are there fewer than LEAST.
MAX_IN_ALL: Final = 10_000
LEAST: Final = 20
# Under load the log grows all the time; what is open is looked for so often.
PAUSE: Final = 0.1
# How long a view that is behind the log is waited for before somebody is told of it.
BEHIND_SECONDS: Final = 5.0
# Until what did not fit is looked for again.
FULL_SECONDS: Final = 1.0

# A tenant, and the name of a notification of it.
Key = tuple[str, str]
# The open rows of a tenant's notification by its name, the oldest first; at most so many.
OpenOf = Callable[[str, str, int], Awaitable[Sequence[NotificationRow]]]


class Alone:
    """The leases of a process beside which there is no other."""

    async def renew(self, name: str, owner: str, seconds: float) -> bool:
        return True

    async def release(self, name: str, owner: str) -> None:
        pass

    async def holders(self, prefix: str) -> Collection[str]:
        return ()


ALONE: Final = Alone()


class Notifying:
    def __init__(
        self,
        *,
        store: EventStore,
        follower: Follower,
        definitions: NotificationDefinitions,
        open_of: OpenOf,
        telling: Telling,
        receivers: Receivers,
        leases: Leases,
        clock: Clock,
        replica: str,
    ) -> None:
        self._store = store
        self._follower = follower
        self._definitions = definitions
        self._open_of = open_of
        self._telling = telling
        self._receivers = receivers
        self._leases = leases
        self._clock = clock
        self._replica = replica
        # The ids of rows; and of those that nobody can make anything of, until the next start.
        self._under_way = defaultdict[Key, set[str]](set)
        self._passed_over = defaultdict[Key, set[str]](set)

    async def run(self) -> None:
        """Raises Transient when the log or the view is away; then it is to run again."""
        while True:
            head = await self._store.head()
            await self._definitions.load()
            if not any(self._definitions):
                # Most fleets have none, and pay for no lease.
                await self._store.wait(head)
                await self._clock.sleep(PAUSE)
            elif await self._leases.renew(LEASE, self._replica, LEASE_SECONDS):
                await self._while_leased()
            else:
                await self._clock.sleep(LEASE_SECONDS / 3)

    async def leave(self, grace: float) -> None:
        """Give the lease to whoever wants it."""
        await self._leases.release(LEASE, self._replica)

    async def _while_leased(self) -> None:
        try:
            if not await while_held(self._leases, LEASE, self._replica, LEASE_SECONDS, self._tell_all()):
                logger.warning("another replica tells of live events now")
        finally:
            self._under_way.clear()
            self._passed_over.clear()

    async def _tell_all(self) -> None:
        async with self._receivers.session() as send, asyncio.TaskGroup() as tasks:
            while True:
                try:
                    head = await self._store.head()
                    # What a view that is being made anew has open may have been told long ago.
                    await self._follower.wait_for(head, BEHIND_SECONDS)
                    if await self._look(tasks, send):
                        # Whoever has room hears of what is new at once all the same.
                        for ended in await first_to_end(self._store.wait(head), self._clock.sleep(FULL_SECONDS)):
                            ended.result()
                    else:
                        await self._store.wait(head)
                    await self._clock.sleep(PAUSE)
                except Transient as error:
                    logger.warning("nobody can be told of live events now: %s", error)
                    await self._clock.sleep(max(AGAIN_SECONDS, error.retry_after))

    async def _look(self, tasks: asyncio.TaskGroup, send: Send) -> bool:
        """Begin to tell what is open. True where some of it did not fit."""
        await self._definitions.load()
        full = False
        for key, most in places([*self._definitions]).items():
            under_way, passed_over = self._under_way[key], self._passed_over[key]
            wanted = most + len(passed_over)
            rows = await self._open_of(*key, wanted) if len(under_way) < most else ()
            full |= len(under_way) >= most or len(rows) == wanted
            for row in rows:
                if not (row.id in under_way or row.id in passed_over) and len(under_way) < most:
                    under_way.add(row.id)
                    tasks.create_task(self._tell(row, send), name=f"notification {row.id}")
        return full

    async def _tell(self, row: NotificationRow, send: Send) -> None:
        key = row.tenant, row.name
        while True:
            try:
                await self._telling.tell(row, send)
                break
            except Transient as error:
                await self._clock.sleep(max(AGAIN_SECONDS, error.retry_after))
            except Exception:  # an event that nobody can make anything of keeps nobody waiting
                logger.exception("notification %s of %s cannot be told", row.id, row.name)
                self._passed_over[key].add(row.id)
                break
        self._under_way[key].discard(row.id)


def places(notifications: Collection[Key]) -> dict[Key, int]:
    """How many of each may be under way."""
    of_tenant = Counter(tenant for tenant, _ in notifications)
    share = MAX_IN_ALL // max(1, len(of_tenant))
    return {key: min(MAX_UNDER_WAY, max(LEAST, share // of_tenant[key[0]])) for key in notifications}
