"""From the log to a broker: one relay of each service tails the log and publishes what the service has written."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from reveille.contracts.common.v1.common_pb2 import DeadLetterDropped, DeadLetterRetried, MessageParked
from reveille.kernel.clock import SECOND, Clock
from reveille.kernel.event_store import EventStore
from reveille.kernel.events import Recorded
from reveille.kernel.leases import Leases, while_held

logger = logging.getLogger(__name__)

# Events of the log that one look takes in: what they are published as shares its requests.
LOOK: Final = 2_000
LEASE_SECONDS: Final = 6.0
# A position that was not saved is published again; who waits for the relays to have passed a position waits for this.
SAVE_SECONDS: Final = 0.5


class Publisher(Protocol):
    async def publish(self, events: Sequence[Recorded]) -> None:
        """Send events in order; durable on return. Raises Transient, some of them may then be sent.

        Events that are published again do no harm: their positions tell that they were.
        """
        ...


class RelayPositions(Protocol):
    """How far each service's relay has come. A lost or late position makes it publish again what it has published."""

    async def load(self) -> Mapping[str, int]:
        """By service."""
        ...

    async def save(self, service: str, position: int) -> None:
        """Never lowers it."""
        ...


class Relay:
    """The relay of one service in one process. Of several replicas one is active, by a lease.

    Nothing rests on the lease but work saved: a second one that is late publishes what was published already.
    """

    def __init__(
        self,
        service: str,
        *,
        store: EventStore,
        publisher: Publisher,
        positions: RelayPositions,
        leases: Leases,
        clock: Clock,
        owner: str,
    ) -> None:
        """owner: what this replica is called, the same after a restart, so that it need not wait for its own lease."""
        self._service = service
        self._store = store
        self._publisher = publisher
        self._positions = positions
        self._leases = leases
        self._clock = clock
        self._owner = owner
        self._lease = f"relay/{service}"
        self._types = f"reveille.{service.replace('-', '_')}."

    async def run(self) -> None:
        """Raises Transient when the log, the broker or the database of positions is away; then it is to run again."""
        while True:
            if await self._leases.renew(self._lease, self._owner, LEASE_SECONDS):
                if not await while_held(self._leases, self._lease, self._owner, LEASE_SECONDS, self._follow()):
                    logger.warning("another replica relays for %s now", self._service)
            else:
                await self._clock.sleep(LEASE_SECONDS / 3)

    async def leave(self, grace: float) -> None:
        """Give the lease to whoever wants it."""
        await self._leases.release(self._lease, self._owner)

    async def _follow(self) -> None:
        at = saved = (await self._positions.load()).get(self._service, 0)
        saved_at = self._clock.now()
        while True:
            events = await self._store.read_all(at, LOOK)
            if events:
                if mine := [event for event in events if self._is_mine(event)]:
                    await self._publisher.publish(mine)
                at = events[-1].position
            elif at == saved:
                await self._store.wait(at)
                continue
            left = SAVE_SECONDS - (self._clock.now() - saved_at) / SECOND
            if left <= 0:
                await self._positions.save(self._service, at)
                saved, saved_at = at, self._clock.now()
            elif not events:
                await _moved(self._store, at, left)

    def _is_mine(self, event: Recorded) -> bool:
        # A dead letter's types are everybody's; whose it is they say themselves.
        if isinstance(event.msg, MessageParked | DeadLetterRetried | DeadLetterDropped):
            return event.msg.service == self._service
        return event.type.startswith(self._types)


async def _moved(store: EventStore, at: int, seconds: float) -> None:
    """The log has gone on, or the time is up."""
    try:
        async with asyncio.timeout(seconds):
            await store.wait(at)
    except TimeoutError:
        pass
