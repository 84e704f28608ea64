"""Agents that are somewhere else: they connect, do what they are told, lose their connections and come again."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any, Final
from zlib import crc32

from reveille.agent_runner.application.link import Close, Link
from reveille.agent_runner.application.links import Links
from reveille.kernel.errors import Rejected, Transient
from tests.simulation.process import Process
from tests.simulation.skills import entered

AGENT: Final = "distant"
HEARTBEAT_MS: Final = 1_000
# Of silence, after which its platform is taken for gone: some heartbeats.
SILENCE: Final = 4.0
PATIENCE: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """One replica of the agent-runner, as an agent finds it."""

    process: Process
    links: Links


class RemoteAgent:
    """One client: it does each run once, whatever it is told again, and tells what became of it until that is kept."""

    def __init__(self, random: Random, ports: Callable[[], list[Port]], *, tenant: str, number: int) -> None:
        self._random = random
        self._ports = ports
        self.tenant = tenant
        self._number = number
        self._connections = 0
        self._done: dict[str, dict[str, Any]] = {}
        self._doing: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self.counts: Counter[str] = Counter()
        # All that it was ever told.
        self.told: list[str] = []
        # While it is restless it goes away at any time.
        self.restless = True

    async def run(self) -> None:
        while True:
            await asyncio.sleep(self._random.uniform(0.05, 2.0))
            ports = [port for port in self._ports() if port.process.alive]
            if ports:
                await self._connect(self._random.choice(ports))

    async def _connect(self, port: Port) -> None:
        self._connections += 1
        session = f"{self.tenant}-{self._number}-{self._connections}"
        opening = asyncio.ensure_future(
            port.links.open(tenant=self.tenant, agent=AGENT, session=session, capacity=self._random.choice((1, 2)))
        )
        opening.add_done_callback(lambda done: done.cancelled() or done.exception())
        await asyncio.wait([opening], timeout=PATIENCE)
        if not opening.done():
            opening.cancel()
            return
        if isinstance(opening.exception(), KeyError | Rejected | Transient):
            return  # it is not in the fleet now, or not welcome
        link = opening.result()
        self.counts["connections"] += 1
        leaves = self._random.choice((2.0, 10.0, 60.0)) if self.restless else 1e9
        telling: list[asyncio.Future[None]] = []
        try:
            async with asyncio.timeout(leaves):
                await self._listen(link, port, telling)
        except TimeoutError:
            self.counts["left"] += 1
        finally:
            for one in telling:
                one.cancel()
            if port.process.alive:
                link.close(1000, "the agent has left")

    async def _listen(self, link: Link, port: Port, telling: list[asyncio.Future[None]]) -> None:
        while True:
            try:
                async with asyncio.timeout(SILENCE):
                    said = await link.outbox.get()
            except TimeoutError:
                if not port.process.alive or self._random.random() < 0.5:
                    self.counts["deserted"] += 1
                    return
                continue
            if isinstance(said, Close):
                return
            self.told.append(said)
            told = json.loads(said)
            match told["type"]:
                case "ping":
                    await link.take('{"type": "pong"}')
                case "trigger":
                    telling.append(asyncio.ensure_future(self._work(link, told)))
                case "recorded" | "cancel":
                    self._done.pop(told["runId"], None)

    async def _work(self, link: Link, told: dict[str, Any]) -> None:
        run_id, attempt = told["runId"], told["attempt"]
        await self._say(link, {"type": "ack", "runId": run_id, "attempt": attempt})
        if run_id not in self._doing:
            self._doing[run_id] = asyncio.ensure_future(self._do(told))
            await self._say(link, {"type": "progress", "runId": run_id, "text": "begun", "tokensUsed": 5})
            if _chance(run_id, "more") < 0.3:
                await self._say(link, {"type": "more_tokens", "runId": run_id, "tokens": 20})
        end = await asyncio.shield(self._doing[run_id])
        await self._say(link, end)
        if _chance(run_id, "twice") < 0.3:
            await self._say(link, end)

    async def _do(self, told: dict[str, Any]) -> dict[str, Any]:
        """Once for each run, however often it is given out."""
        run_id = told["runId"]
        entered[f"{run_id} at {self.tenant} {self._number}"] += 1
        await asyncio.sleep(5 * _chance(run_id, "takes"))
        used = round(told["tokens"] * 1.1 * _chance(run_id, "uses"))
        base = {"runId": run_id, "attempt": told["attempt"], "tokensUsed": used}
        if _chance(run_id, "fails") < 0.2:
            return {"type": "task_failed", **base, "error": "it was not to be", "retry": True}
        return {"type": "task_complete", **base, "result": {"signals": [one["id"] for one in told["signals"]]}}

    async def _say(self, link: Link, message: dict[str, Any]) -> None:
        await link.take(json.dumps(message))


def _chance(run_id: str, what: str) -> float:
    return crc32(f"{what} {run_id}".encode()) / 2**32
