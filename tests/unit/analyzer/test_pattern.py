"""Rules that watch time: so many signals, a sequence of them, none for so long, a time of day."""

from typing import Any

from reveille.adapters import cron
from reveille.analyzer.domain.pattern import Arm, Count, Disarm, TimeUp, Touch, decider
from reveille.contracts.analyzer.v1.events_pb2 import (
    DETECTION_ABSENCE,
    DETECTION_CRON,
    DETECTION_SEQUENCE,
    PatternArmed,
    PatternDetected,
    PatternDisarmed,
    PatternProgressed,
)
from reveille.contracts.common.v1.common_pb2 import EventRef
from reveille.kernel.events import About
from reveille.kernel.timestamps import microseconds
from tests.unit.manual_clock import NOON
from tests.unit.spec import Given, When, spec

DECIDER = decider(cron.next_time)
given = spec(DECIDER)
SECOND = 1_000_000
HOUR = 3_600 * SECOND


def after(*commands: Any) -> Given:
    state = given()
    for command in commands:
        state = Given(DECIDER, state.when(command).state)
    return state


def count(signal: str, seconds: float, *, steps: tuple[int, ...] = (), length: int = 3, **other: Any) -> Count:
    fields: dict[str, Any] = {
        "rule": "r",
        "trigger_id": f"trigger of {signal}",
        "fleet_revision": 1,
        "group": "g",
        "signal_id": signal,
        "signal": EventRef(stream=f"t.signal-{signal}"),
        "received_at": NOON + round(seconds * SECOND),
        "about": About("c"),
        "within_ms": 10_000,
        "steps": steps,
        "length": length,
        "sequence": bool(steps),
    }
    return Count(now=NOON + round(seconds * SECOND), **{**fields, **other})


def detected(when: When) -> list[str] | None:
    """The signals of what is detected; None: nothing is."""
    (event,) = (one[0] if isinstance(one, tuple) else one for one in when.events)
    return list(event.signal_ids) if isinstance(event, PatternDetected) else None


def told(when: When) -> tuple[PatternDetected, About]:
    """What is detected by itself, and what it is about."""
    (one,) = when.events
    assert isinstance(one, tuple)
    assert isinstance(one[0], PatternDetected)
    return one[0], one[1]


def arm(**other: Any) -> Arm:
    return Arm(**{"now": NOON, "rule": "r", "fleet_revision": 1, "same": False, **other})


def due(when: When) -> int:
    (event,) = when.events
    assert isinstance(event, PatternArmed)
    return microseconds(event.due)


def time_up(state: Given, at: int | None = None) -> When:
    return state.when(TimeUp(now=at or state.state.due, stream="t.pattern-r", rule="r", due=state.state.due))


def test_enough_signals_within_the_window_are_detected() -> None:
    assert detected(after(count("1", 0), count("2", 5)).when(count("3", 10))) == ["1", "2", "3"]


def test_signals_further_apart_are_not() -> None:
    assert detected(after(count("1", 0), count("2", 5)).when(count("3", 10.001))) is None


def test_a_window_slides() -> None:
    assert detected(after(count("1", 0), count("2", 8), count("3", 11)).when(count("4", 18))) == ["2", "3", "4"]


def test_each_key_counts_for_itself() -> None:
    assert detected(after(count("1", 0), count("2", 1, group="h")).when(count("3", 2))) is None


def test_after_a_detection_its_key_begins_anew() -> None:
    state = after(count("1", 0), count("2", 1), count("3", 2))
    assert detected(state.when(count("4", 3))) is None
    assert detected(after(*[count(f"{at}", at) for at in range(5)]).when(count("6", 6))) == ["3", "4", "6"]


def test_a_signal_that_was_received_earlier_counts_at_its_own_time() -> None:
    assert detected(after(count("2", 12), count("3", 13)).when(count("1", 4))) == ["1", "2", "3"]


def test_a_sequence_is_detected_when_its_last_step_comes() -> None:
    state = after(count("1", 0, steps=(0,)), count("2", 1, steps=(1,)))
    when = state.when(count("3", 2, steps=(2,)))
    assert detected(when) == ["1", "2", "3"]
    assert isinstance(when.events[0], PatternDetected)
    assert when.events[0].kind == DETECTION_SEQUENCE


def test_a_sequence_in_another_order_is_none() -> None:
    assert detected(after(count("1", 0, steps=(1,)), count("2", 1, steps=(0,))).when(count("3", 2, steps=(2,)))) is None


def test_a_sequence_may_begin_again_while_an_older_one_is_open() -> None:
    state = after(count("1", 0, steps=(0,)), count("2", 8, steps=(0,)), count("3", 9, steps=(1,)))
    assert detected(state.when(count("4", 15, steps=(2,)))) == ["2", "3", "4"]


def test_a_sequence_that_takes_too_long_is_none() -> None:
    state = after(count("1", 0, steps=(0,)), count("2", 9, steps=(1,)))
    assert detected(state.when(count("3", 10.5, steps=(2,)))) is None


def test_a_signal_is_one_step_of_a_sequence_alone() -> None:
    both = (0, 1)
    state = after(count("1", 0, steps=both, length=2))
    assert detected(state.when(count("2", 1, steps=both, length=2))) == ["1", "2"]
    assert isinstance(given().when(count("1", 0, steps=both, length=2)).events[0], PatternProgressed)


def test_a_chain_of_agents_acts_is_as_long_as_the_longest_of_its_signals() -> None:
    state = given()
    for number, hop in ((1, 2), (2, 0)):
        one = count(f"{number}", number, about=About(f"c{number}", "", hop))
        (event,) = state.when(one).events
        assert isinstance(event, PatternProgressed)
        state = Given(DECIDER, DECIDER.evolve(state.state, event, one.about))
    _, about = told(state.when(count("3", 3, about=About("c3", "00-3", 1))))
    assert about == About("c3", "00-3", 2)


def test_an_absence_is_due_so_long_after_its_fleet_was_applied() -> None:
    assert due(given().when(arm(for_ms=60_000))) == NOON + 60 * SECOND


def test_each_signal_puts_an_absence_off() -> None:
    touch = Touch(now=NOON, rule="r", fleet_revision=1, for_ms=60_000, signal_id="s", received_at=NOON + 40 * SECOND)
    assert due(after(arm(for_ms=60_000)).when(touch)) == NOON + 100 * SECOND


def test_a_signal_that_was_received_earlier_does_not_pull_an_absence_forward() -> None:
    state = after(arm(for_ms=60_000))
    state.when(
        Touch(now=NOON, rule="r", fleet_revision=1, for_ms=60_000, signal_id="s", received_at=NOON - SECOND)
    ).then()


def test_an_absence_is_detected_once_for_each_silence() -> None:
    state = after(arm(for_ms=60_000))
    when = time_up(state)
    event, about = told(when)
    assert (event.kind, microseconds(event.due), event.HasField("next")) == (
        DETECTION_ABSENCE,
        NOON + 60 * SECOND,
        False,
    )
    assert about == About(event.trigger_id)
    silent = Given(DECIDER, when.state)
    assert silent.state.due == 0
    again = silent.when(
        Touch(now=NOON + HOUR, rule="r", fleet_revision=1, for_ms=60_000, signal_id="s", received_at=NOON + HOUR)
    )
    assert due(again) == NOON + HOUR + 60 * SECOND


def test_a_time_that_was_put_off_is_not_up() -> None:
    after(arm(for_ms=60_000)).when(TimeUp(now=NOON + HOUR, stream="t.pattern-r", rule="r", due=NOON + 1)).then()


def test_a_rule_that_is_applied_again_keeps_its_time_and_names_the_new_fleet() -> None:
    state = after(arm(for_ms=60_000))
    (event,) = state.when(arm(now=NOON + SECOND, for_ms=60_000, fleet_revision=2, same=True)).events
    assert isinstance(event, PatternArmed)
    assert (microseconds(event.due), event.fleet_revision) == (NOON + 60 * SECOND, 2)


def test_a_rule_that_has_changed_begins_anew() -> None:
    changed = arm(now=NOON + SECOND, for_ms=90_000, fleet_revision=2)
    assert due(after(arm(for_ms=60_000)).when(changed)) == NOON + 91 * SECOND


def test_a_pattern_that_has_changed_forgets_what_it_has_counted() -> None:
    state = after(arm(), count("1", 0), count("2", 1), arm(fleet_revision=2))
    assert detected(state.when(count("3", 2))) is None


def test_a_pattern_that_has_not_changed_needs_no_word() -> None:
    after(arm()).when(arm(fleet_revision=2, same=True)).then()


def test_a_fleet_that_is_applied_twice_arms_once() -> None:
    after(arm(for_ms=60_000)).when(arm(now=NOON + 5, for_ms=60_000)).then()


def test_a_rule_that_is_gone_is_disarmed_and_heeds_no_late_signal() -> None:
    after(arm(for_ms=60_000)).when(Disarm(now=NOON, rule="r")).then(PatternDisarmed(rule="r"))
    gone = after(arm(for_ms=60_000), Disarm(now=NOON, rule="r"))
    gone.when(Disarm(now=NOON, rule="r")).then()
    gone.when(Touch(now=NOON, rule="r", fleet_revision=1, for_ms=60_000, signal_id="s", received_at=NOON)).then()
    gone.when(count("1", 0)).then()
    assert gone.state.due == 0


def test_a_time_of_day_is_detected_and_due_again_the_next_day() -> None:
    state = after(arm(expression="0 7 * * *", time_zone="UTC"))
    seven = NOON + 19 * HOUR
    assert state.state.due == seven
    event, about = told(time_up(state))
    assert (event.kind, microseconds(event.due), microseconds(event.next)) == (
        DETECTION_CRON,
        seven,
        seven + 24 * HOUR,
    )
    assert about == About(event.trigger_id)


def test_times_that_were_missed_are_made_up_for_once() -> None:
    state = after(arm(expression="0 7 * * *", time_zone="UTC"))
    event, _ = told(time_up(state, NOON + 5 * 24 * HOUR))
    assert microseconds(event.next) == NOON + (5 * 24 + 19) * HOUR


def test_each_time_of_day_is_a_trigger_of_its_own() -> None:
    state, triggers = after(arm(expression="0 7 * * *", time_zone="UTC")), set[str]()
    for _ in range(3):
        when = time_up(state)
        triggers.add(told(when)[0].trigger_id)
        state = Given(DECIDER, when.state)
    assert len(triggers) == 3


def test_keys_that_nothing_comes_for_any_more_are_forgotten() -> None:
    state = given()
    for number in range(2_000):
        state = Given(DECIDER, state.when(count(f"{number}", number, group=f"g{number}")).state)
    assert len(state.state.groups) <= 45
