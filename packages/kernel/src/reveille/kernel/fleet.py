"""The fleet of a tenant as its stream tells: which agents there are, what wakes them, what they may spend."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from google.protobuf.message import Message

from reveille.contracts.ingress.v1.events_pb2 import (
    Agent,
    AgentDefined,
    AgentRemoved,
    FleetApplied,
    Limits,
    LimitsDefined,
    Rule,
    RuleDefined,
    RuleRemoved,
)


@dataclass(frozen=True, slots=True)
class Fleet:
    """revision: of the FleetApplied that put it in force; -1 for the empty fleet."""

    revision: int = -1
    digest: str = ""
    agents: Mapping[str, Agent] = field(default_factory=dict)
    rules: Mapping[str, Rule] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)


def evolve(fleet: Fleet, event: Message, revision: int) -> Fleet:
    match event:
        case AgentDefined(agent=agent):
            return replace(fleet, agents={**fleet.agents, agent.name: agent})
        case AgentRemoved(name=name):
            return replace(fleet, agents={key: value for key, value in fleet.agents.items() if key != name})
        case RuleDefined(rule=rule):
            return replace(fleet, rules={**fleet.rules, rule.name: rule})
        case RuleRemoved(name=name):
            return replace(fleet, rules={key: value for key, value in fleet.rules.items() if key != name})
        case LimitsDefined(limits=limits):
            return replace(fleet, limits=limits)
        case FleetApplied(digest=digest):
            return replace(fleet, revision=revision, digest=digest)
    return fleet
