"""What the analyzer does about a signal: one command for each agent that is woken."""

from typing import Any

import pytest

from reveille.adapters import cel, patterns
from reveille.analyzer.application.compiling import Rules
from reveille.analyzer.application.handling import Waking
from reveille.analyzer.application.routing import ROUTES
from reveille.analyzer.domain.gathering import MAX_SIGNALS
from reveille.analyzer.domain.meaning import trigger_id
from reveille.analyzer.domain.pattern import Count, Disarm, Touch
from reveille.analyzer.domain.watch import Wake
from reveille.contracts.agent_runner.v1.events_pb2 import Work, WorkHandedOn
from reveille.contracts.analyzer.v1.events_pb2 import PatternDetected, TriggerFired
from reveille.contracts.common.v1.common_pb2 import (
    PRIORITY_CRITICAL,
    PRIORITY_HIGH,
    PRIORITY_LOW,
    PRIORITY_MEDIUM,
    EventRef,
    Signal,
)
from reveille.contracts.ingress.v1.events_pb2 import (
    Absence,
    Agent,
    Batch,
    Cooldown,
    Cron,
    FleetApplied,
    Pattern,
    Rule,
    RuleDefined,
    RuleRemoved,
    Selector,
    SignalEnriched,
    SignalReceived,
)
from reveille.kernel.errors import Poison, Transient
from reveille.kernel.events import About, Recorded
from reveille.kernel.facts import Facts
from reveille.kernel.ids import derive
from tests.unit.analyzer.signalling import rule, signal
from tests.unit.log import Log
from tests.unit.manual_clock import NOON

pytestmark = pytest.mark.asyncio
A, B = Agent(name="a", max_hops=3), Agent(name="b", max_hops=1)


@pytest.fixture
def log() -> Log:
    return Log()


async def woken(log: Log, told: Signal) -> dict[str, Wake]:
    """By stream."""
    facts = Facts(log.store)
    waking = Waking(facts, Rules(facts, where=cel.where, paths=patterns.paths))
    (received,) = await log.write(f"t.signal-{told.id}", SignalReceived(signal=told))
    commands = await waking.reactors()[received.type](received, NOON)
    wakes = {stream: command for stream, command in commands if isinstance(command, Wake)}
    assert len(wakes) == len(commands)
    return wakes


async def test_each_agent_that_a_rule_wakes_is_told_in_its_own_stream(log: Log) -> None:
    revision = await log.apply_fleet(A, B, rules=[rule("one", wake="a"), rule("two", wake="b", order=1)])
    assert set(await woken(log, signal(fleet_revision=revision))) == {"t.watch-a", "t.watch-b"}


async def test_several_rules_of_one_agent_are_one_wake(log: Log) -> None:
    rules = [rule("one"), rule("two", order=1), rule("other", order=2, sources=["gitlab"])]
    revision = await log.apply_fleet(A, rules=rules)
    wakes = await woken(log, signal(fleet_revision=revision))
    assert {stream: wake.rules for stream, wake in wakes.items()} == {"t.watch-a": ("one", "two")}


async def test_a_wake_has_the_highest_priority_that_any_of_its_rules_asks_for(log: Log) -> None:
    priorities = (PRIORITY_LOW, PRIORITY_CRITICAL, PRIORITY_HIGH)
    rules: list[Rule] = [rule(f"r{at}", order=at, priority=one) for at, one in enumerate(priorities)]
    revision = await log.apply_fleet(A, rules=rules)
    assert (await woken(log, signal(fleet_revision=revision)))["t.watch-a"].priority == PRIORITY_CRITICAL


async def test_a_rule_without_a_priority_has_the_medium_one(log: Log) -> None:
    revision = await log.apply_fleet(A, rules=[rule("low", priority=PRIORITY_LOW), rule("none", order=1)])
    assert (await woken(log, signal(fleet_revision=revision)))["t.watch-a"].priority == PRIORITY_MEDIUM


async def test_a_wake_knows_its_signal_its_fleet_and_how_long_its_chain_may_be(log: Log) -> None:
    revision = await log.apply_fleet(A, rules=[rule()])
    wake = (await woken(log, signal(fleet_revision=revision, hop=2)))["t.watch-a"]
    assert (wake.signal_ids, wake.signals, wake.fleet_revision, wake.hop, wake.max_hops) == (
        ("s",),
        (EventRef(stream="t.signal-s", revision=0),),
        revision,
        2,
        3,
    )


async def test_a_signal_that_no_rule_knows_wakes_nobody(log: Log) -> None:
    revision = await log.apply_fleet(A, rules=[rule(sources=["gitlab"])])
    assert await woken(log, signal(fleet_revision=revision)) == {}


async def test_an_agent_that_the_sender_names_wakes_whatever_the_rules_say(log: Log) -> None:
    revision = await log.apply_fleet(A, B, rules=[rule(wake="b")])
    wakes = await woken(log, signal(fleet_revision=revision, target="a"))
    assert {stream: wake.rules for stream, wake in wakes.items()} == {"t.watch-a": ()}


@pytest.mark.parametrize(("asked", "given"), [(PRIORITY_CRITICAL, PRIORITY_CRITICAL), (0, PRIORITY_MEDIUM)])
async def test_the_sender_who_names_an_agent_says_how_urgent_it_is(log: Log, asked: Any, given: int) -> None:
    revision = await log.apply_fleet(A)
    wakes = await woken(log, signal(fleet_revision=revision, target="a", priority=asked))
    assert wakes["t.watch-a"].priority == given


async def test_an_agent_that_the_fleet_has_not_is_poison(log: Log) -> None:
    revision = await log.apply_fleet(A)
    with pytest.raises(Poison, match=f"agent nobody, which the fleet at revision {revision} has not"):
        await woken(log, signal(fleet_revision=revision, target="nobody"))


async def test_a_signal_is_decided_on_by_the_fleet_that_was_in_force_when_it_came(log: Log) -> None:
    before = await log.apply_fleet(A, rules=[rule()])
    await log.write("t.fleet", RuleRemoved(name="rule"))
    after = await log.apply_fleet()
    assert set(await woken(log, signal(id="s1", fleet_revision=before))) == {"t.watch-a"}
    assert set(await woken(log, signal(id="s2", fleet_revision=after))) == set()


async def test_a_signal_waits_for_the_fleet_that_it_names(log: Log) -> None:
    revision = await log.apply_fleet(A)
    with pytest.raises(Transient, match=f"no fleet at revision {revision + 1} yet"):
        await woken(log, signal(fleet_revision=revision + 1))


async def test_a_signal_and_an_agent_have_one_trigger_however_often_it_is_reckoned() -> None:
    assert trigger_id("s", "a") == trigger_id("s", "a")
    assert len({trigger_id("s", "a"), trigger_id("s", "b"), trigger_id("z", "a")}) == 3


async def test_a_trigger_goes_to_the_planner_by_the_execution_that_it_starts(log: Log) -> None:
    (event,) = await log.write("t.watch-a", TriggerFired(trigger_id="x"))
    assert {service: key(event) for service, key in ROUTES[event.type].items()} == {
        "planner": derive("execution", "x"),
        "analyzer": None,
    }


async def commands(log: Log, event: Recorded) -> dict[str, Any]:
    facts = Facts(log.store)
    waking = Waking(facts, Rules(facts, where=cel.where, paths=patterns.paths))
    return dict(await waking.reactors()[event.type](event, NOON))


async def test_a_signal_whose_provider_is_being_asked_is_decided_on_when_it_has_answered(log: Log) -> None:
    revision = await log.apply_fleet(A, rules=[rule()])
    told = signal(fleet_revision=revision, enriching=True)
    (received,) = await log.write("t.signal-s", SignalReceived(signal=told))
    assert await commands(log, received) == {}
    told.enriching = False
    (enriched,) = await log.write("t.signal-s", SignalEnriched(signal=told))
    assert (await commands(log, enriched))["t.watch-a"].signals == (EventRef(stream="t.signal-s", revision=1),)


async def test_a_wake_knows_what_its_rules_gather_signals_under(log: Log) -> None:
    cooldown = Cooldown(by=["repository", "number"], for_ms=60_000)
    batch = Batch(by=["labels.team"], window_ms=10_000, max=7)
    one = rule("one", cooldown=cooldown)
    two = rule("two", order=1, cooldown=cooldown, batch=batch)
    revision = await log.apply_fleet(
        Agent(name="a", max_hops=3, cooldown_ms=5_000), rules=[one, two, rule("three", order=2)]
    )
    told = signal(fleet_revision=revision, repository="a/b", number=7, labels={"team": "core"})
    wake = (await woken(log, told))["t.watch-a"]
    assert wake.agent_cooldown_ms == 5_000
    first, second, third = wake.matched
    assert first.group == first.cooldown_group == derive("group", "one", '"a/b"', "7")
    assert (first.cooldown_ms, first.window_ms, first.max) == (60_000, 0, MAX_SIGNALS)
    assert (second.group, second.cooldown_group) == (
        derive("group", "two", '"core"'),
        derive("group", "two", '"a/b"', "7"),
    )
    assert (second.window_ms, second.max) == (10_000, 7)
    assert (third.group, third.cooldown_group) == (derive("group", "three"), "")


async def test_no_text_in_a_field_makes_two_keys_one(log: Log) -> None:
    one = rule("one", cooldown=Cooldown(by=["actor", "title"], for_ms=1))
    revision = await log.apply_fleet(A, rules=[one])
    groups = set()
    for number, (actor, title) in enumerate([("a", "b\x1fc"), ("a\x1fb", "c"), ('a","b', "c"), ("a", 'b","c')]):
        told = signal(id=f"s{number}", fleet_revision=revision, actor=actor, title=title)
        groups.add((await woken(log, told))["t.watch-a"].matched[0].group)
    assert len(groups) == 4


async def test_a_signal_of_a_pattern_goes_to_the_patterns_own_stream(log: Log) -> None:
    steps = [Selector(kinds=["change.opened"])]
    counting = rule("counting", pattern=Pattern(steps=steps, count=3, within_ms=9, by=["repository"]))
    missing = rule("missing", order=1, absence=Absence(of=steps[0], for_ms=60_000))
    revision = await log.apply_fleet(A, rules=[counting, missing, rule("plain", order=2)])
    (received,) = await log.write("t.signal-s", SignalReceived(signal=signal(fleet_revision=revision)))
    found = await commands(log, received)
    assert {stream: type(command) for stream, command in found.items()} == {
        "t.pattern-counting": Count,
        "t.pattern-missing": Touch,
        "t.watch-a": Wake,
    }
    assert found["t.watch-a"].rules == ("plain",)
    assert (found["t.pattern-counting"].length, found["t.pattern-counting"].sequence) == (3, False)


async def test_what_watches_time_is_armed_when_its_fleet_is_applied_and_disarmed_when_it_is_gone(log: Log) -> None:
    cron = rule("report", cron=Cron(expression="0 7 * * *", time_zone="UTC"))
    missing = rule("missing", absence=Absence(for_ms=60_000))
    first = await log.apply_fleet(A, rules=[cron, missing, rule("plain")])
    applied = (await log.read("t.fleet"))[first]
    assert set(await commands(log, applied)) == {"t.pattern-report", "t.pattern-missing"}
    assert not any(command.same for command in (await commands(log, applied)).values())
    cron.wake, cron.priority = "b", PRIORITY_HIGH
    (*_, again) = await log.write(
        "t.fleet", RuleRemoved(name="missing"), RuleDefined(rule=cron), FleetApplied(previous=first)
    )
    found = await commands(log, again)
    assert isinstance(found["t.pattern-missing"], Disarm)
    assert found["t.pattern-report"].same, "who wakes is no matter of when"
    cron.cron.expression = "0 8 * * *"
    (*_, changed) = await log.write("t.fleet", RuleDefined(rule=cron), FleetApplied(previous=again.revision))
    assert not (await commands(log, changed))["t.pattern-report"].same


async def test_what_a_pattern_detects_wakes_its_rules_agent_by_its_rules_priority(log: Log) -> None:
    one = rule("r", priority=PRIORITY_HIGH, cooldown=Cooldown(for_ms=60_000), cron=Cron(expression="0 7 * * *"))
    revision = await log.apply_fleet(A, rules=[one])
    (detected,) = await log.write(
        "t.pattern-r", PatternDetected(rule="r", trigger_id="x", fleet_revision=revision), about=About("c", "", 2)
    )
    assert ROUTES[detected.type]["analyzer"](detected) == "t"
    wake = (await commands(log, detected))["t.watch-a"]
    assert (wake.trigger_id, wake.rules, wake.priority, wake.signals, wake.hop) == ("x", ("r",), PRIORITY_HIGH, (), 2)
    assert wake.matched[0].cooldown_ms == 60_000


async def test_work_that_is_handed_on_wakes_the_other_agent_and_lengthens_the_chain(log: Log) -> None:
    revision = await log.apply_fleet(A, B)
    signals = [EventRef(stream="t.signal-s")]
    handed = WorkHandedOn(
        work=Work(agent="a"), agent="b", trigger_id="x", signal_ids=["s"], signals=signals, fleet_revision=revision
    )
    (event,) = await log.write("t.run-r", handed, about=About("c", "00-c", 1))
    wake = (await commands(log, event))["t.watch-b"]
    assert (wake.trigger_id, wake.handed_on_by, wake.hop, wake.max_hops) == ("x", "a", 2, 1)
    assert wake.signals == (*signals, EventRef(stream="t.run-r", revision=0))
    assert (wake.signal_ids, wake.about, wake.priority) == (("s",), About("c", "00-c", 2), PRIORITY_MEDIUM)


async def test_work_that_is_handed_to_an_agent_that_is_not_there_is_poison(log: Log) -> None:
    revision = await log.apply_fleet(A)
    (event,) = await log.write("t.run-r", WorkHandedOn(work=Work(agent="a"), agent="nobody", fleet_revision=revision))
    with pytest.raises(Poison, match=f"work of a is for agent nobody, which fleet {revision} has not"):
        await commands(log, event)
