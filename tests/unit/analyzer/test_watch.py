"""An agent wakes on what matched: at once, or together with what else comes; never by its own acts without end."""

from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from reveille.analyzer.domain.gathering import MAX_SIGNALS
from reveille.analyzer.domain.watch import LookAt, Matched, Wake, decider
from reveille.contracts.analyzer.v1.events_pb2 import (
    GATHERING_BATCH,
    GATHERING_COOLDOWN,
    SUPPRESSION_LOOP,
    TriggerFired,
    TriggerGathered,
    TriggerSuppressed,
)
from reveille.contracts.common.v1.common_pb2 import PRIORITY_CRITICAL, PRIORITY_HIGH, PRIORITY_LOW, EventRef
from reveille.kernel.events import About
from tests.unit.manual_clock import NOON
from tests.unit.spec import HERE, Given, When, spec

given = spec(decider)
SIGNAL = EventRef(stream="t.signal-1", revision=0)
SECOND = 1_000_000
PLAIN = Matched(rule="one", group="one", max=MAX_SIGNALS)
COOLING = Matched(rule="cooling", group="k", max=MAX_SIGNALS, cooldown_group="k", cooldown_ms=60_000)
BATCHING = Matched(rule="batching", group="b", max=3, window_ms=10_000)


def at(seconds: float) -> int:
    return NOON + round(seconds * SECOND)


def stamp(seconds: float) -> Timestamp:
    one = Timestamp()
    one.FromMicroseconds(at(seconds))
    return one


def wake(*matched: Matched, signal: str = "s", seconds: float = 0, **other: Any) -> Wake:
    fields: dict[str, Any] = {
        "trigger_id": f"trigger of {signal}",
        "agent": "a",
        "matched": matched,
        "priority": PRIORITY_HIGH,
        "signal_ids": (signal,),
        "signals": (SIGNAL,),
        "fleet_revision": 4,
        "hop": 0,
        "max_hops": 3,
    }
    return Wake(now=at(seconds), **{**fields, **other})


def look(seconds: float) -> LookAt:
    return LookAt(now=at(seconds), due=at(seconds))


def fired(**other: Any) -> TriggerFired:
    fields: dict[str, Any] = {
        "trigger_id": "trigger of s",
        "rule": "one",
        "rules": ["one"],
        "priority": PRIORITY_HIGH,
        "signal_ids": ["s"],
        "signals": [SIGNAL],
        "fleet_revision": 4,
    }
    return TriggerFired(agent="a", **{**fields, **other})


def woken(when: When) -> list[list[str]]:
    """The signals of each trigger that fires."""
    events = [one[0] if isinstance(one, tuple) else one for one in when.events]
    return [list(event.signal_ids) for event in events if isinstance(event, TriggerFired)]


def gathered(when: When) -> TriggerGathered:
    (event,) = (one for one in when.events if isinstance(one, TriggerGathered))
    return event


def after(*commands: Wake | LookAt) -> Given:
    state = given()
    for command in commands:
        state = Given(decider, state.when(command).state)
    return state


def test_an_agent_wakes_with_all_its_rules_and_the_first_of_them_as_the_reason() -> None:
    two = Matched(rule="two", group="two", max=MAX_SIGNALS)
    given().when(wake(PLAIN, two)).then(fired(rules=["one", "two"]))


def test_an_agent_that_was_named_wakes_without_a_rule() -> None:
    given().when(wake()).then(fired(rule="", rules=[]))


def test_the_longest_chain_that_may_be_still_wakes() -> None:
    given().when(wake(PLAIN, hop=3)).then(fired())


def test_a_chain_of_agents_acts_that_is_too_long_wakes_nobody_and_says_so() -> None:
    given().when(wake(PLAIN, hop=4)).then(
        TriggerSuppressed(
            trigger_id="trigger of s",
            agent="a",
            rule="one",
            reason=SUPPRESSION_LOOP,
            signal_ids=["s"],
            detail="the chain of agents' acts is 4 long, at most 3 wake",
        )
    )


def test_an_agent_that_may_not_be_woken_by_agents_wakes_for_people() -> None:
    given().when(wake(PLAIN, hop=0, max_hops=0)).then(fired())


def test_a_rule_that_wakes_starts_its_cooldown() -> None:
    given().when(wake(COOLING)).then(
        fired(rule="cooling", rules=["cooling"], cooldown_group="k", cooldown_until=stamp(60), cooldown_ms=60_000)
    )


def test_what_comes_within_a_rules_cooldown_waits_for_its_end() -> None:
    waiting = after(wake(COOLING)).when(wake(COOLING, signal="s2", seconds=20))
    event = gathered(waiting)
    assert (event.reason, event.ready_at, event.look_at) == (GATHERING_COOLDOWN, stamp(60), stamp(60))
    assert woken(waiting.when(look(60))) == [["s2"]]


def test_another_key_of_the_same_rule_has_its_own_cooldown() -> None:
    other = Matched(rule="cooling", group="k2", max=MAX_SIGNALS, cooldown_group="k2", cooldown_ms=60_000)
    assert woken(after(wake(COOLING)).when(wake(other, signal="s2", seconds=1))) == [["s2"]]


def test_after_its_cooldown_a_rule_wakes_at_once() -> None:
    assert woken(after(wake(COOLING)).when(wake(COOLING, signal="s2", seconds=60))) == [["s2"]]


def test_a_rule_that_may_wake_now_wakes_for_one_that_must_wait() -> None:
    when = after(wake(COOLING)).when(wake(COOLING, PLAIN, signal="s2", seconds=1))
    when.then(fired(trigger_id="trigger of s2", signal_ids=["s2"], rules=["cooling", "one"], look_at=None))


def test_of_two_rules_that_must_wait_the_soonest_has_the_signal() -> None:
    later = Matched(rule="later", group="l", max=9, window_ms=30_000)
    event = gathered(given().when(wake(later, BATCHING)))
    assert (event.rule, list(event.rules), event.ready_at) == ("batching", ["later", "batching"], stamp(10))


def test_a_batch_wakes_once_when_its_window_closes_with_every_signal_in_it() -> None:
    first = given().when(wake(BATCHING, signal="s1"))
    assert (gathered(first).reason, gathered(first).look_at) == (GATHERING_BATCH, stamp(10))
    second = first.when(wake(BATCHING, signal="s2", seconds=4, fleet_revision=7, priority=PRIORITY_LOW))
    second.when(look(10)).then(
        (
            fired(
                trigger_id="trigger of s1",
                rule="batching",
                rules=["batching"],
                signal_ids=["s1", "s2"],
                signals=[SIGNAL, SIGNAL],
                fleet_revision=7,
                group="b",
            ),
            HERE,
        )
    )


def test_a_batch_that_is_full_wakes_at_once() -> None:
    two = after(wake(BATCHING, signal="s1"), wake(BATCHING, signal="s2", seconds=1))
    assert woken(two.when(wake(BATCHING, signal="s3", seconds=2))) == [["s1", "s2", "s3"]]


def test_a_batch_of_one_does_not_wait() -> None:
    single = Matched(rule="single", group="b", max=1, window_ms=10_000)
    assert woken(given().when(wake(single))) == [["s"]]


def test_a_full_batch_waits_for_its_cooldown_and_another_opens_behind_it() -> None:
    both = Matched(rule="both", group="b", max=2, window_ms=1_000, cooldown_group="b", cooldown_ms=60_000)
    state = after(
        wake(both, signal="s1"), look(1), *(wake(both, signal=f"s{number}", seconds=number) for number in (2, 3, 4))
    )
    first = state.when(look(61))
    assert woken(first) == [["s2", "s3"]]
    assert woken(first.when(look(121))) == [["s4"]]


def test_a_gathered_trigger_is_about_its_first_signal_and_as_long_a_chain_as_its_longest() -> None:
    first = given().when(wake(BATCHING, signal="s1"))
    state = decider.evolve(
        first.state,
        gathered(Given(decider, first.state).when(wake(BATCHING, signal="s2", hop=2))),
        About("x", "00-x", 2),
    )
    ((_, about),) = Given(decider, state).when(look(10)).events  # type: ignore[misc]
    assert about == About(HERE.correlation, HERE.trace, 2)


def test_what_comes_within_an_agents_cooldown_waits_for_its_end() -> None:
    state = after(wake(PLAIN, agent_cooldown_ms=30_000))
    waiting = state.when(wake(PLAIN, signal="s2", seconds=5, agent_cooldown_ms=30_000))
    assert (gathered(waiting).reason, gathered(waiting).look_at) == (GATHERING_COOLDOWN, stamp(30))
    assert woken(waiting.when(look(30))) == [["s2"]]


def test_of_several_groups_the_most_urgent_wakes_first_and_one_for_each_cooldown() -> None:
    cooling: dict[str, Any] = {"agent_cooldown_ms": 30_000}
    groups = [Matched(rule=name, group=name, max=MAX_SIGNALS) for name in ("low", "high", "also high")]
    state = after(
        wake(PLAIN, **cooling),
        wake(groups[0], signal="s1", seconds=1, priority=PRIORITY_LOW, **cooling),
        wake(groups[1], signal="s2", seconds=2, **cooling),
        wake(groups[2], signal="s3", seconds=3, **cooling),
        wake(groups[0], signal="s4", seconds=4, priority=PRIORITY_LOW, **cooling),
    )
    order = []
    for number in (1, 2, 3):
        when = state.when(look(30 * number))
        order += woken(when)
        state = Given(decider, when.state)
    assert order == [["s2"], ["s3"], ["s1", "s4"]]


def test_who_waited_wakes_before_who_comes_when_a_timer_is_late() -> None:
    cooling: dict[str, Any] = {"agent_cooldown_ms": 30_000}
    other = Matched(rule="other", group="other", max=MAX_SIGNALS)
    state = after(wake(PLAIN, **cooling), wake(PLAIN, signal="s1", seconds=1, **cooling))
    late = state.when(wake(other, signal="s2", seconds=40, **cooling))
    assert woken(late) == [["s1"]]
    assert list(gathered(late).signal_ids) == ["s2"]
    assert gathered(late).ready_at == stamp(70)


def test_who_comes_to_a_group_that_is_due_wakes_with_it() -> None:
    state = after(wake(COOLING), wake(COOLING, signal="s1", seconds=1))
    assert woken(state.when(wake(COOLING, signal="s2", seconds=61))) == [["s1", "s2"]]


def test_what_is_critical_passes_cooldowns_and_batches() -> None:
    cooling: dict[str, Any] = {"agent_cooldown_ms": 30_000}
    state = after(wake(COOLING, **cooling), wake(BATCHING, signal="s1", seconds=1, **cooling))
    for matched in (COOLING, BATCHING):
        when = state.when(wake(matched, signal="s2", seconds=2, priority=PRIORITY_CRITICAL, **cooling))
        assert woken(when) == [["s2"]]


def test_what_is_critical_does_not_push_the_cooldown_that_others_wait_for() -> None:
    cooling: dict[str, Any] = {"agent_cooldown_ms": 30_000}
    state = after(
        wake(PLAIN, **cooling),
        wake(PLAIN, signal="s1", seconds=1, **cooling),
        wake(PLAIN, signal="s2", seconds=20, priority=PRIORITY_CRITICAL, **cooling),
    )
    assert woken(state.when(look(30))) == [["s1"]]


@pytest.mark.parametrize("other", [{"matched": ()}, {"matched": (), "handed_on_by": "b"}])
def test_who_is_named_wakes_within_a_cooldown_and_starts_none(other: dict[str, Any]) -> None:
    cooling: dict[str, Any] = {"agent_cooldown_ms": 30_000}
    state = after(wake(PLAIN, **cooling), wake(signal="s1", seconds=1, **{**cooling, **other}))
    assert state.state.agent_until == at(30)
    assert woken(state.when(wake(signal="s2", seconds=2, **{**cooling, **other}))) == [["s2"]]


def test_work_that_another_attempt_hands_on_again_wakes_once() -> None:
    handed: dict[str, Any] = {"handed_on_by": "b", "about": About("c", "00-c", 1)}
    given().when(wake(**handed)).then((fired(rule="", rules=[], handed_on_by="b"), About("c", "00-c", 1)))
    after(wake(**handed)).when(wake(seconds=9, **handed)).then()


def test_a_look_that_was_put_off_finds_nothing() -> None:
    state = after(wake(BATCHING, signal="s1"))
    state.when(LookAt(now=at(10), due=at(9))).then()


def test_a_window_that_was_open_while_nobody_was_there_closes_when_somebody_is() -> None:
    state = after(wake(BATCHING, signal="s1"))
    assert woken(state.when(LookAt(now=at(3_600), due=at(10)))) == [["s1"]]


def test_a_trigger_takes_no_more_signals_than_an_event_can_hold() -> None:
    endless = Matched(rule="endless", group="e", max=10_000, window_ms=10_000)
    many = tuple(f"s{number}" for number in range(300))
    refs = (SIGNAL,) * 300
    state = after(wake(endless, signal="a", signal_ids=many, signals=refs))
    other = state.when(wake(endless, signal="b", signal_ids=many, signals=refs, seconds=1))
    assert gathered(other).trigger_id == "trigger of b"
