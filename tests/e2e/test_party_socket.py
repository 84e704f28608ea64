"""The sockets of parties on a platform that runs: who does not read, and a platform that stops."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.e2e.embedded import Embedded
from tests.e2e.running import PATIENCE

# Of one input; as many as a plan takes.
TEXT = "a wish that nobody understands " * 120
ROUNDS = 24


@pytest.fixture
async def platform(tmp_path: Path) -> AsyncIterator[Embedded]:
    platform = Embedded(tmp_path, fleet=None)
    await asyncio.to_thread(platform.start)
    try:
        yield platform
    finally:
        await asyncio.to_thread(platform.close)


async def post(platform: Embedded, path: str, body: Any) -> Any:
    answer = await asyncio.to_thread(platform.http.post, f"/api/v1{path}", json=body)
    assert answer.is_success, answer.text
    return answer.json()


async def begin(platform: Embedded, party: str = "p") -> None:
    await post(platform, "/event-driven/start", {"party_id": party, "inputs": [{"content": "jungle theme party"}]})


def address(platform: Embedded, rest: str) -> str:
    return f"{platform.url.replace('http', 'ws', 1)}/ws/orchestration/{rest}"


async def hear(ws: ClientConnection) -> dict[str, Any]:
    async with asyncio.timeout(PATIENCE):
        heard: dict[str, Any] = json.loads(await ws.recv())
    return heard


async def test_a_party_is_followed_until_the_platform_stops(platform: Embedded) -> None:
    await begin(platform)
    async with connect(address(platform, "p")) as ws:
        state = await hear(ws)
        assert (state["type"], state["payload"]["party_id"]) == ("state", "p")
        await ws.send('{"type": "ping"}')
        heard = await hear(ws)
        while heard["type"] != "pong":  # the theme step is under way
            heard = await hear(ws)
        await post(platform, "/event-driven/input", {"party_id": "p", "content": "chocolate cake", "input_id": "cake"})
        while (heard := await hear(ws))["type"] != "input_added":
            pass
        assert heard["payload"]["input_id"] == "cake"
        platform.begin_to_stop()
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                heard = await hear(ws)
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason.partition(";")[0]) == (1012, "the platform restarts")
    assert await asyncio.to_thread(platform.stop) == 0


async def test_who_reads_too_slowly_is_closed_and_goes_on_where_he_was(platform: Embedded) -> None:
    """Everything is there in the end: what he took, and what he was told to come back for."""
    await begin(platform)
    host, port = platform.url.removeprefix("http://").split(":")
    small = socket.socket()
    # So that the system does not read in his place.
    small.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    small.setblocking(False)
    await asyncio.get_running_loop().sock_connect(small, (host, int(port)))
    async with connect(address(platform, "p"), sock=small, max_queue=1, ping_interval=None) as ws:
        first = await hear(ws)
        wishes = [{"content": TEXT} for _ in range(20)]
        for _ in range(ROUNDS):
            last = await post(platform, "/executions/p/inputs", {"inputs": wishes})
        heard: list[int] = [first["sequence"]]
        with pytest.raises(ConnectionClosed) as closed:
            # The platform's own patience is what has to pass.
            await asyncio.sleep(12)
            while True:
                heard.append((await hear(ws)).get("sequence", 0))
    assert closed.value.rcvd is not None
    code, reason = closed.value.rcvd.code, closed.value.rcvd.reason
    assert (code, reason) == (1013, f"too slow; go on with ?after={heard[-1]}")
    query = {"after": heard[-1], "limit": 500, "type": "InputAdded", "wait_for": last["position"]}
    missing = [one["sequence"] for one in platform.get("/api/v1/executions/p/events", **query)["items"]]
    assert missing
    async with connect(address(platform, f"p?after={heard[-1]}")) as again:
        added: list[int] = []
        while len(added) < len(missing):
            one = await hear(again)
            added += [one["sequence"]] if one["type"] == "input_added" else []
    assert added == missing


async def test_who_asks_for_nobody_hears_it_before_the_upgrade(platform: Embedded) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with connect(address(platform, "nobody")):
            pass
    assert refused.value.response.status_code == 404
    assert b"there is no party nobody" in (refused.value.response.body or b"")
