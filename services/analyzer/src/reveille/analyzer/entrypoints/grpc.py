"""The analyzer's answers."""

from typing import Any

from reveille.analyzer.bootstrap import Analyzer
from reveille.contracts.analyzer.v1.queries_pb2 import ExplainRequest, ExplainResponse, WhatIfRequest, WhatIfResponse
from reveille.contracts.analyzer.v1.queries_pb2_grpc import QueryServiceServicer
from reveille.kernel.events import tenant_of


class Queries(QueryServiceServicer):
    def __init__(self, analyzer: Analyzer) -> None:
        self._explaining = analyzer.explaining
        self._trying = analyzer.trying
        self._store = analyzer.service.ports.store
        self._service = analyzer.service

    async def Explain(self, request: ExplainRequest, context: Any) -> ExplainResponse:
        # Until the inbox has passed what is asked about, and the view what came of it, the answer would be a guess.
        await self._service.decided(max(request.wait_for, request.signal_position))
        found = await self._store.read_at([request.signal_position])
        if not found or tenant_of(found[0].stream) != request.tenant:
            raise KeyError(f"no signal {request.signal_id}")
        return await self._explaining.explain(found[0], request.agent)

    async def WhatIf(self, request: WhatIfRequest, context: Any) -> WhatIfResponse:
        await self._service.follower.wait_for(request.wait_for)
        return await self._trying.what_if(request)
