"""Whether this process and those that it asks agree on TLS, said once: a call tells only that nobody answers."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any, Final

import grpc  # type: ignore[import-untyped]

from reveille.adapters.tls import explained

logger = logging.getLogger(__name__)

EVERY_SECONDS: Final = 5.0
ASK_SECONDS: Final = 2.0
FILES: Final = "REVEILLE_GRPC_CERT, REVEILLE_GRPC_KEY and REVEILLE_GRPC_CA"
# gRPC's words for a server that has read what this side sent, and has gone without an answer.
ENDED: Final = "Socket closed"


async def tell_of_handshakes(channels: Mapping[str, Any], *, every: float = EVERY_SECONDS) -> None:
    """Ask each of them, by what it is called, until it has answered once. What keeps it from that is one warning."""
    async with asyncio.TaskGroup() as tasks:
        for name, channel in channels.items():
            tasks.create_task(_tell(name, channel, every), name=f"handshake with {name}")


async def _tell(name: str, channel: Any, every: float) -> None:
    before, told = "", False
    while (reason := await _reason(channel)) is not None:
        # A server that is being stopped ends connections too: only what comes twice is told.
        if reason and reason == before and not told:
            logger.warning("gRPC of %s is of no use: %s, see %s here and there", name, reason, FILES)
            told = True
        before = reason
        await asyncio.sleep(every)


async def _reason(channel: Any) -> str | None:
    """Why the handshake fails; "": it is just away; None: it answers, whatever."""
    from grpc_health.v1 import health_pb2, health_pb2_grpc  # type: ignore[import-untyped]

    try:
        await health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=ASK_SECONDS)
    except grpc.aio.AioRpcError as error:
        if error.code() not in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED):
            return None
        details = str(error.details())
        ended = "it ends the connection, as where it does not take this side's certificate, or wants one"
        return explained(details) or (ended if ENDED in details else "")
    return None
