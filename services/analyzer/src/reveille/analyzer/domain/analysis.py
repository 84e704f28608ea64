"""What has changed in what a plan's inputs mean. Stream: analysis-<execution>."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, assert_never

from google.protobuf.message import Message

from reveille.analyzer.domain.analysis_state import NONE, Analysis, as_known, evolve, opened
from reveille.analyzer.domain.understanding import Meant, Scores, Understood
from reveille.contracts.analyzer.v1.events_pb2 import (
    CLASSIFIED_BY_MODEL,
    CLASSIFIED_BY_TAGS,
    CLASSIFIED_BY_WORDS,
    AnalyzedInput,
    Beginning,
    Cancellation,
    CategoryScore,
    ClassifiedBy,
    InputClassified,
    InputsAnalyzed,
)
from reveille.contracts.common.v1.common_pb2 import EventRef, Sealed
from reveille.kernel.decider import Decider
from reveille.kernel.replacing import replace
from reveille.kernel.sealing import seal_json

# Of what names no category: so many are told, with so many tags each. An event must stay below 256 KiB.
TOLD: Final = 50
TAGS_TOLD: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Analyze:
    """The inputs at a revision of inputs-<execution>, all of them.

    ask: a model is to be asked about what is not clear. beginning and cancellation: as the inputs have them; they are
    told once.
    """

    now: int
    execution_id: str
    blueprint: str
    fleet_revision: int
    revision: int
    understood: Understood
    ask: bool = False
    beginning: Beginning | None = None
    cancellation: Cancellation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a model said of inputs that were not clear at a revision; only what it could be asked about."""

    now: int
    execution_id: str
    revision: int
    answers: Mapping[str, Scores]


Command = Analyze | Answer


def decide(command: Command, state: Analysis) -> list[Message]:
    match command:
        case Analyze(revision=revision) if revision <= state.revision:
            return []
        case Analyze():
            return _analyze(command, state)
        case Answer():
            return _answer(command, state)
        case _:
            assert_never(command)


def _analyze(command: Analyze, state: Analysis) -> list[Message]:
    events: list[Message] = []
    event = InputsAnalyzed(
        execution_id=command.execution_id,
        blueprint=command.blueprint,
        fleet_revision=command.fleet_revision,
        inputs_revision=command.revision,
        facts=seal_json(command.understood.facts),
        beginning=command.beginning if state.revision == NONE else None,
        cancellation=None if state.cancelled else command.cancellation,
    )
    asking = dict[str, str]()
    for one in command.understood.inputs:
        classified = _classified(command.execution_id, one, state)
        if _news(classified, state):
            events.append(classified)
        event.inputs.append(_analyzed(one, classified))
        if command.ask and one.unclear and one.given.digest not in state.asked:
            # The same words twice are asked about once.
            asking.setdefault(one.given.digest, one.given.input_id)
    event.unclear.extend(asking.values())
    event.losing.extend(_losing(state, event.inputs))
    if unclassified := [*_unread(command.understood), *_unclassified(command.understood.inputs, event.inputs)]:
        event.unclassified.CopyFrom(seal_json(unclassified))
    return [*events, event]


def _classified(execution_id: str, one: Meant, state: Analysis) -> InputClassified:
    by: ClassifiedBy = CLASSIFIED_BY_TAGS if one.tagged else CLASSIFIED_BY_WORDS
    scores: Iterable[tuple[str, float]] = one.scores
    answer = state.answers.get(one.given.digest) if one.unclear else None
    if answer is not None:
        by, scores = CLASSIFIED_BY_MODEL, ((category.name, category.confidence) for category in answer)
    return InputClassified(
        execution_id=execution_id,
        input_id=one.given.input_id,
        categories=[CategoryScore(category=name, confidence=score) for name, score in scores],
        by=by,
        facts=seal_json(one.facts),
        unknown_tags=seal_json(one.unknown_tags) if one.unknown_tags else None,
    )


def _analyzed(one: Meant, classified: InputClassified) -> AnalyzedInput:
    sure = classified.categories[0].confidence if classified.categories else one.confidence
    return AnalyzedInput(
        input_id=one.given.input_id,
        ref=one.given.ref,
        categories=[score.category for score in classified.categories],
        confidence=sure,
        digest=one.given.digest,
    )


def _news(event: InputClassified, state: Analysis) -> bool:
    before = state.classified.get(event.input_id)
    if before is None:
        return True
    now = as_known(event)
    # The same facts need not be the same bytes once they are sealed.
    return replace(before, facts=b"") != replace(now, facts=b"") or opened(before.facts) != opened(now.facts)


def _losing(state: Analysis, inputs: Sequence[AnalyzedInput]) -> list[str]:
    there = {name for one in inputs for name in one.categories}
    before = dict.fromkeys(name for one in state.inputs for name in one.categories)
    return [name for name in before if name not in there]


def _unread(understood: Understood) -> list[dict[str, Any]]:
    """As tags of no input."""
    return [{"input_id": "", "text": "", "tags": list(understood.unread[:TAGS_TOLD])}] if understood.unread else []


def _unclassified(meant: Sequence[Meant], inputs: Sequence[AnalyzedInput]) -> Iterable[dict[str, Any]]:
    """What names no category, and tags that name nothing; a text that only tells facts has nothing to name."""
    told = 0
    for one, analyzed in zip(meant, inputs, strict=True):
        if told >= TOLD:
            return
        if not analyzed.categories and not one.complete:
            told += 1
            yield {"input_id": one.given.input_id, "text": one.shown, "tags": []}
        if one.unknown_tags:
            told += 1
            yield {"input_id": one.given.input_id, "text": one.shown, "tags": list(one.unknown_tags[:TAGS_TOLD])}


def _answer(command: Answer, state: Analysis) -> list[Message]:
    """Counts for the inputs that are still there and still not clear, as long as no other answer has come."""
    by_digest: dict[str, Scores] = {}
    for one in state.inputs:
        said = command.answers.get(one.input_id)
        if said and state.asked.get(one.digest) == command.revision and one.digest not in state.answers:
            by_digest[one.digest] = said
    events: list[Message] = []
    event = InputsAnalyzed(
        execution_id=command.execution_id,
        blueprint=state.blueprint,
        fleet_revision=state.fleet_revision,
        inputs_revision=state.revision,
        facts=Sealed.FromString(state.facts),
    )
    answered = set[str]()
    for one in state.inputs:
        said, known = by_digest.get(one.digest), state.classified.get(one.input_id)
        confidence, categories = one.confidence, one.categories
        if said and known is not None and not known.categories and known.by == CLASSIFIED_BY_WORDS:
            answered.add(one.input_id)
            confidence, categories = said[0][1], tuple(name for name, _ in said)
            classified = InputClassified(
                execution_id=command.execution_id,
                input_id=one.input_id,
                categories=[CategoryScore(category=name, confidence=score) for name, score in said],
                by=CLASSIFIED_BY_MODEL,
                facts=Sealed.FromString(known.facts),
                unknown_tags=seal_json(known.unknown_tags) if known.unknown_tags else None,
            )
            events.append(classified)
        event.inputs.append(
            AnalyzedInput(
                input_id=one.input_id,
                ref=EventRef(stream=one.ref.stream, revision=one.ref.revision),
                categories=categories,
                confidence=confidence,
                digest=one.digest,
            )
        )
    if not answered:
        return []
    left = [one for one in opened(state.unclassified) or [] if one["tags"] or one["input_id"] not in answered]
    if left:
        event.unclassified.CopyFrom(seal_json(left))
    return [*events, event]


decider: Final = Decider(
    category="analysis", initial=Analysis(), decide=decide, evolve=evolve, snapshot_every=200, version=1
)
