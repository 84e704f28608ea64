"""Why an agent woke on a signal, or why not."""

from typing import Any

import pytest

from reveille.adapters import cel, patterns
from reveille.analyzer.application.compiling import Rules
from reveille.analyzer.application.explaining import Explaining
from reveille.contracts.analyzer.v1.events_pb2 import SUPPRESSION_LOOP, TriggerFired, TriggerSuppressed
from reveille.contracts.analyzer.v1.queries_pb2 import ExplainResponse
from reveille.contracts.common.v1.common_pb2 import EventRef, Signal
from reveille.contracts.ingress.v1.events_pb2 import PATHS_UNKNOWN_SKIP, Agent, Rule, SignalReceived
from reveille.kernel.facts import Facts
from reveille.kernel.ids import derive
from tests.unit.analyzer.signalling import rule, signal, with_paths
from tests.unit.log import Log

pytestmark = pytest.mark.asyncio
A, B = Agent(name="a"), Agent(name="b")


class House:
    """A log with a fleet, and the decisions that were made on it."""

    def __init__(self) -> None:
        self.log = Log()
        self.decisions: dict[tuple[str, str, str], EventRef] = {}

    async def explain(self, told: Signal, *rules: Rule, agent: str = "a") -> ExplainResponse:
        facts = Facts(self.log.store)
        told.fleet_revision = await self.log.apply_fleet(A, B, rules=rules)
        (received,) = await self.log.write("t.signal-1", SignalReceived(signal=told))
        compiling = Rules(facts, where=cel.where, paths=patterns.paths)
        return await Explaining(facts, compiling, self._decided).explain(received, agent)

    async def decide(self, decision: TriggerFired | TriggerSuppressed) -> None:
        (event,) = await self.log.write("t.watch-a", decision)
        self.decisions["t", "s", "a"] = EventRef(stream=event.stream, revision=event.revision)

    async def _decided(self, tenant: str, signal_id: str, agent: str) -> EventRef | None:
        return self.decisions.get((tenant, signal_id, agent))


@pytest.fixture
def house() -> House:
    return House()


async def test_an_agent_that_woke_is_told_with_its_rule_and_its_execution(house: House) -> None:
    await house.decide(TriggerFired(trigger_id="x", rule="rule", signal_ids=["s"]))
    answer = await house.explain(signal(), rule())
    assert (answer.woke, answer.reason, answer.rule) == (True, "woke", "rule")
    assert answer.execution_id == derive("execution", "x")


async def test_a_suppressed_trigger_is_told_as_a_loop(house: House) -> None:
    await house.decide(TriggerSuppressed(rule="rule", reason=SUPPRESSION_LOOP, detail="too long"))
    answer = await house.explain(signal(), rule())
    assert (answer.woke, answer.reason, answer.rule, answer.detail) == (False, "loop", "rule", "too long")


@pytest.mark.parametrize(
    ("told", "of", "reason", "detail"),
    [
        (
            signal(),
            {"sources": ["gitlab"], "kinds": ["push"]},
            "kind",
            "the rule is for gitlab, push, the signal is github pull_request.opened (change.opened)",
        ),
        (signal(), {"where": "signal.draft"}, "where", "not true of this signal: signal.draft"),
        (
            with_paths("a", "b"),
            {"paths": ["src/**", "!src/x"]},
            "paths",
            "the paths are a, b, the rule is for src/**, !src/x",
        ),
        (
            signal(),
            {"paths": ["src/**"], "paths_unknown": PATHS_UNKNOWN_SKIP},
            "paths",
            "the paths are unknown, the rule is for src/**",
        ),
    ],
)
async def test_a_rule_that_did_not_match_says_what_it_wanted(
    house: House, told: Signal, of: dict[str, Any], reason: str, detail: str
) -> None:
    answer = await house.explain(told, rule(**of))
    assert (answer.woke, answer.reason, answer.rule, answer.detail) == (False, reason, "rule", detail)


async def test_the_rule_that_came_nearest_is_told(house: House) -> None:
    rules = [
        rule("far", sources=["gitlab"]),
        rule("nearest", order=1, paths=["src/**"]),
        rule("near", order=2, where="signal.draft"),
    ]
    answer = await house.explain(with_paths("a"), *rules)
    assert (answer.reason, answer.rule) == ("paths", "nearest")


async def test_an_agent_that_no_rule_wakes_is_told_so(house: House) -> None:
    answer = await house.explain(signal(), rule(wake="b"))
    assert (answer.woke, answer.reason, answer.detail) == (False, "no_rule", "no rule wakes a")


async def test_an_agent_beside_the_one_that_the_sender_named_is_told_so(house: House) -> None:
    answer = await house.explain(signal(target="b"), rule())
    assert (answer.reason, answer.detail) == ("no_rule", "the sender woke b by name")


async def test_a_rule_that_matches_before_anybody_has_decided_is_told_so(house: House) -> None:
    answer = await house.explain(signal(), rule())
    assert (answer.woke, answer.rule, answer.detail) == (False, "rule", "it matches and has not been decided on yet")


async def test_an_agent_that_was_named_before_anybody_has_decided_is_told_so(house: House) -> None:
    answer = await house.explain(signal(target="a"))
    assert (answer.woke, answer.detail) == (False, "the sender named it, and it has not been decided on yet")


async def test_an_answer_names_the_fleet_that_was_in_force(house: House) -> None:
    assert (await house.explain(signal(), rule())).fleet_revision == 3


async def test_an_agent_that_the_fleet_has_not_cannot_be_explained(house: House) -> None:
    with pytest.raises(KeyError, match="fleet 2 of t has no agent nobody"):
        await house.explain(signal(), agent="nobody")
