"""`replace` of the kernel does what `dataclasses.replace` does."""

from dataclasses import dataclass

import pytest

from reveille.kernel.replacing import replace


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    one: int = 1
    two: str = "two"


def test_named_fields_are_replaced_and_the_others_stay() -> None:
    assert replace(State(one=5), two="changed") == State(one=5, two="changed")


def test_what_it_was_made_from_stays_as_it_was() -> None:
    state = State()
    replace(state, one=2)
    assert state == State()


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(AttributeError):
        replace(State(), three=3)  # type: ignore[call-arg]
