"""Rules that begin a plan: cooldowns, batches, patterns and times hold as for agents, and no agent is named."""

from typing import Any

import pytest

from reveille.adapters import cel, patterns
from reveille.adapters.grpc import to_plain
from reveille.analyzer.adapters.sql.decisions import Decisions, decisions
from reveille.analyzer.application.compiling import Rules
from reveille.analyzer.application.explaining import Explaining
from reveille.analyzer.application.handling import Waking
from reveille.analyzer.application.routing import ROUTES
from reveille.analyzer.application.timers import fires
from reveille.analyzer.domain.gathering import MAX_SIGNALS
from reveille.analyzer.domain.meaning import trigger_id
from reveille.analyzer.domain.watch import LookAt, Matched, Wake, decider
from reveille.contracts.analyzer.v1.events_pb2 import (
    PatternDetected,
    TriggerFired,
    TriggerGathered,
    TriggerSuppressed,
)
from reveille.contracts.analyzer.v1.queries_pb2 import ExplainResponse
from reveille.contracts.common.v1.common_pb2 import PRIORITY_CRITICAL, PRIORITY_HIGH, EventRef, Signal
from reveille.contracts.ingress.v1.events_pb2 import (
    Agent,
    Batch,
    Blueprint,
    BlueprintDefined,
    Cooldown,
    Cron,
    Rule,
    SignalReceived,
    Start,
)
from reveille.contracts.planner.v1.events_pb2 import StepReady
from reveille.kernel.events import About
from reveille.kernel.facts import Facts
from reveille.kernel.ids import derive
from reveille.kernel.timers import Due
from tests.unit.analyzer.signalling import rule, signal
from tests.unit.databases import database_of
from tests.unit.log import Log
from tests.unit.manual_clock import NOON
from tests.unit.spec import Given, spec

given = spec(decider)
SIGNAL = EventRef(stream="t.signal-1", revision=0)
SECOND = 1_000_000
MINUTE = 60 * SECOND
START = Start(blueprint="party", prompt="a party")
PARTY = "t.watch-blueprint:party"


def plan(name: str = "rule", *, prompt: str = "a party", blueprint: str = "party", **fields: Any) -> Rule:
    return rule(name, wake="", start=Start(blueprint=blueprint, prompt=prompt), **fields)


def matched(name: str = "rule", *, prompt: str = "a party", **other: Any) -> Matched:
    return Matched(rule=name, **{"group": name, "max": MAX_SIGNALS, **other}, prompt=prompt)


def wake(*rules: Matched, seconds: float = 0, **other: Any) -> Wake:
    fields: dict[str, Any] = {
        "trigger_id": f"trigger at {seconds}",
        "agent": "",
        "blueprint": "party",
        "priority": PRIORITY_HIGH,
        "signal_ids": ("s",),
        "signals": (SIGNAL,),
        "fleet_revision": 4,
        "hop": 0,
        "max_hops": 3,
    }
    return Wake(now=NOON + round(seconds * SECOND), matched=rules or (matched(),), **{**fields, **other})


def decided(state: Given, command: Wake | LookAt) -> list[Any]:
    return [one[0] if isinstance(one, tuple) else one for one in state.when(command).events]


def after(*commands: Wake) -> Given:
    state = given()
    for command in commands:
        state = Given(decider, state.when(command).state)
    return state


def test_a_plan_begins_with_its_rules_prompt_and_names_no_agent() -> None:
    (event,) = decided(given(), wake())
    assert isinstance(event, TriggerFired)
    assert (event.agent, event.start, event.rule, list(event.signal_ids)) == ("", START, "rule", ["s"])
    assert not event.HasField("agent_until")


def test_of_several_rules_the_one_that_has_the_signal_says_the_prompt() -> None:
    waiting = matched("batching", prompt="later", window_ms=10_000)
    (event,) = decided(given(), wake(waiting, matched("plain", prompt="now")))
    assert (event.rule, event.start.prompt, list(event.rules)) == ("plain", "now", ["batching", "plain"])


def test_what_is_critical_begins_at_once_with_the_first_rules_prompt() -> None:
    waiting = matched("batching", prompt="first", window_ms=10_000)
    (event,) = decided(given(), wake(waiting, matched("plain", prompt="now"), priority=PRIORITY_CRITICAL))
    assert (event.rule, event.start.prompt) == ("batching", "first")


def test_what_comes_within_a_cooldown_begins_one_plan_when_it_has_ended() -> None:
    cooling = matched(cooldown_group="rule", cooldown_ms=60_000)
    state = after(wake(cooling), wake(cooling, seconds=1), wake(cooling, seconds=2))
    assert [type(event) for event in decided(state, wake(cooling, seconds=3))] == [TriggerGathered]
    due = NOON + MINUTE
    (event,) = decided(state, LookAt(now=due, due=due))
    assert (event.agent, event.start, len(event.signals)) == ("", START, 2)


def test_what_was_gathered_says_what_the_newest_fleet_says() -> None:
    batching: dict[str, Any] = {"window_ms": 10_000}
    state = after(
        wake(matched(prompt="old", **batching), fleet_revision=4),
        wake(matched(prompt="new", **batching), fleet_revision=9, seconds=1),
        wake(matched(prompt="old", **batching), fleet_revision=4, seconds=2),
    )
    due = NOON + 10 * SECOND
    (event,) = decided(state, LookAt(now=due, due=due))
    assert (event.start.prompt, event.fleet_revision, len(event.signals)) == ("new", 9, 3)


def test_a_chain_of_agents_acts_that_is_too_long_begins_no_plan_and_says_so() -> None:
    (event,) = decided(given(), wake(hop=4))
    assert isinstance(event, TriggerSuppressed)
    assert (event.agent, event.blueprint, event.rule) == ("", "party", "rule")
    assert event.detail == "the chain of agents' acts is 4 long, at most 3 begin a plan"


class House:
    """A fleet with a blueprint and an agent."""

    def __init__(self) -> None:
        self.log = Log()
        facts = Facts(self.log.store)
        self.rules = Rules(facts, where=cel.where, paths=lambda names: patterns.paths(tuple(names)))
        self.waking = Waking(facts, self.rules)
        self.facts = facts

    async def apply(self, *rules: Rule) -> int:
        await self.log.write("t.fleet", BlueprintDefined(blueprint=Blueprint(name="party")))
        return await self.log.apply_fleet(Agent(name="a", max_hops=9, cooldown_ms=5), rules=rules)

    async def commands(self, told: Signal) -> dict[str, Any]:
        (received,) = await self.log.write(f"t.signal-{told.id}", SignalReceived(signal=told))
        return dict(await self.waking.reactors()[received.type](received, NOON))

    async def explain(self, told: Signal, agent: str = "blueprint:party") -> ExplainResponse:
        """Of what stands in the watch's stream."""
        (received,) = await self.log.write(f"t.signal-{told.id}", SignalReceived(signal=told))

        async def found(tenant: str, signal_id: str, watcher: str) -> EventRef | None:
            events = await self.log.read(f"{tenant}.watch-{watcher}")
            return EventRef(stream=events[-1].stream, revision=events[-1].revision) if events else None

        explaining = Explaining(self.log.store, self.facts, self.rules, decided=found, unevaluated=cel.unevaluated)
        return await explaining.explain(received, agent)


@pytest.fixture
def house() -> House:
    return House()


@pytest.mark.asyncio
async def test_rules_of_one_blueprint_are_one_wake_beside_those_of_agents(house: House) -> None:
    cooldown = Cooldown(by=["repository"], for_ms=60_000)
    batch = Batch(window_ms=5_000, max=7)
    revision = await house.apply(
        plan("one", cooldown=cooldown, batch=batch), plan("two", order=1, prompt="b"), rule("agents", order=2)
    )
    found = await house.commands(signal(fleet_revision=revision, hop=2, repository="r"))
    assert set(found) == {PARTY, "t.watch-a"}
    begun = found[PARTY]
    assert (begun.agent, begun.blueprint, begun.rules, begun.trigger_id) == (
        "",
        "party",
        ("one", "two"),
        trigger_id("s", "blueprint:party"),
    )
    assert (begun.hop, begun.max_hops, begun.agent_cooldown_ms) == (2, 3, 0)
    assert [one.prompt for one in begun.matched] == ["a party", "b"]
    assert (begun.matched[0].cooldown_ms, begun.matched[0].window_ms, begun.matched[0].max) == (60_000, 5_000, 7)
    assert (found["t.watch-a"].blueprint, found["t.watch-a"].max_hops) == ("", 9)


@pytest.mark.asyncio
async def test_plans_of_two_blueprints_are_decided_on_apart(house: House) -> None:
    revision = await house.apply(plan("one"), plan("two", order=1, blueprint="release"))
    found = await house.commands(signal(fleet_revision=revision))
    assert set(found) == {PARTY, "t.watch-blueprint:release"}
    assert len({one.trigger_id for one in found.values()}) == 2


@pytest.mark.asyncio
async def test_what_a_pattern_or_a_time_of_day_detects_begins_its_rules_plan(house: House) -> None:
    revision = await house.apply(plan("yearly", cron=Cron(expression="0 7 1 5 *", time_zone="UTC")))
    (detected,) = await house.log.write(
        "t.pattern-yearly", PatternDetected(rule="yearly", trigger_id="x", fleet_revision=revision)
    )
    ((stream, begun),) = await house.waking.reactors()[detected.type](detected, NOON)
    assert stream == PARTY
    assert isinstance(begun, Wake)
    assert (begun.trigger_id, begun.blueprint, begun.matched[0].prompt, begun.max_hops) == ("x", "party", "a party", 3)


def test_a_timer_of_a_plans_watch_looks_at_it() -> None:
    due = Due(PARTY, "look", 5, About(""), b"")
    assert fires(due, 7) == LookAt(now=7, due=5)


@pytest.mark.asyncio
async def test_a_trigger_that_begins_a_plan_goes_to_the_analyzer_alone(house: House) -> None:
    (event,) = await house.log.write(PARTY, TriggerFired(trigger_id="x", start=START))
    assert {service: key(event) for service, key in ROUTES[event.type].items()} == {
        "planner": None,
        "analyzer": derive("execution", "x"),
    }


@pytest.mark.asyncio
async def test_what_was_decided_on_a_plan_is_found_under_its_name(house: House) -> None:
    first = TriggerFired(trigger_id="x", start=START, signal_ids=["s1"])
    second = TriggerSuppressed(trigger_id="y", blueprint="party", signal_ids=["s2"])
    events = await house.log.write(PARTY, first, second)
    with database_of("analyzer").engine.begin() as connection:
        Decisions().project(connection, events)
        rows = connection.execute(decisions.select().order_by(decisions.c.signal_id)).all()
    assert [(row.signal_id, row.agent) for row in rows] == [("s1", "blueprint:party"), ("s2", "blueprint:party")]


@pytest.mark.asyncio
async def test_why_a_plan_began_is_told_with_its_rule_and_its_execution(house: House) -> None:
    revision = await house.apply(plan())
    await house.log.write(PARTY, TriggerFired(trigger_id="x", rule="rule", signal_ids=["s"], start=START))
    await house.log.write(f"t.execution-{derive('execution', 'x')}", StepReady(step="theme", run_id="r"))
    answer = await house.explain(signal(fleet_revision=revision))
    assert (answer.woke, answer.reason, answer.rule, answer.detail) == (True, "woke", "rule", "")
    assert answer.execution_id == derive("execution", "x")
    assert to_plain(answer)["agent"] == "blueprint:party"


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("rules", "reason", "detail"),
    [
        ([plan(sources=["gitlab"])], "kind", "the rule is for anything of gitlab, the signal is github"),
        ([plan(where="signal.draft")], "where", "not true of this signal: signal.draft"),
        ([rule()], "no_rule", "no rule begins a plan of blueprint party on signals"),
        ([plan()], "woke", "it matches and has not been decided on yet"),
    ],
)
async def test_why_no_plan_began_is_told(house: House, rules: list[Rule], reason: str, detail: str) -> None:
    answer = await house.explain(signal(fleet_revision=await house.apply(*rules)))
    assert (answer.reason, answer.detail.startswith(detail), answer.woke) == (reason, True, False)


@pytest.mark.asyncio
async def test_a_plan_that_a_loop_would_begin_is_told_as_a_loop(house: House) -> None:
    revision = await house.apply(plan())
    await house.log.write(PARTY, TriggerSuppressed(rule="rule", blueprint="party", signal_ids=["s"], detail="too long"))
    answer = await house.explain(signal(fleet_revision=revision))
    assert (answer.woke, answer.reason, answer.detail) == (False, "loop", "too long")


@pytest.mark.asyncio
async def test_a_blueprint_that_the_fleet_had_not_is_not_explained(house: House) -> None:
    revision = await house.apply()
    with pytest.raises(KeyError, match="has no blueprint wedding"):
        await house.explain(signal(fleet_revision=revision), "blueprint:wedding")
