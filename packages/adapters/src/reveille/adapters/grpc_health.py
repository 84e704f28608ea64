"""Health by grpc.health.v1: a service serves while it says that it is ready."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from typing import Any, Final

import grpc  # type: ignore[import-untyped]
from grpc_health.v1 import health_pb2, health_pb2_grpc  # type: ignore[import-untyped]

from reveille.adapters.complaints import METADATA, Complaint, encoded
from reveille.kernel.events import service_of

# A watcher hears of a change within it.
WATCH_SECONDS: Final = 1.0

# By a service's name, such as `agent-runner`.
Ready = Callable[[str], bool]
Complaints = Callable[[str], Sequence[Complaint]]


class Health(health_pb2_grpc.HealthServicer):  # type: ignore[misc]
    """Asks at every check, so that nothing is to be told when a service becomes ready; "" is all services together.

    An answer about one service carries what it complains of.
    """

    def __init__(self, services: Collection[str], ready: Ready, complaints: Complaints) -> None:
        self._services = services
        self._ready = ready
        self._complaints = complaints
        self._leaving = asyncio.Event()

    def leave(self) -> None:
        """From now on nothing serves: who balances load stops sending."""
        self._leaving.set()

    async def Check(self, request: Any, context: Any) -> Any:
        status = self._status(request.service)
        if status == health_pb2.HealthCheckResponse.SERVICE_UNKNOWN:
            await context.abort(
                grpc.StatusCode.NOT_FOUND, f"no service {request.service}, only {', '.join(self._services)}"
            )
        if request.service and (complaints := self._complaints(service_of(request.service))):
            context.set_trailing_metadata(((METADATA, encoded(complaints)),))
        return health_pb2.HealthCheckResponse(status=status)

    async def Watch(self, request: Any, context: Any) -> AsyncIterator[Any]:
        last = None
        while True:
            status = self._status(request.service)
            if status != last:
                yield health_pb2.HealthCheckResponse(status=status)
                last = status
            if self._leaving.is_set():
                return
            try:
                await asyncio.wait_for(self._leaving.wait(), WATCH_SECONDS)
            except TimeoutError:
                continue

    def _status(self, service: str) -> int:
        asked = self._services if service == "" else [service]
        if any(name not in self._services for name in asked):
            unknown: int = health_pb2.HealthCheckResponse.SERVICE_UNKNOWN
            return unknown
        serving = not self._leaving.is_set() and all(self._ready(service_of(name)) for name in asked)
        status: int = health_pb2.HealthCheckResponse.SERVING if serving else health_pb2.HealthCheckResponse.NOT_SERVING
        return status
