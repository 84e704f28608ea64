"""Live events as whoever watches gets them: made of moments, with what the log has sealed."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from reveille.contracts.agent_runner.v1.events_pb2 import ToolReturned
from reveille.contracts.common.v1.common_pb2 import EventRef
from reveille.contracts.ingress.v1.live_pb2 import LiveEvent
from reveille.contracts.planner.v1.events_pb2 import ExecutionStarted
from reveille.ingress.domain.live.moments import NOTHING, Moment
from reveille.ingress.domain.live.opening import asks_first, asks_then
from reveille.ingress.domain.live.telling import Found, told
from reveille.ingress.domain.live.wire import wire
from reveille.kernel.blobs import Blobs
from reveille.kernel.errors import Transient
from reveille.kernel.event_store import EventStore
from reveille.kernel.events import Recorded, tenant_of

# So many are read and told at a time; then others have their turn.
PAGE: Final = 200
# More of one stream are read in one go.
_FEW: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveEntry:
    """`at`: microseconds. `status`: "" where its event has none. `text`: its wire JSON, large payloads by reference."""

    execution_id: str
    sequence: int
    position: int
    at: int
    type: str
    agent: str
    department: str
    status: str
    text: str


class Entries:
    """Raises Transient where the log or a blob cannot be read now."""

    def __init__(self, store: EventStore, blobs: Blobs) -> None:
        self._store = store
        self._blobs = blobs

    async def of(
        self, execution_id: str, moments: Sequence[Moment], known: Mapping[int, Recorded] | None = None
    ) -> list[LiveEntry]:
        """known: events by position that need not be read."""
        found: list[LiveEntry] = []
        for start in range(0, len(moments), PAGE):
            some = moments[start : start + PAGE]
            events = await self._events(some, known or {})
            for moment in some:
                text = wire(await self._told(execution_id, moment, events))
                found.append(_entry(execution_id, moment, text))
            if len(moments) > PAGE:
                await asyncio.sleep(0)
        return found

    def at_hand(self, execution_id: str, moment: Moment, event: Recorded) -> LiveEntry | None:
        """None: it takes more than its own event to tell it."""
        message = event.msg
        elsewhere = isinstance(message, ExecutionStarted) or (isinstance(message, ToolReturned) and message.result_blob)
        if moment.beside or elsewhere:
            return None
        return _entry(execution_id, moment, wire(told(execution_id, moment, event, Found())))

    async def whole(self, execution_id: str, moment: Moment) -> str:
        return wire(await self._told(execution_id, moment, await self._events([moment], {})), whole=True)

    async def _events(self, moments: Iterable[Moment], known: Mapping[int, Recorded]) -> dict[int, Recorded]:
        """Those of the moments and those beside them, by position."""
        wanted = {at for moment in moments for at in (moment.position, *moment.beside) if at != NOTHING}
        found = {at: known[at] for at in wanted & known.keys()}
        if lacking := sorted(wanted - known.keys()):
            found |= {event.position: event for event in await self._store.read_at(lacking)}
        return found

    async def _told(self, execution_id: str, moment: Moment, events: Mapping[int, Recorded]) -> LiveEvent:
        event = events.get(moment.position)
        if event is None:
            raise Transient(f"the event at position {moment.position} cannot be read now")
        opening = await self._opening(event) if isinstance(event.msg, ExecutionStarted) else ()
        found = Found(beside=events, opening=opening, blob=await self._blob(event))
        return told(execution_id, moment, event, found)

    async def _opening(self, event: Recorded) -> list[Recorded]:
        first = await self._at(asks_first(event))
        return [*first, *await self._at(asks_then(first))]

    async def _blob(self, event: Recorded) -> bytes | None:
        if not isinstance(event.msg, ToolReturned) or not event.msg.result_blob:
            return None
        try:
            return await self._blobs.get(tenant_of(event.stream), event.msg.result_blob)
        except KeyError:
            return None

    async def _at(self, refs: Sequence[EventRef]) -> list[Recorded]:
        """Those that there are, in the order of the refs."""
        streams = defaultdict[str, set[int]](set)
        for ref in refs:
            streams[ref.stream].add(ref.revision)
        found: dict[tuple[str, int], Recorded] = {}
        for stream, revisions in streams.items():
            for event in await self._of_stream(stream, revisions):
                found[stream, event.revision] = event
        places = [(ref.stream, ref.revision) for ref in refs]
        return [found[place] for place in places if place in found]

    async def _of_stream(self, stream: str, revisions: set[int]) -> list[Recorded]:
        if len(revisions) > _FEW:
            return (await self._store.read_streams({stream: min(revisions) - 1}))[stream]
        found = []
        for revision in revisions:
            try:
                found.append(await self._store.read_one(stream, revision))
            except KeyError:
                continue
        return found


def _entry(execution_id: str, moment: Moment, text: str) -> LiveEntry:
    return LiveEntry(
        execution_id=execution_id,
        sequence=moment.sequence,
        position=moment.position,
        at=moment.at,
        type=moment.type,
        agent=moment.agent,
        department=moment.department,
        status=moment.status,
        text=text,
    )
