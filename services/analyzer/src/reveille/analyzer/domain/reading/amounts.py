"""What it may cost: `budget of 3k`, `under $800`, `max 500 EUR`, `between 500 and 800 dollars`."""

from collections.abc import Iterator
from typing import Final

from reveille.analyzer.domain.reading.listing import words
from reveille.analyzer.domain.reading.passage import NOTHING, OUTRIGHT, PEOPLE, PLAIN, Passage, Read

MOST: Final = 1_000_000_000
_MARKS: Final = frozenset("$€£")
_CURRENCIES: Final = frozenset(
    words("""dollar dollars usd eur euro euros bucks pound pounds gbp quid dolars dollers""")
)
_BUDGETS: Final = frozenset(words("budget budgets budged spend spending bugdet budgt"))
_BETWEEN_BUDGET: Final = frozenset(
    words(
        """of is : = about around approximately roughly max maximum under below up to at most no more than our my the
        total for will be limit limited we can have a only not over exceed between within a"""
    )
)
_LIMITS: Final = frozenset(words("under below max maximum within"))
_LIMIT_PAIRS: Final = frozenset(
    {("less", "than"), ("up", "to"), ("at", "most"), ("more", "than"), ("not", "over"), ("cheaper", "than")}
)
_APIECE: Final = frozenset({"per", "each", "pp", "hourly", "apiece", "/"})
# Without a currency, less than this is no limit of money: `kids under 12`.
_LEAST_BARE: Final = 100
_REACH: Final = 8
_MEASURES: Final = PEOPLE | frozenset(
    words(
        """year years yr yrs old month months hour hours hrs minutes min km miles mile m meters metres feet ft sqft
        square balloons cupcakes seats pm am tables chairs"""
    )
)


def read(passage: Passage) -> Read:
    """The largest of those that it says most plainly."""
    found = [one for at in range(len(passage.tokens)) for one in _at(passage, at)]
    if not found:
        return NOTHING
    rank = max(one.rank for one in found)
    value = max(one.value for one in found if one.rank == rank)
    return Read(tidy(value), rank, frozenset().union(*(one.used for one in found)))


def given(passage: Passage) -> int | float | None:
    """`800`, `$800`, `800 USD` or `3k`."""
    at = 1 if passage.text(0) in _MARKS else 0
    end = at + 2 if passage.text(at + 1) in (*_CURRENCIES, *_MARKS) else at + 1
    if passage.kind(at) != "number" or end < len(passage.tokens):
        return None
    value = passage.tokens[at].value
    return tidy(value) if 0 <= value <= MOST else None


def tidy(value: float) -> int | float:
    return int(value) if value == int(value) else round(value, 2)


def _at(passage: Passage, at: int) -> Iterator[Read]:
    if passage.kind(at) != "number" or at in passage.used:
        return
    value = passage.tokens[at].value
    if not 0 < value <= MOST:
        return
    end = at + 1
    if passage.kind(end) == "dash" or (passage.text(end) in ("to", "and", "or") and _is_range(passage, at)):
        return  # the other end of the range counts
    marked = passage.text(at - 1) in _MARKS
    of_range = passage.kind(at - 1) == "dash" and passage.text(at - 3) in _MARKS
    called = passage.text(end) in _CURRENCIES or passage.text(end) in _MARKS
    end += called
    if passage.text(end) in _APIECE or (passage.text(end) == "a" and passage.text(end + 1) in ("head", "person")):
        return
    used = frozenset(range(at - marked, end))
    if _outright(passage, at - marked, end):
        if marked or called or passage.text(end) not in _MEASURES:
            yield Read(value, OUTRIGHT, used)
    elif marked or called or of_range or (value >= _LEAST_BARE and _limited(passage, at, end)):
        yield Read(value, PLAIN, used)


def _is_range(passage: Passage, at: int) -> bool:
    """`500 to 800`, with or without marks, where the first is the smaller."""
    other = at + 2 + (passage.text(at + 2) in _MARKS)
    if passage.kind(other) != "number" or passage.tokens[other].value <= passage.tokens[at].value:
        return False
    return passage.text(at + 1) != "and" or passage.text(at - 1 - (passage.text(at - 1) in _MARKS)) == "between"


def _outright(passage: Passage, begin: int, end: int) -> bool:
    """The word `budget` stands with it."""
    if passage.text(end) in _BUDGETS or (passage.text(end) in ("total", "max") and passage.text(end + 1) in _BUDGETS):
        return True
    if passage.text(end) == "to" and passage.text(end + 1) in _BUDGETS:
        return True
    for at in range(begin - 1, max(-1, begin - 1 - _REACH), -1):
        word = passage.text(at)
        if word in _BUDGETS:
            return True
        if word not in _BETWEEN_BUDGET and passage.kind(at) not in ("number", "dash", "mark") and word != "and":
            return False
    return False


def _limited(passage: Passage, at: int, end: int) -> bool:
    if passage.text(end) in _MEASURES:
        return False
    clause = list(passage.texts(at - _REACH, at))
    parted = any(passage.kind(place) == "break" for place in range(max(0, at - _REACH), at))
    if _BUDGETS.intersection(clause) and not parted:
        return True
    if passage.text(at - 1) in ("and", "to", "-") and passage.text(at - 3) == "between":
        return True
    return passage.text(at - 1) in _LIMITS or passage.texts(at - 2, at) in _LIMIT_PAIRS
