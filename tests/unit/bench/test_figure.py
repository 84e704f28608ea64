"""A figure says no more than its rounds do."""

import pytest

from bench.figure import RATIO, Figure, Target, percentile


def figure(values: list[float], floors: list[float], target: Target | None = None) -> Figure:
    return Figure(name="one", title="One", unit="things/s", values=values, floors=floors, target=target)


def test_the_ratio_is_the_median_of_the_ratios_of_rounds() -> None:
    """In the second round the machine was half as fast; neither side of it may be held against another round's."""
    one = figure([60, 30, 60], [100, 50, 120])
    assert one.ratio == pytest.approx(0.6)


def test_a_value_and_its_floor_belong_to_one_round() -> None:
    with pytest.raises(ValueError, match="shorter"):
        figure([60, 30], [100]).ratio  # noqa: B018


def test_without_a_floor_there_is_no_ratio() -> None:
    told = figure([3.0, 1.0, 2.0], []).as_json()
    assert (told["floor"], told["ratio"], told["median"], told["min"], told["max"], told["runs"]) == (
        None,
        None,
        2,
        1,
        3,
        3,
    )


@pytest.mark.parametrize(
    ("target", "reached"),
    [
        (Target(least=50), True),
        (Target(least=51), False),
        (Target(most=50), True),
        (Target(most=49), False),
        (Target(of=RATIO, least=0.5), True),
        (Target(of=RATIO, least=0.51), False),
        (None, None),
    ],
)
def test_a_target_is_held_against_the_median_or_the_ratio(target: Target | None, reached: bool | None) -> None:
    assert figure([50], [100], target).reached is reached


@pytest.mark.parametrize(("share", "expected"), [(0.5, 50), (0.99, 99), (1.0, 100)])
def test_a_percentile_is_a_value_that_was_measured(share: float, expected: float) -> None:
    assert percentile([float(value) for value in range(100, 0, -1)], share) == expected


def test_the_percentile_of_one_value_is_that_value() -> None:
    assert percentile([7.0], 0.99) == 7.0


def test_what_processes_used_stands_beside_the_figure_where_it_was_looked_at() -> None:
    used = Figure(name="one", title="One", unit="things/s", values=[3.0], cpu={"kafka": 0.51234})
    told = used.as_json("stack")
    assert (told["mode"], told["cpu_ms"]) == ("stack", {"kafka": 0.5123})
    assert "cpu_ms" not in figure([3.0], []).as_json()
