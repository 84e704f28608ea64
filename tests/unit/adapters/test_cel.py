"""Conditions over a plan's facts and categories: what is true, what is not, and what is no condition."""

from typing import Any

import pytest

from reveille.adapters.cel import check_condition, condition, where

FACTS: dict[str, Any] = {"guests": 75, "budget": 799.5, "city": "Austin", "diet": {"vegetarian": 2, "vegan": None}}


@pytest.mark.parametrize(
    "expression",
    [
        "true",
        "facts.guests > 50",
        "facts.guests > 50.5",
        "facts.budget < 800",
        'facts.city == "Austin"',
        "facts.diet.vegetarian == 2",
        "facts.diet.vegan == null",
        '"guests" in facts && facts.guests > 50',
        "has(facts.guests) && !has(facts.age)",
        '"theme" in categories && !("venue" in categories)',
        "size(categories) == 1",
        'categories.exists(one, one.startsWith("th"))',
    ],
)
def test_a_condition_is_true_of_the_facts_and_categories_of_a_plan(expression: str) -> None:
    assert condition(expression)(FACTS, ["theme"]) is True


@pytest.mark.parametrize(
    "expression",
    [
        "facts.guests > 100",
        "facts.age > 3",
        '"age" in facts && facts.age > 3',
        "facts.city > 3",
        "facts.guests",
        '"cake" in categories',
    ],
)
def test_what_is_not_true_or_cannot_be_evaluated_is_not_true(expression: str) -> None:
    assert condition(expression)(FACTS, ["theme"]) is False


def test_a_fact_that_is_true_itself_is_a_condition() -> None:
    assert condition("facts.indoors")({"indoors": True}, []) is True
    assert check_condition("facts.indoors", ["indoors"], []) is None


@pytest.mark.parametrize("expression", ["facts.", "signal.draft", "1 in categories", "facts.guests ? true : 1"])
def test_what_is_no_condition_is_refused(expression: str) -> None:
    with pytest.raises(ValueError, match="1:"):
        condition(expression)
    assert check_condition(expression, ["guests"], [])


@pytest.mark.parametrize(
    ("expression", "wrong"),
    [
        ("facts.gests > 3", "the blueprint has no fact gests; it has guests"),
        ("facts.guests > 3 && facts.x", "the blueprint has no fact x"),
        ('"vnue" in categories', "no step 'vnue' has a category; theme have one"),
        ("'vnue' in categories", "no step 'vnue' has a category"),
        ("size(categories)", "it is of type int and not true or false"),
        ("facts", "it is of type map<string, dyn> and not true or false"),
        ("true || " * 300 + "true", "2404 characters, at most 2000"),
    ],
)
def test_what_can_be_told_without_a_plan_is_told(expression: str, wrong: str) -> None:
    assert (check_condition(expression, ["guests"], ["theme"]) or "").startswith(wrong)


def test_conditions_and_where_do_not_see_each_others_variables() -> None:
    assert where("signal.draft")({"draft": True}) is True
    with pytest.raises(ValueError, match="undeclared"):
        where("size(categories) == 0")
