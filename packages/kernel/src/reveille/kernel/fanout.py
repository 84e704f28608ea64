"""The port for live messages to sockets on any replica. It only nudges: what matters stands in the log."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Protocol


class Fanout(Protocol):
    async def publish(self, channel: str, message: bytes) -> None:
        """Never blocks on a subscriber and never raises for one; nothing is kept."""
        ...

    def subscribe(self, channel: str) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """Messages published after entering, in order; a slow subscriber loses the oldest."""
        ...
