"""How an execution opens: what was wanted of it, and how much that is."""

from collections.abc import Iterable, Sequence
from typing import Final

from google.protobuf.message import DecodeError

from reveille.contracts.analyzer.v1.events_pb2 import TriggerFired
from reveille.contracts.common.v1.common_pb2 import EventRef
from reveille.contracts.ingress.v1.events_pb2 import (
    Blueprint,
    ExecutionForked,
    ExecutionRequested,
    InputAdded,
    InputContent,
    SignalEnriched,
    SignalReceived,
)
from reveille.contracts.ingress.v1.live_pb2 import LiveEvent
from reveille.contracts.planner.v1.events_pb2 import ExecutionStarted, InputsTaken, PlanDefined, StepPlanned
from reveille.ingress.domain.live.contents import joined, read, text_of
from reveille.kernel.events import Recorded, key_of, stream_name, tenant_of
from reveille.kernel.sealing import open_sealed
from reveille.kernel.signals import content_of

# The parameter that names the project.
PROJECT: Final = "project_id"
# Of a wake by many signals at once.
MOST_SIGNALS: Final = 3
# What the first append of an execution has behind ExecutionStarted: PlanDefined and InputsTaken, or StepPlanned.
_FOLLOWING: Final = 2
# Words of what is wanted, steps and departments: each limit that is reached makes it less simple.
_WORDS: Final = (20, 60)
_STEPS: Final = (6, 20)
_DEPARTMENTS: Final = (1, 3)


def asks_first(event: Recorded) -> list[EventRef]:
    """Where to look for what an ExecutionStarted does not say."""
    started = event.msg
    assert isinstance(started, ExecutionStarted)
    refs = [EventRef(stream=event.stream, revision=event.revision + number) for number in range(1, _FOLLOWING + 1)]
    if started.blueprint:
        refs.append(EventRef(stream=stream_name(tenant_of(event.stream), "inputs", key_of(event.stream)), revision=0))
    return [*refs, *started.signals[:MOST_SIGNALS]]


def asks_then(found: Iterable[Recorded]) -> list[EventRef]:
    """Of what was found first: the inputs that it began with, in their order."""
    return [one.ref for event in found if isinstance(event.msg, InputsTaken) for one in event.msg.inputs]


def opened(started: ExecutionStarted, found: Sequence[Recorded]) -> LiveEvent.OrchestrationStart:
    """found: what there was of all that was asked for."""
    blueprint, project, agent = Blueprint(), "", ""
    inputs: list[str] = []
    signals: list[str] = []
    for event in found:
        match event.msg:
            case PlanDefined() as defined:
                blueprint = defined.blueprint
            case StepPlanned() as planned:
                agent = planned.agent
            case ExecutionRequested() | ExecutionForked() as asked:
                project = _project(asked)
            case InputAdded() as added:
                inputs.append(_input(added))
            case TriggerFired() as fired:
                inputs.append(fired.start.prompt)
            case SignalReceived() | SignalEnriched() as told:
                signals.append(_signal(told))
    # A plan's inputs; a plain wake has only the signals that woke, and so has a plan that nobody said a word to.
    prompt = joined(inputs) or joined(dict.fromkeys(signals))
    # Those that departments are made into are as many for any prompt, and most of them have nothing to do.
    steps = 0 if blueprint.departments else len(blueprint.steps)
    return LiveEvent.OrchestrationStart(
        project_id=project or started.blueprint or agent,
        user_prompt=prompt,
        complexity=complexity(prompt, steps=steps, departments=len(blueprint.departments)),
        blueprint=started.blueprint,
    )


def complexity(prompt: str, *, steps: int, departments: int) -> str:
    """Complex from three limits on, of 20 and 60 words, 6 and 20 steps, 1 and 3 departments; simple below the first."""
    measured = ((len(prompt.split()), _WORDS), (steps, _STEPS), (departments, _DEPARTMENTS))
    reached = sum(count >= limit for count, limits in measured for limit in limits)
    return "simple" if not reached else "moderate" if reached < 3 else "complex"


def _project(asked: ExecutionRequested | ExecutionForked) -> str:
    parameters = read(asked.parameters)
    named = parameters.get(PROJECT) if isinstance(parameters, dict) else None
    return named if isinstance(named, str) else ""


def _input(added: InputAdded) -> str:
    try:
        return InputContent.FromString(open_sealed(added.content)).text
    except (KeyError, DecodeError):
        return text_of(added.content)


def _signal(told: SignalReceived | SignalEnriched) -> str:
    try:
        content = content_of(told.signal)
    except (KeyError, DecodeError):
        return ""
    return content.title or content.summary
