"""What somebody wants the fleet to be, how that differs from the fleet in force, and which events make it so."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
from reveille.kernel.classifying import CLASSIFIER
from reveille.kernel.fleet import Fleet


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedFleet:
    """Names are unique within each kind; a rule's `order` is its place."""

    tenant: str
    agents: Sequence[Agent]
    rules: Sequence[Rule]
    limits: Limits
    sources: Sequence[Source] = ()
    blueprints: Sequence[Blueprint] = ()
    notifications: Sequence[Notification] = ()


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
    blueprints = {one.name: one for one in wanted.blueprints}
    events += [BlueprintRemoved(name=name) for name in current.blueprints if name not in blueprints]
    events += [
        BlueprintDefined(blueprint=one) for name, one in blueprints.items() if current.blueprints.get(name) != one
    ]
    told = {one.name: one for one in wanted.notifications}
    events += [NotificationRemoved(name=name) for name in current.notifications if name not in told]
    events += [
        NotificationDefined(notification=one) for name, one in told.items() if current.notifications.get(name) != one
    ]
    if current.limits != wanted.limits:
        events.append(LimitsDefined(limits=wanted.limits))
    applied = FleetApplied(digest=digest(wanted), agents=len(agents), rules=len(rules), blueprints=len(blueprints))
    if current.revision >= 0:
        applied.previous = current.revision
    return [*events, applied]


def with_blueprints(fleet: Fleet, other: WantedFleet) -> WantedFleet:
    """The fleet in force as it is, with the other one's blueprints that it has not, and the agents that these need."""
    more = [one for one in other.blueprints if one.name not in fleet.blueprints]
    needed = {name for one in more for step in one.steps for name in (step.agent, step.compensate)}
    needed |= {CLASSIFIER} if more else set()
    agents = [one for one in other.agents if one.name in needed and one.name not in fleet.agents]
    return WantedFleet(
        tenant=other.tenant,
        agents=[*fleet.agents.values(), *agents],
        rules=sorted(fleet.rules.values(), key=lambda rule: rule.order),
        limits=fleet.limits,
        sources=list(fleet.sources.values()),
        blueprints=[*fleet.blueprints.values(), *more],
        notifications=list(fleet.notifications.values()),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """kind: agent, rule, source, blueprint, notification or limits. before: None if it is added; after: if removed."""

    kind: str
    name: str
    before: Message | None
    after: Message | None

    @property
    def change(self) -> str:
        return "added" if self.before is None else "removed" if self.after is None else "changed"


def differences(current: Fleet, wanted: WantedFleet) -> list[Difference]:
    """What people see of a change. A rule that only makes room for another one is none; one that changes places is."""
    found = _differing("agent", current.agents, {agent.name: agent for agent in wanted.agents})
    found += _differing("rule", *_in_places(current, wanted))
    found += _differing("source", current.sources, {source.name: source for source in wanted.sources})
    found += _differing("blueprint", current.blueprints, {one.name: one for one in wanted.blueprints})
    found += _differing("notification", current.notifications, {one.name: one for one in wanted.notifications})
    if current.limits != wanted.limits:
        before = current.limits if current.revision >= 0 else None
        found.append(Difference(kind="limits", name="limits", before=before, after=wanted.limits))
    return found


def _differing(kind: str, before: Mapping[str, Message], after: Mapping[str, Message]) -> list[Difference]:
    return [
        Difference(kind=kind, name=name, before=before.get(name), after=after.get(name))
        for name in {**before, **after}
        if before.get(name) != after.get(name)
    ]


def _in_places(current: Fleet, wanted: WantedFleet) -> tuple[dict[str, Rule], dict[str, Rule]]:
    """Both fleets' rules, each with its place among those that both have."""
    names = {rule.name for rule in wanted.rules}
    kept = sorted((rule for rule in current.rules.values() if rule.name in names), key=lambda rule: rule.order)
    before, after = {rule.name: at for at, rule in enumerate(kept)}, dict[str, int]()
    for rule in wanted.rules:
        if rule.name in before:
            after[rule.name] = len(after)
    return (
        {rule.name: _placed(rule, before) for rule in current.rules.values()},
        {rule.name: _placed(rule, after) for rule in wanted.rules},
    )


def _placed(rule: Rule, places: Mapping[str, int]) -> Rule:
    placed = Rule()
    placed.CopyFrom(rule)
    placed.order = places.get(rule.name, rule.order)
    return placed


def digest(wanted: WantedFleet) -> str:
    """Of what is wanted, however the file that says so is written."""
    hashed = hashlib.sha256()
    agents = sorted(wanted.agents, key=lambda agent: agent.name)
    sources = sorted(wanted.sources, key=lambda source: source.name)
    blueprints = sorted(wanted.blueprints, key=lambda one: one.name)
    notifications = sorted(wanted.notifications, key=lambda one: one.name)
    parts: list[Message] = [*agents, *wanted.rules, wanted.limits, *sources, *blueprints, *notifications]
    for part in parts:
        data = part.SerializeToString(deterministic=True)
        hashed.update(f"{part.DESCRIPTOR.name}:{len(data)}:".encode() + data)
    return hashed.hexdigest()
