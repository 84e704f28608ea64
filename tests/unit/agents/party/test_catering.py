"""The catering agent feeds these guests, as they eat, with the kitchen that there is."""

from typing import Any

import pytest

from tests.unit.agents.party.asking import asked, recommended


def at(kitchen: str, *, outside_catering: bool = True) -> dict[str, Any]:
    venue = {"name": "The Barn", "kitchen": kitchen, "outside_catering": outside_catering, "city": "Austin"}
    return {"venue": {"venue": venue}}


def test_twenty_guests_cost_less_than_seventy_five_and_take_fewer_portions() -> None:
    many, few = (asked("catering", "buffet for everyone", guests=guests) for guests in (75, 20))
    assert (many["style"], many["portions"], few["portions"]) == ("buffet", 83, 22)
    assert few["money"]["max"] < many["money"]["min"]
    assert "75 guests" in many["summary"]
    assert "20 guests" in few["summary"]
    assert sum(dish["portions"] for dish in many["menu"]) >= 83


@pytest.mark.parametrize(
    ("texts", "style"),
    [
        (["buffet for everyone"], "buffet"),
        (["buffett for all"], "buffet"),
        (["buffet", "tacos instead"], "taco bar"),
        (["a BBQ, no buffet"], "bbq"),
        (["finger food and a dessert table"], "finger food"),
        (["sunday brunch"], "brunch"),
        (["food", "two guests are vegetarian", "burgers"], "burgers"),
        (["a sit-down dinner"], "plated"),
    ],
)
def test_the_last_word_on_the_style_counts(texts: list[str], style: str) -> None:
    assert asked("catering", *texts, guests=40)["style"] == style


def test_who_keeps_a_diet_is_counted_and_finds_something() -> None:
    texts = ("buffet for everyone", "two guests are vegetarian")
    result = asked("catering", *texts, guests=30, diet={"vegetarian": 2})
    assert (result["style"], result["diets"]) == ("buffet", {"vegetarian": 2})
    fitting = [dish for dish in result["menu"] if "vegetarian" in dish["diets"]]
    assert len(fitting) >= 2
    assert all("2 vegetarian" in dish["for"] for dish in fitting)
    assert "2 vegetarian" in result["summary"]
    without = asked("catering", "buffet for everyone", guests=30)
    assert "vegetarian" not in without["summary"]
    assert not any(dish["for"] for dish in without["menu"])


def test_a_diet_that_the_menu_has_little_for_is_told() -> None:
    result = asked("catering", "sushi", guests=30, diet={"kosher": 4})
    assert any("kosher dishes" in text for text in recommended(result, "high"))
    assert not result["fits"]


def test_where_nobody_names_a_style_it_suits_the_diets() -> None:
    result = asked("catering", "food for all", guests=30, diet={"kosher": 4, "vegan": None})
    assert not any("ask" in text and "dishes" in text for text in recommended(result, "high"))
    assert "nobody said which" in " ".join(result["assumptions"])


def test_a_kitchen_that_is_not_there_is_brought_and_paid_for() -> None:
    none, full = (asked("catering", "a plated dinner", guests=50, results=at(kitchen)) for kitchen in ("none", "full"))
    assert (none["kitchen"]["enough"], full["kitchen"]["enough"]) == (False, True)
    assert none["money"]["min"] - full["money"]["min"] == none["kitchen"]["brought"] == 300
    assert any("The Barn has no kitchen" in text for text in recommended(none))
    assert none["confidence"] < full["confidence"]


def test_a_venue_that_lets_in_nobody_else_is_told() -> None:
    result = asked("catering", "buffet", guests=50, results=at("full", outside_catering=False))
    assert any("The Barn lets in no other caterer" in text for text in recommended(result, "high"))
    assert not result["kitchen"]["outside_catering"]


def test_without_a_venue_its_kitchen_is_assumed() -> None:
    result = asked("catering", "buffet", guests=50)
    assert result["kitchen"]["venue"] is None
    assert any("no venue" in text for text in result["assumptions"])


def test_over_the_limit_it_is_the_cheapest_of_its_kind_and_says_by_how_much() -> None:
    result = asked("catering", "buffet under $5 per person", guests=50)
    over = result["money"]["min"] - 250
    assert any(f"costs {over} more than the limit of 250 (5 for each guest)" in text for text in recommended(result))
    buffets = [one["price"]["min"] for one in result["alternatives"] if one["style"] == "buffet"]
    assert all(result["money"]["min"] <= price for price in buffets)


def test_where_nobody_names_a_style_it_keeps_to_the_budget() -> None:
    assert asked("catering", "food", guests=50, budget=1_500)["money"]["min"] <= 600


def test_a_caterer_is_paid_for_the_guests_that_it_comes_for_at_least() -> None:
    few, least = (asked("catering", "food truck", guests=guests) for guests in (5, 15))
    assert few["money"] == least["money"]
    assert any("paid for 15 guests at least, for 5 guests too" in text for text in recommended(few, "high"))
