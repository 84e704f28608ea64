"""One incarnation of a replica: it lives, is stopped for a while, or is dead; its ports know which."""

import asyncio

from tests.simulation.faults import Faults


class Process:
    """`replica` names the incarnation. A dead process is not told: its ports never answer again."""

    def __init__(self, service: str, replica: str, faults: Faults) -> None:
        self.service = service
        self.replica = replica
        self.faults = faults
        self.died = asyncio.Event()
        self.over = False
        self._running = asyncio.Event()
        self._running.set()

    @property
    def alive(self) -> bool:
        return not self.died.is_set()

    async def step(self) -> None:
        """Between any two of these the process may be held up or die."""
        if seconds := self.faults.delay():
            await asyncio.sleep(seconds)
        if not self._running.is_set():
            await self._running.wait()
        if self.alive and self.faults.crash():
            self.crash()
        if not self.alive:
            await self.never()

    def crash(self) -> None:
        if self.alive:
            self.faults.counts["crashes"] += 1
            self.died.set()

    def stop(self) -> None:
        """As a long garbage collection or a frozen machine: it goes on later as though nothing had been."""
        self.faults.counts["pauses"] += 1
        self._running.clear()

    def go_on(self) -> None:
        self._running.set()

    async def never(self) -> None:
        """Until the simulation is over, when nothing can have an effect any more."""
        if self.over:
            raise asyncio.CancelledError
        await asyncio.get_running_loop().create_future()
