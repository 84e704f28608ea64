"""The fleets in force, of every tenant: loaded from the log, followed, and changed by appending to it."""

import asyncio
import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from google.protobuf.message import Message

from reveille.ingress.application.appending import append
from reveille.ingress.application.projections.tenants import FLEET
from reveille.ingress.application.tenant_streams import Known, TenantStreams, nobody_known
from reveille.ingress.domain.enrichment import watched_files
from reveille.ingress.domain.fleet import WantedFleet, changes
from reveille.ingress.domain.refusals import Refusal
from reveille.kernel.clock import Clock
from reveille.kernel.errors import Transient, UnknownEventType
from reveille.kernel.event_store import Append, Appended, EventStore
from reveille.kernel.events import About, Meta, Recorded, new_event, stream_name
from reveille.kernel.fleet import Fleet, fold
from reveille.kernel.ids import Ids, text

logger = logging.getLogger(__name__)

# Under load the log grows all the time; a fleet that another replica applied is in force here within it.
PAUSE: Final = 0.25
MAX_ROUNDS: Final = 20


class FleetMoved(Refusal):
    """The fleet in force is not the one that the sender has seen."""


@dataclass(frozen=True, slots=True)
class InForce:
    """agent_of: the agent by each account whose acts are its own. watched_files: of rules that look at files."""

    fleet: Fleet = field(default_factory=Fleet)
    agent_of: Mapping[str, str] = field(default_factory=dict)
    watched_files: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """events: how many were appended, 0 where the fleet in force was what is wanted. position: the last one's."""

    fleet: Fleet
    events: int = 0
    position: int = 0


NONE: Final = InForce()


class Fleets:
    """Who has none has the empty one."""

    def __init__(self, *, store: EventStore, clock: Clock, ids: Ids, replica: str, known: Known = nobody_known) -> None:
        """known: which tenants have one."""
        self._store = store
        self._streams = TenantStreams(store, FLEET, known)
        self._clock = clock
        self._ids = ids
        self._replica = replica
        self._in_force: dict[str, InForce] = {}
        # Whose stream holds what this build does not know: it stays at what was known of it, and others go on.
        self._unread: dict[str, UnknownEventType] = {}
        self._began: dict[str, int] = {}
        self._loading = asyncio.Lock()
        self.loaded = False

    @property
    def tenants(self) -> Collection[str]:
        """Those that have a fleet."""
        return self._in_force.keys()

    def in_force(self, tenant: str) -> InForce:
        """Raises UnknownEventType where there is one that nothing is known of."""
        found = self._in_force.get(tenant)
        if found is None and tenant in self._unread:
            raise self._unread[tenant]
        return found or NONE

    async def began(self, tenant: str) -> int:
        """When the tenant's first fleet was applied; now, where none was."""
        if tenant not in self._began:
            try:
                first = await self._store.read_one(stream_name(tenant, FLEET), 0)
            except KeyError:
                return self._clock.now()
            self._began[tenant] = first.meta.time
        return self._began[tenant]

    def check_seen(self, tenant: str, seen: int | None) -> None:
        """Raises FleetMoved where another revision than this one is in force; None is any."""
        revision = self.in_force(tenant).fleet.revision
        if seen is not None and revision != seen:
            raise FleetMoved("fleet_moved", f"the fleet is at revision {revision}, expected {seen}")

    async def load(self) -> None:
        """Take in what the log holds by now."""
        async with self._loading:
            for tenant, events in (await self._streams.read(self._revision, also=self._unread)).items():
                self._take(tenant, events)
        self.loaded = True

    def _take(self, tenant: str, events: Sequence[Recorded]) -> None:
        before = self._in_force.get(tenant, NONE).fleet
        try:
            changed = fold(before, _after(before.revision, events))
        except UnknownEventType as error:
            if tenant not in self._unread:
                logger.warning("the fleet of %s stays at revision %d: %s", tenant, before.revision, error)
            self._unread[tenant] = error
            return
        self._unread.pop(tenant, None)
        if changed.revision > before.revision:
            self._in_force[tenant] = _in_force(changed)

    def _revision(self, tenant: str) -> int:
        return self._in_force.get(tenant, NONE).fleet.revision

    async def run(self) -> None:
        """Follow the log: any replica may apply a fleet."""
        while True:
            head = await self._store.head()
            await self.load()
            await self._store.wait(head)
            await self._clock.sleep(PAUSE)

    async def apply(self, wanted: WantedFleet, *, seen: int | None = None) -> Applied:
        """Make the fleet what is wanted, in one append. seen: the only revision that it may take the place of.

        Raises FleetMoved where another one is in force, and Transient where others keep changing it.
        """
        stream = stream_name(wanted.tenant, FLEET)
        for _ in range(MAX_ROUNDS):
            await self.load()
            if wanted.tenant in self._unread:
                raise self._unread[wanted.tenant]
            fleet = self.in_force(wanted.tenant).fleet
            self.check_seen(wanted.tenant, seen)
            events = changes(fleet, wanted)
            if not events:
                return Applied(fleet=fleet)
            meta = Meta(self._clock.now(), About(text(self._ids.new())), replica=self._replica)
            news = [new_event(self._ids.new(), event, meta) for event in events]
            outcome = (await append(self._store, self._clock, [Append(stream, fleet.revision, news)]))[0]
            await self.load()
            if isinstance(outcome, Appended):
                return Applied(fleet=self.in_force(wanted.tenant).fleet, events=len(events), position=outcome.position)
        raise Transient(f"stream {stream} kept changing", retry_after=1.0)


def _after(revision: int, events: Iterable[Recorded]) -> Iterator[tuple[Message, int]]:
    for event in events:
        if event.msg is None:
            raise UnknownEventType(event.type, f"stream {event.stream}")
        if event.revision > revision:
            yield event.msg, event.revision


def _in_force(fleet: Fleet) -> InForce:
    accounts = {account.casefold(): agent.name for agent in fleet.agents.values() for account in agent.identities}
    return InForce(fleet, accounts, watched_files(fleet.rules.values()))
