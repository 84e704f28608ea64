"""Words and amounts as people write them."""

from typing import Any

import pytest

from reveille.agents.party.amounts import Limit, limit_in, whole
from reveille.agents.reading import clean, vocabulary, words_of

WORDS = vocabulary({"magician": ("magic show",), "clown": (), "dj": ("disc jockey",), "cherry": ()})


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("a magician", ["magician"]),
        ("Magicians!", ["magician"]),
        ("magícian", ["magician"]),
        ("magican", ["magician"]),
        ("magiciann", ["magician"]),
        ("a magic show", ["magician"]),
        ("cherries", ["cherry"]),
        ("DJs", ["dj"]),
        ("no clown", []),
        ("not a clown but a magician", ["magician"]),
        ("a dj instead of a clown", ["dj"]),
        ("a dj rather than the magician", ["dj"]),
        ("no clowns or magicians", []),
        ("no clown, a magician", ["magician"]),
        ("clown. magician", ["clown", "magician"]),
        # What only looks like it.
        ("a golden crown", []),
        ("clownfish", []),
        ("magic", []),
        ("", []),
    ],
)
def test_a_word_is_found_with_its_plurals_and_typing_errors_and_without_what_is_refused(
    text: str, chosen: list[str]
) -> None:
    assert WORDS.chosen([text]) == chosen


def test_of_several_texts_the_latest_that_names_any_counts() -> None:
    assert WORDS.latest(["a clown", "a dj", "for everybody"]) == ["dj"]
    assert WORDS.latest(["a clown", "a dj", "no dj"]) == ["clown"]
    assert WORDS.latest(["no clown", "a clown and a dj"]) == ["clown", "dj"]
    assert WORDS.latest(["nothing"]) == []


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("under $800", Limit(800)),
        ("max 1,200 dollars", Limit(1_200)),
        ("1.200 EUR", Limit(1_200)),
        ("€1.500,50", Limit(1_500)),
        ("up to $3k", Limit(3_000)),
        ("15 euros per person", Limit(15, "guest")),
        ("$12 pp", Limit(12, "guest")),
        ("£90 an hour", Limit(90, "hour")),
        ("$500, well, $700", Limit(700)),
        ("75 guests on 12 June", None),
        # Of the whole plan, which has a fact for it.
        ("a budget of $3k", None),
        ("we have 5,000 euros in total", None),
        ("a budget of $3k, the hall under $400", Limit(400)),
        ("$0", None),
    ],
)
def test_an_amount_of_money_is_read_as_it_is_written(text: str, limit: Limit | None) -> None:
    assert limit_in([text]) == limit


def test_a_steps_own_budget_is_its_limit() -> None:
    assert limit_in(["a venue budget of $800"], step="venue") == Limit(800)
    assert limit_in(["a venue budget of $800"], step="cake") is None


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (75, 75),
        ("75", 75),
        ("about 75 guests", 75),
        (75.9, 75),
        ({"max": 80, "min": 20}, 80),
        ({"amount": "1,200"}, 1_200),
        ([20, 30], 30),
        (True, None),
        (0, None),
        (-5, None),
        ("-5", None),
        (float("nan"), None),
        (float("inf"), None),
        (10**30, None),
        ("many", None),
        ([], None),
        ({}, None),
        (None, None),
    ],
)
def test_a_fact_of_any_type_is_a_whole_number_or_none(value: Any, number: int | None) -> None:
    assert whole(value) == number


def test_what_is_shown_is_one_line_that_can_be_written_down() -> None:
    assert clean("a\n\tb\x00c \ud800", 20) == "a b c"
    assert clean("x" * 50, 10) == "x" * 9 + "…"


def test_words_are_compared_without_case_marks_and_plural() -> None:
    assert words_of("The Parties' Dishes, boxes & glasses") == ("the", "party", "dish", "box", "glass")
