"""The analyzer's answers."""

from typing import Any

from reveille.analyzer.bootstrap import Analyzer
from reveille.contracts.analyzer.v1.queries_pb2 import ExplainRequest, ExplainResponse
from reveille.contracts.analyzer.v1.queries_pb2_grpc import QueryServiceServicer
from reveille.kernel.events import tenant_of


class Queries(QueryServiceServicer):
    def __init__(self, analyzer: Analyzer) -> None:
        self._explaining = analyzer.explaining
        self._store = analyzer.service.ports.store
        self._follower = analyzer.service.follower

    async def Explain(self, request: ExplainRequest, context: Any) -> ExplainResponse:
        # What is asked about is decided on once the view has passed it; until then the answer would be a guess.
        await self._follower.wait_for(max(request.wait_for, request.signal_position))
        found = await self._store.read_all(request.signal_position - 1, 1)
        if not found or tenant_of(found[0].stream) != request.tenant:
            raise KeyError(f"no signal {request.signal_id}")
        return await self._explaining.explain(found[0], request.agent)
