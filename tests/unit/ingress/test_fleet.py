"""From the fleet in force to the one that is wanted."""

from dataclasses import replace
from itertools import count

from google.protobuf.message import Message

from reveille.contracts.ingress.v1.events_pb2 import Agent, Limits, Rule, Source
from reveille.ingress.domain.fleet import WantedFleet, changes, differences
from reveille.kernel.fleet import Fleet, fold

WANTED = WantedFleet(
    tenant="default",
    agents=[Agent(name="a", skill="m:f"), Agent(name="b", skill="m:g")],
    rules=[Rule(name="r", order=0, wake="a"), Rule(name="s", order=1, wake="b")],
    limits=Limits(tenant_tokens=5),
)


def applied(fleet: Fleet, events: list[Message]) -> Fleet:
    return fold(fleet, zip(events, count(fleet.revision + 1)))


def names(events: list[Message]) -> list[str]:
    return [event.DESCRIPTOR.name for event in events]


def test_the_first_fleet_is_defined_whole_and_applied_last() -> None:
    events = changes(Fleet(), WANTED)
    assert names(events) == ["AgentDefined"] * 2 + ["RuleDefined"] * 2 + ["LimitsDefined", "FleetApplied"]
    fleet = applied(Fleet(), events)
    assert (list(fleet.agents), list(fleet.rules), fleet.revision) == (["a", "b"], ["r", "s"], 5)


def test_what_is_in_force_already_changes_nothing() -> None:
    assert changes(applied(Fleet(), changes(Fleet(), WANTED)), WANTED) == []


def test_only_what_differs_is_told() -> None:
    fleet = applied(Fleet(), changes(Fleet(), WANTED))
    other = replace(
        WANTED,
        agents=[Agent(name="a", skill="m:other")],
        rules=[Rule(name="r", order=0, wake="a")],
    )
    events = changes(fleet, other)
    assert names(events) == ["RuleRemoved", "AgentRemoved", "AgentDefined", "FleetApplied"]
    assert changes(applied(fleet, events), other) == []


def test_the_order_of_agents_is_no_difference_and_the_order_of_rules_is() -> None:
    fleet = applied(Fleet(), changes(Fleet(), WANTED))
    assert changes(fleet, replace(WANTED, agents=list(reversed(WANTED.agents)))) == []
    swapped = [Rule(name="s", order=0, wake="b"), Rule(name="r", order=1, wake="a")]
    assert names(changes(fleet, replace(WANTED, rules=swapped))) == ["RuleDefined", "RuleDefined", "FleetApplied"]


def test_an_empty_fleet_is_applied_once() -> None:
    nothing = WantedFleet(tenant="default", agents=[], rules=[], limits=Limits())
    events = changes(Fleet(), nothing)
    assert names(events) == ["FleetApplied"]
    assert changes(applied(Fleet(), events), nothing) == []


def seen(fleet: Fleet, wanted: WantedFleet) -> list[tuple[str, str, str]]:
    return [(one.kind, one.name, one.change) for one in differences(fleet, wanted)]


def test_people_see_what_comes_what_goes_and_what_changes() -> None:
    first = [(kind, name, "added") for kind, name in (("agent", "a"), ("agent", "b"), ("rule", "r"), ("rule", "s"))]
    assert seen(Fleet(), WANTED) == [*first, ("limits", "limits", "added")]
    fleet = applied(Fleet(), changes(Fleet(), WANTED))
    assert seen(fleet, WANTED) == []
    other = replace(
        WANTED,
        agents=[Agent(name="a", skill="m:other")],
        rules=[Rule(name="r", order=0, wake="a")],
        sources=[Source(name="ci")],
        limits=Limits(tenant_tokens=6),
    )
    assert seen(fleet, other) == [
        ("agent", "a", "changed"),
        ("agent", "b", "removed"),
        ("rule", "s", "removed"),
        ("source", "ci", "added"),
        ("limits", "limits", "changed"),
    ]


def test_a_rule_that_makes_room_for_another_is_not_seen_as_changed_and_one_that_changes_places_is() -> None:
    fleet = applied(Fleet(), changes(Fleet(), WANTED))
    r, s = Rule(name="r", wake="a"), Rule(name="s", wake="b")

    def ordered(*rules: Rule) -> WantedFleet:
        placed = [Rule(name=rule.name, wake=rule.wake, order=order) for order, rule in enumerate(rules)]
        return replace(WANTED, rules=placed)

    assert seen(fleet, ordered(Rule(name="new", wake="a"), r, s)) == [("rule", "new", "added")]
    assert seen(fleet, ordered(s)) == [("rule", "r", "removed")]
    assert seen(fleet, ordered(s, r)) == [("rule", "r", "changed"), ("rule", "s", "changed")]
