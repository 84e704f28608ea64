"""The whole log of a run, in the ways that checkers look at it."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TypeVar

from google.protobuf.message import Message

from reveille.contracts.common.v1.common_pb2 import EventRef
from reveille.contracts.ingress.v1.events_pb2 import (
    Agent,
    AgentDefined,
    AgentRemoved,
    Blueprint,
    BlueprintDefined,
    BlueprintRemoved,
    FleetApplied,
    Limits,
    LimitsDefined,
    Rule,
    RuleDefined,
    RuleRemoved,
)
from reveille.contracts.planner.v1.events_pb2 import ExecutionStarted
from reveille.kernel.events import Recorded, category_of

M = TypeVar("M", bound=Message)


class History:
    def __init__(self, log: Sequence[Recorded]) -> None:
        self.log = log
        self.by_id = {event.id: event for event in log}
        self.streams: dict[str, list[Recorded]] = defaultdict(list)
        for event in log:
            self.streams[event.stream].append(event)

    def all(self, kind: type[M]) -> Iterator[tuple[Recorded, M]]:
        for event in self.log:
            if isinstance(event.msg, kind):
                yield event, event.msg

    def of_category(self, category: str) -> Iterator[tuple[str, list[Recorded]]]:
        for stream, events in self.streams.items():
            if category_of(stream) == category:
                yield stream, events

    def executions(self, *, plans: bool) -> Iterator[tuple[str, list[Recorded]]]:
        """Of blueprints, or of agents that were woken."""
        for stream, events in self.of_category("execution"):
            started = events[0].msg
            if isinstance(started, ExecutionStarted) and bool(started.blueprint) == plans:
                yield stream, events

    def at(self, ref: EventRef) -> Recorded:
        return self.streams[ref.stream][ref.revision]

    def fleet(self, tenant: str, revision: int) -> "KnownFleet":
        fleet = KnownFleet()
        for event in self.streams[f"{tenant}.fleet"][: revision + 1]:
            fleet.take(event.msg)
        return fleet


class KnownFleet:
    """The fleet of a revision, folded by hand: the checker does not trust the kernel's fold."""

    def __init__(self) -> None:
        self.agents: dict[str, Agent] = {}
        self.rules: dict[str, Rule] = {}
        self.blueprints: dict[str, Blueprint] = {}
        self.limits = Limits()
        self.applied = False

    def take(self, msg: Message | None) -> None:
        self.applied = isinstance(msg, FleetApplied)
        match msg:
            case AgentDefined():
                self.agents[msg.agent.name] = msg.agent
            case AgentRemoved():
                del self.agents[msg.name]
            case RuleDefined():
                self.rules[msg.rule.name] = msg.rule
            case RuleRemoved():
                del self.rules[msg.name]
            case BlueprintDefined():
                self.blueprints[msg.blueprint.name] = msg.blueprint
            case BlueprintRemoved():
                del self.blueprints[msg.name]
            case LimitsDefined():
                self.limits = msg.limits


def together(events: Sequence[Recorded]) -> Iterator[list[Recorded]]:
    """Neighbours of one cause: what one decision appended."""
    group: list[Recorded] = []
    for event in events:
        if group and (event.meta.origin != group[0].meta.origin or event.meta.time != group[0].meta.time):
            yield group
            group = []
        group.append(event)
    if group:
        yield group
