"""A snapshot says what its stream's state was, or it is ignored."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

import pytest
from immutables import Map

from reveille.kernel.decider import Decider
from reveille.kernel.snapshots import Loaded, decode, encode, plain, restore


class Colour(Enum):
    RED = "red"


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    data: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    number: int = 0
    maybe: int | None = None
    part: Part | None = None
    parts: tuple[Part, ...] = ()
    names: frozenset[str] = frozenset()
    by_name: Map[str, Part] = field(default_factory=Map)
    plainly: Mapping[str, int] = field(default_factory=dict)
    colour: Colour = Colour.RED
    nested: Map[str, tuple[Part, ...]] = field(default_factory=Map)


def _nothing(*arguments: Any) -> Any:
    raise AssertionError("a snapshot decides nothing")


DECIDER = Decider(category="state", initial=State(), decide=_nothing, evolve=_nothing)


@pytest.mark.parametrize(
    "state",
    [
        State(),
        State(number=-7, maybe=3),
        State(part=Part("p", bytes(range(256)))),
        State(parts=(Part("a"), Part("b", b"x"))),
        State(names=frozenset({"a", "b"})),
        State(by_name=Map(a=Part("a"), b=Part("b"))),
        State(plainly={"a": 1, "ü": 2}),
        State(nested=Map(a=(Part("a"), Part("b")))),
    ],
)
def test_a_state_comes_back_from_its_snapshot_as_it_was(state: State) -> None:
    loaded = Loaded(state, 41, {("planner", 3): 17, ("ingress", 0): 5})
    assert decode(DECIDER, encode(DECIDER, loaded)) == loaded


def test_a_mapping_comes_back_as_the_kind_that_it_was() -> None:
    assert isinstance(restore(State, plain(State(by_name=Map(a=Part("a"))))).by_name, Map)


@pytest.mark.parametrize("change", [{"version": 2}, {"category": "other"}])
def test_a_snapshot_of_another_version_or_category_is_ignored(change: dict[str, Any]) -> None:
    snapshot = encode(DECIDER, Loaded(State(number=1), 0, {}))
    assert decode(replace(DECIDER, **change), snapshot) is None


@pytest.mark.parametrize(
    "snapshot",
    [
        b"",
        b"{",
        b"[]",
        b'{"version": ["state", 1]}',
        b'{"version": ["state", 1], "revision": 0, "answered": [], "state": [1, 2]}',
        b'{"version": ["state", 1], "revision": 0, "answered": [[1]], "state": []}',
    ],
)
def test_what_is_no_snapshot_of_this_state_is_ignored(snapshot: bytes) -> None:
    assert decode(DECIDER, snapshot) is None
