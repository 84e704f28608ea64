"""Recorded facts that a decision may look up: they stand in the log under an address that its cause names."""

from collections import OrderedDict

from reveille.contracts.common.v1.common_pb2 import EventRef
from reveille.kernel.errors import Transient
from reveille.kernel.event_store import EventStore
from reveille.kernel.events import Recorded, stream_name
from reveille.kernel.fleet import Fleet, evolve


class Facts:
    """Reads of what can never change; safe to keep for ever."""

    def __init__(self, store: EventStore, *, kept_fleets: int = 64) -> None:
        self._store = store
        self._fleets: OrderedDict[tuple[str, int], Fleet] = OrderedDict()
        self._kept_fleets = kept_fleets

    async def fleet(self, tenant: str, revision: int) -> Fleet:
        """The tenant's fleet as it was in force at this revision; revision -1 is the empty fleet."""
        key = (tenant, revision)
        fleet = self._fleets.get(key)
        if fleet is not None:
            return fleet
        older = max((at for name, at in self._fleets if name == tenant and at < revision), default=-1)
        fleet = self._fleets.get((tenant, older), Fleet())
        stream = stream_name(tenant, "fleet")
        for event in (await self._store.read_streams({stream: older}))[stream]:
            if event.revision > revision:
                break
            if event.msg is None:
                raise Transient(f"stream {stream} holds an event that this build does not know", retry_after=5.0)
            fleet = evolve(fleet, event.msg, event.revision)
        if fleet.revision != revision:
            raise Transient(f"stream {stream} has no fleet at revision {revision} yet")
        self._fleets[key] = fleet
        if len(self._fleets) > self._kept_fleets:
            self._fleets.popitem(last=False)
        return fleet

    async def event(self, ref: EventRef) -> Recorded:
        try:
            return await self._store.read_one(ref.stream, ref.revision)
        except KeyError:
            raise Transient(f"stream {ref.stream} has no revision {ref.revision} yet") from None
