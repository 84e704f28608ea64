"""Which streams somebody watches anywhere, as those who append hear it: what nobody watches is not published."""

import asyncio
from collections.abc import Collection
from typing import Final

from reveille.kernel.fanout import Fanout

CHANNEL: Final = "watched"
# Who watches says again and again what, so that whoever starts later, or was cut off, learns of it.
AGAIN_SECONDS: Final = 5.0
# What was not said again in this time is watched no more.
KNOWN_SECONDS: Final = 3 * AGAIN_SECONDS
# Names that one message holds.
NAMES: Final = 1_000


class Interest:
    """What those say who watch; `run` hears it."""

    def __init__(self, fanout: Fanout) -> None:
        self._fanout = fanout
        self._until: dict[str, float] = {}

    def wants(self, stream: str) -> bool:
        return stream in self._until

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        async with self._fanout.subscribe(CHANNEL) as messages, asyncio.TaskGroup() as tasks:
            tasks.create_task(self._forget(loop), name="interest that ends")
            async for message in messages:
                until = loop.time() + KNOWN_SECONDS
                self._until.update(dict.fromkeys(message.decode(errors="replace").split("\n"), until))

    async def _forget(self, loop: asyncio.AbstractEventLoop) -> None:
        while True:
            await asyncio.sleep(AGAIN_SECONDS)
            now = loop.time()
            self._until = {stream: until for stream, until in self._until.items() if until > now}


async def announce(fanout: Fanout, streams: Collection[str]) -> None:
    """Somebody watches these."""
    names = list(streams)
    for first in range(0, len(names), NAMES):
        await fanout.publish(CHANNEL, "\n".join(names[first : first + NAMES]).encode(errors="replace"))
