"""Many sockets that watch one execution, in a process of its own: each says how old every event was when it came.

Raw WebSocket over the event loop: a client library would be measured with it. Reads its orders from stdin as JSON,
prints `watching` when all sockets are subscribed, and the outcome as JSON when every one has seen every event.
"""

import asyncio
import base64
import json
import os
import sys
import time
from dataclasses import asdict, dataclass, field
from typing import Final, cast

import uvloop

# So many are opened at the same time: a listen queue is shorter than a thousand.
OPENING: Final = 50
_FIN_TEXT: Final = 0x81
_MASKED: Final = 0x80


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """said: what is sent when a socket is open, "" for nothing. events: to be seen by each, that have `text`."""

    port: int
    path: str
    sockets: int
    said: str
    events: int
    seconds: float


@dataclass(slots=True)
class Seen:
    """latencies: nanoseconds, of all sockets. held: sockets that saw every event once and in order."""

    latencies: list[int] = field(default_factory=list)
    held: int = 0
    lagging: int = 0
    errors: list[str] = field(default_factory=list)


class Watcher(asyncio.Protocol):
    """One socket. An event's `text` is the time at which it was said."""

    def __init__(self, watch: Watch, seen: Seen, done: "asyncio.Queue[None]") -> None:
        self._watch, self._seen, self._done = watch, seen, done
        self._left = b""
        self._open = False
        self._sequence = 0
        self._events = 0
        self.subscribed = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.WriteTransport", transport)
        key = base64.b64encode(os.urandom(16)).decode()
        lines = (
            f"GET {self._watch.path} HTTP/1.1",
            f"Host: 127.0.0.1:{self._watch.port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Version: 13",
        )
        self._transport.write("\r\n".join((*lines, "", "")).encode())

    def data_received(self, data: bytes) -> None:
        now = time.monotonic_ns()
        self._left += data
        if not self._open:
            head, ended, rest = self._left.partition(b"\r\n\r\n")
            if not ended:
                return
            if b" 101 " not in head.split(b"\r\n", 1)[0]:
                self._end(head.decode(errors="replace")[:200])
                return
            self._open, self._left = True, rest
            if self._watch.said:
                self._transport.write(_frame(self._watch.said))
            else:
                self.subscribed.set()
        self._take(now)

    def connection_lost(self, error: Exception | None) -> None:
        if self._events < self._watch.events:
            self._end(f"a socket ended after {self._events} events: {error}")

    def _take(self, now: int) -> None:
        place, left = 0, self._left
        while len(left) - place >= 2:
            size, at = left[place + 1] & 0x7F, place + 2
            if size == 126:
                size, at = int.from_bytes(left[place + 2 : place + 4], "big"), place + 4
            elif size == 127:
                size, at = int.from_bytes(left[place + 2 : place + 10], "big"), place + 10
            if len(left) < at + size:
                break
            if left[place] == _FIN_TEXT:
                self._hear(left[at : at + size], now)
            place = at + size
        self._left = left[place:]

    def _hear(self, text: bytes, now: int) -> None:
        if b'"agent-thinking"' not in text:
            kind = json.loads(text)["type"]
            if kind == "subscribed":
                self.subscribed.set()
            elif kind == "lagging":
                self._seen.lagging += 1
            elif kind == "error":
                self._end(text.decode())
            return
        message = json.loads(text)
        self._seen.latencies.append(now - int(message["event"]["text"]))
        if message["sequence"] <= self._sequence:
            self._end(f"event {message['sequence']} came behind {self._sequence}")
        self._sequence = message["sequence"]
        self._events += 1
        if self._events == self._watch.events:
            self._seen.held += 1
            self._end()

    def _end(self, error: str = "") -> None:
        if error:
            self._seen.errors.append(error)
            self.subscribed.set()
        self._done.put_nowait(None)


async def run(watch: Watch) -> Seen:
    seen, done = Seen(), asyncio.Queue[None]()
    loop = asyncio.get_running_loop()
    turn = asyncio.Semaphore(OPENING)

    async def opened() -> Watcher:
        async with turn:
            _, watcher = await loop.create_connection(lambda: Watcher(watch, seen, done), "127.0.0.1", watch.port)
            async with asyncio.timeout(watch.seconds):
                await watcher.subscribed.wait()
            return watcher

    watchers = await asyncio.gather(*(opened() for _ in range(watch.sockets)))
    print("watching", flush=True)
    try:
        async with asyncio.timeout(watch.seconds):
            for _ in watchers:
                await done.get()
    except TimeoutError:
        seen.errors.append(f"not all was seen in {watch.seconds:g} s")
    return seen


def _frame(text: str) -> bytes:
    data, mask = text.encode(), os.urandom(4)
    size = bytes((_MASKED | len(data),)) if len(data) < 126 else bytes((_MASKED | 126,)) + len(data).to_bytes(2, "big")
    return bytes((_FIN_TEXT,)) + size + mask + bytes(byte ^ mask[at % 4] for at, byte in enumerate(data))


if __name__ == "__main__":
    print(json.dumps(asdict(uvloop.run(run(Watch(**json.loads(sys.stdin.readline())))))))
