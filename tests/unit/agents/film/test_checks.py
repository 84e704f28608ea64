"""Checks measure: what is bad is told so, and why."""

import pytest

from reveille.agents.film.checks import Check, measure
from reveille.agents.film.structure import Asked

GOOD = (
    "Mara climbs the stair of the lighthouse with a lantern. On the rocks below her lies her son, whom she has not seen"
    " for eleven years. The light fails above both of them. She could call out, and does not. Instead she goes down,"
    " one wet step after the other, and the night goes with her. He lifts his head. Neither says a name."
)
WORDS = ("lighthouse", "son", "rocks", "night", "light")
BEATS = ("open", "disturb", "turn", "close")


def of(text: str, name: str, **more: object) -> Check:
    return next(check for check in measure(text, **more).checks if check.name == name)  # type: ignore[arg-type]


def test_a_text_that_brings_what_was_asked_for_comes_to_a_hundred() -> None:
    assert measure(GOOD, must_mention=WORDS, least=50, most=120).score == 100


@pytest.mark.parametrize("text", ["", "   \n", "...", "?!"])
def test_no_text_comes_to_nothing(text: str) -> None:
    measured = measure(text, must_mention=WORDS, least=50)
    assert measured.score == 0
    assert [check.score for check in measured.checks] == [0, 0, 0, 0]


@pytest.mark.parametrize(
    "text",
    [
        "Lorem ipsum dolor sit amet, consectetur adipiscing elit. " * 12,
        "The market was quiet on Tuesday, and bond yields rose a little. " * 3,
        "lighthouse son rocks night light " * 20,
        "Nice.",
        "word " * 100,
    ],
)
def test_bad_texts_fail(text: str) -> None:
    assert measure(text, must_mention=WORDS, least=50, most=200).score < 60


def test_a_well_made_text_about_something_else_fails_by_its_coverage() -> None:
    other = (
        "The minister reads the budget aloud. Two of her colleagues are asleep. Outside, a tram goes by. She turns a"
        " page and finds that it is blank, and so are all that follow. Nobody notices but the stenographer. They look"
        " at each other for a while. Then she begins, quite calmly, to make up numbers, and everybody nods at each."
    )
    measured = measure(other, must_mention=WORDS, least=50, most=120)
    assert measured.score <= 50
    assert of(other, "coverage", must_mention=WORDS).score == 0


def test_what_is_missing_is_named_and_asked_for() -> None:
    check = of(GOOD, "coverage", must_mention=("son", "dragon", "umbrella"))
    assert "missing: dragon, umbrella" in check.reason
    assert check.advice == ("mention dragon and umbrella",)


def test_other_forms_of_a_word_count_and_parts_of_it_do_not() -> None:
    assert of("She failed. He keeps failing the tests.", "coverage", must_mention=("fails",)).score == 100
    assert of("A lighthouse.", "coverage", must_mention=("light",)).score == 0


def test_the_more_words_are_missing_the_lower_it_is() -> None:
    scores = [
        of(GOOD, "coverage", must_mention=(*WORDS[:4], *["zebra", "yacht", "xylophone"][:n])).score for n in range(4)
    ]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == 4


def test_a_line_that_stands_twice_is_quoted() -> None:
    text = f"{GOOD} She could call out, and does not."
    check = of(text, "repetition")
    assert check.score < of(GOOD, "repetition").score
    assert check.advice == ('cut the repeated line "She could call out, and does not."',)


def test_the_same_words_over_and_over_are_a_repetition_also_within_one_sentence() -> None:
    assert of("and then the door and then the door and then the door " * 8, "repetition").score < 30


@pytest.mark.parametrize(("least", "most", "advice"), [(200, 300, "words more"), (5, 20, "cut some")])
def test_a_length_that_is_not_the_one_asked_for_is_told_in_words(least: int, most: int, advice: str) -> None:
    check = of(GOOD, "length", least=least, most=most)
    assert check.score < 100
    assert advice in check.advice[0]


def beats(*names: str) -> list[dict[str, str]]:
    return [{"beat": name, "text": "Somebody comes in and nothing is as it was."} for name in names]


def test_a_beat_that_lacks_is_asked_for_between_its_neighbours() -> None:
    asked = Asked(kind="plot", parts=BEATS)
    whole = of(GOOD, "structure", asked=asked, parts=beats(*BEATS))
    lacking = of(GOOD, "structure", asked=asked, parts=beats("open", "disturb", "close"))
    assert whole.score == 100
    assert lacking.score < 70
    assert lacking.advice == ("add turn between disturb and close",)


def test_a_beat_of_two_words_is_none() -> None:
    parts = [*beats("open", "disturb", "close"), {"beat": "turn", "text": "It turns."}]
    assert of(GOOD, "structure", asked=Asked(kind="plot", parts=BEATS), parts=parts).score < 70


def test_a_person_without_a_flaw_is_not_finished() -> None:
    full = dict.fromkeys(("look", "want", "need", "flaw", "fear", "voice", "text"), "something that is told of them")
    asked = Asked(kind="characters", parts=("Mara",))
    assert of(GOOD, "structure", asked=asked, parts=[{"name": "Mara", **full}]).score == 100
    check = of(GOOD, "structure", asked=asked, parts=[{"name": "Mara", **full, "flaw": ""}])
    assert check.score < 100
    assert check.advice == ("give Mara a flaw",)


def lines(*speakers: str) -> list[dict[str, str]]:
    return [{"beat": "turn", "speaker": who, "line": "You never said a word about it."} for who in speakers]


@pytest.mark.parametrize(
    ("speakers", "fault"),
    [
        (("A", "B", "A", "B"), ""),
        (("A", "A", "A", "A"), "only one voice"),
        (("A", "A", "A", "B", "B", "B"), "to and fro"),
    ],
)
def test_a_dialogue_goes_to_and_fro(speakers: tuple[str, ...], fault: str) -> None:
    check = of(GOOD, "structure", asked=Asked(kind="dialogue", parts=("turn",)), parts=lines(*speakers))
    assert fault in check.reason
    assert (check.score == 100) == (fault == "")


def test_a_monologue_needs_no_second_voice() -> None:
    asked = Asked(kind="dialogue", parts=("turn",), voices=1)
    assert of(GOOD, "structure", asked=asked, parts=lines("A", "A", "A")).score == 100


def test_two_shots_of_one_size_in_a_row_are_told() -> None:
    sizes = zip(BEATS, ("CLOSE", "CLOSE", "WIDE", "CLOSE"), strict=True)
    shots = [{"beat": name, "size": size, "move": "pan", "text": "Mara on the stair."} for name, size in sizes]
    check = of(GOOD, "structure", asked=Asked(kind="storyboard", parts=BEATS), parts=shots)
    assert check.advice == ("use another size for disturb",)


def test_work_of_no_known_craft_is_measured_as_a_text() -> None:
    assert measure(GOOD, must_mention=WORDS, least=50, most=120, asked=Asked(kind="music")).score == 100
    assert of("One sentence only.", "structure", asked=Asked(kind="music")).score == 25
