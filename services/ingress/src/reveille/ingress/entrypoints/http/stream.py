"""Live events of an execution as server-sent events, for those without a socket."""

import asyncio
import logging
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header
from fastapi.responses import Response

from reveille.ingress.application.live import Chosen, Feed, Live, LiveEntry
from reveille.ingress.domain.refusals import Missing
from reveille.ingress.entrypoints.http.history_asked import After, Agents, Departments, LiveTypes, chosen, invalid
from reveille.ingress.entrypoints.http.identity import Tenant
from reveille.ingress.entrypoints.http.sockets import Closing, either_ends
from reveille.ingress.entrypoints.http.stream_described import STREAM
from reveille.kernel.errors import Transient

logger = logging.getLogger(__name__)

# A client that is cut off comes again after so many milliseconds.
RETRY: Final = 1_000
# Without any event, a comment shows each side that the other is there.
SILENCE_SECONDS: Final = 15.0
# Who does not take what he is sent in this time is cut off; he comes again, and goes on where he was.
SLOW_SECONDS: Final = 30.0
# Events of one piece: so many wait at most for a client that does not read.
PIECE: Final = 50

_HEADERS: Final = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    # A proxy that gathers what it passes on would hold events back.
    (b"x-accel-buffering", b"no"),
]

LastEventId = Annotated[
    str, Header(alias="Last-Event-ID", max_length=40, description="The sequence of the last event that came.")
]


def stream_routes(
    live: Live,
    *,
    silence_seconds: float = SILENCE_SECONDS,
    slow_seconds: float = SLOW_SECONDS,
) -> APIRouter:
    router = APIRouter(prefix="/api/v1/executions", tags=["history"])
    streams = _Streams(live=live, silence_seconds=silence_seconds, slow_seconds=slow_seconds)

    @router.get("/{execution_id}/stream", responses=STREAM, response_class=Response)
    async def stream_events(
        execution_id: str,
        tenant: Tenant,
        types: LiveTypes = "",
        agents: Agents = "",
        departments: Departments = "",
        after: After = 0,
        last_event_id: LastEventId = "",
    ) -> Response:
        """From the first live event on, or behind one; it ends with the execution, unless that is a living plan.

        Who comes again behind the end gets 204, which tells a browser not to come any more.
        """
        choice = chosen("types", types, agents, departments)
        after = _sequence(last_event_id) if last_event_id else after
        return _Stream(streams, tenant, execution_id, choice, after)

    return router


def _sequence(given: str) -> int:
    if not (given.isascii() and given.isdigit() and len(given) <= 18):
        raise invalid("Last-Event-ID", f"it is {given[:40]!r}, expected the sequence of an event")
    return int(given)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Streams:
    """What all of them have in common."""

    live: Live
    silence_seconds: float
    slow_seconds: float


class _Stream(Response):
    """Plain ASGI: each piece is sent when the one before has been taken, and nothing is kept for later."""

    def __init__(self, streams: _Streams, tenant: str, execution_id: str, choice: Chosen, after: int) -> None:
        super().__init__(media_type="text/event-stream")
        self._streams = streams
        self._tenant = tenant
        self._execution_id = execution_id
        self._choice = choice
        self._cursor = after

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async with self._streams.live.watch(self._tenant, self._execution_id) as feed:
            if feed.ended and 0 < feed.last <= self._cursor:
                await Response(status_code=204)(scope, receive, send)
                return
            await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
            await either_ends(_gone(receive), self._tell(feed, send))

    async def _tell(self, feed: Feed, send: Any) -> Closing | None:
        try:
            await self._send(send, f"retry: {RETRY}\n\n")
            while not self._streams.live.news.left:
                version = feed.watch.version
                # Asked before what follows is, as it may come to its end meanwhile.
                ended = feed.ended
                entries = await feed.after(self._cursor, PIECE)
                if entries:
                    await self._send(send, "".join(_event(one) for one in entries if self._choice.takes(one)))
                    self._cursor = entries[-1].sequence
                elif ended:
                    break
                elif not await self._news(feed, version):
                    await self._send(send, ": nothing new\n\n")
            await self._send(send, f"retry: {RETRY}\n\n", more=False)
        except TimeoutError:
            logger.info("a stream of execution %s ends: its client is too slow", self._execution_id)
        except (Transient, Missing) as error:
            logger.warning("a stream of execution %s ends: %s", self._execution_id, error)
            await self._end(send)
        except OSError:
            pass  # the client is gone
        return None

    async def _news(self, feed: Feed, version: int) -> bool:
        try:
            async with asyncio.timeout(self._streams.silence_seconds):
                await feed.watch.wait(version)
        except TimeoutError:
            return False
        return True

    async def _send(self, send: Any, text: str, *, more: bool = True) -> None:
        """Raises TimeoutError where the client does not take it, OSError where it is gone."""
        if text:
            async with asyncio.timeout(self._streams.slow_seconds):
                await send({"type": "http.response.body", "body": text.encode(), "more_body": more})

    async def _end(self, send: Any) -> None:
        try:
            await self._send(send, f"retry: {RETRY}\n\n", more=False)
        except (TimeoutError, OSError):
            pass


def _event(entry: LiveEntry) -> str:
    """Its JSON has no line breaks, which would part it."""
    return f"id: {entry.sequence}\nevent: {entry.type}\ndata: {entry.text}\n\n"


async def _gone(receive: Any) -> Closing | None:
    """Return when the client has hung up."""
    while (await receive())["type"] != "http.disconnect":
        pass
    return None
