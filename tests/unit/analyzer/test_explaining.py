"""Why an agent woke on a signal, or why not."""

from collections.abc import Sequence
from typing import Any

import pytest
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from reveille.adapters import cel, patterns
from reveille.analyzer.application.compiling import Rules
from reveille.analyzer.application.explaining import Explaining
from reveille.contracts.agent_runner.v1.events_pb2 import RunStarted
from reveille.contracts.analyzer.v1.events_pb2 import (
    GATHERING_BATCH,
    GATHERING_COOLDOWN,
    SUPPRESSION_LOOP,
    TriggerFired,
    TriggerGathered,
    TriggerSuppressed,
)
from reveille.contracts.analyzer.v1.queries_pb2 import ExplainResponse
from reveille.contracts.common.v1.common_pb2 import EventRef, Signal
from reveille.contracts.ingress.v1.events_pb2 import (
    PATHS_UNKNOWN_SKIP,
    Agent,
    Cron,
    DeliveryRepeated,
    LabelValues,
    Pattern,
    Rule,
    Selector,
    SignalEnriched,
    SignalReceived,
)
from reveille.contracts.planner.v1.events_pb2 import (
    ApprovalRequested,
    ApprovalResolved,
    StepFailed,
    StepReady,
    StepReleased,
    StepWaiting,
)
from reveille.kernel.facts import Facts
from reveille.kernel.ids import derive
from reveille.kernel.sealing import seal
from tests.unit.analyzer.signalling import rule, signal, with_paths
from tests.unit.log import Log

pytestmark = pytest.mark.asyncio
A, B = Agent(name="a"), Agent(name="b")


class House:
    """A log with a fleet, and the decisions that were made on it."""

    def __init__(self) -> None:
        self.log = Log()
        self.decisions: dict[tuple[str, str, str], EventRef] = {}

    async def explain(
        self, told: Signal, *rules: Rule, agent: str = "a", then: Sequence[Message] = ()
    ) -> ExplainResponse:
        """then: what else the signal's stream holds."""
        facts = Facts(self.log.store)
        told.fleet_revision = await self.log.apply_fleet(A, B, rules=rules)
        for event in then:
            if isinstance(event, SignalEnriched):
                event.signal.fleet_revision = told.fleet_revision
        received, *_ = await self.log.write("t.signal-1", SignalReceived(signal=told), *then)
        compiling = Rules(facts, where=cel.where, paths=patterns.paths)
        explaining = Explaining(self.log.store, facts, compiling, decided=self._decided, unevaluated=cel.unevaluated)
        return await explaining.explain(received, agent)

    async def decide(self, decision: TriggerFired | TriggerGathered | TriggerSuppressed) -> None:
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
            "the rule is for push of gitlab, the signal is github pull_request.opened (change.opened)",
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
    assert (answer.woke, answer.reason, answer.detail) == (False, "no_rule", "no rule wakes a on signals")


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


async def test_what_is_gathered_is_told_with_its_rule_its_time_and_its_trigger(house: House) -> None:
    until = Timestamp(seconds=1_800_000_000)
    await house.decide(
        TriggerGathered(
            trigger_id="x", rule="rule", signal_ids=["s"], reason=GATHERING_BATCH, group="g", ready_at=until
        )
    )
    answer = await house.explain(signal(), rule())
    assert (answer.woke, answer.reason, answer.rule, answer.until) == (False, "batched", "rule", until)
    assert "group g" in answer.detail
    assert "trigger x" in answer.detail


async def test_what_waits_for_a_cooldown_is_told_so(house: House) -> None:
    await house.decide(TriggerGathered(trigger_id="x", rule="rule", signal_ids=["s"], reason=GATHERING_COOLDOWN))
    assert (await house.explain(signal(), rule())).reason == "cooldown"


async def test_what_was_gathered_into_anothers_trigger_is_told_so(house: House) -> None:
    await house.decide(TriggerFired(trigger_id="x", rule="rule", signal_ids=["first", "s"], group="g"))
    answer = await house.explain(signal(), rule())
    assert (answer.woke, answer.reason, answer.execution_id) == (True, "batched", derive("execution", "x"))
    assert answer.detail == "gathered into trigger x of signal first"


UNTIL = Timestamp(seconds=1_800_000_000)
WAITING = StepWaiting(step="wake", account="agent:a@2026-11-21", until=UNTIL)
RESOLVED = ApprovalResolved(approval_id="p")
ASKED = ApprovalRequested(approval_id="p", step="wake", tokens=5, account="agent:a@2026-11-21", deadline=UNTIL)


@pytest.mark.parametrize(
    ("events", "woke", "reason", "until"),
    [
        ([WAITING], False, "budget_deferred", UNTIL),
        ([WAITING, StepReleased(step="wake")], True, "woke", Timestamp()),
        ([StepFailed(step="wake", reason="budget")], False, "budget_dropped", Timestamp()),
        ([StepFailed(step="wake", reason="error")], True, "woke", Timestamp()),
        ([WAITING, ASKED], False, "awaiting_approval", UNTIL),
        ([WAITING, ASKED, ApprovalResolved(approval_id="p")], False, "budget_deferred", UNTIL),
        ([WAITING, ASKED, ApprovalResolved(approval_id="p"), StepReleased(step="wake")], True, "woke", Timestamp()),
    ],
)
async def test_a_trigger_that_the_ledger_holds_is_told_so(
    house: House, events: list[Message], woke: bool, reason: str, until: Timestamp
) -> None:
    await house.decide(TriggerFired(trigger_id="x", rule="rule", signal_ids=["s"]))
    await house.log.write(f"t.execution-{derive('execution', 'x')}", *events)
    answer = await house.explain(signal(), rule())
    assert (answer.woke, answer.reason, answer.until) == (woke, reason, until)


@pytest.mark.parametrize(
    ("failed", "detail"),
    [
        (StepFailed(step="wake", reason="budget", error=seal(b"5 asked, 1 left")), "it got no tokens: 5 asked, 1 left"),
        (StepFailed(step="wake", reason="budget"), "it got no tokens"),
        (
            StepFailed(step="wake", reason="rejected", error=seal(b"not\ntoday")),
            "a person let it have no more tokens: not today",
        ),
    ],
)
async def test_a_trigger_that_was_refused_its_tokens_says_by_whom_and_why(
    house: House, failed: StepFailed, detail: str
) -> None:
    await house.decide(TriggerFired(trigger_id="x", rule="rule", signal_ids=["s"]))
    await house.log.write(f"t.execution-{derive('execution', 'x')}", WAITING, ASKED, RESOLVED, failed)
    answer = await house.explain(signal(), rule())
    assert (answer.woke, answer.reason, answer.detail) == (False, "budget_dropped", detail)


async def test_a_trigger_whose_agent_has_no_place_for_it_yet_is_told_so(house: House) -> None:
    await house.decide(TriggerFired(trigger_id="x", rule="rule", signal_ids=["s"]))
    execution = f"t.execution-{derive('execution', 'x')}"
    await house.log.write(execution, StepReady(step="wake", run_id="r"))
    waits = await house.explain(signal(), rule())
    assert (waits.reason, waits.detail) == (
        "woke",
        "its run has not started: it waits for the agent, which is busy or away",
    )


async def test_a_trigger_whose_run_has_started_waits_for_nobody(house: House) -> None:
    await house.decide(TriggerFired(trigger_id="x", rule="rule", signal_ids=["s"]))
    await house.log.write(f"t.execution-{derive('execution', 'x')}", StepReady(step="wake", run_id="r"))
    await house.log.write("t.run-r", RunStarted())
    assert (await house.explain(signal(), rule())).detail == ""


async def test_what_an_expression_could_not_read_is_told(house: House) -> None:
    answer = await house.explain(signal(), rule(where='signal.labels.team == "core"'))
    assert answer.reason == "where"
    assert "team" in answer.detail.partition("(")[2]


async def test_labels_that_a_signal_has_not_are_told(house: House) -> None:
    labels = {"bug": LabelValues(), "team": LabelValues(values=["core", "web"])}
    answer = await house.explain(signal(labels={"team": "ops"}), rule(labels=labels))
    assert (answer.reason, answer.detail) == (
        "labels",
        "the labels are team=ops, the rule is for any bug; team of core, web",
    )


async def test_a_signal_without_labels_is_told_so(house: House) -> None:
    answer = await house.explain(signal(), rule(labels={"bug": LabelValues()}))
    assert (answer.reason, answer.detail) == ("labels", "it has no labels, the rule is for any bug")


async def test_a_signal_that_counts_for_a_pattern_is_told_so(house: House) -> None:
    answer = await house.explain(signal(), rule(pattern=Pattern(steps=[Selector()], count=3)))
    assert (answer.woke, answer.reason, answer.rule) == (False, "no_rule", "rule")
    assert "it counts for the rule's pattern" in answer.detail


async def test_a_rule_of_a_time_of_day_is_no_rule_for_signals(house: House) -> None:
    answer = await house.explain(signal(), rule(cron=Cron(expression="0 7 * * *")))
    assert (answer.reason, answer.detail) == ("no_rule", "no rule wakes a on signals")


async def test_a_signal_whose_provider_is_still_asked_is_told_so(house: House) -> None:
    answer = await house.explain(signal(enriching=True), rule(paths=["src/**"], paths_unknown=PATHS_UNKNOWN_SKIP))
    assert (answer.woke, answer.reason) == (False, "paths")
    assert "not been decided on yet: its provider is being asked" in answer.detail


async def test_a_signal_that_its_provider_has_completed_is_explained_as_it_was_decided_on(house: House) -> None:
    completed = with_paths("docs/a.md")
    answer = await house.explain(
        signal(enriching=True), rule(paths=["src/**"]), then=[SignalEnriched(signal=completed)]
    )
    assert (answer.reason, answer.detail) == ("paths", "the paths are docs/a.md, the rule is for src/**")


async def test_a_delivery_that_came_again_is_told_beside_what_came_of_the_first(house: House) -> None:
    answer = await house.explain(signal(), rule(where="signal.draft"), then=[DeliveryRepeated(signal_id="s")] * 2)
    assert answer.reason == "where"
    assert "the delivery came again (2 times or more), without effect" in answer.detail
