"""Many sockets of live events in one process, each as cheap as can be: a client library would be what is loaded."""

import asyncio
import base64
import json
import os
import resource
import socket
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, cast

# So many are opened at the same time.
OPENING: Final = 50
OPENING_SECONDS: Final = 60.0
# What the system holds for whoever does not read.
UNREAD_BYTES: Final = 16_384
# Files of this process besides its sockets.
OTHERS: Final = 200
_TEXT, _CLOSE, _PING = 0x81, 0x88, 0x89


class Watching(asyncio.Protocol):
    """One socket that watches one execution. told: sequences, in the order in which they came.

    latencies: nanoseconds since an agent said what begins with the time. reads: False: nothing once it is subscribed.
    """

    def __init__(self, execution_id: str, *, reads: bool = True) -> None:
        self.told: list[int] = []
        self.latencies: list[int] = []
        self.ended: str | None = None
        self.subscribed = asyncio.Event()
        self._execution_id = execution_id
        self._reads = reads
        self._left = b""
        self._open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        key = base64.b64encode(os.urandom(16)).decode()
        lines = (
            "GET /ws/events HTTP/1.1",
            "Host: 127.0.0.1",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Version: 13",
        )
        self.transport.write("\r\n".join((*lines, "", "")).encode())

    def connection_lost(self, error: Exception | None) -> None:
        self._end(f"lost after {len(self.told)} events: {error}")

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
            self._say({"type": "subscribe", "executionId": self._execution_id, "after": 0})
        place = 0
        while (frame := _frame(self._left, place)) is not None:
            kind, start, place = frame
            self._hear(kind, self._left[start:place], now)
        self._left = self._left[place:]

    def _hear(self, kind: int, data: bytes, now: int) -> None:
        if kind == _PING:
            self.transport.write(_masked(0x8A, data))
        elif kind == _CLOSE:
            self._end(f"closed after {len(self.told)} events: {data!r}")
        elif kind == _TEXT:
            self._read(json.loads(data), now)

    def _read(self, said: dict[str, Any], now: int) -> None:
        match said["type"]:
            case "event":
                self.told.append(said["sequence"])
                if said["event"]["type"] == "agent-thinking":
                    self.latencies.append(now - int(said["event"]["text"].split(" ", 1)[0]))
            case "subscribed":
                self.subscribed.set()
                if not self._reads:
                    self.transport.pause_reading()
            case "lagging":
                self._say({"type": "subscribe", "executionId": self._execution_id, "after": len(self.told)})
            case _:
                self._end(f"heard {said}")

    def _say(self, message: dict[str, Any]) -> None:
        self.transport.write(_masked(_TEXT, json.dumps(message).encode()))

    def _end(self, reason: str) -> None:
        if self.ended is None:
            self.ended = reason
        self.subscribed.set()


@asynccontextmanager
async def crowd(port: int, execution_ids: Sequence[str], *, reads: bool = True) -> AsyncIterator[list[Watching]]:
    """A socket for each, all subscribed."""
    _make_room(len(execution_ids))
    turns, loop = asyncio.Semaphore(OPENING), asyncio.get_running_loop()

    async def opened(execution_id: str) -> Watching:
        async with turns, asyncio.timeout(OPENING_SECONDS):
            made = socket.socket()
            made.setblocking(False)
            if not reads:
                made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, UNREAD_BYTES)
            await loop.sock_connect(made, ("127.0.0.1", port))
            _, watching = await loop.create_connection(lambda: Watching(execution_id, reads=reads), sock=made)
            await watching.subscribed.wait()
            return watching

    watching = await asyncio.gather(*(opened(one) for one in execution_ids))
    try:
        yield watching
    finally:
        for one in watching:
            one.transport.abort()
        # Their ends are told in the next turn.
        await asyncio.sleep(0)


def percentile(values: Sequence[int], share: float) -> float:
    """Milliseconds, of nanoseconds; 0 of nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] / 1e6 if ordered else 0.0


def latencies(watching: Sequence[Watching]) -> str:
    found = [took for one in watching for took in one.latencies]
    return f"p50 {percentile(found, 0.5):.1f} ms, p99 {percentile(found, 0.99):.1f} ms"


def _make_room(sockets: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = sockets + OTHERS
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(
            resource.RLIMIT_NOFILE, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard)
        )


def _frame(data: bytes, place: int) -> tuple[int, int, int] | None:
    """Kind, where its payload starts and where it ends; None: it is not all there."""
    if len(data) - place < 2:
        return None
    size, start = data[place + 1] & 0x7F, place + 2
    if size > 125:
        more = 2 if size == 126 else 8
        size, start = int.from_bytes(data[start : start + more], "big"), start + more
    return (data[place], start, start + size) if len(data) >= start + size else None


def _masked(kind: int, data: bytes) -> bytes:
    mask = os.urandom(4)
    size = bytes((0x80 | len(data),)) if len(data) < 126 else bytes((0x80 | 126,)) + len(data).to_bytes(2, "big")
    return bytes((kind,)) + size + mask + bytes(byte ^ mask[at % 4] for at, byte in enumerate(data))
