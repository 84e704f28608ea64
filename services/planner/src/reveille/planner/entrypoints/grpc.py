"""The planner's answers."""

from typing import Any, Protocol

from reveille.contracts.planner.v1.queries_pb2 import (
    GetExecutionRequest,
    GetExecutionResponse,
    ListExecutionsRequest,
    ListExecutionsResponse,
)
from reveille.contracts.planner.v1.queries_pb2_grpc import QueryServiceServicer
from reveille.kernel.event_store import NO_STREAM, EventStore
from reveille.kernel.events import stream_name
from reveille.kernel.views import Follower, Transactions
from reveille.planner.application.telling import told


class Page(Protocol):
    """(id, position) of executions, the newest first."""

    def __call__(
        self, connection: Any, tenant: str, *, limit: int, before: int, status: str, agent: str, signal_id: str
    ) -> list[tuple[str, int]]: ...


class Queries(QueryServiceServicer):  # type: ignore[misc]
    def __init__(self, page: Page, *, store: EventStore, transactions: Transactions, follower: Follower) -> None:
        self._page = page
        self._store = store
        self._transactions = transactions
        self._follower = follower

    async def GetExecution(self, request: GetExecutionRequest, context: Any) -> GetExecutionResponse:  # noqa: N802
        stream = stream_name(request.tenant, "execution", request.execution_id)
        events = (await self._store.read_streams({stream: NO_STREAM}))[stream]
        if not events:
            raise KeyError(f"no execution {request.execution_id}")
        return GetExecutionResponse(execution=told(events))

    async def ListExecutions(self, request: ListExecutionsRequest, context: Any) -> ListExecutionsResponse:  # noqa: N802
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
