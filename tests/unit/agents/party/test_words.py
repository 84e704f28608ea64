"""What party agents say is good English: one guest, two guests, and what cannot be had in words."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from tests.unit.agents.party.asking import asked, recommended


def said(result: Mapping[str, Any]) -> Sequence[str]:
    options = [one["reason"] for one in result["alternatives"]]
    return [result["summary"], *result["reasons"], *result["assumptions"], *recommended(result), *options]


@pytest.mark.parametrize(
    ("step", "text"),
    [("theme", "jungle"), ("venue", "a park"), ("cake", "a cake"), ("catering", "buffet"), ("vendor", "a magician")],
)
def test_one_guest_is_one_guest(step: str, text: str) -> None:
    words = " ".join(said(asked(step, text, guests=1, city="Austin")))
    assert "1 guest" in words
    assert not re.search(r"\b1 (?:guest|portion|tier)s", words)


def test_a_venue_that_does_not_suit_is_told_with_what_is_amiss() -> None:
    result = asked("venue", "a hall under $50", guests=20, city="Austin", budget=50)
    assert result["summary"].endswith("; too dear")
    assert "too small" in asked("venue", "a hall", guests=3_000, city="Austin")["summary"]
    assert "guests at least" in asked("venue", "outdoor", guests=1, city="Austin")["summary"]


def test_a_cake_is_told_without_its_servings_twice() -> None:
    assert asked("cake", "a sheet cake", guests=20)["summary"].count("22 servings") == 1


def test_a_flavour_that_nobody_asked_for_is_one_that_the_bakery_has() -> None:
    for theme in ("jungle", "unicorn", "space"):
        result = asked("cake", "a cake", guests=20, results={"theme": asked("theme", theme, guests=20)})
        assert not any("not on its list" in text for text in said(result))
        assert any(text.startswith(f"{result['flavour']}: nobody named") for text in result["assumptions"])


def test_kinds_and_styles_have_names_that_people_use() -> None:
    assert "(DJ)" in asked("vendor", "a dj", guests=20, city="Austin")["summary"]
    assert asked("catering", "a plated dinner", guests=20)["summary"].startswith("plated dinner by ")
