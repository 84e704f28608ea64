"""The vendor agent books whom somebody asked for, in the party's city and theme."""

from typing import Any

import pytest

from tests.unit.agents.party.asking import asked, recommended


def kinds(*texts: str, **facts: Any) -> list[str]:
    return [booking["kind"] for booking in asked("vendor", *texts, **facts)["bookings"]]


@pytest.mark.parametrize(
    ("texts", "booked"),
    [
        (["a magician"], ["magician"]),
        (["a magican"], ["magician"]),
        (["balloons and a photographer"], ["balloons", "photography"]),
        (["a magician", "also a DJ"], ["magician", "dj"]),
        (["a magician", "a dj instead"], ["dj"]),
        (["balloons and a magician", "a band instead of the magician"], ["balloons", "band"]),
        (["a clown", "no clown please"], []),
        (["face-painting; petting zoo!"], ["face painter", "animals"]),
        (["we need vendors"], ["balloons", "photography"]),
    ],
)
def test_whoever_was_asked_for_and_not_refused_is_booked(texts: list[str], booked: list[str]) -> None:
    assert kinds(*texts, city="Austin") == booked


def test_entertainment_is_what_goes_with_the_theme() -> None:
    of_theme = {"theme": asked("theme", "jungle theme", guests=30)}
    assert asked("vendor", "entertainment", city="Austin", results=of_theme)["bookings"][0]["kind"] == "animals"
    assert kinds("entertainment", city="Austin") == ["magician"]
    assert kinds("entertainment: a dj", city="Austin") == ["dj"]


def test_they_work_in_the_partys_city_or_come_to_it() -> None:
    result = asked("vendor", "a magician", city="Berlin", guests=30)
    assert result["bookings"][0]["city"] == "Berlin"
    assert len(result["bookings"][0]["alternatives"]) == 2
    assert "say in which city" in " ".join(recommended(asked("vendor", "a magician"), "high"))


def test_a_city_that_nobody_works_in_gets_whoever_travels() -> None:
    result = asked("vendor", "a magician", city="Tokyo", guests=30)
    assert "on Tour" in result["bookings"][0]["vendor"]
    assert any("travels" in text for text in recommended(result))


def test_more_guests_take_more_help_and_more_money() -> None:
    many, few = (asked("vendor", "a magician", city="Austin", guests=guests) for guests in (75, 20))
    assert few["money"]["min"] < many["money"]["min"]
    assert "75 guests" in many["summary"]
    assert "20 guests" in few["summary"]


def test_a_step_that_is_not_told_the_guests_reads_them_where_another_was() -> None:
    themed = {guests: {"theme": asked("theme", "jungle", guests=guests)} for guests in (75, 20)}
    many, few = (asked("vendor", "a magician", city="Austin", results=themed[guests]) for guests in (75, 20))
    assert few["money"]["min"] < many["money"]["min"]


def test_money_is_that_of_all_bookings() -> None:
    result = asked("vendor", "balloons, a photographer and a dj", city="Denver", guests=40)
    for side in ("min", "max"):
        assert result["money"][side] == sum(booking["price"][side] for booking in result["bookings"])


def test_over_the_limit_it_books_the_cheapest_and_says_whom_to_do_without() -> None:
    wish = "balloons, a photographer and a band"
    rich = asked("vendor", wish, city="Denver", guests=40, budget=100_000)
    poor = asked("vendor", wish, city="Denver", guests=40, budget=1_000)
    assert poor["money"]["min"] <= rich["money"]["min"]
    over = poor["money"]["min"] - 150
    assert any(f"costs {over} more than 15% of the budget of 1000" in text for text in recommended(poor, "high"))
    assert any("(band) it costs" in text for text in recommended(poor, "high"))


def test_who_is_too_old_for_it_is_told() -> None:
    result = asked("vendor", "a clown", city="Austin", age=40)
    assert not result["fits"]
    assert any("ages 3 to 9" in text for text in recommended(result, "medium"))


def test_more_kinds_than_a_party_bears_are_told() -> None:
    wish = "balloons, photographer, photo booth, magician, clown, face painter, dj, band, animals"
    result = asked("vendor", wish, city="Austin", guests=40)
    assert len(result["bookings"]) == 6
    assert any("DJ, band, animals asked for too" in text for text in recommended(result, "medium"))
