"""The fleet as it was in force, and events by their address."""

import pytest

from reveille.contracts.common.v1.common_pb2 import EventRef
from reveille.contracts.ingress.v1.events_pb2 import (
    Agent,
    AgentRemoved,
    FleetApplied,
    Limits,
    Rule,
    RuleRemoved,
)
from reveille.kernel.errors import Transient
from reveille.kernel.facts import Facts
from reveille.kernel.fleet import Fleet, fold
from tests.unit.kernel.tally import WatchedStore
from tests.unit.log import Log

pytestmark = pytest.mark.asyncio
A, B = Agent(name="a"), Agent(name="b")


@pytest.fixture
def facts(log: Log) -> Facts:
    return Facts(log.store)


async def test_a_fleet_is_what_was_applied_up_to_its_revision(facts: Facts, log: Log) -> None:
    first = await log.apply_fleet(A, rules=[Rule(name="r", wake="a")], limits=Limits(tenant_tokens=7))
    second = await log.apply_fleet(B)
    before, after = await facts.fleet("t", first), await facts.fleet("t", second)
    assert (set(before.agents), set(after.agents)) == ({"a"}, {"a", "b"})
    assert (set(after.rules), after.limits.tenant_tokens, after.revision) == ({"r"}, 7, second)


async def test_an_older_fleet_is_found_after_a_newer_one(facts: Facts, log: Log) -> None:
    first, second = await log.apply_fleet(A), await log.apply_fleet(B)
    await facts.fleet("t", second)
    assert set((await facts.fleet("t", first)).agents) == {"a"}


async def test_agents_and_rules_that_were_removed_are_gone(facts: Facts, log: Log) -> None:
    await log.apply_fleet(A, B, rules=[Rule(name="r")])
    await log.write("t.fleet", AgentRemoved(name="a"), RuleRemoved(name="r"))
    fleet = await facts.fleet("t", await log.apply_fleet())
    assert (set(fleet.agents), set(fleet.rules)) == ({"b"}, set())


async def test_an_agent_that_is_defined_again_is_what_it_was_defined_as_last(facts: Facts, log: Log) -> None:
    await log.apply_fleet(Agent(name="a", title="old"))
    fleet = await facts.fleet("t", await log.apply_fleet(Agent(name="a", title="new")))
    assert fleet.agents["a"].title == "new"


async def test_each_tenant_has_a_fleet_of_its_own(facts: Facts, log: Log) -> None:
    mine, theirs = await log.apply_fleet(A), await log.apply_fleet(B, tenant="u")
    await facts.fleet("t", mine)
    assert set((await facts.fleet("u", theirs)).agents) == {"b"}


async def test_before_any_fleet_there_is_the_empty_one(facts: Facts) -> None:
    assert await facts.fleet("t", -1) == Fleet()


async def test_a_fleet_that_is_not_there_yet_is_waited_for(facts: Facts, log: Log) -> None:
    revision = await log.apply_fleet(A)
    with pytest.raises(Transient, match=f"stream t.fleet has no fleet at revision {revision + 1} yet"):
        await facts.fleet("t", revision + 1)


async def test_a_revision_within_an_application_is_no_fleet(facts: Facts, log: Log) -> None:
    await log.apply_fleet(A)
    with pytest.raises(Transient, match="has no fleet at revision 0"):
        await facts.fleet("t", 0)


async def test_a_fleet_of_a_newer_build_is_waited_for(facts: Facts, log: Log) -> None:
    await log.write_unknown("t.fleet")
    revision = await log.apply_fleet(A)
    with pytest.raises(Transient, match="which this build does not know") as error:
        await facts.fleet("t", revision)
    assert "t.fleet" in str(error.value)


async def test_a_fleet_is_read_once(facts: Facts, log: Log, store: WatchedStore) -> None:
    revision = await log.apply_fleet(A)
    await facts.fleet("t", revision)
    await facts.fleet("t", revision)
    assert len(store.reads) == 1


async def test_of_a_newer_fleet_only_what_has_changed_is_read(facts: Facts, log: Log, store: WatchedStore) -> None:
    first, second = await log.apply_fleet(A), await log.apply_fleet(B)
    await facts.fleet("t", first)
    await facts.fleet("t", second)
    assert store.reads[-1] == {"t.fleet": first}


async def test_no_more_fleets_are_kept_than_there_is_room_for(log: Log, store: WatchedStore) -> None:
    facts = Facts(log.store, kept_fleets=1)
    first, second = await log.apply_fleet(A), await log.apply_fleet(B)
    for revision in (first, second, first):
        assert (await facts.fleet("t", revision)).revision == revision
    assert len(store.reads) == 3


async def test_what_was_asked_for_last_is_kept_and_not_what_was_read_last(log: Log, store: WatchedStore) -> None:
    facts = Facts(log.store, kept_fleets=2)
    of = {tenant: await log.apply_fleet(A, tenant=tenant) for tenant in ("t", "u", "v")}
    for tenant in ("t", "u", "t", "v", "t"):
        await facts.fleet(tenant, of[tenant])
    assert [*map(list, store.reads)] == [["t.fleet"], ["u.fleet"], ["v.fleet"]]


async def test_one_tenants_large_fleets_are_kept_as_far_as_there_is_room(log: Log, store: WatchedStore) -> None:
    facts = Facts(log.store, kept_defined=3)
    large = await log.apply_fleet(rules=[Rule(name=f"r{number}") for number in range(5)])
    assert len((await facts.fleet("t", large)).rules) == 5
    of = {tenant: await log.apply_fleet(A, tenant=tenant) for tenant in ("u", "v", "w")}
    for _ in range(2):
        for tenant, revision in of.items():
            await facts.fleet(tenant, revision)
    assert len(store.reads) == 4
    await facts.fleet("t", large)
    assert len(store.reads) == 5


async def test_an_event_is_found_by_its_address(facts: Facts, log: Log) -> None:
    first, second = await log.write("t.x-1", EventRef(stream="a"), EventRef(stream="b"))
    assert (await facts.event(EventRef(stream="t.x-1", revision=1))).id == second.id
    assert (await facts.event(EventRef(stream="t.x-1", revision=0))).id == first.id


async def test_an_event_that_is_not_there_yet_is_waited_for(facts: Facts) -> None:
    with pytest.raises(Transient, match=r"stream t\.x-1 has no revision 0 yet"):
        await facts.event(EventRef(stream="t.x-1"))


async def test_what_a_fleet_does_not_know_leaves_it_as_it_is() -> None:
    fleet = fold(Fleet(), [(FleetApplied(digest="d"), 3)])
    assert fold(fleet, [(EventRef(), 4)]) == fleet
