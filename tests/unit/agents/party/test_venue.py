"""The venue agent finds a place for these guests, in this city, at this price, or says what would fit."""

import pytest

from reveille.agents.party.catalogue import cities, venues
from tests.unit.agents.party.asking import asked, recommended

JUNGLE = {"theme": {"theme": "jungle", "guests": 75}}


def test_it_keeps_to_the_city_the_guests_the_setting_and_the_price() -> None:
    result = asked("venue", "outdoor venue under $800 in Austin", guests=75, city="Austin", budget=800, results=JUNGLE)
    venue = result["venue"]
    assert (venue["city"], venue["outdoor"], result["fits"]) == ("Austin", True, True)
    assert venue["capacity"]["min"] <= 75 <= venue["capacity"]["max"]
    assert result["money"]["max"] <= 800
    assert "the theme jungle" in " ".join(result["reasons"])
    assert len(result["alternatives"]) >= 2
    assert [one["score"] for one in result["alternatives"]] == sorted(
        (one["score"] for one in result["alternatives"]), reverse=True
    )


def test_twenty_guests_get_another_place_at_another_price() -> None:
    many, few = (asked("venue", "a hall", guests=guests, city="Austin") for guests in (180, 20))
    assert many["venue"]["name"] != few["venue"]["name"]
    assert few["money"]["max"] < many["money"]["max"]
    assert many["fits_guests"]
    assert few["fits_guests"]


def test_the_same_place_costs_less_for_fewer_guests() -> None:
    seventy_five, twenty = (asked("venue", "park", guests=guests, city="Austin") for guests in (75, 20))
    assert seventy_five["venue"]["name"] == twenty["venue"]["name"]
    assert twenty["money"]["max"] < seventy_five["money"]["max"]
    assert "for 75" in seventy_five["summary"]
    assert "for 20" in twenty["summary"]


def test_over_the_limit_it_is_the_cheapest_and_says_by_how_much() -> None:
    result = asked("venue", "outdoor venue under $100 in Austin", guests=75, city="Austin", budget=100)
    costs = [one["price"] for one in result["alternatives"]]
    assert (result["fits"], result["misses"]) == (False, ["price"])
    assert result["venue"]["price"] <= min(costs)
    over = result["money"]["min"] - 100
    assert any(f"costs {over} more than the limit of 100" in text for text in recommended(result, "high"))


def test_a_plans_budget_is_not_all_for_the_venue() -> None:
    result = asked("venue", "a hall", guests=40, city="Austin", budget=2_000)
    assert result["money"]["min"] <= 700
    assert any("35% of the budget of 2000" in text for text in (*result["reasons"], *recommended(result)))


def test_where_nothing_is_large_enough_it_says_what_comes_nearest() -> None:
    result = asked("venue", "a hall", guests=900, city="Austin")
    largest = max(venue.capacity[1] for venue in venues() if venue.city == "Austin")
    assert (result["fits"], result["fits_guests"], result["misses"]) == (False, False, ["guests"])
    assert result["venue"]["capacity"]["max"] == largest
    assert result["would_fit"][0]["capacity"] == max(venue.capacity[1] for venue in venues())
    assert result["confidence"] < 0.6
    assert any(f"{900 - largest} more than fit" in text for text in recommended(result, "high"))


def test_where_only_another_city_has_room_it_names_it() -> None:
    by_city = {city: max(venue.capacity[1] for venue in venues() if venue.city == city) for city in cities()}
    smallest = min(by_city, key=lambda city: (by_city[city], city))
    result = asked("venue", "ballroom", guests=by_city[smallest] + 1, city=smallest)
    assert not result["fits_guests"]
    assert result["would_fit"]
    assert all(one["fits"] and one["city"] != smallest for one in result["would_fit"])


def test_a_city_that_is_not_known_gets_an_honest_answer_and_a_price_from_elsewhere() -> None:
    result = asked("venue", "a hall in Tokyo", guests=60, city="Tokyo")
    assert (result["venue"], result["fits"], result["misses"]) == (None, False, ["city"])
    assert 0 < result["money"]["min"] <= result["money"]["max"]
    assert result["confidence"] <= 0.3
    assert len(result["would_fit"]) == 3


@pytest.mark.parametrize(
    ("texts", "setting"),
    [
        (["outdoor venue"], "outdoor"),
        (["outdoor venue", "indoor please, it may rain"], "indoor"),
        (["not outdoor"], "indoor"),
        (["somewhere inside"], "indoor"),
    ],
)
def test_the_last_word_on_the_setting_counts(texts: list[str], setting: str) -> None:
    assert asked("venue", *texts, guests=60, city="Denver")["venue"][setting]


@pytest.mark.parametrize("kind", ["restaurant", "barn", "rooftop", "play centre", "gallery"])
def test_the_kind_that_was_asked_for_is_found_where_it_fits(kind: str) -> None:
    result = asked("venue", f"a {kind} would be great", guests=40, city="Chicago", budget=20_000)
    assert result["venue"]["kind"] == kind
    assert f"a {kind} was asked for" in result["reasons"]


def test_nobody_sits_outside_in_winter() -> None:
    summer = asked("venue", "outdoor", guests=50, city="Boston", date="2027-06-12")
    winter = asked("venue", "outdoor", guests=50, city="Boston", date="2027-01-12")
    assert summer["fits"]
    assert winter["venue"]["indoor"]


def test_what_nobody_said_is_assumed_and_makes_it_less_sure() -> None:
    vague, clear = asked("venue", "a venue"), asked("venue", "a venue", guests=20, city="Austin", budget=2_000)
    assert vague["confidence"] < clear["confidence"]
    told = " ".join(vague["assumptions"])
    assert all(what in told for what in ("how many come", "where", "what it may cost"))


def test_a_price_for_each_guest_is_for_all_of_them() -> None:
    result = asked("venue", "max 20 euros per person", guests=50, city="Berlin")
    assert result["money"]["min"] <= 1_000
    assert any("limit of 1000 (20 for each guest)" in text for text in (*result["reasons"], *recommended(result)))


def test_other_spellings_of_a_city_are_the_city() -> None:
    for spelling in ("austin", "AUSTIN", " Austin "):
        assert asked("venue", "hall", guests=40, city=spelling)["venue"]["city"] == "Austin"
    assert asked("venue", "hall", guests=40, city="Austin, TX")["venue"]["city"] == "Austin"
    assert asked("venue", "hall", guests=40, city="NYC")["venue"]["city"] == "New York"
    assert asked("venue", "hall", guests=40, city="München")["venue"]["city"] == "Munich"
    assert asked("venue", "a hall in San Francisco", guests=40)["venue"]["city"] == "San Francisco"
