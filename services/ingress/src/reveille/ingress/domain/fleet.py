"""What somebody wants the fleet to be, and which events make the fleet in force into that."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

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
    Source,
    SourceDefined,
    SourceRemoved,
)
from reveille.kernel.fleet import Fleet


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedFleet:
    """Names are unique among agents, among rules and among sources; a rule's `order` is its place."""

    tenant: str
    agents: Sequence[Agent]
    rules: Sequence[Rule]
    limits: Limits
    sources: Sequence[Source] = ()


def changes(current: Fleet, wanted: WantedFleet) -> list[Message]:
    """FleetApplied comes last; [] where the fleet in force is what is wanted."""
    if current.revision >= 0 and current.digest == digest(wanted):
        return []
    agents = {agent.name: agent for agent in wanted.agents}
    rules = {rule.name: rule for rule in wanted.rules}
    events: list[Message] = [RuleRemoved(name=name) for name in current.rules if name not in rules]
    events += [AgentRemoved(name=name) for name in current.agents if name not in agents]
    events += [AgentDefined(agent=agent) for name, agent in agents.items() if current.agents.get(name) != agent]
    events += [RuleDefined(rule=rule) for name, rule in rules.items() if current.rules.get(name) != rule]
    sources = {source.name: source for source in wanted.sources}
    events += [SourceRemoved(name=name) for name in current.sources if name not in sources]
    events += [SourceDefined(source=one) for name, one in sources.items() if current.sources.get(name) != one]
    if current.limits != wanted.limits:
        events.append(LimitsDefined(limits=wanted.limits))
    applied = FleetApplied(digest=digest(wanted), agents=len(agents), rules=len(rules))
    if current.revision >= 0:
        applied.previous = current.revision
    return [*events, applied]


def digest(wanted: WantedFleet) -> str:
    """Of what is wanted, however the file that says so is written."""
    hashed = hashlib.sha256()
    agents = sorted(wanted.agents, key=lambda agent: agent.name)
    sources = sorted(wanted.sources, key=lambda source: source.name)
    parts: list[Message] = [*agents, *wanted.rules, wanted.limits, *sources]
    for part in parts:
        data = part.SerializeToString(deterministic=True)
        hashed.update(f"{part.DESCRIPTOR.name}:{len(data)}:".encode() + data)
    return hashed.hexdigest()
