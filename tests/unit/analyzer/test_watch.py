"""An agent wakes on what matched, unless its own acts have woken it too often."""

from typing import Any

from reveille.analyzer.domain.watch import Wake, decider
from reveille.contracts.analyzer.v1.events_pb2 import SUPPRESSION_LOOP, TriggerFired, TriggerSuppressed
from reveille.contracts.common.v1.common_pb2 import PRIORITY_HIGH, EventRef
from tests.unit.manual_clock import NOON
from tests.unit.spec import spec

given = spec(decider)
SIGNAL = EventRef(stream="t.signal-1", revision=0)


def wake(**other: Any) -> Wake:
    fields: dict[str, Any] = {
        "trigger_id": "trigger",
        "agent": "a",
        "rules": ("one", "two"),
        "priority": PRIORITY_HIGH,
        "signal_id": "s",
        "signal": SIGNAL,
        "fleet_revision": 4,
        "hop": 0,
        "max_hops": 3,
    }
    return Wake(now=NOON, **{**fields, **other})


def fired(**other: Any) -> TriggerFired:
    fields: dict[str, Any] = {"rule": "one", "rules": ["one", "two"], "priority": PRIORITY_HIGH}
    return TriggerFired(
        trigger_id="trigger",
        agent="a",
        signal_ids=["s"],
        signals=[SIGNAL],
        fleet_revision=4,
        **{**fields, **other},
    )


def test_an_agent_wakes_with_all_its_rules_and_the_first_of_them_as_the_reason() -> None:
    given().when(wake()).then(fired())


def test_an_agent_that_was_named_wakes_without_a_rule() -> None:
    given().when(wake(rules=())).then(fired(rule="", rules=[]))


def test_the_longest_chain_that_may_be_still_wakes() -> None:
    given().when(wake(hop=3)).then(fired())


def test_a_chain_of_agents_acts_that_is_too_long_wakes_nobody_and_says_so() -> None:
    given().when(wake(hop=4)).then(
        TriggerSuppressed(
            trigger_id="trigger",
            agent="a",
            rule="one",
            reason=SUPPRESSION_LOOP,
            signal_ids=["s"],
            detail="the chain of agents' acts is 4 long, at most 3 wake",
        )
    )


def test_an_agent_that_may_not_be_woken_by_agents_wakes_for_people() -> None:
    given().when(wake(hop=0, max_hops=0)).then(fired())
