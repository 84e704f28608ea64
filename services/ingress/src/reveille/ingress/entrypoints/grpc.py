"""Ingress's answers over gRPC."""

from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

from reveille.contracts.ingress.v1.queries_pb2 import (
    GetCausesRequest,
    GetCausesResponse,
    GetSignalRequest,
    GetSignalResponse,
    ListSignalsRequest,
    ListSignalsResponse,
)
from reveille.contracts.ingress.v1.queries_pb2_grpc import QueryServiceServicer
from reveille.ingress.application.reading import Reading
from reveille.ingress.domain.refusals import Missing

Q = TypeVar("Q")
A = TypeVar("A")

DEFAULT_TIMEOUT: Final = 5.0


class QueryServicer(QueryServiceServicer):
    """What is missing is a KeyError, which the server's edge turns into NOT_FOUND."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    async def GetSignal(self, request: GetSignalRequest, context: Any) -> GetSignalResponse:
        return await _answer(self._reading.signal, request, context)

    async def ListSignals(self, request: ListSignalsRequest, context: Any) -> ListSignalsResponse:
        return await _answer(self._reading.signals, request, context)

    async def GetCauses(self, request: GetCausesRequest, context: Any) -> GetCausesResponse:
        return await _answer(self._reading.causes, request, context)


async def _answer(read: Callable[[Q, float], Awaitable[A]], request: Q, context: Any) -> A:
    left = context.time_remaining()
    try:
        return await read(request, DEFAULT_TIMEOUT if left is None else left)
    except Missing as error:
        raise KeyError(str(error)) from error
