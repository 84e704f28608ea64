"""How old somebody is or becomes: `turning 7`, `her 7th birthday`, `for a 7-year-old`, `sweet sixteen`."""

from collections.abc import Iterator
from typing import Final

from reveille.analyzer.domain.reading.passage import NOTHING, OUTRIGHT, PLAIN, Passage, Read

MOST: Final = 120
_TURNS: Final = frozenset({"turning", "turns", "turn", "turned"})
_BIRTHDAYS: Final = frozenset({"birthday", "bday", "birthdays", "brithday", "birtday"})
_YEARS: Final = frozenset({"year", "years", "yr", "yrs", "y"})
_OLD: Final = frozenset({"old", "olds", "o"})
_AGES: Final = frozenset({"aged", "age", "ages"})


def read(passage: Passage) -> Read:
    found = [one for at in range(len(passage.tokens)) for one in _at(passage, at)]
    if not found:
        return NOTHING
    best = max(found, key=lambda one: one.rank)
    used = frozenset().union(*(one.used for one in found))
    idioms = frozenset().union(*(one.idioms for one in found))
    return Read(best.value, best.rank, used, idioms)


def given(passage: Passage) -> int | None:
    value = passage.number(0)
    return value if len(passage.tokens) == 1 and value is not None and value <= MOST else None


def _at(passage: Passage, at: int) -> Iterator[Read]:
    token = passage.tokens[at]
    if token.text in ("quinceanera", "quince"):
        yield Read(15, OUTRIGHT, frozenset({at}))
    if token.text == "sweet" and passage.number(at + 1) == 16:
        yield Read(16, OUTRIGHT, frozenset({at, at + 1}), frozenset({at}))
    if token.kind == "ordinal" and token.value <= MOST and passage.text(at + 1) in _BIRTHDAYS:
        yield Read(int(token.value), OUTRIGHT, frozenset({at}))
    value = passage.number(at)
    if value is None or value > MOST:
        return
    before, after = passage.text(at - 1), passage.text(at + 1)
    if after in _YEARS and passage.text(at + 2) in _OLD:
        yield Read(value, PLAIN, frozenset({at, at + 1, at + 2, *_range(passage, at)}))
    elif after in ("yo", "yos", "yearold", "yearolds"):
        yield Read(value, PLAIN, frozenset({at, at + 1, *_range(passage, at)}))
    elif before in _TURNS or (passage.texts(at - 2, at) == ("the", "big") and passage.text(at - 3) in _TURNS):
        yield Read(value, OUTRIGHT, frozenset({at}))
    elif passage.text(passage.back_over(at, {"of", ":", "is", "between"})) in _AGES:
        upper = passage.number(at + 2) if passage.text(at + 1) in ("-", "to", "and") else None
        used = {at} if upper is None else {at, at + 1, at + 2}
        yield Read(value if upper is None else upper, PLAIN, frozenset(used))


def _range(passage: Passage, at: int) -> tuple[int, ...]:
    """Of `6 to 8 year olds` the `6 to`."""
    return (at - 1, at - 2) if passage.text(at - 1) in ("-", "to", "and") and passage.number(at - 2) else ()
