"""What people's words name, of the words that an agent knows: plurals, accents and a wrong letter aside."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

_WORD: Final = re.compile(r"[a-z0-9]+")
_CLAUSE: Final = re.compile(r"[.,;:!?\n()]+|\bbut\b")
_MOST_READ: Final = 8_000
# Shorter words are one letter away from too many others.
_LEAST_MISTYPED: Final = 5
# A crown is no clown: in short words one letter for another makes another word.
_LEAST_EXCHANGED: Final = 7
_REFUSING: Final = frozenset(
    {"no", "not", "without", "except", "never", "skip", "dont", "don", "cancel", "drop", "nor"}
)
# `instead of a clown`, `rather than`, `other than`.
_REPLACING: Final = {"instead": "of", "rather": "than", "other": "than"}
# How many words a refusal reaches over: `no clown or magician`.
_REACH: Final = 3
_JOINING: Final = frozenset({"also", "too", "plus", "add", "additionally"})


@dataclass(frozen=True, slots=True)
class Mention:
    """refused: it stands behind a `no` or an `instead of`."""

    key: str
    text: int
    refused: bool


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What phrases stand for; build it with `vocabulary`."""

    phrases: Mapping[tuple[str, ...], str]
    words: frozenset[str]
    longest: int

    def mentions(self, texts: Sequence[str]) -> list[Mention]:
        """In the order in which they stand; a longer phrase goes before a shorter one."""
        found: list[Mention] = []
        for at, text in enumerate(texts):
            for clause in _clauses(text):
                found += self._in_clause([self._known(word) for word in clause], at)
        return found

    def chosen(self, texts: Sequence[str]) -> list[str]:
        """What stands in the end: everything that was named and not refused later, in the order of its first naming."""
        kept: dict[str, None] = {}
        for mention in self.mentions(texts):
            if mention.refused:
                kept.pop(mention.key, None)
            else:
                kept.setdefault(mention.key)
        return list(kept)

    def latest(self, texts: Sequence[str]) -> list[str]:
        """What stands in the end where only one can: of the last text that names any; refused ones do not count."""
        refused: set[str] = set()
        standing: dict[int, list[str]] = {}
        for mention in self.mentions(texts):
            if mention.refused:
                refused.add(mention.key)
                for keys in standing.values():
                    keys[:] = [key for key in keys if key != mention.key]
                continue
            refused.discard(mention.key)
            keys = standing.setdefault(mention.text, [])
            if mention.key not in keys:
                keys.append(mention.key)
        return next((keys for at, keys in sorted(standing.items(), reverse=True) if keys), [])

    def _in_clause(self, words: Sequence[str], text: int) -> list[Mention]:
        found, at = [], 0
        while at < len(words):
            if words[at] not in self.words:
                at += 1
                continue
            for length in range(min(self.longest, len(words) - at), 0, -1):
                if key := self.phrases.get(tuple(words[at : at + length])):
                    found.append(Mention(key, text, _is_refused(words[max(0, at - _REACH) : at])))
                    at += length
                    break
            else:
                at += 1
        return found

    def _known(self, word: str) -> str:
        """As the vocabulary spells it; a word that is none of its own stays as it is."""
        return word if word in self.words else _corrected(word, self.words)


def vocabulary(entries: Mapping[str, Iterable[str]]) -> Vocabulary:
    """entries: by key, the phrases that name it; the key's own words do too."""
    phrases: dict[tuple[str, ...], str] = {}
    for key, named in entries.items():
        for phrase in (key, *named):
            phrases.setdefault(words_of(phrase), key)
    phrases.pop((), None)
    words = frozenset(word for phrase in phrases for word in phrase)
    return Vocabulary(phrases, words, max((len(phrase) for phrase in phrases), default=0))


def joins(text: str) -> bool:
    """Whether it adds to what was said before: `a magician too`."""
    return bool(_JOINING & set(words_of(text)))


def words_of(text: str) -> tuple[str, ...]:
    return tuple(_singular(word) for word in _WORD.findall(folded(text)))


def folded(text: str) -> str:
    """Small letters without their marks: `Façade` is `facade`."""
    if text.isascii():
        return text[:_MOST_READ].lower()
    plain = unicodedata.normalize("NFKD", text[:_MOST_READ]).casefold()
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def clean(text: str, most: int) -> str:
    """In one line, without what cannot be written down, cut where it is long."""
    printable = "".join(letter if letter.isprintable() else " " for letter in text[: most * 4])
    one_line = " ".join(printable.split())
    return one_line if len(one_line) <= most else f"{one_line[: most - 1].rstrip()}…"


def _clauses(text: str) -> Iterable[tuple[str, ...]]:
    return (words_of(clause) for clause in _CLAUSE.split(folded(text)))


def _is_refused(before: Sequence[str]) -> bool:
    if _REFUSING.intersection(before):
        return True
    return any(_REPLACING.get(one) == other for one, other in pairwise(before))


@lru_cache(maxsize=8_192)
def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return f"{word[:-3]}y"
    if len(word) > 4 and word.endswith(("ches", "shes", "xes", "sses")):
        return word[:-2]
    return word[:-1] if len(word) > 2 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


@lru_cache(maxsize=8_192)
def _corrected(word: str, known: frozenset[str]) -> str:
    """The only known word that is one letter away; the word itself where there is none, or more than one."""
    if len(word) < _LEAST_MISTYPED:
        return word
    near = [other for other in known if len(other) >= _LEAST_MISTYPED and _one_edit_apart(word, other)]
    return near[0] if len(near) == 1 else word


def _one_edit_apart(one: str, other: str) -> bool:
    """A letter too many, too few, another one, or two that have changed places."""
    if abs(len(one) - len(other)) > 1 or one[0] != other[0]:
        return False
    at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    rest, other_rest = one[at:], other[at:]
    return (
        (rest[1:] == other_rest[1:] and len(one) >= _LEAST_EXCHANGED)
        or rest[1:] == other_rest
        or rest == other_rest[1:]
        or (rest[:2] == other_rest[:2][::-1] and rest[2:] == other_rest[2:])
    )
