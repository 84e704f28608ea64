"""A client that does not read, on a real connection: it is told where to go on, and finds the rest there."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
import uvicorn
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from reveille.contracts.planner.v1.events_pb2 import PlanUpdated
from reveille.ingress.entrypoints.http import party_socket, sockets
from reveille.kernel.sealing import seal_json
from tests.integration.ingress.given_up import GivenUp, heard_of, unread
from tests.unit.ingress import plan_events as told
from tests.unit.ingress.test_party_socket import BEGUN, PATIENCE, House
from tests.unit.running import running

# Of 150 KB each: more than the system holds for a connection that is not read.
EVENTS = 80
BIG = "x" * 150_000


@asynccontextmanager
async def serving(app: Any) -> AsyncIterator[tuple[str, int]]:
    """On loopback, by the server that the platform has."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(app, log_config=None, lifespan="off", ws_per_message_deflate=False, timeout_graceful_shutdown=1)
    )
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(server.serve(sockets=[listening]))
        try:
            yield listening.getsockname()
        finally:
            server.should_exit = True


@pytest.fixture
async def house() -> AsyncIterator[House]:
    house = House()
    async with AsyncExitStack() as stack:
        stack.push_async_callback(house.transactions.close)
        await stack.enter_async_context(running(house.follower.run()))
        yield house


async def hear(ws: ClientConnection) -> dict[str, Any]:
    async with asyncio.timeout(PATIENCE):
        heard: dict[str, Any] = json.loads(await ws.recv())
    return heard


async def hear_all(ws: ClientConnection, into: list[int]) -> None:
    while True:
        into.append((await hear(ws))["sequence"])


@pytest.fixture
def given_up() -> Iterator[GivenUp]:
    with heard_of(party_socket.logger) as heard:
        yield heard


async def test_who_does_not_read_is_told_where_to_go_on(
    house: House, given_up: GivenUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "CLOSE_SECONDS", float(PATIENCE))
    await house.tell(*BEGUN)
    big = PlanUpdated(execution_id="p", version=2, plan=seal_json({"text": BIG}))
    heard: list[int] = []
    async with serving(house.make_socket(slow_seconds=0.2)) as (host, port):
        url = f"ws://{host}:{port}/ws/orchestration/p"
        async with connect(url, sock=await unread(host, port), max_queue=1, ping_interval=None) as ws:
            heard.append((await hear(ws))["sequence"])
            await house.tell(*(told.of("p", big) for _ in range(EVENTS)))
            async with asyncio.timeout(PATIENCE):
                await given_up.happened.wait()
            with pytest.raises(ConnectionClosed) as closed:
                await hear_all(ws, heard)
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1013, f"too slow; go on with ?after={heard[-1]}")
        assert heard == list(range(4, heard[-1] + 1))
        rest = range(heard[-1] + 1, EVENTS + 5)
        assert len(rest) > 0
        async with connect(f"{url}?after={heard[-1]}", max_size=None) as again:
            assert [(await hear(again))["sequence"] for _ in rest] == list(rest)
