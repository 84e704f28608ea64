"""What people have asked of a plan, as the stream inputs-<execution> tells, which ingress writes."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from immutables import Map

from reveille.contracts.analyzer.v1.events_pb2 import Beginning, Cancellation, TriggerFired
from reveille.contracts.common.v1.common_pb2 import PRIORITY_MEDIUM, EventRef, Sealed
from reveille.contracts.ingress.v1.events_pb2 import (
    CancelRequested,
    ExecutionAdopted,
    ExecutionForked,
    ExecutionRequested,
    InputAdded,
    InputContent,
    InputRemoved,
)
from reveille.kernel.events import Recorded
from reveille.kernel.ids import derive
from reveille.kernel.replacing import replace
from reveille.kernel.sealing import open_sealed

# Of a plan that nobody has changed since a rule began it.
UNTOUCHED: Final = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """An input that is there. ref: where it stands. at: when it came, in microseconds since 1970."""

    input_id: str
    ref: EventRef
    digest: str
    text: str
    tags: tuple[str, ...]
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """As they were at a revision. gone: ids that were taken out and had not come in this stream: a rule's prompt.

    trigger: of a plan that a rule has begun. letters: how many there are in all.
    """

    revision: int = UNTOUCHED
    began_at: int = 0
    by_id: Map[str, Given] = field(default_factory=Map)
    gone: frozenset[str] = frozenset()
    beginning: Beginning | None = None
    trigger: EventRef | None = None
    parameters: Map[str, Any] = field(default_factory=Map)
    cancellation: Cancellation | None = None
    letters: int = 0

    def in_order(self) -> list[Given]:
        return sorted(self.by_id.values(), key=lambda one: one.ref.revision)


def fold(inputs: Inputs, events: Iterable[Recorded]) -> Inputs:
    for event in events:
        inputs = replace(_evolve(inputs, event), revision=event.revision)
    return inputs


def _evolve(inputs: Inputs, event: Recorded) -> Inputs:
    match event.msg:
        case InputAdded() as added:
            given = _given(added, event)
            before = inputs.by_id.get(given.input_id)
            letters = inputs.letters + len(given.text) - (len(before.text) if before else 0)
            return replace(inputs, by_id=inputs.by_id.set(given.input_id, given), letters=letters)
        case InputRemoved(input_id=input_id):
            if input_id not in inputs.by_id:
                return replace(inputs, gone=inputs.gone | {input_id})
            letters = inputs.letters - len(inputs.by_id[input_id].text)
            return replace(inputs, by_id=inputs.by_id.delete(input_id), letters=letters)
        case ExecutionRequested() as requested:
            beginning = Beginning(
                conversation_id=requested.conversation_id, priority=PRIORITY_MEDIUM, autopilot=requested.autopilot
            )
            return _begun(inputs, event, beginning, requested.parameters)
        case ExecutionForked() as forked:
            beginning = Beginning(
                conversation_id=forked.conversation_id,
                priority=PRIORITY_MEDIUM,
                from_execution=forked.from_execution,
                at=forked.at if forked.HasField("at") else None,
                autopilot=forked.autopilot,
            )
            return _begun(inputs, event, beginning, forked.parameters)
        case ExecutionAdopted(trigger=trigger):
            return replace(inputs, trigger=trigger, began_at=event.meta.time)
        case CancelRequested(reason=reason, by=by) if inputs.cancellation is None:
            return replace(inputs, cancellation=Cancellation(reason=reason, by=by))
    return inputs


def _begun(inputs: Inputs, event: Recorded, beginning: Beginning, parameters: Sealed) -> Inputs:
    given: Any = json.loads(open_sealed(parameters) or b"{}")
    return replace(
        inputs,
        beginning=beginning,
        parameters=Map(given) if isinstance(given, dict) else Map(),
        began_at=event.meta.time,
    )


def _given(added: InputAdded, event: Recorded) -> Given:
    content = InputContent.FromString(open_sealed(added.content))
    return Given(
        input_id=added.input_id,
        ref=EventRef(stream=event.stream, revision=event.revision),
        digest=added.digest,
        text=content.text,
        tags=tuple(content.tags),
        at=event.meta.time,
    )


def prompt_of(fired: TriggerFired, ref: EventRef, at: int) -> Given:
    """The first input of a plan that a rule begins."""
    prompt = fired.start.prompt
    return Given(input_id=fired.trigger_id, ref=ref, digest=derive("prompt", prompt), text=prompt, tags=(), at=at)


def beginning_of(fired: TriggerFired) -> Beginning:
    return Beginning(
        rule=fired.rule,
        trigger_id=fired.trigger_id,
        priority=fired.priority or PRIORITY_MEDIUM,
        signal_ids=fired.signal_ids,
        signals=fired.signals,
    )


def with_prompt(inputs: Inputs, prompt: Given) -> Sequence[Given]:
    """All in order: the rule's prompt first, unless it was taken out, or another one came under its id."""
    there = inputs.in_order()
    if prompt.input_id in inputs.gone or prompt.input_id in inputs.by_id:
        return there
    return [prompt, *there]
