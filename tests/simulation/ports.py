"""The ports of one process: the real adapters, held up, cut off and left without an answer as the seed says."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from reveille.adapters.inline_blobs import InlineBlobs
from reveille.adapters.inline_store import InlineEventStore
from reveille.kernel.errors import Transient, Unknown
from reveille.kernel.event_store import Append, Appended, Conflict
from reveille.kernel.events import Recorded
from reveille.kernel.views import Transactions
from tests.simulation.faults import Faults
from tests.simulation.process import Process

T = TypeVar("T")


class FaultyStore:
    def __init__(self, store: InlineEventStore, process: Process) -> None:
        self._store = store
        self._process = process

    async def append(self, batch: Sequence[Append]) -> list[Appended | Conflict]:
        await self._process.step()
        fate = self._process.faults.fate()
        if fate == "done":
            outcomes = await self._store.append(batch)
            await self._process.step()
            return outcomes
        if fate == "refused":
            raise Transient("the store is busy", retry_after=0.2)
        # Each stream of a batch is atomic by itself: some are written now, some later, some never.
        fates = [fate if fate != "mixed" else self._one_of("lost", "late", "unheard") for _ in batch]
        await self._store.append([one for one, its in zip(batch, fates, strict=True) if its == "unheard"])
        for one, its in zip(batch, fates, strict=True):
            if its == "late":
                self._later(one)
        await self._process.step()
        raise Unknown("the store does not answer", retry_after=self._process.faults.random.uniform(0.01, 1.0))

    def _one_of(self, *fates: str) -> str:
        return self._process.faults.random.choice(fates)

    def _later(self, one: Append) -> None:
        """It is on its way, and no crash stops it."""

        async def land() -> None:
            await asyncio.sleep(seconds)
            outcome = (await self._store.append([one]))[0]
            self._process.faults.counts["landed late"] += isinstance(outcome, Appended) and not outcome.repeated

        seconds = self._process.faults.random.choice((0.01, 0.2, 2.0)) * self._process.faults.random.random()
        landing = asyncio.ensure_future(land())
        landing.add_done_callback(lambda done: done.result() if not done.cancelled() else None)

    async def read_streams(self, after: Mapping[str, int]) -> dict[str, list[Recorded]]:
        await self._ask()
        return await self._answer(await self._store.read_streams(after))

    async def read_backwards(self, stream: str, limit: int) -> list[Recorded]:
        await self._ask()
        return await self._answer(await self._store.read_backwards(stream, limit))

    async def read_one(self, stream: str, revision: int) -> Recorded:
        await self._ask()
        return await self._answer(await self._store.read_one(stream, revision))

    async def read_at(self, positions: Sequence[int]) -> list[Recorded]:
        await self._ask()
        return await self._answer(await self._store.read_at(positions))

    async def read_all(self, after: int, limit: int, *, category: str | None = None) -> list[Recorded]:
        await self._ask()
        return await self._answer(await self._store.read_all(after, limit, category=category))

    async def wait(self, after: int) -> None:
        await self._store.wait(after)
        await self._process.step()

    async def head(self) -> int:
        return await self._answer(await self._store.head())

    async def snapshot(self, stream: str) -> bytes | None:
        await self._process.step()
        # A cache, which may be lost.
        lost = self._process.faults.duplicate()
        return None if lost else await self._store.snapshot(stream)

    async def save_snapshot(self, stream: str, snapshot: bytes) -> None:
        await self._process.step()
        await self._store.save_snapshot(stream, snapshot)

    async def _ask(self) -> None:
        await self._process.step()
        if self._process.faults.refuse():
            raise Transient("the store is busy", retry_after=0.2)

    async def _answer(self, answer: T) -> T:
        await self._process.step()
        return answer


class SlowStore:
    """What the bus itself reads from: it never fails, and the log may go on while it reads."""

    def __init__(self, store: InlineEventStore, faults: Faults) -> None:
        self._store = store
        self._faults = faults

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def read_all(self, after: int, limit: int, *, category: str | None = None) -> list[Recorded]:
        events = await self._store.read_all(after, limit, category=category)
        if seconds := self._faults.delay():
            await asyncio.sleep(seconds)
        return events


class FaultyTransactions:
    def __init__(self, transactions: Transactions, process: Process) -> None:
        self._transactions = transactions
        self._process = process

    async def run(self, work: Callable[[Any], T]) -> T:
        await self._process.step()
        if self._process.faults.refuse():
            raise Transient("the database is away", retry_after=0.2)
        outcome = await self._transactions.run(work)
        await self._process.step()
        return outcome


class FaultyBlobs:
    def __init__(self, blobs: InlineBlobs, process: Process) -> None:
        self._blobs = blobs
        self._process = process

    async def put(self, tenant: str, data: bytes) -> str:
        await self._process.step()
        digest = await self._blobs.put(tenant, data)
        await self._process.step()
        return digest

    async def get(self, tenant: str, digest: str) -> bytes:
        await self._process.step()
        return await self._blobs.get(tenant, digest)


class ProcessClock:
    """A dead process does not wake up, and a frozen one wakes up late."""

    def __init__(self, clock: Any, process: Process) -> None:
        self._clock = clock
        self._process = process

    def now(self) -> int:
        now: int = self._clock.now()
        return now

    async def sleep(self, seconds: float) -> None:
        await self._clock.sleep(seconds)
        await self._process.step()
