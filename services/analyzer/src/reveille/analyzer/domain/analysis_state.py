"""What is known of a plan's inputs: how each was classified, and what a model was asked about and answered."""

import json
from dataclasses import dataclass, field
from typing import Any, Final

from google.protobuf.message import Message
from immutables import Map

from reveille.contracts.analyzer.v1.events_pb2 import CLASSIFIED_BY_MODEL, InputClassified, InputsAnalyzed
from reveille.contracts.common.v1.common_pb2 import Sealed
from reveille.kernel.events import About
from reveille.kernel.replacing import replace
from reveille.kernel.sealing import open_sealed

# Before the first analysis; a plan that a rule begins has its first one at revision -1.
NONE: Final = -2
# Texts of a plan that a model was asked about and that are not in it any more.
REMEMBERED: Final = 1_000


@dataclass(frozen=True, slots=True)
class Ref:
    stream: str
    revision: int


@dataclass(frozen=True, slots=True)
class Category:
    name: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Classified:
    """As the last InputClassified has it. facts: sealed."""

    categories: tuple[Category, ...]
    by: int
    facts: bytes
    unknown_tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Analyzed:
    """As the last InputsAnalyzed has it."""

    input_id: str
    ref: Ref
    categories: tuple[str, ...]
    confidence: float
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """inputs: in order. classified: by input. asked: by text's digest the revision at which a model was.

    answers: by text's digest what it said. facts and unclassified: sealed.
    """

    revision: int = NONE
    blueprint: str = ""
    fleet_revision: int = -1
    inputs: tuple[Analyzed, ...] = ()
    classified: Map[str, Classified] = field(default_factory=Map)
    asked: Map[str, int] = field(default_factory=Map)
    answers: Map[str, tuple[Category, ...]] = field(default_factory=Map)
    facts: bytes = b""
    unclassified: bytes = b""
    cancelled: bool = False


def evolve(state: Analysis, event: Message, about: About) -> Analysis:
    match event:
        case InputClassified():
            return replace(state, classified=state.classified.set(event.input_id, as_known(event)))
        case InputsAnalyzed():
            return _with_analysis(state, event)
    return state


def _with_analysis(state: Analysis, event: InputsAnalyzed) -> Analysis:
    inputs = tuple(
        Analyzed(one.input_id, Ref(one.ref.stream, one.ref.revision), tuple(one.categories), one.confidence, one.digest)
        for one in event.inputs
    )
    there = {one.input_id: one.digest for one in inputs}
    classified = state.classified
    for input_id in [one for one in classified if one not in there]:
        classified = classified.delete(input_id)
    asked, answers = state.asked, state.answers
    for input_id in event.unclear:
        if input_id in there:
            asked = asked.set(there[input_id], event.inputs_revision)
    for one in inputs:
        known = classified.get(one.input_id)
        if known is not None and known.by == CLASSIFIED_BY_MODEL:
            answers = answers.set(one.digest, known.categories)
    if len(asked) > 2 * REMEMBERED:
        asked, answers = _forgetting(asked, answers, set(there.values()))
    return replace(
        state,
        revision=event.inputs_revision,
        blueprint=event.blueprint,
        fleet_revision=event.fleet_revision,
        inputs=inputs,
        classified=classified,
        asked=asked,
        answers=answers,
        facts=event.facts.SerializeToString(),
        unclassified=event.unclassified.SerializeToString(),
        cancelled=state.cancelled or event.HasField("cancellation"),
    )


def _forgetting(
    asked: Map[str, int], answers: Map[str, tuple[Category, ...]], there: set[str]
) -> tuple[Map[str, int], Map[str, tuple[Category, ...]]]:
    """Without the oldest texts that are in the plan no more."""
    gone = sorted((digest for digest in asked if digest not in there), key=lambda digest: (asked[digest], digest))
    for digest in gone[: max(0, len(gone) - REMEMBERED)]:
        asked = asked.delete(digest)
        if digest in answers:
            answers = answers.delete(digest)
    return asked, answers


def as_known(event: InputClassified) -> Classified:
    return Classified(
        tuple(Category(score.category, score.confidence) for score in event.categories),
        event.by,
        event.facts.SerializeToString(),
        tuple(json.loads(open_sealed(event.unknown_tags) or b"[]")),
    )


def opened(sealed: bytes) -> Any:
    data = open_sealed(Sealed.FromString(sealed))
    return json.loads(data) if data else None
