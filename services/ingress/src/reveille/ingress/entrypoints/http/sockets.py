"""What all sockets have in common: how one is refused, and how one ends."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, Final

from reveille.ingress.entrypoints.http.problems import outline, problem_of
from reveille.ingress.entrypoints.http.tracing import trace_id_of
from reveille.kernel.ids import Ids
from reveille.kernel.racing import first_to_end

logger = logging.getLogger(__name__)

# A code and a reason.
Closing = tuple[int, str]
RESTARTING: Final[Closing] = (1012, "the platform restarts; come again")
# Who does not read what a socket is closed with in this time is cut off without a word.
CLOSE_SECONDS: Final = 20.0


async def refuse(scope: Any, send: Any, error: Exception, ids: Ids) -> None:
    """Before the upgrade it is an answer of HTTP, as at any door."""
    logger.info("a socket is refused: %s", outline(error))
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008})
        return
    problem = problem_of(error, instance=scope["path"], trace_id=trace_id_of(scope, ids))
    await send({"type": "websocket.http.response.start", "status": problem.status, "headers": [*problem.headers]})
    await send({"type": "websocket.http.response.body", "body": problem.body})


async def close(send: Any, closing: Closing) -> None:
    """Where the client is there to hear it."""
    code, reason = closing
    try:
        async with asyncio.timeout(CLOSE_SECONDS):
            await send({"type": "websocket.close", "code": code, "reason": reason})
    except (TimeoutError, OSError):
        pass


async def either_ends(*ways: Coroutine[Any, Any, Closing | None]) -> Closing | None:
    """Both ways of a socket until either ends, and the other with it: what the socket is closed with.

    None: it is closed already.
    """
    done = await first_to_end(*ways)
    return next((closing for way in done if (closing := way.result()) is not None), None)
