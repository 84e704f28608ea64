"""Everybody outside: they send until they are answered with a 2xx, and write down what was."""

import asyncio
from collections.abc import Callable, Coroutine
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, TypeVar

from reveille.ingress.application.approving import Approving
from reveille.ingress.application.fleets import Applied, Fleets
from reveille.ingress.application.inputs import Inputs
from reveille.ingress.application.live import Live
from reveille.ingress.application.plan_streams import AskPlanner
from reveille.ingress.application.receiving import Receipt, Received, Receiving
from reveille.ingress.application.timeline import Timeline
from reveille.kernel.errors import Transient
from reveille.kernel.event_store import EventStore
from tests.simulation.process import Process
from tests.simulation.scenario import Change, Sending

T = TypeVar("T")

PATIENCE: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One replica of ingress, as a load balancer knows it. planner: of a tenant, as this replica asks it."""

    process: Process
    receiving: Receiving
    fleets: Fleets
    approving: Approving
    inputs: Inputs
    timeline: Timeline
    live: Live
    planner: Callable[[str], AskPlanner]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Somebody outside was told that this delivery is in."""

    sending: Sending
    body: bytes
    receipt: Receipt


class Outside:
    def __init__(self, doors: Callable[[], list[Door]], store: EventStore) -> None:
        self._doors = doors
        self._store = store
        self.taken: list[Taken] = []
        self.applied: list[Applied] = []
        self.errors: list[BaseException] = []

    async def send(self, sending: Sending) -> None:
        await asyncio.sleep(sending.at)
        received = await self._received(sending)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._until_taken(sending, received))
            for number, seconds in enumerate(sending.again):
                other = sending.contradicts and number == 0
                body = received.body + b" " if other else received.body
                tasks.create_task(self._until_taken(sending, replace(received, body=body), seconds))

    async def apply(self, change: Change) -> None:
        await asyncio.sleep(change.at)
        while True:
            applied = await self.ask(lambda door: door.fleets.apply(change.wanted))
            if applied is not None:
                self.applied.append(applied)
                return

    async def _until_taken(self, sending: Sending, received: Received, seconds: float = 0.0) -> None:
        await asyncio.sleep(seconds)
        while True:
            # Every POST is parsed anew.
            delivery = replace(received.delivery, content=deepcopy(received.delivery.content))
            again = replace(received, delivery=delivery)
            receipt = await self.ask(partial(_receive, sending.tenant, again))
            if receipt is not None:
                self.taken.append(Taken(sending=sending, body=received.body, receipt=receipt))
                return

    async def ask(self, request: Callable[[Door], Coroutine[Any, Any, T]]) -> T | None:
        """None: no answer, or one that says to come again. What was asked may still be under way then."""
        doors = [door for door in self._doors() if door.process.alive and door.fleets.loaded]
        if not doors:
            await asyncio.sleep(0.3)
            return None
        door = doors[0].process.faults.random.choice(doors)
        answer = asyncio.ensure_future(request(door))
        # Nobody may be there any more to hear of an error.
        answer.add_done_callback(lambda done: done.cancelled() or done.exception())
        await asyncio.wait([answer], timeout=PATIENCE)
        if not answer.done():
            return None
        error = answer.exception()
        if error is None:
            return answer.result()
        if not isinstance(error, Transient):
            self.errors.append(error)
        await asyncio.sleep(0.5)
        return None

    async def _received(self, sending: Sending) -> Received:
        body = b'{"number": %d}' % sending.number
        if sending.marked:
            runs = await self._store.read_all(0, 10_000, category="run")
            if runs:
                run_id = runs[-1].stream.partition("-")[2]
                body = b'{"number": %d, "body": "Reveille-Run: %s"}' % (sending.number, run_id.encode())
        trace = f"00-{sending.number + 1:032x}-{sending.number + 1:016x}-01"
        return Received(delivery=sending.delivery, body=body, verified=True, trace=trace)


async def _receive(tenant: str, received: Received, door: Door) -> Receipt:
    return await door.receiving.receive(tenant, received)
