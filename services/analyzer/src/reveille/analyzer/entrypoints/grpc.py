"""The analyzer's answers."""

from typing import Any

from reveille.analyzer.application.explaining import Explaining
from reveille.contracts.analyzer.v1.queries_pb2 import ExplainRequest, ExplainResponse
from reveille.contracts.analyzer.v1.queries_pb2_grpc import QueryServiceServicer
from reveille.kernel.event_store import EventStore
from reveille.kernel.events import tenant_of
from reveille.kernel.views import Follower


class Queries(QueryServiceServicer):  # type: ignore[misc]
    def __init__(self, explaining: Explaining, *, store: EventStore, follower: Follower) -> None:
        self._explaining = explaining
        self._store = store
        self._follower = follower

    async def Explain(self, request: ExplainRequest, context: Any) -> ExplainResponse:  # noqa: N802 - gRPC's name
        # What is asked about is decided on once the view has passed it; until then the answer would be a guess.
        await self._follower.wait_for(max(request.wait_for, request.signal_position))
        found = await self._store.read_all(request.signal_position - 1, 1)
        if not found or tenant_of(found[0].stream) != request.tenant:
            raise KeyError(f"no signal {request.signal_id}")
        return await self._explaining.explain(found[0], request.agent)
