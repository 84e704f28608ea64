"""The five services, two replicas of each, and everything that can happen to them."""

import asyncio
from collections.abc import Callable, Iterator
from functools import partial
from random import Random
from typing import Any, Final

from reveille.adapters.embedded_bus import EmbeddedBus
from reveille.adapters.inline_blobs import InlineBlobs
from reveille.adapters.inline_store import InlineEventStore
from reveille.adapters.sql import InlineTransactions
from reveille.adapters.sql_tables import SqlPositions
from reveille.kernel.event_store import EventStore
from reveille.kernel.service import Ports, Service
from tests.simulation.bus import ShufflingBus
from tests.simulation.faults import Faults, odds
from tests.simulation.marks import TENANTS
from tests.simulation.outside import Door, Outside
from tests.simulation.persons import Persons
from tests.simulation.planners import Planners
from tests.simulation.ports import FaultyBlobs, FaultyStore, FaultyTransactions, ProcessClock, SlowStore
from tests.simulation.process import Process
from tests.simulation.remote import Port, RemoteAgent
from tests.simulation.scenario import SECONDS, scenario
from tests.simulation.services import EVENT_TYPES, ROUTES, SERVICES, Built, build, planner_of
from tests.simulation.skills import entered
from tests.simulation.virtual import SeededIds, VirtualLoop, Wall, WallClock
from tests.simulation.watchers import Watched, Watcher
from tests.unit.databases import database_of

REPLICAS: Final = 2
WATCHERS: Final = 3
# How long a group, and how long the others, wait for a member that says nothing.
SESSION: Final = 4.0
# Longer than any lease, hold, backoff and poll: what has not moved within it does not move by itself.
STILL: Final = 10.0
MAX_DAYS: Final = 12
MAX_STILL: Final = 120


class World:
    """One simulated run; `run` returns when nothing moves any more."""

    def __init__(self, seed: int, loop: VirtualLoop) -> None:
        self.random = Random(seed)
        self.faults = Faults(Random(self.random.random()), odds(self.random))
        self.scenario = scenario(Random(self.random.random()))
        self.wall = Wall(loop)
        self.ids = SeededIds(self.wall, Random(self.random.random()))
        self.store = InlineEventStore(EVENT_TYPES)
        self.blobs = InlineBlobs()
        self.databases: dict[str, InlineTransactions] = {name: database_of(name) for name in SERVICES}
        self.bus = self._new_bus()
        self.outside = Outside(self._doors, self.store)
        self.persons = Persons(Random(self.random.random()), self.store, self.outside)
        self.planners = Planners(Random(self.random.random()), self.store, self.outside)
        self.remote_agents = [
            RemoteAgent(Random(self.random.random()), self._ports, tenant=tenant, number=number)
            for tenant in TENANTS
            for number in range(2)
        ]
        self.watchers = [Watcher(Random(self.random.random()), self._doors, self.store) for _ in range(WATCHERS)]
        # Ends of processes that nobody caused.
        self.exits: list[BaseException] = []
        self.still_moving = False
        self.slots = [_Slot(self, name, index) for name in SERVICES for index in range(REPLICAS)]

    async def run(self) -> None:
        entered.clear()
        self.planners.until = asyncio.get_running_loop().time() + SECONDS
        supervisors = [asyncio.ensure_future(slot.supervise()) for slot in self.slots]
        blows = asyncio.ensure_future(self._blows())
        others = [asyncio.ensure_future(self.persons.run()), asyncio.ensure_future(self.planners.run())]
        others += [asyncio.ensure_future(agent.run()) for agent in self.remote_agents]
        others += [asyncio.ensure_future(watcher.run()) for watcher in self.watchers]
        async with asyncio.TaskGroup() as outside:
            for change in self.scenario.changes:
                outside.create_task(self.outside.apply(change))
            for sending in self.scenario.sendings:
                outside.create_task(self.outside.send(sending))
            for party in self.scenario.parties:
                outside.create_task(self.planners.begin(party))
        blows.cancel()
        self.faults.stop()
        for slot in self.slots:
            slot.process.go_on()
        for agent in self.remote_agents:
            agent.restless = False
        for watcher in self.watchers:
            watcher.restless = False
        await self._settle()
        for one in others:
            self._ended(one)
        for supervisor in supervisors:
            supervisor.cancel()

    async def _settle(self) -> None:
        """Until nothing changes, and a new day has nothing new to give to whoever waits for one."""
        days, before = 0, -1
        for _ in range(MAX_STILL):
            head = await self.store.head()
            await asyncio.sleep(STILL)
            if await self.store.head() != head:
                continue
            if days == MAX_DAYS or head == before:
                return
            days, before = days + 1, head
            self.wall.jump(24 * 3600)
        self.still_moving = True

    def finish(self) -> None:
        """Nothing has an effect from here on."""
        for slot in self.slots:
            for process in slot.processes:
                process.over = True
                process.died.set()
                process.go_on()

    async def close(self) -> None:
        for database in self.databases.values():
            await database.close()
        await self.store.close()

    def processes(self) -> Iterator[Process]:
        for slot in self.slots:
            yield slot.process

    def watched(self) -> Iterator[Watched]:
        for watcher in self.watchers:
            yield from watcher.watched

    def _ended(self, task: "asyncio.Future[None]") -> None:
        """Neither people nor agents elsewhere end by themselves."""
        if task.done() and not task.cancelled():
            self.exits.append(task.exception() or RuntimeError("somebody outside has left"))
        task.cancel()

    def _ports(self) -> list[Port]:
        return [slot.port for slot in self.slots if slot.port is not None]

    def _doors(self) -> list[Door]:
        return [slot.door for slot in self.slots if slot.door is not None]

    def _new_bus(self) -> EmbeddedBus:
        store = SlowStore(self.store, self.faults)
        return EmbeddedBus(ROUTES, store=store, positions=self.store, clock=WallClock(self.wall))

    async def _blows(self) -> None:
        random, every = self.faults.random, self.faults.odds.blows
        rare = (self._term, self._black_out, self._set_clock, self._storm)
        blows: tuple[Callable[[], None], ...] = (*(self._crash, self._stop, self._rebalance) * 2, *rare)
        while every:
            await asyncio.sleep(random.expovariate(1 / every))
            random.choice(blows)()

    def _crash(self) -> None:
        self.faults.random.choice(self.slots).process.crash()

    def _stop(self) -> None:
        slot = self.faults.random.choice(self.slots)
        process, seconds = slot.process, self.faults.random.choice((1.0, 6.0, 20.0))
        process.stop()
        asyncio.get_running_loop().call_later(seconds, process.go_on)
        if seconds > SESSION:
            asyncio.get_running_loop().call_later(SESSION, slot.bus.expire)

    def _term(self) -> None:
        self.faults.counts["terminated"] += 1
        self.faults.random.choice(self.slots).terminate.set()

    def _rebalance(self) -> None:
        """Somebody joins a group, takes partitions, does nothing with them, and leaves."""
        self.faults.counts["rebalances"] += 1
        service, seconds = self.faults.random.choice(SERVICES[1:]), self.faults.random.uniform(0.0, 3.0)

        async def visit() -> None:
            visitor = await self.bus.consumer(service, "visitor")
            await asyncio.sleep(seconds)
            visitor.leave()

        visiting = asyncio.ensure_future(visit())
        visiting.add_done_callback(lambda done: done.result() if not done.cancelled() else None)

    def _black_out(self) -> None:
        """All at once; the bus goes on from what it had saved."""
        self.faults.counts["blackouts"] += 1
        for process in self.processes():
            process.crash()
        self.bus = self._new_bus()

    def _storm(self) -> None:
        """The store hardly answers anybody."""
        self.faults.counts["storms"] += 1
        self.faults.stormy = True
        asyncio.get_running_loop().call_later(self.faults.random.uniform(0.5, 6.0), self._calm)

    def _calm(self) -> None:
        self.faults.stormy = False

    def _set_clock(self) -> None:
        self.faults.counts["clock set"] += 1
        self.wall.jump(self.faults.random.choice((-3.0, 2.0, 30.0, 3600.0)))


def _door(process: Process, store: EventStore, built: Built) -> Door | None:
    if built.receiving is None or built.fleets is None or built.approving is None:
        return None
    assert built.inputs is not None
    assert built.timeline is not None
    assert built.live is not None
    return Door(
        process=process,
        receiving=built.receiving,
        fleets=built.fleets,
        approving=built.approving,
        inputs=built.inputs,
        timeline=built.timeline,
        live=built.live,
        planner=partial(planner_of, store),
    )


class _Slot:
    """A replica's place: whatever ends there is started again."""

    def __init__(self, world: World, service: str, index: int) -> None:
        self._world = world
        self._service = service
        self._index = index
        self._skew = world.random.choice((0.0, 0.0, -1.5, 1.5))
        self.processes: list[Process] = []
        self.door: Door | None = None
        self.port: Port | None = None
        self.terminate = asyncio.Event()
        self._next()

    def _next(self) -> None:
        self.process = Process(
            self._service, f"{self._service}-{self._index}.{len(self.processes)}", self._world.faults
        )
        self.processes.append(self.process)
        self.bus = ShufflingBus(self._world.bus, self.process)
        self.service: Service | None = None
        self.terminate.clear()

    async def supervise(self) -> None:
        while True:
            living = asyncio.ensure_future(self._live())
            dying = asyncio.ensure_future(self.process.died.wait())
            leaving = asyncio.ensure_future(self.terminate.wait())
            await asyncio.wait((living, dying, leaving), return_when=asyncio.FIRST_COMPLETED)
            dying.cancel()
            leaving.cancel()
            self.door = self.port = None
            if not self.process.alive:
                asyncio.get_running_loop().call_later(SESSION, self.bus.expire)
            elif self.terminate.is_set():
                await self._drain(living)
            elif not living.cancelled() and (error := living.exception()) is not None:
                self._world.exits.append(error)
            await asyncio.sleep(self._world.faults.random.uniform(0.1, 2.0))
            self._next()

    async def _live(self) -> None:
        world, process = self._world, self.process
        clock = ProcessClock(WallClock(world.wall, self._skew), process)
        ports = Ports(
            store=FaultyStore(world.store, process),
            bus=self.bus,
            transactions=FaultyTransactions(world.databases[self._service], process),
            positions=SqlPositions(),
            clock=clock,
            ids=world.ids,
            replica=process.replica,
        )
        built = build(self._service, ports, FaultyBlobs(world.blobs, process), await ports.store.head())
        self.service = built.service
        self.door = _door(process, ports.store, built)
        if built.links is not None:
            self.port = Port(process=process, links=built.links)
        await built.service.run()

    async def _drain(self, living: "asyncio.Future[Any]") -> None:
        """As on SIGTERM, with a grace; then it is gone, however far it came."""
        if self.service is not None:
            draining = asyncio.ensure_future(self.service.drain(2.0))
            await asyncio.wait([draining], timeout=6.0)
            draining.cancel()
        living.cancel()
        await asyncio.wait([living], timeout=1.0)
        self.process.died.set()
        self.bus.expire()
