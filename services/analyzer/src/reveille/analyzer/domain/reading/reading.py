"""What one input says by itself: its categories as far as they are plain, its facts, and what its tags make of it."""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from reveille.analyzer.domain.reading.categories import Evidence, evidence
from reveille.analyzer.domain.reading.facts import Fact, combined, given, read_all
from reveille.analyzer.domain.reading.listing import words
from reveille.analyzer.domain.reading.tokens import Token, folded, tokens_of
from reveille.analyzer.domain.reading.vocabulary import Vocabulary
from reveille.contracts.ingress.v1.events_pb2 import Blueprint

# Readings that are kept: with each change of a plan all its inputs are looked at again.
KEPT: Final = 10_000
DAY: Final = 86_400_000_000
NOTHING: Final = Evidence({}, (), frozenset(), False)
# Words that leave nothing to be understood where all others are part of facts.
_EMPTY: Final = frozenset(
    words(
        """a an the and or of for with without in on at to from by up be is are was will would should could can may
        must have has had do does it its this that these those there here we us our ours i me my mine you your he
        she they them his her their who what which when where how not no yes so too also just only all any some more
        most less least much many about around approximately roughly between under over below above max maximum min
        minimum please thanks thank hello hi need needs want wants like plan plans planning planned party parties
        event events birthday bday celebration celebrate occasion people guests guest total budget city date day
        time person fun nice great good best make sure okay ok now instead actually change changed update come
        coming invite invited expect expecting years year old kids kid children child adults friends family turning
        turns turn next make it now one ones plus keep prefer approx dollars usd eur euros money cost costs
        spend per each"""
    )
)


@dataclass(frozen=True, slots=True)
class Reading:
    """chosen: categories that tags name, None where none does; struck: those that tags take out.

    complete: what is in it is understood, also where it is of no category.
    """

    evidence: Evidence
    facts: Mapping[str, Fact]
    chosen: frozenset[str] | None
    struck: frozenset[str]
    unknown_tags: tuple[str, ...]
    complete: bool

    @property
    def sure(self) -> frozenset[str]:
        """Categories that do not hang on how an ambiguous word is taken."""
        return (self.evidence.sure if self.chosen is None else self.chosen) - self.struck


class Reader:
    """Reads inputs for one blueprint. Pure in what it answers; it keeps what it has read."""

    def __init__(self, blueprint: Blueprint) -> None:
        self.facts = tuple(dict.fromkeys(blueprint.facts))
        self.vocabulary = Vocabulary(blueprint)
        self.order = {name: number for number, name in enumerate(self.vocabulary.categories)}
        # Categories of every input, whatever its words.
        self.every = tuple(step.name for step in blueprint.steps if step.category.every)
        self._called = {_plain(name): name for name in self.vocabulary.categories}
        words = tokens_of(f"{blueprint.name} {blueprint.title}".replace("-", " ").replace("_", " "))
        self._empty = _EMPTY | {token.text for token in words}
        self._readings: OrderedDict[tuple[bytes, int], Reading] = OrderedDict()

    def read(self, text: str, tags: Sequence[str], at: int) -> Reading:
        """at: when it was written, in microseconds since 1970; its day decides what `tomorrow` is."""
        told = "\x00".join((text, *sorted(set(tags)))).encode(errors="surrogatepass")
        key = (hashlib.blake2b(told, digest_size=16).digest(), at // DAY)
        reading = self._readings.get(key)
        if reading is None:
            reading = self._readings[key] = self._read(text, sorted(set(tags)), at)
            if len(self._readings) > KEPT:
                self._readings.popitem(last=False)
        return reading

    def _read(self, text: str, tags: Sequence[str], at: int) -> Reading:
        tokens = tokens_of(text)
        hits = self.vocabulary.hits(tokens)
        named = frozenset(place for hit in hits for place in range(hit.begin, hit.end))
        found, idioms = read_all(tokens, at=at, named=named)
        facts = {name: Fact(one.value, one.rank) for name, one in found.items() if name in self.facts}
        words = evidence(tokens, hits, self.vocabulary.categories, idioms=idioms)
        chosen, struck, unknown, tagged = self._of_tags(tags, at)
        used = frozenset[int]().union(*(one.used for one in found.values()))
        return Reading(
            evidence=words,
            facts=facts | tagged,
            chosen=frozenset(chosen) if chosen else None,
            struck=frozenset(struck),
            unknown_tags=tuple(unknown),
            complete=bool(chosen or struck or words.denied) or self._nothing_left(tokens, used),
        )

    def _of_tags(self, tags: Sequence[str], at: int) -> tuple[list[str], list[str], list[str], dict[str, Fact]]:
        chosen, struck, unknown = list[str](), list[str](), list[str]()
        facts: dict[str, list[Fact]] = {}
        for tag in tags:
            name, separator, value = tag.partition(":")
            fact = folded(name.strip())
            if (category := self._called.get(_plain(tag))) is not None:
                chosen.append(category)
            elif tag.strip().startswith("-") and (category := self._called.get(_plain(tag.strip()[1:]))) is not None:
                struck.append(category)
            elif separator and fact in self.facts and (one := given(fact, value, at)) is not None:
                facts.setdefault(fact, []).append(one)
            else:
                unknown.append(tag)
        said = {name: Fact(combined(name, several), several[-1].rank) for name, several in facts.items()}
        return chosen, struck, unknown, said

    def _nothing_left(self, tokens: Sequence[Token], used: frozenset[int]) -> bool:
        return not any(
            token.kind == "word" and len(token.text) > 2 and token.text not in self._empty
            for place, token in enumerate(tokens)
            if place not in used
        )


def _plain(name: str) -> str:
    return folded(name.strip()).replace("-", "_").replace(" ", "_")
