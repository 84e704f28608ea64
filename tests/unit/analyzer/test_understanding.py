"""What inputs come to together: categories with a confidence, ambiguous words, tags, and facts of the whole plan."""

from typing import Any

import pytest

from reveille.analyzer.domain.understanding import THRESHOLD, Meant
from reveille.contracts.ingress.v1.events_pb2 import Blueprint, BlueprintStep
from tests.unit.analyzer.party import blueprint, categories, given, meaning
from tests.unit.manual_clock import NOON

DAY = 86_400_000_000


def first(*inputs: Any, **other: Any) -> Meant:
    return meaning(*inputs, **other).inputs[0]


def confidence(text: str) -> float:
    return first(text).scores[0][1]


def test_the_word_itself_is_surer_than_a_form_of_it_and_that_surer_than_a_typing_error() -> None:
    assert confidence("a magician") > confidence("a magic show") > confidence("a magican") >= THRESHOLD


def test_several_words_of_a_category_are_surer_than_one() -> None:
    assert 1 > confidence("cake from a bakery") > confidence("cake")


def test_the_same_word_twice_is_no_surer() -> None:
    assert confidence("cake, cake, cake") == confidence("cake")


def test_the_surest_category_comes_first_and_of_equals_the_first_of_the_blueprint() -> None:
    assert categories(meaning("a magican with balloons and a cake")) == ["vendor", "cake"]
    assert categories(meaning("a cake in a hall")) == ["venue", "cake"]


def test_an_ambiguous_word_that_its_input_settles_is_less_sure_than_a_plain_one() -> None:
    assert THRESHOLD < confidence("rent a space") < confidence("venue")


def test_a_lone_ambiguous_word_is_of_no_category_and_unclear() -> None:
    alone = first("space")
    assert alone.scores == ()
    assert alone.unclear
    assert 0 < alone.confidence < THRESHOLD


@pytest.mark.parametrize(("earlier", "expected"), [("jungle theme", ["venue"]), ("venue in Austin", ["theme"])])
def test_an_ambiguous_word_is_what_the_plan_had_nothing_for_when_it_came(earlier: str, expected: list[str]) -> None:
    assert categories(meaning(earlier, "space"), 1) == expected


def test_what_comes_later_settles_what_nothing_has_settled_before() -> None:
    assert categories(meaning("space", "jungle theme")) == ["venue"]


def test_what_comes_last_changes_nothing_that_was_settled_before_it() -> None:
    assert categories(meaning("jungle theme", "space", "outdoor venue"), 1) == ["venue"]


def test_where_the_plan_has_both_an_ambiguous_word_stays_open() -> None:
    assert categories(meaning("jungle theme", "outdoor venue", "space"), 2) == []


def test_a_tag_that_names_a_category_overrules_the_words() -> None:
    tagged = first(given("a magician", "cake"))
    assert (tagged.scores, tagged.tagged) == ((("cake", 1.0),), True)


def test_several_tags_are_several_categories() -> None:
    assert categories(meaning(given("surprise us", "theme", "venue"))) == ["theme", "venue"]


def test_a_tag_is_a_category_whatever_its_case() -> None:
    assert categories(meaning(given("surprise us", "Theme "))) == ["theme"]


def test_a_tag_with_a_minus_takes_a_category_out() -> None:
    assert categories(meaning(given("cake and balloons", "-cake"))) == ["vendor"]


def test_what_is_of_no_category_by_its_tags_is_not_unclear() -> None:
    struck = first(given("cake", "-cake"))
    assert (struck.scores, struck.tagged, struck.unclear) == ((), True, False)


def test_a_tag_that_names_nothing_is_kept() -> None:
    odd = first(given("cake", "urgent", "colour:red"))
    assert (odd.unknown_tags, [name for name, _ in odd.scores]) == (("colour:red", "urgent"), ["cake"])


@pytest.mark.parametrize(
    ("tag", "facts"),
    [
        ("guests:75", {"guests": 75}),
        ("Guests: 75", {"guests": 75}),
        ("budget:800", {"budget": 800}),
        ("budget:$2,500", {"budget": 2500}),
        ("budget:3k", {"budget": 3000}),
        ("city:austin", {"city": "Austin"}),
        ("city:Round Rock", {"city": "Round Rock"}),
        ("age:7", {"age": 7}),
        ("date:2027-06-12", {"date": "2027-06-12"}),
        ("date:next saturday", {"date": "2026-11-28"}),
        ("diet:vegan", {"diet": {"vegan": None}}),
        ("diet:2 vegans", {"diet": {"vegan": 2}}),
    ],
)
def test_a_tag_can_tell_a_fact(tag: str, facts: dict[str, Any]) -> None:
    assert meaning(given("cake", tag)).facts == facts


@pytest.mark.parametrize(
    "tag",
    [
        "guests:-5",
        "guests:0",
        "guests:many",
        "guests:",
        "guests:12 balloons",
        "guests:7.5",
        "budget:abc",
        "budget:-1",
        "budget:9999999999999",
        "date:2027-13-40",
        "date:soon",
        "age:200",
        "age:-1",
        "diet:rice",
        "city:1234",
        "city:" + "x" * 61,
        "nothing",
        ":",
        "",
    ],
)
def test_a_tag_with_a_wrong_value_is_kept_and_is_no_fact(tag: str) -> None:
    understood = meaning(given("cake", tag))
    assert understood.facts == {}
    assert understood.inputs[0].unknown_tags == (tag,)


def test_a_fact_that_the_blueprint_does_not_list_is_none() -> None:
    plain = blueprint(cake=["cake"], facts=["guests"])
    assert meaning(given("cake for 20 kids in Austin", "age:7"), of=plain).facts == {"guests": 20}


def test_a_listed_fact_that_nobody_reads_out_of_texts_can_be_told_by_a_tag() -> None:
    coloured = blueprint(cake=["cake"], facts=["colour"])
    assert meaning(given("a red cake", "colour: blue "), of=coloured).facts == {"colour": "blue"}


def test_a_tag_beats_the_text_of_its_input() -> None:
    assert meaning(given("75 guests", "guests:20")).facts == {"guests": 20}


def test_a_later_input_beats_an_earlier_one() -> None:
    assert meaning("75 guests", "only 20 guests").facts == {"guests": 20}
    assert meaning(given("cake", "guests:75"), given("only 20 guests", number=1)).facts == {"guests": 20}


def test_a_number_that_may_be_guests_does_not_beat_one_that_is() -> None:
    assert meaning("75 guests", "cake for 30").facts == {"guests": 75}
    assert meaning("cake for 30").facts == {"guests": 30}


def test_an_explicit_budget_beats_a_limit_in_passing_whichever_came_first() -> None:
    assert meaning("total budget $3000", "venue under $800").facts == {"budget": 3000}
    assert meaning("venue under $800", "total budget $3000").facts == {"budget": 3000}
    assert meaning("venue under $800", "cake under $100").facts == {"budget": 100}
    assert meaning("budget 3000", "budget 2000").facts == {"budget": 2000}


def test_diets_of_all_inputs_are_added_to_each_other() -> None:
    said = ("two guests are vegetarian", "one is vegan", "three vegetarians")
    assert meaning(*said).facts == {"diet": {"vegetarian": 3, "vegan": 1}}
    assert meaning(*said[:2]).facts == {"diet": {"vegetarian": 2, "vegan": 1}}
    assert meaning("two vegetarians", "vegetarian food").facts == {"diet": {"vegetarian": 2}}


def test_guests_who_are_vegetarian_are_not_all_the_guests() -> None:
    assert meaning("jungle theme party for 75 guests", "two guests are vegetarian").facts == {
        "guests": 75,
        "diet": {"vegetarian": 2},
    }


def test_parameters_come_before_all_inputs() -> None:
    parameters = {"guests": 75, "budget": 900.0, "diet": ["vegan"], "city": "austin", "colour": "red"}
    assert meaning("cake", parameters=parameters).facts == {
        "guests": 75,
        "budget": 900,
        "city": "Austin",
        "diet": {"vegan": None},
    }
    assert meaning("20 guests", parameters=parameters).facts["guests"] == 20


@pytest.mark.parametrize("value", [None, True, -5, "many", [], {}, ["x"], {"vegan": -1}, float("nan"), 1e300])
@pytest.mark.parametrize("name", ["guests", "budget", "date", "city", "age", "diet"])
def test_a_parameter_with_a_wrong_value_is_no_fact(name: str, value: Any) -> None:
    if (name, value) != ("city", "many"):
        assert meaning("cake", parameters={name: value}).facts == {}


def test_a_parameter_with_a_wrong_value_is_told_as_long_as_nothing_says_its_fact() -> None:
    parameters = {"guests": "many", "diet": ["x"], "city": "Austin", "budget": "k" * 100}
    assert meaning("cake", parameters=parameters).unread == ("guests:many", f"budget:{'k' * 72}…", 'diet:["x"]')
    assert meaning("cake for 20", parameters={"guests": "many"}).unread == ()


def test_where_a_blueprint_has_no_categories_nobody_is_asked_what_a_text_is_about() -> None:
    plain = Blueprint(name="plain", steps=[BlueprintStep(name="one", agent="a", always=True)], facts=["guests"])
    (castle,) = meaning("a bouncy castle", of=plain).inputs
    assert (castle.unclear, castle.complete) == (False, True)
    (castle,) = meaning("a bouncy castle").inputs
    assert (castle.unclear, castle.complete) == (True, False)


def test_tomorrow_is_counted_from_when_it_was_written() -> None:
    assert meaning(given("tomorrow", at=NOON + DAY)).facts == {"date": "2026-11-23"}


def test_what_only_tells_facts_is_not_unclear() -> None:
    assert not first("75 guests in Austin on 12 June, $800").unclear
    assert first("a bouncy castle for 20 kids").unclear


def test_a_blueprint_of_anything_is_read_alike() -> None:
    film = blueprint(
        script=["script", "screenplay", "dialogue"],
        camera=["camera", "shot list", "lens"],
        sound=["sound", "score", "shot"],
        facts=["date"],
    )
    assert categories(meaning("rewrite the dialogues", of=film)) == ["script"]
    assert categories(meaning("we need a shot list", of=film)) == ["camera"], "the longer phrase has its words"
    assert categories(meaning("shots of the city", of=film)) == ["sound"]
    assert categories(meaning("lenses and a screenpaly", of=film)) == ["camera", "script"]


def test_one_categorys_word_is_no_typing_error_of_anothers() -> None:
    near = blueprint(desert=["desert"], dessert=["dessert"])
    assert categories(meaning("dessert", of=near)) == ["dessert"]
    assert categories(meaning("desert", of=near)) == ["desert"]
    assert categories(meaning("deesert", of=near)) == [], "as near to the one as to the other"


def test_a_category_without_words_is_reached_by_its_tag_alone() -> None:
    bare = blueprint(extra=[])
    assert categories(meaning("extra", of=bare)) == []
    assert categories(meaning(given("extra", "extra"), of=bare)) == ["extra"]


def test_an_enormous_text_is_read() -> None:
    text = "balloons " * 400 + "9" * 300 + "1,234," * 50
    assert categories(meaning(text)) == ["vendor"]


@pytest.mark.parametrize("text", ["\u202eekac", "\U0001f1e9\U0001f1ea", "a\u0301" * 50, "\x00cake", "\u00bd cake"])
def test_junk_is_survived(text: str) -> None:
    assert set(categories(meaning(text))) <= {"cake"}
