"""The planner's answers."""

from typing import Any

from reveille.contracts.planner.v1.queries_pb2 import (
    GetExecutionRequest,
    GetExecutionResponse,
    ListExecutionsRequest,
    ListExecutionsResponse,
)
from reveille.contracts.planner.v1.queries_pb2_grpc import QueryServiceServicer
from reveille.kernel.event_store import NO_STREAM
from reveille.kernel.events import stream_name
from reveille.planner.application.telling import told
from reveille.planner.bootstrap import Planner


class Queries(QueryServiceServicer):
    def __init__(self, planner: Planner) -> None:
        self._page = planner.page
        self._store = planner.service.ports.store
        self._transactions = planner.service.ports.transactions
        self._follower = planner.service.follower

    async def GetExecution(self, request: GetExecutionRequest, context: Any) -> GetExecutionResponse:
        await self._follower.wait_for(request.wait_for)
        stream = stream_name(request.tenant, "execution", request.execution_id)
        events = (await self._store.read_streams({stream: NO_STREAM}))[stream]
        if not events:
            raise KeyError(f"no execution {request.execution_id}")
        return GetExecutionResponse(execution=told(events))

    async def ListExecutions(self, request: ListExecutionsRequest, context: Any) -> ListExecutionsResponse:
        await self._follower.wait_for(request.wait_for)
        rows = await self._transactions.run(
            lambda connection: self._page(
                connection,
                request.tenant,
                limit=request.limit + 1,
                before=request.before,
                status=request.status,
                agent=request.agent,
                signal_id=request.signal_id,
            )
        )
        more, rows = len(rows) > request.limit, rows[: request.limit]
        streams = [stream_name(request.tenant, "execution", id) for id, _ in rows]
        events = await self._store.read_streams(dict.fromkeys(streams, NO_STREAM))
        return ListExecutionsResponse(
            items=[told(events[stream]) for stream in streams], next=rows[-1][1] if more else 0
        )
