"""What each service answers about its inbox over gRPC; one server may answer for several."""

from collections.abc import Iterable
from typing import Any

from reveille.contracts.common.v1.inbox_pb2 import (
    DropDeadLetterRequest,
    DropDeadLetterResponse,
    GetInboxRequest,
    GetInboxResponse,
    RetryDeadLetterRequest,
    RetryDeadLetterResponse,
)
from reveille.contracts.common.v1.inbox_pb2_grpc import InboxServiceServicer
from reveille.kernel.dead_letters import DeadLetters, Decode
from reveille.kernel.errors import Poison, Transient
from reveille.kernel.processing import Processing
from reveille.kernel.service import Service
from reveille.kernel.timestamps import timestamp


class Inboxes(InboxServiceServicer):
    """Of those of the services that have one."""

    def __init__(self, services: Iterable[Service], *, decode: Decode, prefix: str = "reveille") -> None:
        """prefix: of topics."""
        self._inboxes: dict[str, tuple[Processing, DeadLetters]] = {
            service.name: (service.processing, service.dead_letters)
            for service in services
            if service.processing is not None and service.dead_letters is not None
        }
        self._decode = decode
        self._prefix = prefix

    async def GetInbox(self, request: GetInboxRequest, context: Any) -> GetInboxResponse:
        processing, _ = self._of(request.service)
        counted = processing.counted.of(request.tenant)
        return GetInboxResponse(
            service=request.service,
            topic=f"{self._prefix}.{request.service}.inbox.v1",
            published=counted.published,
            delivered=counted.delivered,
            failed=counted.failed,
            parked=counted.parked,
            since=timestamp(processing.counted.since),
        )

    async def RetryDeadLetter(self, request: RetryDeadLetterRequest, context: Any) -> RetryDeadLetterResponse:
        _, letters = self._of(request.service)
        try:
            position = await letters.retry(request.parked, decode=self._decode)
        except Transient as error:
            # The service is there, and its word is what the person wants to read.
            raise Poison(f"it cannot be handled yet: {error}") from error
        return RetryDeadLetterResponse(position=position)

    async def DropDeadLetter(self, request: DropDeadLetterRequest, context: Any) -> DropDeadLetterResponse:
        _, letters = self._of(request.service)
        return DropDeadLetterResponse(position=await letters.drop(request.parked, request.reason))

    def _of(self, service: str) -> tuple[Processing, DeadLetters]:
        if service not in self._inboxes:
            raise KeyError(f"no inbox of {service[:100] or 'nobody'} is here, only of {', '.join(self._inboxes)}")
        return self._inboxes[service]
