"""Asking ingress what came in lately."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any, Final

import grpc  # type: ignore[import-untyped]

from reveille.adapters.grpc import to_plain
from reveille.agents import ToolFailed
from reveille.contracts.ingress.v1.queries_pb2 import ListSignalsRequest, ListSignalsResponse
from reveille.contracts.ingress.v1.queries_pb2_grpc import QueryServiceStub
from reveille.kernel.clock import Clock, to_datetime
from reveille.kernel.errors import Transient

SECONDS: Final = 5.0

ListSignals = Callable[[ListSignalsRequest], Awaitable[ListSignalsResponse]]


class SignalHistory:
    """A History. It reads ingress's view, which may lag behind the log by a moment."""

    def __init__(self, list_signals: ListSignals, clock: Clock) -> None:
        """list_signals: raises Transient where ingress cannot answer."""
        self._list_signals = list_signals
        self._clock = clock

    @classmethod
    def over(cls, channel: Any, clock: Clock) -> "SignalHistory":
        stub = QueryServiceStub(channel)  # type: ignore[no-untyped-call]

        async def list_signals(request: ListSignalsRequest) -> ListSignalsResponse:
            try:
                return await stub.ListSignals(request, timeout=SECONDS)  # type: ignore[no-any-return]
            except grpc.aio.AioRpcError as error:
                raise Transient(f"ingress answers {error.code().name.lower()}") from error

        return cls(list_signals, clock)

    async def __call__(self, tenant: str, repository: str, hours: int, limit: int) -> Sequence[dict[str, Any]]:
        request = ListSignalsRequest(tenant=tenant, repository=repository, limit=limit)
        try:
            answer = await self._list_signals(request)
        except Transient as error:
            raise ToolFailed(f"ingress cannot be asked for signals: {error}") from error
        since = to_datetime(self._clock.now()) - timedelta(hours=hours)
        return [to_plain(item) for item in answer.items if item.received_at.ToDatetime(since.tzinfo) >= since]
