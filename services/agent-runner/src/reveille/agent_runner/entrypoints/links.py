"""The way of remote agents' sockets to this replica: a stream for each, from whichever ingress holds the socket."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final

import grpc  # type: ignore[import-untyped]

from reveille.agent_runner.application.link import Close, Link
from reveille.agent_runner.bootstrap import AgentRunner
from reveille.contracts.agent_runner.v1.queries_pb2 import ConnectRequest, ConnectResponse
from reveille.contracts.agent_runner.v1.queries_pb2_grpc import LinkServiceServicer
from reveille.kernel.errors import Rejected, Transient

FAREWELL_SECONDS: Final = 1.0
GONE: Final = (1000, "the agent has left")


class LinkServicer(LinkServiceServicer):
    def __init__(self, runner: AgentRunner) -> None:
        self._links = runner.links

    async def Connect(self, requests: AsyncIterator[ConnectRequest], context: Any) -> AsyncIterator[ConnectResponse]:
        link = await self._open(requests, context)
        hearing = asyncio.ensure_future(_hear(link, requests))
        try:
            while True:
                said = await link.outbox.get()
                if isinstance(said, Close):
                    yield ConnectResponse(close_code=said.code, close_reason=said.reason)
                    # A stream that ends while the other side still writes may lose what it was told last.
                    await asyncio.wait([hearing], timeout=FAREWELL_SECONDS)
                    return
                yield ConnectResponse(text=said)
        finally:
            hearing.cancel()
            link.close(*GONE)

    async def _open(self, requests: AsyncIterator[ConnectRequest], context: Any) -> Link:
        first = await anext(aiter(requests), ConnectRequest())
        if not (first.tenant and first.agent and first.session):
            await context.abort(
                grpc.StatusCode.INVALID_ARGUMENT, "the first message must have tenant, agent and session"
            )
        try:
            return await self._links.open(
                tenant=first.tenant, agent=first.agent, session=first.session, capacity=first.capacity
            )
        except KeyError as error:
            await context.abort(grpc.StatusCode.NOT_FOUND, str(error.args[0]))
        except Rejected as error:
            await context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, str(error))
        except Transient as error:
            await context.abort(grpc.StatusCode.UNAVAILABLE, str(error))
        raise AssertionError("abort raises")


async def _hear(link: Link, requests: AsyncIterator[ConnectRequest]) -> None:
    """Until the socket is closed, or whoever holds it is gone."""
    try:
        async for request in requests:
            await link.take(request.text)
    finally:
        link.close(*GONE)
