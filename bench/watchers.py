"""Many sockets that watch one execution, in a process of its own: each says how old every event was when it came.

Reads its orders from stdin as JSON,
prints `watching` when all sockets are subscribed, and the outcome as JSON when every one has seen every event.
"""

import asyncio
import json
import sys
from dataclasses import asdict, dataclass, field
from typing import Final

import uvloop

from bench.raw_websocket import TEXT, RawWebSocket

# So many are opened at the same time: a listen queue is shorter than a thousand.
OPENING: Final = 50


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


class Watcher(RawWebSocket):
    """One socket. An event's `text` is the time at which it was said."""

    def __init__(self, watch: Watch, seen: Seen, done: "asyncio.Queue[None]") -> None:
        super().__init__(watch.path)
        self._watch, self._seen, self._done = watch, seen, done
        self._sequence = 0
        self._events = 0
        self.subscribed = asyncio.Event()

    def opened(self) -> None:
        if self._watch.said:
            self.say(self._watch.said.encode())
        else:
            self.subscribed.set()

    def heard(self, kind: int, data: bytes, now: int) -> None:
        if kind == TEXT:
            self._hear(data, now)

    def ended(self, reason: str) -> None:
        if self._events < self._watch.events:
            self._end(f"a socket ended after {self._events} events: {reason}")

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


if __name__ == "__main__":
    print(json.dumps(asdict(uvloop.run(run(Watch(**json.loads(sys.stdin.readline())))))))
