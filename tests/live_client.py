"""A client of live events that comes back whatever happens; it fails where one is missing, doubled or displaced."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake


class LiveClient:
    """Watches one execution. `events` is what it has got, over all its connections.

    address: asked before each connection, as servers come back at other places. each: awaited after each event, for
    clients that are slow or hang up. lagged, connections: how often it was told so, and how often it connected.
    """

    def __init__(
        self,
        address: Callable[[], str],
        execution_id: str,
        *,
        each: Callable[[ClientConnection, int], Awaitable[None]] | None = None,
        **options: Any,
    ) -> None:
        """options: of `connect`."""
        self._address = address
        self._each = each
        self._options = options
        self.execution_id = execution_id
        self.events: list[dict[str, Any]] = []
        self.lagged = 0
        self.connections = 0

    @property
    def last(self) -> int:
        return len(self.events)

    async def watch(self, until: int) -> None:
        """Return when it has so many events."""
        while self.last < until:
            try:
                async with connect(self._address(), max_size=None, **self._options) as ws:
                    self.connections += 1
                    await self._listen(ws, until)
            except (ConnectionClosed, InvalidHandshake, OSError):
                await asyncio.sleep(0.05)

    async def _listen(self, ws: ClientConnection, until: int) -> None:
        await self._subscribe(ws)
        while self.last < until:
            said = json.loads(await ws.recv())
            match said["type"]:
                case "subscribed":
                    assert said["sequence"] == self.last, f"subscribed at {said['sequence']}, expected {self.last}"
                case "event":
                    await self._take(ws, said)
                case "lagging":
                    assert said["resumeAfter"] == self.last, f"lags behind {said['resumeAfter']}, has {self.last}"
                    self.lagged += 1
                    await self._subscribe(ws)
                case "error" if said["code"] == "unavailable":
                    await asyncio.sleep(0.05)
                    await self._subscribe(ws)
                case _:
                    raise AssertionError(f"expected an event of {self.execution_id}, heard {said}")

    async def _subscribe(self, ws: ClientConnection) -> None:
        await ws.send(json.dumps({"type": "subscribe", "executionId": self.execution_id, "after": self.last}))

    async def _take(self, ws: ClientConnection, said: dict[str, Any]) -> None:
        assert said["executionId"] == self.execution_id
        assert said["sequence"] == self.last + 1, f"event {said['sequence']} follows {self.last}"
        assert said["event"]["sequence"] == said["sequence"]
        self.events.append(said["event"])
        if self._each is not None:
            await self._each(ws, said["sequence"])
