"""The view `timeline`: the events of each plan, numbered in the order of the log. The number is what clients see."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from google.protobuf.message import Message

from reveille.contracts.agent_runner.v1.events_pb2 import RunStarted
from reveille.contracts.analyzer.v1 import events_pb2 as analyzer
from reveille.contracts.analyzer.v1.events_pb2 import InputsAnalyzed
from reveille.contracts.budget.v1.events_pb2 import BudgetUpdated
from reveille.contracts.ingress.v1 import events_pb2 as ingress
from reveille.contracts.ingress.v1.events_pb2 import InputAdded, InputRemoved
from reveille.contracts.planner.v1 import events_pb2 as planner
from reveille.contracts.planner.v1.events_pb2 import (
    ExecutionCancelled,
    ExecutionCompleted,
    ExecutionFailed,
    ExecutionStarted,
    PlanUpdated,
    StepAdopted,
    StepCompleted,
    StepInvalidated,
    StepRemoved,
    StepRestored,
)
from reveille.kernel.classifying import is_classifying
from reveille.kernel.events import Recorded, key_of, stream_name, tenant_of

# Events that only a plan has.
_OF_PLANS: Final[tuple[type[Message], ...]] = (
    ingress.ExecutionRequested,
    ingress.ExecutionForked,
    InputAdded,
    InputRemoved,
    ingress.CancelRequested,
    analyzer.InputClassified,
    InputsAnalyzed,
    BudgetUpdated,
)
# The planner's; an execution that only wakes an agent has some of them too.
_OF_EXECUTIONS: Final[tuple[type[Message], ...]] = (
    ExecutionStarted,
    planner.InputsTaken,
    planner.StepPlanned,
    StepInvalidated,
    StepRestored,
    StepRemoved,
    planner.StepSkipped,
    planner.StepRevoked,
    planner.ResultDiscarded,
    planner.StepReady,
    planner.StepWaiting,
    planner.StepReleased,
    planner.ApprovalRequested,
    planner.ApprovalResolved,
    StepCompleted,
    StepAdopted,
    planner.StepRetryScheduled,
    planner.StepFailed,
    PlanUpdated,
    ExecutionCompleted,
    planner.ExecutionCancelling,
    ExecutionCancelled,
    ExecutionFailed,
)
_TYPES: Final[tuple[type[Message], ...]] = (*_OF_PLANS, *_OF_EXECUTIONS, RunStarted)
# By full name the short one, which is unique across services.
NAMES: Final[Mapping[str, str]] = {cls.DESCRIPTOR.full_name: cls.DESCRIPTOR.name for cls in _TYPES}
# After which nothing comes of an execution that is no plan.
ENDS: Final = frozenset(cls.DESCRIPTOR.full_name for cls in (ExecutionCompleted, ExecutionFailed, ExecutionCancelled))
STATUSES: Final = ("planned", "running", "waiting", "completed", "failed", "cancelled")

_TELLING: Final = frozenset(cls.DESCRIPTOR.full_name for cls in _OF_PLANS)
_STARTED: Final = ExecutionStarted.DESCRIPTOR.full_name
_RAN: Final = RunStarted.DESCRIPTOR.full_name
_ENDED: Final[Mapping[type[Message], str]] = {
    ExecutionCompleted: "completed",
    ExecutionFailed: "failed",
    ExecutionCancelled: "cancelled",
}


def execution_stream(event: Recorded) -> str:
    """The name of the stream `execution-…` of the execution that an event of these types is about."""
    if event.type == _RAN:
        assert isinstance(event.msg, RunStarted)
        return f"{tenant_of(event.stream)}.execution-{event.msg.work.execution_id}"
    if event.type in _TELLING:
        return stream_name(tenant_of(event.stream), "execution", key_of(event.stream))
    return event.stream


def tells_plan(event: Recorded) -> bool | None:
    """Whether its execution is a plan; None: it may be. The first event of each execution tells."""
    if event.type == _STARTED:
        assert isinstance(event.msg, ExecutionStarted)
        return event.msg.blueprint != ""
    return True if event.type in _TELLING else None


@dataclass(slots=True, kw_only=True)
class Plan:
    """last: the number of its last event. inputs: that are there now."""

    tenant: str
    execution_id: str
    last: int = 0
    blueprint: str = ""
    status: str = STATUSES[0]
    inputs: int = 0

    def take(self, msg: Message | None) -> None:
        self.last += 1
        match msg:
            case InputAdded():
                self.inputs += 1
            case InputRemoved():
                self.inputs -= 1
            case InputsAnalyzed(beginning=beginning) if beginning.rule:
                self.inputs += 1  # the rule's prompt, which is no InputAdded
            case ExecutionStarted():
                self.status = "running"
            case PlanUpdated(status=status) if status:
                self.status = status
            case ExecutionCompleted() | ExecutionFailed() | ExecutionCancelled():
                self.status = _ENDED[type(msg)]
        self.blueprint = getattr(msg, "blueprint", "") or self.blueprint


def result_change(msg: Message | None) -> tuple[str, bool] | None:
    """The step whose result is there from now on (True), or is not; None: it changes none."""
    match msg:
        case StepCompleted(step=step) | StepRestored(step=step):
            return None if is_classifying(step) else (step, True)
        case StepAdopted(completed=completed):
            return (completed.step, True)
        case StepInvalidated(step=step) | StepRemoved(step=step):
            return (step, False)
    return None


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the log an event of a plan stands."""

    execution_id: str
    sequence: int
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Of a tenant's plans. parties: those of the blueprint `party`."""

    plans: int
    parties: int
    inputs: int
    results: int
    statuses: Mapping[str, int]
    types: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """types: short names, none: all. since, until: microseconds since 1970, until excluded; 0 is no bound."""

    types: Sequence[str] = ()
    since: int = 0
    until: int = 0


EVERYTHING: Final = Wanted()


class TimelineRows(Protocol):
    def find(self, connection: Any, tenant: str, execution_id: str) -> Plan | None: ...

    def after(
        self, connection: Any, tenant: str, execution_id: str, *, sequence: int, limit: int, wanted: Wanted
    ) -> list[Place]:
        """Behind a sequence number, in order."""
        ...

    def before(
        self, connection: Any, tenant: str, execution_id: str, *, sequence: int, limit: int, types: Sequence[str]
    ) -> list[Place]:
        """Before a sequence number, the newest first."""
        ...

    def newest(self, connection: Any, tenant: str, *, before: int, limit: int, wanted: Wanted) -> list[Place]:
        """Of all plans, before a position (0: from the newest), the newest first."""
        ...

    def position_of(self, connection: Any, tenant: str, execution_id: str, sequence: int) -> int | None: ...

    def counts(self, connection: Any, tenant: str, execution_id: str) -> dict[str, int]:
        """By type."""
        ...

    def totals(self, connection: Any, tenant: str) -> Totals: ...
