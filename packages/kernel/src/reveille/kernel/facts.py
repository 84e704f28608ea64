"""Recorded facts that a decision may look up: they stand in the log under an address that its cause names."""

import asyncio
from collections import OrderedDict
from typing import Final

from google.protobuf.message import Message

from reveille.contracts.common.v1.common_pb2 import EventRef
from reveille.kernel.errors import NotThere, UnknownEventType
from reveille.kernel.event_store import NO_STREAM, EventStore
from reveille.kernel.events import Recorded, stream_name
from reveille.kernel.fleet import Fleet, fold

# Fleets that are kept, and what they define in all: there may be hundreds of tenants, and ten thousand rules of one.
KEPT_FLEETS: Final = 1_000
KEPT_DEFINED: Final = 200_000


class Facts:
    """Reads of what can never change; safe to keep for ever. What nobody has asked for longest is forgotten first."""

    def __init__(self, store: EventStore, *, kept_fleets: int = KEPT_FLEETS, kept_defined: int = KEPT_DEFINED) -> None:
        self._store = store
        self._fleets: OrderedDict[tuple[str, int], Fleet] = OrderedDict()
        self._kept_fleets = kept_fleets
        self._kept_defined = kept_defined
        self._defined = 0
        self._reading = asyncio.Lock()

    async def fleet(self, tenant: str, revision: int) -> Fleet:
        """The tenant's fleet as it was in force at this revision; revision -1 is the empty fleet."""
        fleet = self._fleets.get((tenant, revision))
        if fleet is not None:
            self._fleets.move_to_end((tenant, revision))
            return fleet
        async with self._reading:  # hundreds may ask at once for a fleet that was just applied
            return self._fleets.get((tenant, revision)) or await self._read(tenant, revision)

    async def fleet_in_force(self, tenant: str) -> Fleet:
        """The one that is in force now, for those who ask or come now; what was decided names its own."""
        last = await self._store.read_backwards(stream_name(tenant, "fleet"), 1)
        return await self.fleet(tenant, last[0].revision) if last else Fleet()

    async def _read(self, tenant: str, revision: int) -> Fleet:
        older = max((at for name, at in self._fleets if name == tenant and at < revision), default=-1)
        stream = stream_name(tenant, "fleet")
        events: list[tuple[Message, int]] = []
        for event in (await self._store.read_streams({stream: older}))[stream]:
            if event.revision > revision:
                break
            if event.msg is None:
                raise UnknownEventType(event.type, f"stream {stream}")
            events.append((event.msg, event.revision))
        fleet = fold(self._fleets.get((tenant, older), Fleet()), events)
        if fleet.revision != revision:
            raise NotThere(f"stream {stream} has no fleet at revision {revision} yet")
        self._keep(tenant, fleet)
        return fleet

    def _keep(self, tenant: str, fleet: Fleet) -> None:
        self._fleets[tenant, fleet.revision] = fleet
        self._defined += fleet.defined
        while len(self._fleets) > self._kept_fleets or (self._defined > self._kept_defined and len(self._fleets) > 1):
            _, oldest = self._fleets.popitem(last=False)
            self._defined -= oldest.defined

    async def history(self, until: EventRef) -> list[Recorded]:
        """A stream's events up to one of them."""
        events = (await self._store.read_streams({until.stream: NO_STREAM}))[until.stream]
        if not events or events[-1].revision < until.revision:
            raise NotThere(f"stream {until.stream} has no revision {until.revision} yet")
        return events[: until.revision + 1]

    async def event(self, ref: EventRef) -> Recorded:
        try:
            return await self._store.read_one(ref.stream, ref.revision)
        except KeyError:
            raise NotThere(f"stream {ref.stream} has no revision {ref.revision} yet") from None
