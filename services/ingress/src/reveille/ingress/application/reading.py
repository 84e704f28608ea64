"""What people and pages may ask of ingress: a view says where to look, the log has the answer."""

import re
from typing import Final

from reveille.contracts.ingress.v1.queries_pb2 import (
    CauseView,
    GetCausesRequest,
    GetCausesResponse,
    GetSignalRequest,
    GetSignalResponse,
    ListSignalsRequest,
    ListSignalsResponse,
)
from reveille.ingress.application.projections.signals import SignalIndex, SignalRow, view_of
from reveille.ingress.application.projections.trail import Trail
from reveille.ingress.domain.causes import branch, summary
from reveille.ingress.domain.refusals import Missing
from reveille.kernel.event_store import NO_STREAM, EventStore
from reveille.kernel.events import Recorded, is_of, service_of, stream_name
from reveille.kernel.ids import text
from reveille.kernel.views import Follower, Transactions

DEFAULT_LIMIT: Final = 50
MAX_LIMIT: Final = 500
# A correlation's events are read whole; one with more of them is cut at its end.
MAX_TRAIL: Final = 10_000
# Positions that stand so near to each other are read in one go, with what lies between.
NEAR: Final = 32
_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Reading:
    """`wait_for`: the answer knows what the log held up to that position. Raises Transient where it does not soon."""

    def __init__(
        self, *, store: EventStore, follower: Follower, transactions: Transactions, index: SignalIndex, trail: Trail
    ) -> None:
        self._store = store
        self._follower = follower
        self._transactions = transactions
        self._index = index
        self._trail = trail

    async def signal(self, request: GetSignalRequest, seconds: float) -> GetSignalResponse:
        await self._follower.wait_for(request.wait_for, seconds)
        id = _id(request.signal_id)
        row: SignalRow | None = None
        if id is not None:
            row = await self._transactions.run(lambda connection: self._index.find(connection, request.tenant, id))
        if row is None:
            raise Missing("unknown_signal", f"there is no signal {request.signal_id[:100]}")
        streams = await self._store.read_streams({row.stream: NO_STREAM})
        return GetSignalResponse(signal=view_of(streams[row.stream]))

    async def signals(self, request: ListSignalsRequest, seconds: float) -> ListSignalsResponse:
        await self._follower.wait_for(request.wait_for, seconds)
        limit = min(request.limit or DEFAULT_LIMIT, MAX_LIMIT)
        asked = {name: getattr(request, name) for name in ("source", "kind", "repository", "means")}
        having = {name: value for name, value in asked.items() if value}
        rows: list[SignalRow] = await self._transactions.run(
            lambda connection: self._index.newest(
                connection, request.tenant, before=request.before, limit=limit + 1, having=having
            )
        )
        shown = rows[:limit]
        streams = await self._store.read_streams({row.stream: NO_STREAM for row in shown})
        following = shown[-1].position if len(rows) > limit else 0
        return ListSignalsResponse(items=[view_of(streams[row.stream]) for row in shown], next=following)

    async def causes(self, request: GetCausesRequest, seconds: float) -> GetCausesResponse:
        await self._follower.wait_for(request.wait_for, seconds)
        stream = stream_name(request.tenant, "execution", request.execution_id)
        try:
            first = await self._store.read_one(stream, 0)
        except KeyError:
            raise Missing("unknown_execution", f"there is no execution {request.execution_id[:100]}") from None
        correlation = first.meta.about.correlation
        events = await self._correlated(request.tenant, correlation)
        return GetCausesResponse(events=[_cause(event) for event in branch(events, request.execution_id)])

    async def _correlated(self, tenant: str, correlation: str) -> list[Recorded]:
        """Who gives an execution its id gives it its correlation, and two tenants may give the same."""
        events: list[Recorded] = []
        after = 0
        while len(events) < MAX_TRAIL:
            positions = await self._positions(correlation, after)
            events += [event for event in await self._store.read_at(positions) if is_of(event.stream, tenant)]
            if len(positions) < MAX_TRAIL:
                break
            after = positions[-1]
        return events[:MAX_TRAIL]

    async def _positions(self, correlation: str, after: int) -> list[int]:
        return await self._transactions.run(
            lambda connection: self._trail.positions(connection, correlation, after=after, limit=MAX_TRAIL)
        )


def _cause(event: Recorded) -> CauseView:
    cause = event.meta.origin.cause
    trace = event.meta.about.trace.split("-")
    view = CauseView(
        id=text(event.id),
        causation_id=text(cause) if cause else "",
        type=event.type,
        service=service_of(event.type),
        stream=event.stream,
        revision=event.revision,
        position=event.position,
        trace_id=trace[1] if len(trace) == 4 else "",
        summary=summary(event),
    )
    view.at.FromMicroseconds(event.meta.time)
    return view


def _id(signal_id: str) -> bytes | None:
    return bytes.fromhex(signal_id.replace("-", "")) if _ID.fullmatch(signal_id) else None
