"""The facts that can be read out of what people write, each by its reader."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from reveille.analyzer.domain.reading import ages, amounts, counts, dates, diets, places
from reveille.analyzer.domain.reading.passage import OUTRIGHT, PLAIN, Passage, Read
from reveille.analyzer.domain.reading.tokens import Token, tokens_of

# Of a value that is taken as it is, for a fact without a reader.
MOST_LETTERS: Final = 200


@dataclass(frozen=True, slots=True)
class Reader:
    """read: out of a text. given: out of a tag's value, which says nothing else; None where it is no such value.

    most: the rank of what it reads when it is said outright.
    """

    read: Callable[[Passage], Read]
    given: Callable[[Passage], Any]
    most: int = PLAIN


# In this order: a number that one of them has used is not for the next. Two vegetarians are not all the guests.
READERS: Final[Mapping[str, Reader]] = {
    "diet": Reader(diets.read, diets.given),
    "date": Reader(dates.read, dates.given),
    "age": Reader(ages.read, ages.given, OUTRIGHT),
    "budget": Reader(amounts.read, amounts.given, OUTRIGHT),
    "guests": Reader(counts.read, counts.given),
    "city": Reader(places.read, places.given),
}


_NUMBERS: Final = frozenset({"age", "budget", "guests"})


@dataclass(frozen=True, slots=True)
class Fact:
    """rank: how plainly it was said. An outright one beats others, whichever came first."""

    value: Any
    rank: int


def read_all(tokens: Sequence[Token], *, at: int, named: frozenset[int]) -> tuple[dict[str, Read], frozenset[int]]:
    """All that stand in it, whoever wants them; and the tokens that are no words of a category."""
    passage = Passage(tokens, at, named)
    found: dict[str, Read] = {}
    idioms = set[int]()
    for name, reader in READERS.items():
        one = reader.read(passage)
        passage.used |= one.used
        idioms |= one.idioms
        if one.value is not None:
            found[name] = one
    return found, frozenset(idioms)


def given(name: str, text: str, at: int) -> Fact | None:
    """What a tag says; None where that is no value of the fact."""
    text = text.strip()
    if not text or len(text) > MOST_LETTERS:
        return None
    reader = READERS.get(name)
    if reader is None:
        return Fact(text, PLAIN)
    tokens = tokens_of(text)
    if not tokens or text.startswith(("-", "+")):
        return None
    value = reader.given(Passage(tokens, at))
    return None if value is None else Fact(value, reader.most)


def parameter(name: str, value: Any, at: int) -> Fact | None:
    """One that was given outright with the request; None where it is no value of the fact."""
    if name not in READERS:
        return None if value is None else Fact(value, PLAIN)
    if isinstance(value, dict | list) and name == "diet":
        known = dict.fromkeys(map(str, value)) if isinstance(value, list) else value
        kept = {kind: known[kind] for kind in diets.KINDS if kind in known and _counts(known[kind])}
        return Fact(kept, PLAIN) if kept else None
    if isinstance(value, str):
        return given(name, value, at)
    if isinstance(value, bool) or not isinstance(value, int | float) or name not in _NUMBERS:
        return None
    return given(name, f"{value:.2f}" if isinstance(value, float) else str(value), at)


def _counts(value: Any) -> bool:
    return value is None or (isinstance(value, int) and not isinstance(value, bool) and 0 < value < 100_000)


def combined(name: str, facts: Iterable[Fact]) -> Any:
    """Of what inputs say, in their order: the plainest, of several the last; diets are added to each other."""
    said = list(facts)
    if name == "diet":
        return diets.merged(one.value for one in said)
    best: Fact | None = None
    for one in said:
        if best is None or one.rank >= best.rank:
            best = one
    return None if best is None else best.value
