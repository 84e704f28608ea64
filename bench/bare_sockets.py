"""The floor of live events: the same server and protocol, which sends every socket a message at the same pace.

`GET /say?events=…&rate=…` begins it; every socket at any path is told.
"""

import asyncio
import socket
import time
from typing import Any, Final
from urllib.parse import parse_qs

import orjson
import uvicorn
import uvloop

from bench import collecting
from bench.bare import BACKLOG

_sockets: Final[set[Any]] = set()
_saying: Final[set["asyncio.Task[None]"]] = set()


async def app(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        _sockets.add(send)
        while (await receive())["type"] != "websocket.disconnect":
            pass
        _sockets.discard(send)
    elif scope["type"] == "http":
        asked = parse_qs(scope["query_string"].decode())
        saying = asyncio.ensure_future(_say(int(asked["events"][0]), float(asked["rate"][0])))
        _saying.add(saying)
        saying.add_done_callback(_saying.discard)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})


async def _say(events: int, rate: float) -> None:
    for sequence in range(1, events + 1):
        event = {"type": "agent-thinking", "text": str(time.monotonic_ns()), "agentId": "speaker", "sequence": sequence}
        text = orjson.dumps({"type": "event", "sequence": sequence, "event": event}).decode()
        for send in list(_sockets):
            await send({"type": "websocket.send", "text": text})
        await asyncio.sleep(1 / rate)


async def serve() -> None:
    listening = socket.create_server(("127.0.0.1", 0), backlog=BACKLOG)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=3,
        backlog=BACKLOG,
        server_header=False,
    )
    collecting.tame()
    print(f"bare sockets are up on http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
    await uvicorn.Server(config).serve(sockets=[listening])


if __name__ == "__main__":
    try:
        uvloop.run(serve())
    except asyncio.CancelledError:
        pass
