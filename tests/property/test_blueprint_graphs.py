"""Whatever waits for whatever: each step comes out behind those that it waits for, or a way back is told."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from reveille.ingress.application.blueprint_graph import cycles, in_order

NAMES: Final = tuple("abcdefgh")
GRAPHS: Final = st.dictionaries(st.sampled_from(NAMES), st.lists(st.sampled_from(NAMES), max_size=3, unique=True)).map(
    lambda graph: {name: [one for one in waits if one in graph] for name, waits in graph.items()}
)


def reached(start: str, waits: Mapping[str, Sequence[str]]) -> set[str]:
    """All that a step waits for, directly or not."""
    found: set[str] = set()
    while more := {one for name in (start, *found) for one in waits[name]} - found:
        found |= more
    return found


@given(GRAPHS)
def test_a_way_back_is_told_for_exactly_the_graphs_that_have_one(waits: dict[str, list[str]]) -> None:
    told = list(cycles(waits))
    assert bool(told) == any(name in reached(name, waits) for name in waits)
    for way in told:
        assert way[0] == way[-1]
        assert all(following in waits[name] for name, following in pairwise(way))
        assert len(set(way)) == len(way) - 1


@given(GRAPHS)
def test_each_step_that_waits_for_itself_is_in_a_way_that_is_told(waits: dict[str, list[str]]) -> None:
    in_ways = {name for way in cycles(waits) for name in way}
    assert in_ways == {name for name in waits if name in reached(name, waits)}


@given(GRAPHS)
def test_steps_come_behind_those_they_wait_for_and_else_as_early_as_in_the_file(waits: dict[str, list[str]]) -> None:
    # Without the steps that wait for themselves, and those that wait for these, nothing waits for ever.
    endless = {name for name in waits if any(one in reached(one, waits) for one in (name, *reached(name, waits)))}
    orderly = {name: one for name, one in waits.items() if name not in endless}
    ordered = in_order(orderly)
    assert sorted(ordered) == sorted(orderly)
    for place, name in enumerate(ordered):
        assert set(orderly[name]) <= set(ordered[:place])
        ready = [one for one in orderly if one not in ordered[:place] and set(orderly[one]) <= set(ordered[:place])]
        assert name == ready[0]
