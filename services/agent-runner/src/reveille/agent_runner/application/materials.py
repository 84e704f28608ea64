"""What a plan's step is done with: people's words, facts and the results of other steps, read from the log."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from reveille.agents import Input
from reveille.contracts.agent_runner.v1.events_pb2 import RunCompleted
from reveille.contracts.analyzer.v1.events_pb2 import TriggerFired
from reveille.contracts.common.v1.common_pb2 import EventRef, Sealed
from reveille.contracts.ingress.v1.events_pb2 import InputAdded, InputContent
from reveille.contracts.planner.v1.events_pb2 import StepReady, StepResult
from reveille.kernel.events import Recorded
from reveille.kernel.facts import Facts
from reveille.kernel.sealing import open_sealed

# Of a prompt that a rule has begun a plan with.
BY_RULE: Final = "rule"
# What the planner adds to the name of a step that is done for each of a list, also where that has one item or none.
LIST: Final = "[]"
# A plan has hundreds of inputs, and the log other readers.
_READS_AT_ONCE: Final = 16

_Key = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Materials:
    """By the names that they have in Task."""

    inputs: tuple[Input, ...]
    facts: Mapping[str, Any]
    results: Mapping[str, Any]
    item: Any
    undoes: Mapping[str, Any] | None


async def materials_of(ready: StepReady, facts: Facts) -> Materials:
    """Each event is read once. Raises Transient where one cannot be read yet, ValueError for one of another type."""
    refs = [*ready.inputs, *(result.ref for result in ready.results if result.HasField("ref"))]
    if ready.HasField("undoes"):
        refs.append(ready.undoes)
    told = await _read(refs, facts)
    return Materials(
        inputs=tuple(_input(told[_key(ref)]) for ref in ready.inputs),
        facts=_json(ready.facts, {}),
        results=_results(ready.results, told),
        item=_json(ready.item, None),
        undoes=_result(told[_key(ready.undoes)]) if ready.HasField("undoes") else None,
    )


async def _read(refs: Sequence[EventRef], facts: Facts) -> Mapping[_Key, Recorded]:
    told: dict[_Key, Recorded] = {}
    waiting = iter({_key(ref): ref for ref in refs}.items())

    async def read() -> None:
        for key, ref in waiting:
            told[key] = await facts.event(ref)

    try:
        async with asyncio.TaskGroup() as readers:
            for _ in range(min(_READS_AT_ONCE, len(refs))):
                readers.create_task(read())
    except* Exception as errors:
        # All fail alike where the log is away; the caller knows what to do with one.
        raise errors.exceptions[0] from None
    return told


def _key(ref: EventRef) -> _Key:
    return ref.stream, ref.revision


def _input(event: Recorded) -> Input:
    match event.msg:
        case InputAdded(input_id=input_id) as added:
            content = InputContent.FromString(open_sealed(added.content))
            return Input(
                id=input_id,
                text=content.text,
                source_type=content.source_type,
                tags=tuple(content.tags),
                added_by=content.added_by,
            )
        case TriggerFired() as fired if fired.HasField("start"):
            return Input(id=fired.trigger_id, text=fired.start.prompt, source_type=BY_RULE)
    raise ValueError(f"{_named(event)}, expected an InputAdded, or a TriggerFired that starts a plan")


def _results(results: Sequence[StepResult], told: Mapping[_Key, Recorded]) -> Mapping[str, Any]:
    """One of a step is its result, several of it are a list in their order; so is what is marked as one."""
    found: dict[str, list[Any]] = {}
    lists = set()
    for result in results:
        name = result.step.removesuffix(LIST)
        of_step = found.setdefault(name, [])
        if result.HasField("ref"):
            of_step.append(_result(told[_key(result.ref)]))
        if result.step.endswith(LIST) or len(of_step) > 1:
            lists.add(name)
    return {
        name: of_step if name in lists else of_step[0] for name, of_step in found.items() if of_step or name in lists
    }


def _result(event: Recorded) -> Any:
    if not isinstance(event.msg, RunCompleted):
        raise ValueError(f"{_named(event)}, expected a RunCompleted")
    return _json(event.msg.result, {})


def _json(sealed: Sealed, default: Any) -> Any:
    data = open_sealed(sealed)
    return json.loads(data) if data else default


def _named(event: Recorded) -> str:
    return f"revision {event.revision} of {event.stream} is a {event.type}"
