"""JSON requests at full speed over kept connections, one at a time on each, in this process."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bench.running import BenchFailed

CONNECTIONS: Final = 32
ACCEPTED: Final = b"202"


@dataclass(frozen=True, slots=True)
class Post:
    path: str
    body: Any

    def as_bytes(self) -> bytes:
        body = json.dumps(self.body).encode()
        head = f"POST {self.path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
        return f"{head}content-length: {len(body)}\r\n\r\n".encode() + body


async def free() -> None:
    """Nothing holds a request back."""


def post_all(port: int, posts: Sequence[Post], before_each: Callable[[], Awaitable[None]] = free) -> float:
    """The monotonic time at which the first was sent. Raises BenchFailed for another answer than 202."""
    requests = [post.as_bytes() for post in posts]
    try:
        return asyncio.run(_post_all(port, iter(requests), before_each))
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from failed


async def _post_all(port: int, requests: Iterator[bytes], before_each: Callable[[], Awaitable[None]]) -> float:
    began = time.monotonic()
    async with asyncio.TaskGroup() as connections:
        for _ in range(CONNECTIONS):
            connections.create_task(_one(port, requests, before_each))
    return began


async def _one(port: int, requests: Iterator[bytes], before_each: Callable[[], Awaitable[None]]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for request in requests:
            await before_each()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
            body = await reader.readexactly(length)
            if head[9:12] != ACCEPTED:
                raise BenchFailed(f"port {port}: an answer is {head[:30]!r} {body[:300]!r}, expected 202")
    finally:
        writer.close()
