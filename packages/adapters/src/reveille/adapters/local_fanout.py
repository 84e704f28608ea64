"""Fanout within one process: a bounded queue for each subscriber, which loses its oldest."""

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

CAPACITY: Final = 1_000


class _Subscription:
    """What one subscriber has not read yet."""

    def __init__(self, capacity: int) -> None:
        self._messages: deque[bytes] = deque(maxlen=capacity)
        self._arrived = asyncio.Event()

    def put(self, message: bytes) -> None:
        self._messages.append(message)
        self._arrived.set()

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        while not self._messages:
            self._arrived.clear()
            await self._arrived.wait()
        return self._messages.popleft()


class LocalFanout:
    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._channels: defaultdict[str, set[_Subscription]] = defaultdict(set)

    async def publish(self, channel: str, message: bytes) -> None:
        for subscription in self._channels.get(channel, ()):
            subscription.put(message)

    @asynccontextmanager
    async def subscribe(self, channel: str) -> AsyncIterator[AsyncIterator[bytes]]:
        subscription = _Subscription(self._capacity)
        subscribed = self._channels[channel]
        subscribed.add(subscription)
        try:
            yield subscription
        finally:
            subscribed.discard(subscription)
            if not subscribed:
                self._channels.pop(channel, None)
