"""Texts as words: what says something, what has the same stem, what is said twice."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

WORD: Final = re.compile(r"[^\W_]+(?:['\u2019\-][^\W_]+)*")
_SENTENCE_END: Final = re.compile(r"(?<=[.!?…])[\"')\]\u201d\u2019]*\s+|\n+")
_LONGEST: Final = 40
_SUFFIXES: Final = ("ations", "ation", "ingly", "ings", "ing", "edly", "ed", "ly", "ness", "ies", "es", "s", "e")
_KEPT: Final = 3


def words_in(text: str) -> list[str]:
    """In small letters without marks, in order, contractions and hyphens kept."""
    return [word[:_LONGEST].replace("\u2019", "'") for word in WORD.findall(_folded(text))]


@lru_cache(maxsize=16_384)
def stem(word: str) -> str:
    """`lights`, `lighting` and `light` alike; short words stay as they are."""
    word = word.removesuffix("'s").removesuffix("'")
    if word.endswith(("ies", "ied")) and len(word) > 4:
        return f"{word[:-3]}y"
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= _KEPT and not word.endswith("ss"):
            word = word[: -len(suffix)]
            break
    if len(word) > _KEPT and word[-1] == word[-2] and word[-1] not in "aeiouls":
        word = word[:-1]
    return word.replace("our", "or") if word.endswith("our") and len(word) > 4 else word


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def stems_in(text: str) -> list[str]:
    return [stem(part) for word in words_in(text) for part in (word, *(word.split("-") if "-" in word else ()))]


def sentences_in(text: str) -> list[str]:
    return [one.strip() for one in _SENTENCE_END.split(text) if WORD.search(one)]


def runs_of(words: Sequence[str], length: int) -> list[tuple[str, ...]]:
    return [tuple(words[at : at + length]) for at in range(len(words) - length + 1)]


def capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def listed(names: Sequence[str]) -> str:
    """`a, b and c`."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""
