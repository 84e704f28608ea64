"""The floor of live events: the same server and protocol, which sends every socket a message at the same pace.

`GET /say?events=…&rate=…` begins it; every socket at any path is told.
"""

import asyncio
import time
from typing import Any, Final
from urllib.parse import parse_qs

import orjson

from bench.bare import serve

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


if __name__ == "__main__":
    serve(app, "bare sockets are up", ws_per_message_deflate=False)
