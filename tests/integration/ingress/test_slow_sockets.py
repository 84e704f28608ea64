"""A client that does not read, on a real connection: it is told where to go on, and finds the rest there."""

import asyncio
import json
import logging
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
import uvicorn
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from reveille.contracts.planner.v1.events_pb2 import PlanUpdated
from reveille.ingress.entrypoints.http import party_socket
from reveille.kernel.sealing import seal_json
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


async def unread(host: str, port: int) -> socket.socket:
    """The system takes little for whoever does not read it."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
    made.setblocking(False)
    await asyncio.get_running_loop().sock_connect(made, (host, port))
    return made


class GivenUp(logging.Handler):
    """Hears when a socket is closed because its client is too slow."""

    def __init__(self) -> None:
        super().__init__()
        self.happened = asyncio.Event()

    def emit(self, record: logging.LogRecord) -> None:
        if "too slow" in record.getMessage():
            self.happened.set()


@pytest.fixture
def given_up() -> Iterator[GivenUp]:
    handler, before = GivenUp(), party_socket.logger.level
    party_socket.logger.addHandler(handler)
    party_socket.logger.setLevel(logging.INFO)
    yield handler
    party_socket.logger.setLevel(before)
    party_socket.logger.removeHandler(handler)


async def test_who_does_not_read_is_told_where_to_go_on(
    house: House, given_up: GivenUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(party_socket, "CLOSE_SECONDS", float(PATIENCE))
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
