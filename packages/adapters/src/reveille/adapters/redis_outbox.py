"""What waits for Redis: bounded in number and bytes, and the oldest goes first when there is no more room."""

import asyncio
from collections import deque
from typing import Final

MESSAGES: Final = 10_000
BYTES: Final = 16 * 1024 * 1024


class Outbox:
    """lost: messages that had to make room, or were on their way when the connection broke."""

    def __init__(self, messages: int = MESSAGES, size: int = BYTES) -> None:
        self._most, self._largest = messages, size
        self._waiting: deque[tuple[str, bytes]] = deque()
        self._size = 0
        self._arrived = asyncio.Event()
        self._empty = asyncio.Event()
        self._empty.set()
        self.lost = 0

    def put(self, channel: str, message: bytes) -> None:
        self._waiting.append((channel, message))
        self._size += len(message)
        while len(self._waiting) > self._most or self._size > self._largest:
            self._pop()
            self.lost += 1
        self._empty.clear()
        self._arrived.set()

    async def arrived(self, seconds: float) -> bool:
        """False: nothing came in this time."""
        try:
            async with asyncio.timeout(seconds):
                await self._arrived.wait()
        except TimeoutError:
            return False
        return True

    def take(self, most: int) -> list[tuple[str, bytes]]:
        """The oldest. Whoever takes them says `sent` when they are gone, or counts them as lost."""
        return [self._pop() for _ in range(min(most, len(self._waiting)))]

    def sent(self) -> None:
        if not self._waiting:
            self._arrived.clear()
            self._empty.set()

    async def emptied(self) -> None:
        """Return when everything that was put is sent."""
        await self._empty.wait()

    def _pop(self) -> tuple[str, bytes]:
        oldest = self._waiting.popleft()
        self._size -= len(oldest[1])
        return oldest
