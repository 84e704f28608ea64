"""The cake agent orders enough for everybody, of the right kind, and in the theme's design."""

import pytest

from tests.unit.agents.party.asking import asked, recommended

JUNGLE = {"theme": asked("theme", "jungle theme", guests=75)}


def test_the_servings_the_tiers_and_the_cost_follow_the_guests() -> None:
    many, few = (asked("cake", "chocolate cake", guests=guests) for guests in (75, 20))
    assert (many["servings"], many["tiers"]) == (83, 3)
    assert (few["servings"], few["tiers"]) == (22, 2)
    assert few["money"]["max"] < many["money"]["min"]
    assert many["estimated_cost"] == many["money"]
    assert "83 servings" in many["summary"]


@pytest.mark.parametrize(
    ("texts", "flavour", "style"),
    [
        (["chocolate cake"], "chocolate", "tiered"),
        (["vanilla cupcakes"], "vanilla", "cupcakes"),
        (["chocolate cake", "lemon instead"], "lemon", "tiered"),
        (["a strawbery cheesecake"], "strawberry", "cheesecake"),
        (["red velvet in fondant, no chocolate"], "red velvet", "fondant"),
        (["ice cream cake with nutella"], "hazelnut", "ice cream"),
    ],
)
def test_the_flavour_and_the_style_are_those_of_the_last_word(texts: list[str], flavour: str, style: str) -> None:
    result = asked("cake", *texts, guests=40)
    assert (result["flavour"], result["style"]) == (flavour, style)


def test_the_design_and_the_flavour_follow_the_theme() -> None:
    result = asked("cake", "a cake", guests=30, results=JUNGLE)
    assert result["design"].startswith("green buttercream leaves with sugar animals")
    assert result["flavour"] == "chocolate"
    plain = asked("cake", "a cake", guests=30)
    assert "no theme yet" in " ".join(plain["assumptions"])
    assert plain["design"] != result["design"]


def test_a_diet_goes_to_a_bakery_that_keeps_to_it() -> None:
    result = asked("cake", "chocolate cake", guests=40, city="Austin", diet={"gluten-free": 2})
    assert "gluten-free" in result["bakery"]["diets"]
    assert result["diets"] == {"gluten-free": 2}
    assert any("2 gluten-free servings" in text for text in recommended(result))


def test_nobody_with_an_allergy_gets_nuts() -> None:
    result = asked("cake", "hazelnut cake", guests=20, diet={"nut allergy": 1})
    assert result["flavour"] not in ("hazelnut", "almond")
    assert any("allergy" in text for text in recommended(result, "high"))


def test_over_the_limit_it_says_by_how_much_and_what_would_be_cheaper() -> None:
    result = asked("cake", "a fondant cake under $50", guests=75, city="Austin")
    over = result["money"]["min"] - 50
    assert any(f"costs {over} more than the limit of 50" in text for text in recommended(result, "high"))
    assert any("a sheet cake for 83 servings" in text for text in recommended(result))


def test_where_nobody_names_a_style_the_budget_does() -> None:
    rich, poor = (asked("cake", "a cake", guests=75, city="Denver", budget=budget) for budget in (8_000, 2_500))
    assert (rich["style"], poor["style"]) == ("tiered", "sheet")
    assert poor["money"]["min"] <= 250


def test_more_than_anybody_bakes_is_told() -> None:
    result = asked("cake", "cupcakes", guests=2_000, city="Austin")
    assert not result["fits"]
    assert any("split the order" in text for text in recommended(result, "high"))
    assert result["confidence"] < 0.6


def test_without_a_city_it_takes_whoever_sends_and_says_so() -> None:
    result = asked("cake", "chocolate cake", guests=30)
    assert "by Post" in result["bakery"]["name"]
    assert any("no city" in text for text in result["assumptions"])
    assert asked("cake", "cake", guests=30, city="Paris")["bakery"]["city"] == "Paris"


def test_there_are_always_alternatives_with_their_reasons() -> None:
    result = asked("cake", "cake", guests=30, city="Miami")
    assert len(result["alternatives"]) >= 2
    assert all(one["reason"] and 0 <= one["score"] <= 1 for one in (result["pick"], *result["alternatives"]))
