"""The fleets of all tenants are followed, whenever each appears, and one that cannot be read holds up no other."""

import asyncio
from collections.abc import Collection
from typing import Any

import pytest
from google.protobuf.message import Message

from reveille.contracts.ingress.v1.events_pb2 import Agent, AgentDefined, FleetApplied, Limits
from reveille.ingress.application import tenant_streams
from reveille.ingress.application.fleets import Fleets
from reveille.ingress.application.tenant_streams import Known, nobody_known
from reveille.ingress.domain.fleet import WantedFleet
from reveille.kernel.clock import SystemClock
from reveille.kernel.errors import Transient, UnknownEventType
from tests.unit.log import Log


class Reading:
    """A store that remembers from where on it was read."""

    def __init__(self, log: Log) -> None:
        self._store = log.store
        self.after: list[int] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def read_all(self, after: int, limit: int, *, category: str | None = None) -> Any:
        self.after.append(after)
        return await self._store.read_all(after, limit, category=category)


class Late(Reading):
    """A store that tells of its head before the last events can be read, as where another process has appended them."""

    def __init__(self, log: Log) -> None:
        super().__init__(log)
        self.caught_up = asyncio.Event()

    async def read_all(self, after: int, limit: int, *, category: str | None = None) -> Any:
        return await super().read_all(after, limit, category=category) if self.caught_up.is_set() else []

    async def wait(self, after: int) -> None:
        await self.caught_up.wait()


class Away(Reading):
    """A store whose streams cannot be read while it is away."""

    away = False

    async def read_streams(self, after: Any) -> Any:
        if self.away:
            raise Transient("the log is away")
        return await self._store.read_streams(after)


class Halfway(Reading):
    """A store whose tail shows an append event by event."""

    def __init__(self, log: Log) -> None:
        super().__init__(log)
        self.shown = 1

    async def read_all(self, after: int, limit: int, *, category: str | None = None) -> Any:
        found = await super().read_all(after, limit, category=category)
        return [event for event in found if event.position <= self.shown]

    async def head(self) -> int:
        return self.shown

    async def read_streams(self, after: Any) -> Any:
        found = await self._store.read_streams(after)
        return {stream: [one for one in events if one.position <= self.shown] for stream, events in found.items()}


def fleets_on(log: Log, known: Known = nobody_known, store: Any = None) -> Fleets:
    return Fleets(store=store or log.store, clock=SystemClock(), ids=log.ids, replica="r", known=known)


def fleet(*agents: str) -> list[Message]:
    return [*(AgentDefined(agent=Agent(name=name)) for name in agents), FleetApplied(digest=" ".join(agents))]


def names(fleets: Fleets, tenant: str) -> list[str]:
    return list(fleets.in_force(tenant).fleet.agents)


async def test_a_tenant_that_appears_later_is_found_and_changes_are_taken_over() -> None:
    log = Log()
    fleets = fleets_on(log)
    await fleets.load()
    assert (list(fleets.tenants), names(fleets, "acme")) == ([], [])
    await log.write("acme.fleet", *fleet("scout"))
    await log.write("beta.fleet", *fleet("other"))
    await fleets.load()
    assert (sorted(fleets.tenants), names(fleets, "acme"), names(fleets, "beta")) == (
        ["acme", "beta"],
        ["scout"],
        ["other"],
    )
    await log.write("acme.fleet", *fleet("second"))
    await fleets.load()
    assert (names(fleets, "acme"), names(fleets, "beta")) == (["scout", "second"], ["other"])


async def test_a_fleet_of_more_events_than_are_read_at_once_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tenant_streams, "BATCH", 3)
    log = Log()
    many = [f"agent-{number}" for number in range(10)]
    await log.write("acme.fleet", *fleet(*many))
    fleets = fleets_on(log)
    await fleets.load()
    assert names(fleets, "acme") == many


async def test_what_a_view_knows_is_not_looked_for_in_the_log() -> None:
    log = Log()
    await log.write("acme.fleet", *fleet("scout"))
    await log.write("beta.fleet", *fleet("other"))
    at = await log.store.head()
    await log.write("late.fleet", *fleet("third"))

    async def known() -> tuple[int, Collection[str]]:
        return at, ["acme", "beta"]

    reading = Reading(log)
    fleets = fleets_on(log, known, reading)
    await fleets.load()
    assert [names(fleets, tenant) for tenant in ("acme", "beta", "late")] == [["scout"], ["other"], ["third"]]
    await fleets.load()
    assert min(reading.after) == at
    assert reading.after[-1] == await log.store.head()


async def test_a_fleet_that_this_build_does_not_know_holds_up_its_own_tenant_alone() -> None:
    log = Log()
    await log.write("acme.fleet", *fleet("scout"))
    await log.write_unknown("new.fleet")
    await log.write("new.fleet", *fleet("first"))
    fleets = fleets_on(log)
    await fleets.load()
    assert (fleets.loaded, names(fleets, "acme")) == (True, ["scout"])
    with pytest.raises(UnknownEventType):
        fleets.in_force("new")
    await log.write_unknown("acme.fleet")
    await log.write("acme.fleet", *fleet("second"))
    for _ in range(2):
        await fleets.load()
        assert names(fleets, "acme") == ["scout"]
    for tenant in ("acme", "new"):
        with pytest.raises(UnknownEventType):
            await fleets.apply(WantedFleet(tenant=tenant, agents=[], rules=[], limits=Limits()))
    applied = await fleets.apply(WantedFleet(tenant="beta", agents=[], rules=[], limits=Limits()))
    assert applied.fleet.revision >= 0


async def test_what_the_head_tells_of_before_it_can_be_read_is_waited_for() -> None:
    log = Log()
    late = Late(log)
    fleets = fleets_on(log, store=late)
    await log.write("acme.fleet", *fleet("scout"))
    loading = asyncio.create_task(fleets.load())
    await asyncio.wait([loading], timeout=0.01)
    late.caught_up.set()
    await loading
    assert names(fleets, "acme") == ["scout"]


async def test_what_cannot_be_read_for_long_is_not_passed_over_either(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tenant_streams, "BEHIND_SECONDS", 0.01)
    log = Log()
    late = Late(log)
    fleets = fleets_on(log, store=late)
    await log.write("acme.fleet", *fleet("scout"))
    await fleets.load()
    assert names(fleets, "acme") == []
    late.caught_up.set()
    await fleets.load()
    assert names(fleets, "acme") == ["scout"]


async def test_an_append_that_is_seen_in_its_middle_is_taken_over_when_all_of_it_is_there() -> None:
    log = Log()
    await log.write("acme.fleet", *fleet("scout", "other"))
    halfway = Halfway(log)
    fleets = fleets_on(log, store=halfway)
    for halfway.shown in (1, 2, 3):
        await fleets.load()
    assert names(fleets, "acme") == ["scout", "other"]


async def test_what_came_while_streams_could_not_be_read_is_read_the_next_time() -> None:
    log = Log()
    store = Away(log)
    fleets = fleets_on(log, store=store)
    await fleets.load()
    await log.write("acme.fleet", *fleet("scout"))
    store.away = True
    with pytest.raises(Transient):
        await fleets.load()
    store.away = False
    await fleets.load()
    assert names(fleets, "acme") == ["scout"]
