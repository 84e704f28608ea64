"""How many people come: `75 guests`, `party of 12`, `20 kids and 10 adults`, `for about thirty`."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from reveille.analyzer.domain.reading.listing import words
from reveille.analyzer.domain.reading.passage import ABOUT, NOTHING, PEOPLE, PERHAPS, PLAIN, Passage, Read

MOST: Final = 100_000
_MOST_PERHAPS: Final = 5_000
_DESCRIBED: Final = frozenset(
    words(
        """our my her his their close best little young small school family adult hungry invited expected confirmed
        total happy lovely good excited or so odd plus adorable very of the local wonderful"""
    )
)
_GROUPS: Final = frozenset(words("party group crowd gathering team crew family class"))
_COUNTED: Final = frozenset(words("guests guest headcount attendees people pax guestlist"))
_SAID: Final = frozenset({":", "=", "is", "of", "count", "list", "number"})
_BEFORE_COUNT: Final = _SAID | ABOUT | {"will", "be", "the", "total"}
_MORE: Final = frozenset(words("another extra additional more further per every"))
_APIECE: Final = frozenset({"per", "each"})
_FITS: Final = frozenset(
    words("""seats seating seat holds hold fits fit accommodate accommodates capacity serve serves serving""")
)
_AFTER_FOR: Final = frozenset(
    words(
        """in at on with under near next this tomorrow please max and but by downtown including outside inside or so"""
    )
)


class _Counted(NamedTuple):
    value: int
    begin: int
    end: int


def read(passage: Passage) -> Read:
    counted = [one for at in range(len(passage.tokens)) for one in _people(passage, at)]
    if counted:
        sums = _added(passage, counted)
        used = frozenset(at for one in counted for at in range(one.begin, one.end))
        return Read(max(sums), PLAIN, used)
    for at in range(len(passage.tokens)):
        if (value := _perhaps(passage, at)) is not None:
            return Read(value, PERHAPS, frozenset({at}))
    return NOTHING


def given(passage: Passage) -> int | None:
    value = passage.number(0)
    if value is None or not 0 < value <= MOST:
        return None
    return value if all(token.text in PEOPLE for token in passage.tokens[1:]) else None


def _people(passage: Passage, at: int) -> Iterator[_Counted]:
    value = passage.number(at)
    if value is None or not 0 < value <= MOST or passage.text(at - 1) in ("not", "$", "€", "£"):
        return
    value = max(value, _lower(passage, at) or 0)
    if passage.text(at - 1) in _MORE or passage.text(at + 1) in ("more", "extra", "additional", "other", "of"):
        if passage.texts(at + 1, at + 3) == ("of", "us"):
            yield _Counted(value, at, at + 3)
        return
    place = at + 1
    while place < at + 4 and passage.text(place) in _DESCRIBED:
        place += 1
    if passage.text(place) in PEOPLE:
        table = passage.text(at - 1) == "of" and passage.text(at - 2) in ("table", "tables", "groups")
        if passage.text(place + 1) not in _APIECE and not table:
            yield _Counted(value, at, place + 1)
        return
    if _measured(passage, at + 1):
        return
    first = passage.back_over(at, ABOUT)
    if passage.text(first) == "of" and passage.text(first - 1) in _GROUPS:
        yield _Counted(value, at, at + 1)
        return
    if passage.text(at - 1) in _COUNTED and passage.kind(at + 1) == "break":
        yield _Counted(value, at - 1, at + 1)
        return
    start = passage.back_over(at, _BEFORE_COUNT)
    said = set(passage.texts(start + 1, at)) & _SAID
    if said and (passage.text(start) in _COUNTED or passage.text(start + 1) in _COUNTED):
        yield _Counted(value, at, at + 1)


def _lower(passage: Passage, at: int) -> int | None:
    """Of `20-25` and `between 20 and 25` the first; of two the larger counts, but not of `from 75 to 20`."""
    if passage.text(at - 1) not in ("-", "to", "or", "and") or passage.text(at - 3) == "from":
        return None
    if passage.text(at - 1) == "and" and passage.text(at - 3) != "between":
        return None
    return passage.number(at - 2)


def _measured(passage: Passage, at: int) -> bool:
    """What follows a number says that it counts something else."""
    return passage.kind(at) in ("word", "mark", "date") and passage.text(at) not in _AFTER_FOR


def _added(passage: Passage, counted: list[_Counted]) -> list[int]:
    """`20 kids and 10 adults` are thirty; `75 guests, 20 of them kids` are not ninety-five."""
    sums, end = list[int](), -1
    for one in counted:
        between = set(passage.texts(end, one.begin)) if end >= 0 else set()
        if between and between <= {"and", "plus", "&", "+", *ABOUT}:
            sums[-1] += one.value
        else:
            sums.append(one.value)
        end = one.end
    return sums


def _perhaps(passage: Passage, at: int) -> int | None:
    """`a cake for 30`, where nothing behind it says what the number is of."""
    value = passage.number(at)
    if value is None or not 2 <= value <= _MOST_PERHAPS or 1_900 <= value <= 2_100:
        return None
    if passage.kind(at + 1) == "dash" or _measured(passage, at + 1):
        return None
    if passage.text(at + 1) in ("and", "or") and passage.kind(at + 2) == "number":
        return None
    first = passage.back_over(at, ABOUT | {"-", "a", "total", "of"})
    lower = _lower(passage, at)
    if lower is not None:
        first = passage.back_over(at - 2, ABOUT)
    return max(value, lower or 0) if passage.text(first) in ("for", *_FITS) else None
