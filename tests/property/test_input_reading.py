"""Whatever people write, in whatever order it came and went: the same inputs always come to the same."""

from typing import Any, Final

from hypothesis import example, given, settings
from hypothesis import strategies as st

from reveille.analyzer.domain.inputs import Given
from reveille.analyzer.domain.reading.facts import READERS
from reveille.analyzer.domain.reading.listing import words
from reveille.analyzer.domain.reading.reading import Reader
from reveille.analyzer.domain.understanding import THRESHOLD, Meant
from tests.unit.analyzer.corpus import AMBIGUOUS, CORPUS, GUESTS, PLAIN, SEVERAL
from tests.unit.analyzer.party import given as said
from tests.unit.analyzer.party import meaning, party

TAGS: Final = (
    "theme",
    "venue",
    "cake",
    "-cake",
    "guests:75",
    "guests:20",
    "city:Austin",
    "diet:vegan",
    "diet:2 vegans",
)
TAGGINGS: Final = st.lists(st.sampled_from((*TAGS, "budget:abc", "urgent", "date:tomorrow")), max_size=5)
TEXTS: Final = st.sampled_from([text for text, _, _ in CORPUS])
SINGLE: Final = st.sampled_from([text for text, _, _ in (*PLAIN, *SEVERAL, *GUESTS) if "space" not in text])
ANYTHING: Final = st.text(max_size=60) | TEXTS
# Words that readers look for, in any order.
WORDS: Final = words(
    """
    75 12 2027 6/5/2027 seven hundred k $ € % - , . ? guests kids party of for in to and or between under budget
    max turning birthday year old 7th June may next saturday tomorrow two vegetarian vegans are with no nut
    allergy allergic free Austin Round Rock St cake theme space venue a the is : ( x 1,5 1.500 9999999999 per each
    eat meat dont not instead
    """
)
JUMBLED: Final = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)


def inputs(texts: list[str], numbers: list[int] | None = None) -> list[Given]:
    at = numbers or list(range(len(texts)))
    return [said(text, number=number) for text, number in zip(texts, at, strict=True)]


def plain(one: Meant) -> Any:
    return (one.scores, one.facts, one.unknown_tags, one.unclear)


@given(st.lists(ANYTHING | JUMBLED, max_size=5))
@example(["cake " + "9" * 400])
@settings(max_examples=400)
def test_whatever_people_write_has_a_meaning(texts: list[str]) -> None:
    understood = meaning(*inputs(texts))
    assert [one.given.text for one in understood.inputs] == texts
    for one in understood.inputs:
        assert all(THRESHOLD <= score <= 1 for _, score in one.scores)
        assert 0 <= one.confidence <= 1
        assert [score for _, score in one.scores] == sorted((score for _, score in one.scores), reverse=True)
        assert not (one.unclear and one.scores)
    assert set(understood.facts) <= set(READERS)
    for name, value in understood.facts.items():
        assert sane(name, value), (name, value)


def sane(name: str, value: Any) -> bool:
    match name:
        case "guests":
            return isinstance(value, int) and 0 < value <= 100_000
        case "age":
            return isinstance(value, int) and 0 <= value <= 120
        case "budget":
            return isinstance(value, int | float) and 0 < value <= 1_000_000_000
        case "date":
            return isinstance(value, str) and len(value) == 10
        case "city":
            return isinstance(value, str) and 0 < len(value) <= 60
    return all(count is None or 0 < count < 100_000 for count in value.values())


@given(st.lists(ANYTHING | JUMBLED, max_size=6))
@settings(max_examples=150)
def test_what_was_read_before_changes_no_reading(texts: list[str]) -> None:
    fresh = Reader(party())
    kept = meaning(*inputs(texts))
    read = [fresh.read(text, (), one.given.at) for text, one in zip(texts, kept.inputs, strict=True)]
    again = [Reader(party()).read(text, (), one.given.at) for text, one in zip(texts, kept.inputs, strict=True)]
    assert read == again
    assert meaning(*inputs(texts)) == kept


@given(st.lists(SINGLE, min_size=1, max_size=4), st.lists(TEXTS, max_size=4))
@settings(max_examples=200)
def test_what_is_plain_means_the_same_in_any_plan(texts: list[str], others: list[str]) -> None:
    alone = [plain(meaning(text).inputs[0]) for text in texts]
    beside = meaning(*inputs([*others, *texts])).inputs[len(others) :]
    assert [plain(one) for one in beside] == alone


@given(st.lists(TEXTS, max_size=5), TEXTS, st.integers(0, 5))
@settings(max_examples=200)
def test_an_input_that_comes_and_goes_leaves_nothing(texts: list[str], other: str, at: int) -> None:
    before = meaning(*inputs(texts))
    at = min(at, len(texts))
    numbers = [*range(at), *range(at + 1, len(texts) + 1)]
    both = inputs(texts, numbers)
    meaning(*both[:at], said(other, number=at), *both[at:])
    after = meaning(*both)
    assert [plain(one) for one in after.inputs] == [plain(one) for one in before.inputs]
    assert after.facts == before.facts


@given(st.lists(st.sampled_from([text for text, _, _ in (*AMBIGUOUS, *PLAIN)]), max_size=5), TEXTS)
@settings(max_examples=200)
def test_what_comes_last_takes_no_category_from_what_came_before(texts: list[str], last: str) -> None:
    before = [one.scores for one in meaning(*inputs(texts)).inputs]
    after = [one.scores for one in meaning(*inputs([*texts, last])).inputs]
    for was, now in zip(before, after, strict=False):
        assert set(was) <= set(now)


@given(TEXTS, TAGGINGS, st.randoms(use_true_random=False))
@settings(max_examples=200)
def test_the_order_of_tags_does_not_matter(text: str, tags: list[str], random: Any) -> None:
    shuffled = list(tags)
    random.shuffle(shuffled)
    one, other = meaning(said(text, *tags)), meaning(said(text, *shuffled))
    assert (plain(one.inputs[0]), one.facts) == (plain(other.inputs[0]), other.facts)


@given(TEXTS)
@settings(max_examples=150)
def test_case_changes_no_category(text: str) -> None:
    assert meaning(text).inputs[0].scores == meaning(text.swapcase()).inputs[0].scores
