"""The theme agent plans what was asked for last, and makes up what nobody has thought of."""

import pytest

from reveille.agents.party.catalogue import themes
from tests.unit.agents.party.asking import asked, recommended


@pytest.mark.parametrize(
    ("texts", "theme"),
    [
        (["jungle theme party for 75 guests"], "jungle"),
        (["Jungle theme", "space theme instead"], "space"),
        (["space theme instead of jungle"], "space"),
        (["jungle", "pirates", "no pirates please"], "jungle"),
        (["an UNDER THE SEA birthday"], "ocean"),
        (["Dinosaurs!"], "dinosaur"),
        (["dinosuar theme"], "dinosaur"),
        (["a great gatsby evening"], "gatsby"),
        (["movie stars on a red carpet"], "hollywood"),
        (["the film festival of my life"], "festival"),
        (["fée, fairies, fairy lights"], "fairy"),
    ],
)
def test_the_last_word_on_the_theme_counts(texts: list[str], theme: str) -> None:
    if theme == "festival":  # two themes in one sentence: the first leads and the other is its accent
        result = asked("theme", *texts)
        assert (result["theme"], result["accent"]) == ("cinema", "festival")
    else:
        assert asked("theme", *texts)["theme"] == theme


def test_a_theme_says_colours_decorations_activities_and_a_mood() -> None:
    result = asked("theme", "jungle theme party for 75 guests", guests=75)
    assert result["colours"][0] == "leaf green"
    assert "palm-leaf garland (10)" in result["decorations"]
    assert "animal-track treasure hunt" in result["activities"]
    assert result["mood"] == "adventurous"
    assert result["known"]


def test_fewer_guests_take_fewer_decorations_and_other_games() -> None:
    many, few = (asked("theme", "jungle", guests=guests) for guests in (75, 20))
    assert many["decorations"][0] == "palm-leaf garland (10)"
    assert few["decorations"][0] == "palm-leaf garland (3)"
    assert "8 stations of ten guests" in many["activities"]
    assert "a team game in 2 teams" in few["activities"]
    assert "75 guests" in many["summary"]
    assert "20 guests" in few["summary"]


def test_a_theme_that_nobody_knows_is_composed_of_its_words() -> None:
    result = asked("theme", "steampunk accountants theme party for 30 guests", guests=30, age=40)
    assert (result["theme"], result["known"]) == ("steampunk accountants", False)
    assert "brass" in result["colours"]
    assert any("steampunk accountants" in decoration for decoration in result["decorations"])
    assert "composed" in result["assumptions"][0]
    assert result["confidence"] < asked("theme", "jungle", guests=30, age=7)["confidence"]


@pytest.mark.parametrize(
    ("text", "theme"),
    [
        ("steampunk accountants", "steampunk accountants"),
        ("a steampunk theme for my daughter's 7th birthday in Austin", "steampunk"),
        ("the theme should be a Viennese coffee house", "viennese coffee house"),
        ("party theme: bees", "bees"),
        # Nothing names one: it is what most like.
        ("can you think of something nice for us?", "picnic"),
        ("theme and chocolate cake", "picnic"),
        ("宇宙人 theme", "宇宙人"),
    ],
)
def test_only_what_names_a_theme_becomes_one(text: str, theme: str) -> None:
    assert asked("theme", text)["theme"] == theme


def test_a_new_theme_takes_the_place_of_a_known_one() -> None:
    assert asked("theme", "jungle theme", "steampunk accountants theme instead")["theme"] == "steampunk accountants"
    assert asked("theme", "jungle theme", "more decorations for the tables")["theme"] == "jungle"


def test_a_theme_that_is_added_becomes_an_accent() -> None:
    result = asked("theme", "jungle theme", "add some unicorns too")
    assert (result["theme"], result["accent"]) == ("jungle", "unicorn")
    assert "pastel pink" in result["colours"]


def test_grown_ups_do_not_play_childrens_games() -> None:
    children, adults = asked("theme", "jungle", age=7), asked("theme", "jungle", age=40)
    assert "animal-track treasure hunt" in children["activities"]
    assert "animal-track treasure hunt" not in adults["activities"]
    assert "guess the rainforest sound" in adults["activities"]
    assert any("suits ages 3 to 12" in text for text in recommended(adults, "medium"))
    assert adults["confidence"] < children["confidence"]


def test_where_nobody_names_a_theme_the_age_does_and_it_says_so() -> None:
    child, adult = asked("theme", "decor please", age=4), asked("theme", "", age=50)
    assert (child["theme"], adult["theme"]) == ("farm", "picnic")
    assert "name a theme" in recommended(adult, "high")
    assert any("nobody named a theme" in text for text in adult["assumptions"])


@pytest.mark.parametrize("name", sorted(themes()))
def test_every_theme_of_the_catalogue_is_found_by_each_of_its_words(name: str) -> None:
    for word in themes()[name].words:
        result = asked("theme", f"a {word} theme")
        assert result["theme"] == name, word
        assert len(result["alternatives"]) == 3
        assert len(result["colours"]) >= 4
