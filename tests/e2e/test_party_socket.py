"""The sockets of parties on a platform that runs: who does not read, and a platform that stops."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.e2e.embedded import Embedded
from tests.e2e.running import PATIENCE


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


async def hear_to_the_end(ws: ClientConnection) -> None:
    while True:
        await hear(ws)


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
            await hear_to_the_end(ws)
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason.partition(";")[0]) == (1012, "the platform restarts")
    assert await asyncio.to_thread(platform.stop) == 0


async def test_who_asks_for_nobody_hears_it_before_the_upgrade(platform: Embedded) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with connect(address(platform, "nobody")):
            pass
    assert refused.value.response.status_code == 404
    assert b"there is no party nobody" in (refused.value.response.body or b"")
