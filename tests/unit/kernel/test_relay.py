"""How what a service has written gets to a broker: in order, nothing left out, by one replica at a time."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence

import pytest

from reveille.contracts.budget.v1.events_pb2 import TokensReserved
from reveille.contracts.common.v1.common_pb2 import DeadLetterDropped, DeadLetterRetried, MessageParked
from reveille.contracts.planner.v1.events_pb2 import StepReady
from reveille.kernel.clock import SystemClock
from reveille.kernel.errors import Transient
from reveille.kernel.events import Recorded
from reveille.kernel.relay import Relay
from tests.unit.log import Log

pytestmark = pytest.mark.asyncio


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110 - what is watched tells nobody
            await asyncio.sleep(0.001)


class Broker:
    """Keeps what is published, and is away as often as it is told."""

    def __init__(self) -> None:
        self.published: list[Recorded] = []
        self.away = 0

    async def publish(self, events: Sequence[Recorded]) -> None:
        if self.away:
            self.away -= 1
            # As a broker does that dies in the middle.
            self.published += events[: len(events) // 2]
            raise Transient("the broker is away", retry_after=0)
        self.published += events

    async def has(self, count: int) -> list[int]:
        await until(lambda: len(self.published) >= count)
        return [event.position for event in self.published]


class Positions:
    def __init__(self) -> None:
        self.saved: dict[str, int] = {}

    async def load(self) -> Mapping[str, int]:
        return dict(self.saved)

    async def save(self, service: str, position: int) -> None:
        self.saved[service] = max(position, self.saved.get(service, 0))


class OneHolder:
    """Leases that run out when the test says so."""

    def __init__(self) -> None:
        self.owner = ""
        self.refused = 0

    async def renew(self, name: str, owner: str, seconds: float) -> bool:
        assert name == "relay/planner"
        self.owner = self.owner or owner
        self.refused += self.owner != owner
        return self.owner == owner

    async def release(self, name: str, owner: str) -> None:
        if self.owner == owner:
            self.owner = ""

    async def holders(self, prefix: str) -> list[str]:
        return [self.owner] if self.owner else []


class Office:
    def __init__(self, log: Log) -> None:
        self.log = log
        self.broker, self.positions, self.leases = Broker(), Positions(), OneHolder()
        self._running: list[asyncio.Task[None]] = []

    def relay(self, owner: str = "planner-1") -> Relay:
        return Relay(
            "planner",
            store=self.log.store,
            publisher=self.broker,
            positions=self.positions,
            leases=self.leases,
            clock=SystemClock(),
            owner=owner,
        )

    def start(self, relay: Relay) -> "asyncio.Task[None]":
        task = asyncio.create_task(relay.run())
        self._running.append(task)
        return task

    async def stand(self, position: int) -> None:
        """The saved position is there."""
        await until(lambda: self.positions.saved.get("planner", 0) >= position)

    async def close(self) -> None:
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)


@pytest.fixture
async def office(log: Log) -> AsyncIterator[Office]:
    office = Office(log)
    yield office
    await office.close()


async def ready(office: Office, *numbers: int) -> list[int]:
    """The positions of as many of the planner's events, with another's in between."""
    positions = []
    for number in numbers:
        (event,) = await office.log.write(f"t.execution-{number}", StepReady(step=str(number)))
        await office.log.write(f"t.ledger-{number}", TokensReserved())
        positions.append(event.position)
    return positions


async def test_a_relay_publishes_what_its_service_has_written_and_nothing_else(office: Office) -> None:
    before = await ready(office, 1, 2, 3)
    office.start(office.relay())
    assert await office.broker.has(3) == before
    after = await ready(office, 4, 5)
    assert await office.broker.has(5) == before + after


async def test_its_position_passes_what_others_have_written(office: Office) -> None:
    await ready(office, 1)
    office.start(office.relay())
    await office.stand(await office.log.store.head())


async def test_a_dead_letter_is_published_by_the_service_that_parked_it(office: Office) -> None:
    await office.log.write("t.deadletter-budget-1", MessageParked(service="budget", error="theirs"))
    await office.log.write("t.deadletter-planner-1", MessageParked(service="planner", error="ours"))
    office.start(office.relay())
    await office.stand(2)
    assert [event.stream for event in office.broker.published] == ["t.deadletter-planner-1"]


async def test_what_became_of_a_dead_letter_is_published_by_its_service(office: Office) -> None:
    for service in ("budget", "planner"):
        stream = f"t.deadletter-{service}-1"
        await office.log.write(stream, DeadLetterRetried(service=service), DeadLetterDropped(service=service))
    office.start(office.relay())
    await office.stand(4)
    assert [event.stream for event in office.broker.published] == ["t.deadletter-planner-1"] * 2


async def test_after_a_failure_everything_behind_the_saved_position_goes_again(office: Office) -> None:
    positions = await ready(office, 1, 2, 3, 4)
    office.broker.away = 1
    with pytest.raises(Transient):
        await office.relay().run()
    assert [event.position for event in office.broker.published] == positions[:2]
    assert office.positions.saved == {}
    office.start(office.relay())
    assert await office.broker.has(6) == positions[:2] + positions


async def test_a_restarted_relay_goes_on_behind_its_saved_position(office: Office) -> None:
    before = await ready(office, 1, 2)
    first = office.start(office.relay())
    await office.broker.has(2)
    await office.stand(before[-1])
    first.cancel()
    await asyncio.wait([first])
    after = await ready(office, 3)
    office.start(office.relay())
    assert await office.broker.has(3) == before + after


async def test_of_two_replicas_one_publishes_until_it_leaves(office: Office) -> None:
    first, second = office.relay("planner-1"), office.relay("planner-2")
    running = office.start(first)
    office.start(second)
    positions = await ready(office, 1, 2)
    assert await office.broker.has(2) == positions
    running.cancel()
    await asyncio.wait([running])
    await first.leave(1)
    await until(lambda: office.leases.owner == "planner-2")
    (more,) = await ready(office, 3)
    # What the first one had not saved goes again before it.
    await until(lambda: office.broker.published[-1].position == more)


async def test_a_replica_that_lost_its_lease_stops_publishing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reveille.kernel.relay.LEASE_SECONDS", 0.03)
    office.start(office.relay("planner-1"))
    await until(lambda: office.leases.owner == "planner-1")
    office.leases.owner = "planner-9"
    await until(lambda: office.leases.refused > 2)
    await ready(office, 1)
    asked = office.leases.refused
    await until(lambda: office.leases.refused > asked + 2)
    assert office.broker.published == []
