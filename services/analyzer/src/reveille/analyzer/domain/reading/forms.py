"""The forms in which people write a word, and how far a writing is from one of them.

Forms are made from the blueprint's words and compared as they are: nothing is cut off what people write, so that `them`
is no form of `theme` and `sparkling` none of `park`.
"""

from collections.abc import Iterator
from typing import Final

VOWELS: Final = "aeiou"
# What a word is derived by: without it, as long as this much is left of it, it is the same word.
_ENDINGS: Final = (
    ("ations", 5),
    ("ation", 5),
    ("ments", 5),
    ("ment", 5),
    ("ings", 5),
    ("ing", 5),
    ("ions", 5),
    ("ion", 5),
    ("ians", 5),
    ("ian", 5),
    ("ers", 6),
    ("er", 6),
    ("ed", 5),
)
# Below this length a word has plurals only: `cat` is not catered for, and a `show` is no shower.
_DERIVED_FROM: Final = 4
_DOER_FROM: Final = 5


def plurals(word: str) -> Iterator[str]:
    """And singulars, where it is one: whoever lists balloons means a balloon too."""
    yield word
    if len(word) < 2:
        return
    if word.endswith(("s", "x", "z", "ch", "sh")):
        yield word + "es"
    elif word.endswith("y") and word[-2] not in VOWELS:
        yield word[:-1] + "ies"
    elif word.endswith("o"):
        yield from (word + "s", word + "es")
    elif word.endswith("fe"):
        yield from (word[:-2] + "ves", word + "s")
    elif word.endswith("f"):
        yield from (word[:-1] + "ves", word + "s")
    else:
        yield word + "s"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        yield from _singulars(word)


def _singulars(word: str) -> Iterator[str]:
    if word.endswith("ies"):
        yield word[:-3] + "y"
    elif word.endswith(("ches", "shes", "sses", "xes", "oes")):
        yield word[:-2]
    else:
        yield word[:-1]


def derived(word: str) -> Iterator[str]:
    """Decorate, decorating and decorations of `decor`; catered and caterer of `catering`."""
    for base in dict.fromkeys((word, *_bases(word))):
        yield from plurals(base)
        if len(base) >= _DERIVED_FROM:
            yield from _verbs(base)


def _bases(word: str) -> Iterator[str]:
    for ending, least in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= least:
            base = word[: -len(ending)]
            yield base
            if ending in ("ion", "ions"):
                yield base + "e"
            if ending in ("ations", "ation"):
                yield base + "ate"
            break
    if word.endswith(("ery", "phy", "gy")) and len(word) >= 6:
        yield word[:-1]


def _verbs(base: str) -> Iterator[str]:
    if base.endswith("e"):
        stem = base[:-1]
        yield from (base + "d", stem + "ing", stem + "ings")
        doer = (base + "r", base + "rs")
    elif base.endswith("y") and base[-2] not in VOWELS:
        yield from (base[:-1] + "ied", base + "ing")
        doer = (base[:-1] + "ier", base[:-1] + "iers")
    else:
        yield from (base + "ed", base + "ing", base + "ings")
        doer = (base + "er", base + "ers")
        if len(base) <= 6 and base[-1] not in "wxy" and base[-1] not in VOWELS and base[-2] in VOWELS:
            yield from (base + base[-1] + "ed", base + base[-1] + "ing")
    if len(base) >= _DOER_FROM:
        yield from doer
        yield from _latin(base)


def _latin(base: str) -> Iterator[str]:
    stem = base[:-3] if base.endswith("ate") else base
    if not stem.endswith(("e", "y", "ing")):
        for ending in ("ate", "ates", "ated", "ating", "ation", "ations", "ator", "ators", "ative", "ic"):
            yield stem + ending


def edits_allowed(length: int) -> int:
    """In a word of so many letters: none in short ones, which are too near to each other."""
    return 0 if length < 5 else 1 if length < 9 else 2


def distance(one: str, other: str, most: int) -> int:
    """Letters put in, left out, taken for another or swapped with the next; above `most`: some number above it."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before, row = list[int](), list(range(len(other) + 1))
    for at, letter in enumerate(one, 1):
        last, before, row = before, row, [at, *([0] * len(other))]
        for place, another in enumerate(other, 1):
            cost = min(row[place - 1] + 1, before[place] + 1, before[place - 1] + (letter != another))
            if at > 1 and place > 1 and letter == other[place - 2] and one[at - 2] == another:
                cost = min(cost, last[place - 2] + 1)
            row[place] = cost
        if min(row) > most:
            return most + 1
    return row[-1]
