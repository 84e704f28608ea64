"""When it is: `2027-06-12`, `12 June 2027`, `June 12th`; `next Saturday` is counted from when it was written."""

import datetime
from collections.abc import Iterator
from typing import Final

from reveille.analyzer.domain.reading.listing import words
from reveille.analyzer.domain.reading.passage import NOTHING, OUTRIGHT, PEOPLE, PLAIN, Passage, Read

_MONTHS: Final = {
    name[:length]: month
    for month, name in enumerate(
        words("""january february march april may june july august september october november december"""), 1
    )
    for length in (3, len(name))
} | {"sept": 9}
_DAYS: Final = {
    name: day
    for day, names in enumerate(
        (
            "monday mon",
            "tuesday tue tues",
            "wednesday wed",
            "thursday thu thurs",
            "friday fri",
            "saturday sat",
            "sunday sun",
        )
    )
    for name in names.split()
}
# `sat` and `sun` are other words too.
_SHORT_DAYS: Final = frozenset({"sat", "sun", "wed", "mon"})
_BEFORE_DAY: Final = frozenset({"next", "this", "on", "coming", "for", "by", "every"})
_EPOCH: Final = datetime.date(1970, 1, 1)
_DAY: Final = 86_400_000_000
_LAST_DAY: Final = (datetime.date(9_000, 1, 1) - _EPOCH).days


def read(passage: Passage) -> Read:
    """The first; a day of the calendar goes before one that is counted from when it was written."""
    today = _today(passage.at)
    found = [one for at in range(len(passage.tokens)) for one in _at(passage, at, today)]
    if not found:
        return NOTHING
    best = max(found, key=lambda one: one.rank)
    return Read(best.value, PLAIN, frozenset().union(*(one.used for one in found)))


def given(passage: Passage) -> str | None:
    found = read(passage)
    return found.value if found.value is not None and len(found.used) == len(passage.tokens) else None


def _today(at: int) -> datetime.date:
    return _EPOCH + datetime.timedelta(days=min(max(at // _DAY, 0), _LAST_DAY))


def _at(passage: Passage, at: int, today: datetime.date) -> Iterator[Read]:
    token = passage.tokens[at]
    if token.kind == "date":
        yield from _found(_written(token.text), at, at + 1)
    elif token.text in _MONTHS:
        yield from _of_month(passage, at, today)
    elif token.text in _DAYS:
        yield from _weekday(passage, at, today)
    elif token.text in ("tomorrow", "today", "tonight"):
        after = passage.texts(at - 3, at)[-2:] == ("day", "after")
        days = (2 if after else 1) if token.text == "tomorrow" else 0
        yield from _found(today + datetime.timedelta(days=days), at - 2 if after else at, at + 1, rank=PLAIN)
    elif token.text in ("days", "day", "weeks", "week"):
        number = passage.number(at - 1)
        if number is None and passage.text(at - 1) == "a":
            number = 1
        if number is not None and number < 1_000 and passage.text(at - 2) == "in":
            days = number * (7 if token.text.startswith("week") else 1)
            yield from _found(today + datetime.timedelta(days=days), at - 2, at + 1, rank=PLAIN)


def _found(day: datetime.date | None, begin: int, end: int, *, rank: int = OUTRIGHT) -> Iterator[Read]:
    if day is not None:
        yield Read(day.isoformat(), rank, frozenset(range(begin, end)))


def _written(text: str) -> datetime.date | None:
    """Year first; with points the day is first, with strokes the month, as far as that gives a date."""
    if "-" in text:
        year, month, day = map(int, text.split("-"))
        return _day(year, month, day)
    point = "." in text
    one, two, year = map(int, text.replace("/", ".").split("."))
    return (_day(year, two, one) or _day(year, one, two)) if point else (_day(year, one, two) or _day(year, two, one))


def _of_month(passage: Passage, at: int, today: datetime.date) -> Iterator[Read]:
    month = _MONTHS[passage.text(at)]
    before = at - 2 if passage.text(at - 1) == "of" else at - 1
    if (day := _day_of_month(passage, before)) is not None:
        begin, end = before, at + 1
    elif (day := _day_of_month(passage, at + 1)) is not None and not _counts(passage, at + 2):
        begin, end = at, at + 2
    else:
        return
    year_at = end + 1 if passage.text(end) == "," else end
    year = passage.number(year_at)
    if year is not None and 1_900 <= year <= 2_999:
        yield from _found(_day(year, month, day), begin, year_at + 1)
        return
    near = (_day(today.year + years, month, day) for years in range(5))
    coming = next((one for one in near if one is not None and one >= today), None)
    yield from _found(coming, begin, end)


def _day_of_month(passage: Passage, at: int) -> int | None:
    if passage.kind(at) not in ("number", "ordinal") or at in passage.used:
        return None
    value = passage.tokens[at].value
    return int(value) if 1 <= value <= 31 and value == int(value) else None


def _counts(passage: Passage, at: int) -> bool:
    """`may 12 kids come` is no day in May."""
    return passage.text(at) in PEOPLE


def _weekday(passage: Passage, at: int, today: datetime.date) -> Iterator[Read]:
    word, before = passage.text(at), passage.text(at - 1)
    if word in _SHORT_DAYS and before not in _BEFORE_DAY:
        return
    if before == "every":
        return
    ahead = (_DAYS[word] - today.weekday()) % 7
    if before == "next" and ahead == 0:
        ahead = 7
    begin = at - 1 if before in ("next", "this", "coming", "on") else at
    yield from _found(today + datetime.timedelta(days=ahead), begin, at + 1, rank=PLAIN)


def _day(year: int, month: int, day: int) -> datetime.date | None:
    try:
        return datetime.date(year, month, day)
    except ValueError:
        return None
