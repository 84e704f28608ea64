"""The fleet of a tenant as its stream tells: which agents there are, what wakes them, what they may spend,
which plans can be begun, and whom to tell of what happens."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from google.protobuf.message import Message

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
    Notification,
    NotificationDefined,
    NotificationRemoved,
    Rule,
    RuleDefined,
    RuleRemoved,
    Source,
    SourceDefined,
    SourceRemoved,
)


@dataclass(frozen=True, slots=True)
class Fleet:
    """revision: of the FleetApplied that put it in force; -1 for the empty fleet."""

    revision: int = -1
    digest: str = ""
    agents: Mapping[str, Agent] = field(default_factory=dict)
    rules: Mapping[str, Rule] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    sources: Mapping[str, Source] = field(default_factory=dict)
    blueprints: Mapping[str, Blueprint] = field(default_factory=dict)
    notifications: Mapping[str, Notification] = field(default_factory=dict)

    @property
    def defined(self) -> int:
        """How much there is of it all."""
        kinds = (self.agents, self.rules, self.sources, self.blueprints, self.notifications)
        return sum(map(len, kinds))


def fold(fleet: Fleet, events: Iterable[tuple[Message, int]]) -> Fleet:
    """events: with their revisions, in order. Each map is copied once, for a fleet may have ten thousand rules."""
    agents, rules, sources = dict(fleet.agents), dict(fleet.rules), dict(fleet.sources)
    blueprints, notifications = dict(fleet.blueprints), dict(fleet.notifications)
    limits, applied, digest = fleet.limits, fleet.revision, fleet.digest
    for event, revision in events:
        match event:
            case AgentDefined(agent=agent):
                agents[agent.name] = agent
            case AgentRemoved(name=name):
                agents.pop(name, None)
            case RuleDefined(rule=rule):
                rules[rule.name] = rule
            case RuleRemoved(name=name):
                rules.pop(name, None)
            case SourceDefined(source=source):
                sources[source.name] = source
            case SourceRemoved(name=name):
                sources.pop(name, None)
            case BlueprintDefined(blueprint=blueprint):
                blueprints[blueprint.name] = blueprint
            case BlueprintRemoved(name=name):
                blueprints.pop(name, None)
            case NotificationDefined(notification=notification):
                notifications[notification.name] = notification
            case NotificationRemoved(name=name):
                notifications.pop(name, None)
            case LimitsDefined(limits=defined):
                limits = defined
            case FleetApplied(digest=of_applied):
                applied, digest = revision, of_applied
    return Fleet(applied, digest, agents, rules, limits, sources, blueprints, notifications)
