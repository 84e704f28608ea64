"""The planner's answers."""

from collections.abc import Sequence
from itertools import islice
from typing import Any, Final

from reveille.contracts.planner.v1.queries_pb2 import (
    ApprovalView,
    ExecutionView,
    GetApprovalRequest,
    GetApprovalResponse,
    GetExecutionRequest,
    GetExecutionResponse,
    ListApprovalsRequest,
    ListApprovalsResponse,
    ListExecutionsRequest,
    ListExecutionsResponse,
)
from reveille.contracts.planner.v1.queries_pb2_grpc import QueryServiceServicer
from reveille.kernel.event_store import NO_STREAM
from reveille.kernel.events import stream_name
from reveille.planner.application.telling import told
from reveille.planner.bootstrap import Planner

# What a summary of an execution goes without: most of what it weighs.
DETAILS: Final = ("steps", "inputs", "facts", "plan", "result", "approvals", "required")


class Queries(QueryServiceServicer):
    def __init__(self, planner: Planner) -> None:
        self._page = planner.page
        self._approvals = planner.approvals
        self._execution_of = planner.execution_of
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
        if request.ids:
            return ListExecutionsResponse(items=await self._these(request))
        rows = await self._transactions.run(
            lambda connection: self._page(
                connection,
                request.tenant,
                limit=request.limit + 1,
                before=request.before,
                status=request.status,
                agent=request.agent,
                signal_id=request.signal_id,
                blueprint=request.blueprint,
            )
        )
        more, rows = len(rows) > request.limit, rows[: request.limit]
        streams = [stream_name(request.tenant, "execution", id) for id, _ in rows]
        events = await self._store.read_streams(dict.fromkeys(streams, NO_STREAM))
        items = [_shown(told(events[stream]), summary=request.summary) for stream in streams]
        return ListExecutionsResponse(items=items, next=rows[-1][1] if more else 0)

    async def _these(self, request: ListExecutionsRequest) -> list[ExecutionView]:
        streams = [stream_name(request.tenant, "execution", id) for id in request.ids]
        found = await self._store.read_streams(dict.fromkeys(streams, NO_STREAM))
        newest = sorted((events for events in found.values() if events), key=lambda events: -events[0].position)
        wanted = (view for view in map(told, newest) if _is_wanted(view, request))
        return [_shown(view, summary=request.summary) for view in islice(wanted, request.limit)]

    async def GetApproval(self, request: GetApprovalRequest, context: Any) -> GetApprovalResponse:
        await self._follower.wait_for(request.wait_for)
        execution_id = await self._transactions.run(
            lambda connection: self._execution_of(connection, request.tenant, request.approval_id)
        )
        if execution_id is None:
            raise KeyError(f"no approval {request.approval_id}")
        (approval,) = await self._told(request.tenant, [(request.approval_id, execution_id)])
        return GetApprovalResponse(approval=approval)

    async def ListApprovals(self, request: ListApprovalsRequest, context: Any) -> ListApprovalsResponse:
        await self._follower.wait_for(request.wait_for)
        rows = await self._transactions.run(
            lambda connection: self._approvals(
                connection,
                request.tenant,
                limit=request.limit + 1,
                before=request.before,
                status=request.status,
                execution_id=request.execution_id,
            )
        )
        more, rows = len(rows) > request.limit, rows[: request.limit]
        items = await self._told(request.tenant, [(id, execution_id) for id, execution_id, _ in rows])
        return ListApprovalsResponse(items=items, next=rows[-1][2] if more else 0)

    async def _told(self, tenant: str, approvals: Sequence[tuple[str, str]]) -> list[ApprovalView]:
        """approvals: (id, execution id)."""
        streams = {execution_id: stream_name(tenant, "execution", execution_id) for _, execution_id in approvals}
        events = await self._store.read_streams(dict.fromkeys(streams.values(), NO_STREAM))
        views = {execution_id: told(events[stream]) for execution_id, stream in streams.items()}
        return [next(one for one in views[execution_id].approvals if one.id == id) for id, execution_id in approvals]


def _is_wanted(view: ExecutionView, request: ListExecutionsRequest) -> bool:
    return (
        request.status in ("", view.status)
        and request.blueprint in ("", view.blueprint)
        and (not request.signal_id or request.signal_id in view.cause.signal_ids)
        and (not request.agent or any(step.agent == request.agent for step in view.steps))
    )


def _shown(view: ExecutionView, *, summary: bool) -> ExecutionView:
    for field in DETAILS if summary else ():
        view.ClearField(field)
    return view
