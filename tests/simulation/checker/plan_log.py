"""A plan as the log tells it, folded by hand: what people want of it, and how its steps stand."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from google.protobuf.message import Message

from reveille.contracts.agent_runner.v1.events_pb2 import RunCompleted
from reveille.contracts.analyzer.v1.events_pb2 import TriggerFired
from reveille.contracts.common.v1.common_pb2 import EventRef
from reveille.contracts.ingress.v1.events_pb2 import (
    CancelRequested,
    ExecutionForked,
    ExecutionRequested,
    InputAdded,
    InputContent,
    InputRemoved,
    InputsChanged,
)
from reveille.contracts.planner.v1.events_pb2 import (
    ExecutionCancelled,
    ExecutionCancelling,
    PlanDefined,
    PlanUpdated,
    StepAdopted,
    StepCompleted,
    StepFailed,
    StepInvalidated,
    StepPlanned,
    StepReady,
    StepReleased,
    StepRemoved,
    StepRestored,
    StepRetryScheduled,
    StepRevoked,
    StepSkipped,
    StepWaiting,
)
from reveille.kernel.events import Recorded, key_of, tenant_of
from reveille.kernel.ids import derive
from reveille.kernel.sealing import open_sealed
from tests.simulation.blueprints import as_read
from tests.simulation.checker.history import History

PLANNED: Final = "planned"
READY: Final = "ready"
WAITING: Final = "waiting"
RETRYING: Final = "retrying"
DONE: Final = "done"
FAILED: Final = "failed"
SKIPPED: Final = "skipped"
OPEN: Final = frozenset({READY, WAITING, RETRYING})
_BECOMES: Final[Mapping[type[Message], str]] = {
    StepWaiting: WAITING,
    StepReleased: READY,
    StepInvalidated: PLANNED,
    StepRestored: DONE,
    StepSkipped: SKIPPED,
    StepFailed: FAILED,
    StepRetryScheduled: RETRYING,
}


@dataclass(slots=True)
class Node:
    """A step, or one run of it. completed: its latest result, which counts where it is done.

    adopted: of the execution that this one was forked from.
    """

    planned: StepPlanned
    status: str = PLANNED
    ready: StepReady | None = None
    completed: StepCompleted | None = None
    adopted: bool = False


@dataclass(slots=True)
class PlanLog:
    """undone: the results that were undone, in order."""

    stream: str
    steps: dict[str, Node] = field(default_factory=dict)
    defined: PlanDefined = field(default_factory=PlanDefined)
    updated: list[PlanUpdated] = field(default_factory=list)
    undone: list[EventRef] = field(default_factory=list)
    # As the steps stood when the cancellation came.
    at_cancelling: dict[str, Node] | None = None
    cancelled: bool = False

    @property
    def tenant(self) -> str:
        return tenant_of(self.stream)

    @property
    def execution_id(self) -> str:
        return key_of(self.stream)

    @property
    def of_blueprint(self) -> dict[str, Node]:
        """Without what undoes."""
        return {name: node for name, node in self.steps.items() if ":" not in name}

    @property
    def at_rest(self) -> bool:
        return not any(node.status in OPEN for node in self.steps.values())


def plan_log(stream: str, events: Sequence[Recorded]) -> PlanLog:
    log = PlanLog(stream)
    for event in events:
        take(log, event.msg)
    return log


def take(log: PlanLog, msg: Message | None) -> None:
    match msg:
        case PlanDefined():
            log.defined = msg
        case PlanUpdated():
            log.updated.append(msg)
        case ExecutionCancelling():
            for node in log.steps.values():
                node.status = PLANNED if node.status == RETRYING else node.status
            log.at_cancelling = {name: replace(node) for name, node in log.steps.items()}
        case ExecutionCancelled():
            log.cancelled = True
        case StepPlanned(step=step):
            log.steps[step] = Node(msg)
        case StepAdopted(completed=completed):
            node = log.steps[completed.step]
            node.status, node.completed, node.adopted = DONE, completed, True
        case StepCompleted(step=step):
            node = log.steps[step]
            node.status, node.completed, node.adopted = DONE, msg, False
        case StepReady(step=step):
            log.steps[step].status, log.steps[step].ready = READY, msg
            if msg.HasField("undoes"):
                log.undone.append(msg.undoes)
        case StepRevoked(step=step):
            if log.steps[step].status in OPEN:
                log.steps[step].status = PLANNED
        case StepRemoved(step=step):
            del log.steps[step]
        case _ if msg is not None and type(msg) in _BECOMES:
            log.steps[msg.step].status = _BECOMES[type(msg)]  # type: ignore[attr-defined]


def result_in(completed: StepCompleted) -> Any:
    return json.loads(open_sealed(completed.result))


def read_by(history: History, ready: StepReady) -> str:
    """All that the attempt's agent was to be given."""
    texts = [_text(history.at(ref)) for ref in ready.inputs]
    results: dict[str, Any] = {}
    for one in ready.results:
        name, several, _ = one.step.partition("[]")
        found = [_result(history.at(one.ref))] if one.HasField("ref") else []
        if several:
            results.setdefault(name, []).extend(found)
        else:
            (results[name],) = found
    item = json.loads(open_sealed(ready.item)) if ready.HasField("item") else None
    return as_read(texts, json.loads(open_sealed(ready.facts) or b"{}"), results, item)


def _text(event: Recorded) -> str:
    match event.msg:
        case InputAdded(content=content):
            return InputContent.FromString(open_sealed(content)).text
        case TriggerFired(start=start):
            return start.prompt
    raise LookupError(f"{event.type} is no input")


def _result(event: Recorded) -> Any:
    assert isinstance(event.msg, RunCompleted)
    return json.loads(open_sealed(event.msg.result))


@dataclass(slots=True)
class Wanted:
    """What people want of a plan in the end. inputs: text and tags by id, in order."""

    blueprint: str
    fleet_revision: int
    inputs: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    parameters: dict[str, Any] = field(default_factory=dict)
    cancelled: bool = False

    def take(self, msg: Message | None) -> None:
        match msg:
            case ExecutionRequested(parameters=parameters) | ExecutionForked(parameters=parameters):
                self.parameters = json.loads(open_sealed(parameters) or b"{}")
            case InputAdded(input_id=input_id, content=content):
                said = InputContent.FromString(open_sealed(content))
                self.inputs.pop(input_id, None)
                self.inputs[input_id] = (said.text, tuple(said.tags))
            case InputRemoved(input_id=input_id):
                self.inputs.pop(input_id, None)
            case CancelRequested():
                self.cancelled = True
            case InputsChanged(blueprint=blueprint, fleet_revision=revision):
                self.blueprint, self.fleet_revision = blueprint, revision


def wanted_plans(history: History, *, until: int | None = None) -> dict[tuple[str, str], Wanted]:
    """By tenant and execution. until: as it was at that position of the log."""
    found: dict[tuple[str, str], Wanted] = {}
    for event in history.log[:until]:
        key = (tenant_of(event.stream), key_of(event.stream))
        if isinstance(event.msg, TriggerFired) and event.msg.HasField("start"):
            fired = event.msg
            wanted = Wanted(fired.start.blueprint, fired.fleet_revision)
            wanted.inputs[fired.trigger_id] = (fired.start.prompt, ())
            found[key[0], derive("execution", fired.trigger_id)] = wanted
        elif ".inputs-" in event.stream:
            found.setdefault(key, Wanted("", -1)).take(event.msg)
    return found
