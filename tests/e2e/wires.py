"""TCP between a client and a platform, as bad networks have it: cut, reset, half closed, stalled, late, in pieces."""

import asyncio
import random
import socket
import struct
from collections import Counter
from collections.abc import Callable
from typing import Any, Final

WAYS: Final = ("close", "reset", "half", "stall")
MANNERS: Final = ("as it is", "in pieces", "late")
# With it a close is a reset.
_AT_ONCE: Final = struct.pack("ii", 1, 0)


class Wire:
    """One client's way to the platform, which may be elsewhere for each connection. losses: by the way they came about.

    Nothing is lost any more, but what the client or the platform ends, once `heals` is set.
    """

    def __init__(self, target: Callable[[], tuple[str, int]], chance: random.Random, *, seconds: float) -> None:
        """seconds: that a connection lasts on average. target: asked for each."""
        self.losses = Counter[str]()
        self.heals = asyncio.Event()
        self.port = 0
        self._target = target
        self._chance = chance
        self._seconds = seconds

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def run(self, opened: asyncio.Event) -> None:
        """Until it is cancelled."""
        async with asyncio.TaskGroup() as tasks:

            def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                tasks.create_task(self._carry(reader, writer))

            server = await asyncio.start_server(carry, "127.0.0.1", 0)
            self.port = server.sockets[0].getsockname()[1]
            opened.set()
            try:
                await asyncio.get_running_loop().create_future()
            finally:
                server.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there = await asyncio.open_connection(*self._target())
        except OSError:
            writer.close()
            return
        flows = asyncio.Event()
        flows.set()
        writers = writer, there[1]
        manner = self._chance.choice(MANNERS)
        ways = {
            asyncio.ensure_future(self._pump(*ends, flows=flows, manner=manner))
            for ends in ((reader, there[1]), (there[0], writer))
        }
        try:
            await self._last(ways, writers, flows)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.wait(ways)
            for one in writers:
                one.transport.abort()

    async def _last(
        self,
        ways: "set[asyncio.Task[None]]",
        writers: tuple[asyncio.StreamWriter, asyncio.StreamWriter],
        flows: asyncio.Event,
    ) -> None:
        """Return when it is over, of itself or as chance has it."""
        healed: asyncio.Task[Any] = asyncio.ensure_future(self.heals.wait())
        try:
            life = self._chance.expovariate(1 / self._seconds)
            ended: set[asyncio.Task[Any]]
            ended, _ = await asyncio.wait((*ways, healed), timeout=life, return_when=asyncio.FIRST_COMPLETED)
        finally:
            healed.cancel()
        if ended:
            if not any(way in ended for way in ways):
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            return
        kind = self._chance.choice(WAYS)
        self.losses[kind] += 1
        match kind:
            case "reset":
                for one in writers:
                    one.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
            case "half":
                self._chance.choice(writers).write_eof()
                await asyncio.wait(ways, timeout=0.3, return_when=asyncio.ALL_COMPLETED)
            case "stall":
                flows.clear()
                await asyncio.wait(ways, timeout=self._chance.uniform(0.1, 0.5))

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, flows: asyncio.Event, manner: str
    ) -> None:
        """Return when nothing comes any more."""
        try:
            while data := await reader.read(65_536):
                await flows.wait()
                size = max(self._chance.randint(1, 100), len(data) // 10) if manner == "in pieces" else len(data)
                for start in range(0, len(data), size):
                    if manner == "late":
                        await asyncio.sleep(self._chance.uniform(0, 0.02))
                    writer.write(data[start : start + size])
                    await writer.drain()
                    await asyncio.sleep(0)
        except OSError:
            pass  # an end of it is gone
