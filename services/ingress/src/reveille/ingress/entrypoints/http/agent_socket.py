"""The sockets of remote agents: who may connect is decided here, the rest is a pipe to an agent-runner."""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, ClassVar, Final
from urllib.parse import parse_qs

import grpc  # type: ignore[import-untyped]

from reveille.contracts.agent_runner.v1.queries_pb2 import ConnectRequest
from reveille.ingress.application.fleets import Fleets
from reveille.ingress.domain.refusals import Invalid, Missing, Refusal, invalid_field
from reveille.ingress.entrypoints.access_table import AGENT_SOCKET, SocketEntry
from reveille.ingress.entrypoints.http.identity import principal_of
from reveille.ingress.entrypoints.http.problems import Flooded
from reveille.ingress.entrypoints.http.sockets import RESTARTING, Closing, close, either_ends, refuse
from reveille.kernel.errors import Transient
from reveille.kernel.ids import Ids, text

logger = logging.getLogger(__name__)

PATH: Final = "/ws/agents/"
# A result of 128 KiB, and what JSON makes of its quotes.
MAX_MESSAGE: Final = 512 * 1024
MAX_CAPACITY: Final = 100
_CAPACITY: Final = re.compile(r"[1-9][0-9]{0,2}")
# An agent-runner that does not say welcome in this time is away.
WELCOME_SECONDS: Final = 5.0
TEXT_ONLY: Final = (1003, "messages are texts")
TOO_LARGE: Final = (1009, f"a message has at most {MAX_MESSAGE} bytes")


class AgentSocket:
    """Plain ASGI. `takes` says which sockets are for it: `/ws/agents/{id}`, and `/?agent={id}` as older clients ask."""

    entry: ClassVar[SocketEntry] = AGENT_SOCKET

    def __init__(self, *, fleets: Fleets, links: Any, ids: Ids) -> None:
        """links: a stub of the agent-runners' LinkService."""
        self._fleets = fleets
        self._links = links
        self._ids = ids

    def takes(self, scope: Any) -> bool:
        path: str = scope["path"]
        return scope["type"] == "websocket" and (path.startswith(PATH) or path == "/")

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await receive()  # websocket.connect
        try:
            first = self._admit(scope)
            async with self._connected(first) as (call, welcome):
                await send({"type": "websocket.accept"})
                await send({"type": "websocket.send", "text": welcome})
                await _pipe(call, receive, send)
        except (Refusal, Transient) as error:
            await refuse(scope, send, error, self._ids)

    def _admit(self, scope: Any) -> ConnectRequest:
        """Who connects and how much he takes at a time. Raises a Refusal."""
        query = {name: values[-1] for name, values in parse_qs(scope["query_string"].decode("latin-1")).items()}
        path: str = scope["path"]
        agent = path.removeprefix(PATH) if path.startswith(PATH) else query.get("agent", "")
        principal = principal_of(scope)
        principal.check_agent(agent)
        known = self._fleets.in_force(principal.tenant).fleet.agents.get(agent)
        if known is None or not known.remote:
            raise Missing("unknown_agent", f"the fleet has no remote agent {agent[:100]!r}")
        session = text(self._ids.new())
        return ConnectRequest(tenant=principal.tenant, agent=agent, session=session, capacity=_capacity(query))

    @asynccontextmanager
    async def _connected(self, first: ConnectRequest) -> AsyncIterator[tuple[Any, str]]:
        """The way to an agent-runner, and the welcome that it says. Raises a Refusal or Transient."""
        call = self._links.Connect()
        try:
            try:
                async with asyncio.timeout(WELCOME_SECONDS):
                    await call.write(first)
                    welcome = await call.read()
            except TimeoutError:
                raise Transient("agent-runner cannot answer now") from None
            except (grpc.aio.AioRpcError, asyncio.InvalidStateError) as error:
                raise await _refusal(call) from error
            if welcome is grpc.aio.EOF or not welcome.text:
                raise Transient("agent-runner cannot answer now")
            yield call, welcome.text
        finally:
            call.cancel()


def _capacity(query: Mapping[str, str]) -> int:
    given = query.get("capacity", "1")
    if not _CAPACITY.fullmatch(given) or int(given) > MAX_CAPACITY:
        raise invalid_field("capacity", f"expected a whole number from 1 to {MAX_CAPACITY}")
    return int(given)


async def _refusal(call: Any) -> Exception:
    code, details = await call.code(), await call.details()
    match code:
        case grpc.StatusCode.NOT_FOUND:
            return Missing("unknown_agent", details)
        case grpc.StatusCode.RESOURCE_EXHAUSTED:
            return Flooded(details, retry_after=5)
        case grpc.StatusCode.INVALID_ARGUMENT:
            return Invalid("invalid_query", details)
    return Transient("agent-runner cannot answer now")


async def _pipe(call: Any, receive: Any, send: Any) -> None:
    """Both ways, until either side ends; then the socket is closed with what that side said."""
    closing = await either_ends(_up(call, receive), _down(call, send))
    if closing is not None:
        await close(send, closing)


async def _up(call: Any, receive: Any) -> Closing | None:
    """From the socket; None where it is closed already."""
    while True:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            return None
        said = message.get("text")
        if said is None:
            return TEXT_ONLY
        if len(said.encode(errors="replace")) > MAX_MESSAGE:
            return TOO_LARGE
        try:
            await call.write(ConnectRequest(text=said))
        except (grpc.aio.AioRpcError, asyncio.InvalidStateError):
            # The stream is at its end, and the other way knows how it was ended.
            await asyncio.get_running_loop().create_future()


async def _down(call: Any, send: Any) -> Closing | None:
    """From the agent-runner."""
    try:
        while (said := await call.read()) is not grpc.aio.EOF:
            if said.close_code:
                return said.close_code, said.close_reason
            await send({"type": "websocket.send", "text": said.text})
    except grpc.aio.AioRpcError:
        pass  # it is gone; another one takes what the agent has
    return RESTARTING
