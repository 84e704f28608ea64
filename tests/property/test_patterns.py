"""A pattern is detected when the signals that came make one, found by trying every choice of them."""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from reveille.adapters import cron
from reveille.analyzer.domain.pattern import Count, Pattern, decider
from reveille.contracts.analyzer.v1.events_pb2 import PatternDetected
from reveille.contracts.common.v1.common_pb2 import EventRef
from reveille.kernel.events import About
from tests.unit.manual_clock import NOON

SECOND = 1_000_000
WITHIN = 10
DECIDER = decider(cron.next_time)
# Seconds since the one before, and which steps it may be.
COMING = st.lists(
    st.tuples(
        st.sampled_from([0, 1, 1, 2, 3, 6]),
        st.sampled_from([(0,), (1,), (2,), (0, 1), (1, 2), (0, 2), (0, 1, 2)]),
    ),
    max_size=14,
)


def count(number: int, at: int, steps: tuple[int, ...], length: int, sequence: bool) -> Count:
    return Count(
        now=NOON,
        rule="r",
        trigger_id=f"t{number}",
        fleet_revision=1,
        group="g",
        signal_id=str(number),
        signal=EventRef(stream=f"t.signal-{number}"),
        received_at=NOON + at * SECOND,
        about=About("c"),
        within_ms=WITHIN * 1000,
        steps=steps if sequence else (),
        length=length,
        sequence=sequence,
    )


def detections(commands: Sequence[Count]) -> list[tuple[int, list[int]]]:
    """By the number of the command that completes one, the signals of it."""
    state: Any = Pattern()
    found = []
    for number, command in enumerate(commands):
        for event in DECIDER.decide(command, state):
            assert not isinstance(event, tuple)
            state = DECIDER.evolve(state, event, command.about)
            if isinstance(event, PatternDetected):
                found.append((number, [int(id) for id in event.signal_ids]))
    return found


@given(coming=COMING, order=st.permutations(range(14)), length=st.integers(1, 4))
@settings(max_examples=400)
def test_a_count_is_detected_as_soon_as_enough_lie_within_its_window(
    coming: list[tuple[int, Any]], order: list[int], length: int
) -> None:
    times = _times(coming)
    numbers = [number for number in order if number < len(times)]
    commands = [count(number, times[number], (), length, sequence=False) for number in numbers]
    open_, expected = list[int](), []
    for place, number in enumerate(numbers):
        open_.append(number)
        if any(max(some) - min(some) <= WITHIN for some in _some(open_, times, length)):
            expected.append(place)
            open_ = []
    # What comes later than two windows behind is forgotten: here nothing is.
    if not times or max(times) <= 2 * WITHIN:
        assert [place for place, _ in detections(commands)] == expected


@given(coming=COMING)
@settings(max_examples=500)
def test_a_sequence_is_detected_as_soon_as_there_is_one(coming: list[tuple[int, tuple[int, ...]]]) -> None:
    times = _times(coming)
    commands = [count(n, times[n], steps, 3, sequence=True) for n, (_, steps) in enumerate(coming)]
    open_, expected = list[int](), []
    for number in range(len(coming)):
        open_.append(number)
        if any(
            times[chosen[-1]] - times[chosen[0]] <= WITHIN
            and all(step in coming[one][1] for step, one in enumerate(chosen))
            for chosen in combinations(open_, 3)
        ):
            expected.append(number)
            open_ = []
    found = detections(commands)
    assert [number for number, _ in found] == expected
    for number, signals in found:
        assert signals[-1] == number
        assert times[signals[-1]] - times[signals[0]] <= WITHIN
        assert all(step in coming[one][1] for step, one in enumerate(signals))


@given(between=st.integers(0, 300), tail=st.sampled_from([(0,), (0, 1), (1,)]))
@settings(max_examples=30)
def test_a_flood_of_signals_does_not_make_a_sequence_forget_its_beginning(between: int, tail: tuple[int, ...]) -> None:
    middle = [count(10 + number, 2, tail, 3, sequence=True) for number in range(between)]
    commands = [count(1, 0, (0,), 3, sequence=True), count(2, 1, (1,), 3, sequence=True), *middle]
    assert detections(commands) == []
    ((_, signals),) = detections([*commands, count(3, 9, (2,), 3, sequence=True)])
    assert len(signals) == 3


def _times(coming: Sequence[tuple[int, Any]]) -> list[int]:
    times, now = [], 0
    for gap, _ in coming:
        now += gap
        times.append(now)
    return times


def _some(numbers: Sequence[int], times: Sequence[int], length: int) -> list[list[int]]:
    ordered = sorted(times[number] for number in numbers)
    return [ordered[at : at + length] for at in range(len(ordered) - length + 1)]
