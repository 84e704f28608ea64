"""What all inputs of a plan come to: the same inputs always to the same, whatever came and went between."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from reveille.analyzer.domain.inputs import Given
from reveille.analyzer.domain.reading.categories import BY_THE_PLAN, OPEN, together
from reveille.analyzer.domain.reading.facts import Fact, combined, parameter
from reveille.analyzer.domain.reading.reading import Reader, Reading

# An input is of a category that it names with at least this confidence.
THRESHOLD: Final = 0.5
# A part of a text by which people know it again.
SHOWN_LETTERS: Final = 80

Scores = tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """What one input means in its plan. scores: its categories, the surest first.

    confidence: of the surest reading, also of one that is not sure enough. unclear: a model may know better.
    """

    given: Given
    scores: Scores
    confidence: float
    tagged: bool
    facts: Mapping[str, Any]
    unknown_tags: tuple[str, ...]
    unclear: bool
    complete: bool

    @property
    def shown(self) -> str:
        text = " ".join(self.given.text.split())
        return text if len(text) <= SHOWN_LETTERS else text[: SHOWN_LETTERS - 1] + "…"


@dataclass(frozen=True, slots=True)
class Understood:
    """unread: parameters that are no value of their fact, of which nothing else is known either, as tags say them."""

    inputs: tuple[Meant, ...]
    facts: Mapping[str, Any]
    unread: tuple[str, ...] = ()


def understood(given: Sequence[Given], parameters: Mapping[str, Any], reader: Reader, *, at: int) -> Understood:
    """given: in the order in which they came. at: when the parameters were given."""
    readings = [reader.read(one.text, one.tags, one.at) for one in given]
    there = _growing(readings)
    meant = tuple(
        _meant(one, reading, _by_the_plan(number, reading, there), reader)
        for number, (one, reading) in enumerate(zip(given, readings, strict=True))
    )
    facts = _facts(readings, parameters, reader.facts, at)
    unread = tuple(_as_tag(name, parameters[name]) for name in reader.facts if name in parameters and name not in facts)
    return Understood(meant, facts, unread)


def _meant(given: Given, reading: Reading, by_the_plan: Iterable[tuple[str, float]], reader: Reader) -> Meant:
    order = reader.order
    found: dict[str, float] = {}
    likely: list[float] = [0]
    if reading.chosen is not None:
        found = dict.fromkeys(reading.chosen, 1.0)
    else:
        found = dict(reading.evidence.scores)
        for category, confidence in by_the_plan:
            found[category] = together((found.get(category, 0), confidence))
        likely += [confidence * OPEN for word in reading.evidence.open for confidence in word.values()]
    found |= dict.fromkeys(reader.every, 1.0)
    scores = sorted(
        ((name, score) for name, score in found.items() if name not in reading.struck and score >= THRESHOLD),
        key=lambda pair: (-pair[1], order[pair[0]]),
    )
    likely += [score for name, score in found.items() if name not in reading.struck]
    complete = reading.complete or not order  # where a blueprint has no categories, there is nothing to ask about
    return Meant(
        given=given,
        scores=tuple(scores),
        confidence=max(likely),
        tagged=reading.chosen is not None or bool(reading.struck and not scores),
        facts={name: one.value for name, one in reading.facts.items()},
        unknown_tags=reading.unknown_tags,
        unclear=not scores and not complete,
        complete=complete,
    )


def _as_tag(name: str, value: Any) -> str:
    said = f"{name}:{value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"
    return said if len(said) <= SHOWN_LETTERS else said[: SHOWN_LETTERS - 1] + "…"


def _growing(readings: Sequence[Reading]) -> list[tuple[int, frozenset[str]]]:
    """Which categories the plan has plain words for, from which input on; as often as there are more."""
    there = frozenset[str]()
    found = [(-1, there)]
    for number, reading in enumerate(readings):
        if not reading.sure <= there:
            there |= reading.sure
            found.append((number, there))
    return found


def _by_the_plan(
    number: int, reading: Reading, growing: Sequence[tuple[int, frozenset[str]]]
) -> list[tuple[str, float]]:
    """What the input leaves open is the one category that the plan had nothing for when it came, or had later.

    What comes last changes nothing that was settled before it.
    """
    if reading.chosen is not None or not reading.evidence.open:
        return []
    when_it_came = max(place for place, (since, _) in enumerate(growing) if since <= number)
    found: list[tuple[str, float]] = []
    for word in reading.evidence.open:
        for _, there in growing[when_it_came:]:
            lacking = [category for category in word if category not in there and category not in reading.struck]
            if len(lacking) == 1:
                found.append((lacking[0], word[lacking[0]] * BY_THE_PLAN))
            if len(lacking) < 2:
                break
    return found


def _facts(
    readings: Sequence[Reading], parameters: Mapping[str, Any], names: Sequence[str], at: int
) -> Mapping[str, Any]:
    """Parameters come before all inputs."""
    facts: dict[str, Any] = {}
    for name in names:
        said: list[Fact] = []
        if name in parameters and (outright := parameter(name, parameters[name], at)) is not None:
            said.append(outright)
        said += [reading.facts[name] for reading in readings if name in reading.facts]
        value = combined(name, said)
        if value is not None:
            facts[name] = value
    return facts
