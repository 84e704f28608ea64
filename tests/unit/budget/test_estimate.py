"""What a plan costs by now: said when it changes, with the step that drives it over what its user has."""

from collections.abc import Mapping
from typing import Any

from hypothesis import given as over
from hypothesis import strategies as st

from reveille.budget.domain.estimate import MOST, Cost, Estimate, decider
from reveille.contracts.budget.v1.events_pb2 import BudgetUpdated
from reveille.contracts.common.v1.common_pb2 import Money
from tests.unit.manual_clock import NOON
from tests.unit.spec import evolved, spec

given = spec(decider)


def planned(by_step: Mapping[str, tuple[int, int]], *, limit: int = 0) -> Estimate:
    costs = {step: Cost(least, most) for step, (least, most) in by_step.items()}
    return Estimate(now=NOON, execution_id="e", by_step=costs, limit=limit)


def updated(total: tuple[int, int], by_step: dict[str, tuple[int, int]], **other: Any) -> BudgetUpdated:
    money = {step: Money(min=least, max=most) for step, (least, most) in by_step.items()}
    return BudgetUpdated(execution_id="e", total=Money(min=total[0], max=total[1]), by_step=money, **other)


def test_costs_are_added_up() -> None:
    by_step = {"cake": (100, 200), "venue": (5_000, 9_000)}
    given().when(planned(by_step)).then(updated((5_100, 9_200), by_step))


def test_a_plan_that_costs_nothing_and_has_no_limit_is_nothing_to_speak_of() -> None:
    given().when(planned({})).then()


def test_a_limit_is_told_before_anything_costs_something() -> None:
    given().when(planned({}, limit=500)).then(updated((0, 0), {}, limit=500))


def test_the_same_picture_again_is_not_told_again() -> None:
    given().when(planned({"cake": (100, 200)}, limit=500)).when(planned({"cake": (100, 200)}, limit=500)).then()


def test_a_plan_within_its_limit_has_nothing_that_drives_it() -> None:
    given().when(planned({"cake": (100, 200)}, limit=200)).then(updated((100, 200), {"cake": (100, 200)}, limit=200))


def test_a_plan_that_may_cost_more_than_its_user_has_says_by_how_much_and_by_what() -> None:
    by_step = {"cake": (100, 200), "venue": (300, 900)}
    expected = updated((400, 1_100), by_step, limit=800, over_by=300, driver="venue")
    given().when(planned(by_step, limit=800)).then(expected)


def test_a_plan_that_costs_more_in_any_case_says_so() -> None:
    by_step = {"cake": (100, 200), "venue": (900, 950)}
    expected = updated((1_000, 1_150), by_step, limit=800, over_by=350, over_at_least=200, driver="venue")
    given().when(planned(by_step, limit=800)).then(expected)


def test_of_steps_that_cost_as_much_the_first_by_name_drives_it() -> None:
    by_step = {"venue": (1, 900), "cake": (2, 900)}
    expected = updated((3, 1_800), by_step, limit=1, over_by=1_799, over_at_least=2, driver="cake")
    given().when(planned(by_step, limit=1)).then(expected)


def test_a_step_that_goes_takes_its_costs_with_it() -> None:
    both = given().when(planned({"cake": (100, 200), "venue": (1, 2)}))
    both.when(planned({"venue": (1, 2)})).then(updated((1, 2), {"venue": (1, 2)}))


def test_a_plan_that_is_emptied_costs_nothing_any_more() -> None:
    given().when(planned({"cake": (100, 200)}, limit=100)).when(planned({})).then(updated((0, 0), {}))


def test_another_limit_is_told_though_the_costs_are_the_same() -> None:
    by_step = {"cake": (100, 200)}
    limited = given().when(planned(by_step, limit=500)).when(planned(by_step, limit=150))
    limited.then(updated((100, 200), by_step, limit=150, over_by=50, driver="cake"))


def test_costs_that_move_from_one_step_to_another_are_told() -> None:
    swapped = given().when(planned({"cake": (1, 2), "venue": (3, 4)})).when(planned({"cake": (3, 4), "venue": (1, 2)}))
    swapped.then(updated((4, 6), {"cake": (3, 4), "venue": (1, 2)}))


def test_sums_that_no_event_can_hold_are_as_much_as_one_can() -> None:
    (event,) = given().when(planned({"cake": (0, MOST), "venue": (0, MOST)}, limit=1)).events
    assert isinstance(event, BudgetUpdated)
    assert (event.total.max, event.over_by) == (MOST, MOST - 1)


COSTS = st.tuples(st.integers(0, 50), st.integers(0, 50)).map(lambda pair: (min(pair), max(pair)))
PICTURES = st.lists(st.tuples(st.dictionaries(st.sampled_from("abcd"), COSTS), st.integers(0, 120)), max_size=12)


@over(pictures=PICTURES)
def test_whatever_comes_the_last_event_says_how_it_stands(
    pictures: list[tuple[dict[str, tuple[int, int]], int]],
) -> None:
    state, told = decider.initial, BudgetUpdated(total=Money())
    for by_step, limit in pictures:
        command = planned(by_step, limit=limit)
        events = list(decider.decide(command, state))
        state = evolved(decider, state, events)
        assert list(decider.decide(command, state)) == []
        for event in events:
            assert isinstance(event, BudgetUpdated)
            told = event
        most = sum(most for _, most in by_step.values())
        assert {step: (money.min, money.max) for step, money in told.by_step.items()} == by_step
        assert (told.limit, told.total.max) == (limit, most)
        assert told.over_by == (max(0, most - limit) if limit else 0)
        assert told.over_at_least <= told.over_by
        assert (told.driver != "") == (told.over_by > 0)
        assert not told.driver or by_step[told.driver][1] == max(most for _, most in by_step.values())
