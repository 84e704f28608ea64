"""The live events that an execution has had, as far as the log has been folded."""

import asyncio
from collections.abc import Sequence
from itertools import islice
from typing import Final

from reveille.contracts.agent_runner.v1.events_pb2 import RunCompleted, RunFailed
from reveille.contracts.planner.v1.events_pb2 import StepReady
from reveille.ingress.application.live_entries import Entries, LiveEntry
from reveille.ingress.domain.live.fold import Fold
from reveille.ingress.domain.live.moments import Moment
from reveille.kernel.event_store import NO_STREAM, EventStore
from reveille.kernel.events import Recorded, stream_name

# Of the last ones the texts are kept; the others are made again when somebody asks.
KEPT: Final = 100
# Events that are folded before others have their turn.
_FOLDED: Final = 1_000


class History:
    """moments: where each live event stands, by sequence from 1. What is folded is never read or folded again.

    position: it is complete up to here, whatever stream an event stands in.
    """

    def __init__(self, tenant: str, execution_id: str, *, store: EventStore, entries: Entries) -> None:
        self.execution_id = execution_id
        self.stream = stream_name(tenant, "execution", execution_id)
        self.moments: list[Moment] = []
        self.fold = Fold(execution_id)
        self.position = 0
        self._tenant = tenant
        self._store = store
        self._entries = entries
        # The last revision that is folded, of each stream of which more may come.
        self._revisions: dict[str, int] = {self.stream: NO_STREAM}
        # Of the last live events: the log's event of those that nobody has asked for yet, and the entry of the others.
        self._untold: dict[int, Recorded] = {}
        self._told: dict[int, LiveEntry] = {}
        self._reading = asyncio.Lock()
        self._telling = asyncio.Lock()

    def run_stream(self, run_id: str) -> str:
        return stream_name(self._tenant, "run", run_id)

    async def read(self, upto: int) -> None:
        """Fold what the log holds up to a position that the follower of the views has reached.

        Behind it a store may show a later event before an earlier one: these are left for another time.
        """
        async with self._reading:
            if upto <= self.position:
                return
            events = await self._since({self.stream: self._revisions[self.stream]}, upto)
            # The StepReady of a run stands before all of its events.
            ready = [event.msg.run_id for event in events if isinstance(event.msg, StepReady)]
            streams = {self.run_stream(run) for run in (*self.fold.open_runs, *ready)}
            if streams:
                events += await self._since({one: self._revisions.get(one, NO_STREAM) for one in streams}, upto)
            events.sort(key=lambda event: event.position)
            for start in range(0, len(events), _FOLDED):
                for event in islice(events, start, start + _FOLDED):
                    self.take(event)
                if len(events) > _FOLDED:
                    await asyncio.sleep(0)
            self.position = max(self.position, upto)

    async def _since(self, revisions: dict[str, int], upto: int) -> list[Recorded]:
        found = await self._store.read_streams(revisions)
        return [event for events in found.values() for event in events if event.position <= upto]

    def take(self, event: Recorded) -> bool:
        """Fold the next event, in the order of positions; one that is folded already changes nothing.

        Whether there is one more live event.
        """
        if event.position <= self.position:
            return False
        self.position = event.position
        if isinstance(event.msg, RunCompleted | RunFailed):
            self._revisions.pop(event.stream, None)
        else:
            self._revisions[event.stream] = event.revision
        moment = self.fold.take(event)
        if moment is None:
            return False
        self.moments.append(moment)
        self._untold[moment.sequence] = event
        if len(self._untold) > KEPT:
            del self._untold[next(iter(self._untold))]
        return True

    def forget(self) -> None:
        """Texts are made again, of what the log then has."""
        self._told.clear()
        self._untold.clear()

    def newest(self) -> LiveEntry | None:
        """The last live event; None: it takes more to tell it than what is at hand."""
        last = self.fold.last
        if last in self._told:
            return self._told[last]
        event = self._untold.get(last)
        entry = self._entries.at_hand(self.execution_id, self.moments[-1], event) if event is not None else None
        if entry is not None:
            self._keep([entry])
        return entry

    async def after(self, sequence: int, limit: int) -> Sequence[LiveEntry]:
        """At most `limit` entries behind a sequence number. Raises Transient."""
        return await self.entries(self.moments[max(0, sequence) : max(0, sequence) + max(0, limit)])

    async def entries(self, moments: Sequence[Moment]) -> list[LiveEntry]:
        """Of moments in order; the text of each of the last ones is made once for all who ask. Raises Transient."""
        if not moments:
            return []
        told = self._told
        old = [moment for moment in moments if moment.sequence <= self.fold.last - KEPT]
        found = await self._entries.of(self.execution_id, old) if old else []
        recent = moments[len(old) :]
        if any(moment.sequence not in told for moment in recent):
            async with self._telling:
                await self._tell([moment for moment in recent if moment.sequence not in told])
        kept = [told.get(moment.sequence) for moment in recent]
        # While this one waited, others may have come that pushed it out.
        gone = [moment for moment, entry in zip(recent, kept, strict=True) if entry is None]
        again = {one.sequence: one for one in await self._entries.of(self.execution_id, gone)} if gone else {}
        found += [entry or again[moment.sequence] for moment, entry in zip(recent, kept, strict=True)]
        return found

    async def _tell(self, moments: Sequence[Moment]) -> None:
        known = {event.position: event for event in self._untold.values()}
        self._keep(await self._entries.of(self.execution_id, moments, known))

    def _keep(self, entries: Sequence[LiveEntry]) -> None:
        for entry in entries:
            self._told[entry.sequence] = entry
            self._untold.pop(entry.sequence, None)
        if len(self._told) > 2 * KEPT:
            for sequence in [one for one in self._told if one <= self.fold.last - KEPT]:
                del self._told[sequence]
