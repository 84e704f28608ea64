"""Many sockets of live events in one process, each as cheap as can be: a client library would be what is loaded."""

import asyncio
import json
import resource
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from bench.raw_websocket import CLOSE, PING, PONG, TEXT, RawWebSocket

# So many are opened at the same time.
OPENING: Final = 50
OPENING_SECONDS: Final = 60.0
# What the system holds for whoever does not read.
UNREAD_BYTES: Final = 16_384
# Files of this process besides its sockets.
OTHERS: Final = 200


class Watching(RawWebSocket):
    """One socket that watches one execution. told: sequences, in the order in which they came.

    latencies: nanoseconds since an agent said what begins with the time. reads: False: nothing once it is subscribed.
    """

    def __init__(self, execution_id: str, *, reads: bool = True) -> None:
        super().__init__("/ws/events")
        self.told: list[int] = []
        self.latencies: list[int] = []
        self.over: str | None = None
        self.subscribed = asyncio.Event()
        self._execution_id = execution_id
        self._reads = reads

    def opened(self) -> None:
        self._tell({"type": "subscribe", "executionId": self._execution_id, "after": 0})

    def heard(self, kind: int, data: bytes, now: int) -> None:
        if kind == PING:
            self.say(data, PONG)
        elif kind == CLOSE:
            self.ended(f"closed: {data!r}")
        elif kind == TEXT:
            self._read(json.loads(data), now)

    def ended(self, reason: str) -> None:
        if self.over is None:
            self.over = f"after {len(self.told)} events: {reason}"
        self.subscribed.set()

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
                self._tell({"type": "subscribe", "executionId": self._execution_id, "after": len(self.told)})
            case _:
                self.ended(f"heard {said}")

    def _tell(self, message: dict[str, Any]) -> None:
        self.say(json.dumps(message).encode())


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
