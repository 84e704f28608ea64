"""What the analyzer does about a signal: one command for each agent that is woken."""

from typing import Any

import pytest

from reveille.adapters import cel, patterns
from reveille.analyzer.application.compiling import Rules
from reveille.analyzer.application.handling import Waking, trigger_id
from reveille.analyzer.application.routing import ROUTES, execution_of
from reveille.analyzer.domain.watch import Wake
from reveille.contracts.analyzer.v1.events_pb2 import TriggerFired
from reveille.contracts.common.v1.common_pb2 import (
    PRIORITY_CRITICAL,
    PRIORITY_HIGH,
    PRIORITY_LOW,
    PRIORITY_MEDIUM,
    EventRef,
    Signal,
)
from reveille.contracts.ingress.v1.events_pb2 import Agent, Rule, RuleRemoved, SignalReceived
from reveille.kernel.errors import Poison, Transient
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
    assert (wake.signal_id, wake.signal, wake.fleet_revision, wake.hop, wake.max_hops) == (
        "s",
        EventRef(stream="t.signal-s", revision=0),
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
    assert ROUTES[event.type] == {"planner": execution_of}
    assert execution_of(event) == derive("execution", "x")
