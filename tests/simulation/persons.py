"""People who are asked: some answer, some late, some twice, and some never."""

import asyncio
from functools import partial
from random import Random
from typing import Final

from reveille.contracts.planner.v1.events_pb2 import ApprovalRequested
from reveille.ingress.application.approving import Decision
from reveille.kernel.event_store import EventStore
from reveille.kernel.events import Recorded, tenant_of
from tests.simulation.outside import Door, Outside

LOOK_SECONDS: Final = 1.0


class Persons:
    """They see a question as soon as it stands in the log."""

    def __init__(self, random: Random, store: EventStore, outside: Outside) -> None:
        self._random = random
        self._store = store
        self._outside = outside
        # What each was told to stand: (approval, approved).
        self.told: list[Decision] = []

    async def run(self) -> None:
        after = 0
        async with asyncio.TaskGroup() as answering:
            while True:
                await asyncio.sleep(LOOK_SECONDS)
                events = await self._store.read_all(after, 100_000)
                for event in events:
                    after = event.position
                    if isinstance(event.msg, ApprovalRequested):
                        for _ in range(self._random.choice((0, 1, 1, 2))):
                            answering.create_task(self._answer(event))

    async def _answer(self, event: Recorded) -> None:
        assert isinstance(event.msg, ApprovalRequested)
        asked, approved = event.msg, self._random.random() < 0.6
        await asyncio.sleep(self._random.choice((0.1, 5.0, 30.0)))
        decide = partial(_decide, tenant_of(event.stream), asked.approval_id, asked.execution_id, approved)
        while True:
            decision = await self._outside.ask(decide)
            if decision is not None:
                self.told.append(decision)
                return


async def _decide(tenant: str, approval_id: str, execution_id: str, approved: bool, door: Door) -> Decision:
    return await door.approving.decide(
        tenant, approval_id, execution_id=execution_id, approved=approved, comment="so be it", by="somebody"
    )
