"""A text in pieces: words, numbers and what stands between them. Whatever people write has some."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

from reveille.analyzer.domain.reading.numbers import ORDINALS, SCALES, SMALL

Kind = Literal["word", "number", "ordinal", "date", "mark", "dash", "break"]


class Token(NamedTuple):
    """text: folded, as it is compared. raw: as it was written. value: of a number. begin, end: where it stood."""

    kind: Kind
    text: str
    raw: str
    value: float = 0
    begin: int = 0
    end: int = 0


# A dash joins two words and parts two numbers; with spaces around it, it parts anything.
_PIECES: Final = re.compile(
    r"""(?P<date>\d{4}-\d{1,2}-\d{1,2}(?!\d)|\d{1,2}[./]\d{1,2}[./]\d{4}(?!\d))
    |(?P<number>\d{1,12}(?:[.,]\d{1,3})*)
    |(?P<initials>(?:[^\W\d_]\.){2,})
    |(?P<word>[^\W\d_]+(?:['\u2019\u02bc][^\W\d_]+)*)
    |(?P<mark>[$\u20ac\u00a3&+=(:/])
    |(?P<dash>(?<=\d)\s?[-\u2010-\u2015]\s?(?=[\d$\u20ac\u00a3]))
    |(?P<break>[.,;!?\n)]|\s[-\u2010-\u2015]\s)""",
    re.VERBOSE,
)
_APOSTROPHES: Final = str.maketrans("", "", "'\u2019\u02bc")
_POSSESSIVE: Final = re.compile(r"['\u2019\u02bc]s$")
_THOUSANDS: Final = re.compile(r"\d{1,3}(?:[.,]\d{3})+")
# The point behind them ends no sentence.
_SHORTENED: Final = frozenset({"approx", "ca", "max", "min", "st", "incl"})
_ORDINAL_ENDS: Final = frozenset({"st", "nd", "rd", "th"})
_MULTIPLES: Final = {"k": 1_000, "grand": 1_000, "thousand": 1_000, "hundred": 100, "dozen": 12}


def folded(text: str) -> str:
    """Without case and diacritics, so that `Café`, `CAFE` and `cafe` are one word."""
    text = text.casefold()
    if text.isascii():
        return text
    return "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))


def tokens_of(text: str) -> tuple[Token, ...]:
    pieces: list[Token] = []
    for one in _pieces(unicodedata.normalize("NFKC", text)):
        if one.raw == "." and pieces and pieces[-1].text in _SHORTENED:
            continue
        pieces.append(one)
    return tuple(_with_number_words(pieces))


def _pieces(text: str) -> Iterator[Token]:
    for found in _PIECES.finditer(text):
        raw, kind = found.group(), found.lastgroup
        begin, end = found.span()
        match kind:
            case "word":
                yield Token("word", folded(_POSSESSIVE.sub("", raw)).translate(_APOSTROPHES), raw, 0, begin, end)
            case "initials":
                yield Token("word", folded(raw.replace(".", "")), raw, 0, begin, end)
            case "number":
                bare = raw.rstrip(".,")
                yield Token("number", bare, raw, amount(bare), begin, end)
            case "date":
                yield Token("date", raw, raw, 0, begin, end)
            case "mark":
                yield Token("mark", raw, raw, 0, begin, end)
            case "dash":
                yield Token("dash", "-", raw, 0, begin, end)
            case _:
                yield Token("break", raw.strip() or ".", raw, 0, begin, end)


def amount(digits: str) -> float:
    """`1,500` and `1.500` are fifteen hundred; `1.50` and `1.500,50` have a fraction."""
    whole = _THOUSANDS.match(digits)
    if whole is not None and whole.end() == len(digits):
        return float(re.sub(r"[.,]", "", digits))
    head, separator, tail = digits.replace(",", ".").rpartition(".")
    return float(f"{head.replace('.', '')}.{tail}") if separator else float(digits)


def _with_number_words(pieces: list[Token]) -> Iterator[Token]:
    """`seventy-five` is one number, and so are `7th`, `3k` and `two dozen`."""
    at = 0
    while at < len(pieces):
        one = pieces[at]
        if one.kind == "word" and (one.text in SMALL or one.text in SCALES):
            one, at = _spelt(pieces, at)
        elif one.kind == "word" and one.text in ORDINALS:
            one, at = one._replace(kind="ordinal", value=ORDINALS[one.text]), at + 1
        else:
            at += 1
        if one.kind == "number" and at < len(pieces):
            one, at = _suffixed(one, pieces, at)
        yield one


def _spelt(pieces: list[Token], at: int) -> tuple[Token, int]:
    """A number in words, from `at` on, and where it ends; a lone `hundred` is one hundred."""
    first, total, current, ordinal = at, 0, 0, False
    taken = 0
    while at < len(pieces) and pieces[at].kind == "word":
        word = pieces[at].text
        if word in SMALL and (not taken or _follows(current, SMALL[word])):
            current += SMALL[word]
        elif word in SCALES:
            current = max(1, current) * SCALES[word]
            if SCALES[word] >= 1_000:
                total, current = total + current, 0
        elif word in ORDINALS and taken and _follows(current, ORDINALS[word]):
            current, ordinal = current + ORDINALS[word], True
            at += 1
            break
        elif word == "and" and taken and current >= 100 and at + 1 < len(pieces) and pieces[at + 1].text in SMALL:
            at += 1
            continue
        else:
            break
        taken += 1
        at += 1
    raw = " ".join(one.raw for one in pieces[first:at])
    text = " ".join(one.text for one in pieces[first:at])
    kind: Kind = "ordinal" if ordinal else "number"
    return Token(kind, text, raw, total + current, pieces[first].begin, pieces[at - 1].end), at


def _follows(current: int, value: int) -> bool:
    """`seventy five` is one number, `two three` are two."""
    rest = current % 100
    return (rest >= 20 and rest % 10 == 0 and value < 10) or (current >= 100 and rest == 0 and value < 100)


def _suffixed(number: Token, pieces: list[Token], at: int) -> tuple[Token, int]:
    after = pieces[at]
    if after.kind != "word":
        return number, at
    joined = after.begin == number.end
    if joined and after.text in _ORDINAL_ENDS:
        return number._replace(kind="ordinal", text=number.text + after.text, end=after.end), at + 1
    if after.text in _MULTIPLES and (joined or after.text != "k"):
        value = number.value * _MULTIPLES[after.text]
        return number._replace(text=number.text + after.text, value=value, end=after.end), at + 1
    return number, at
