"""What a signal, and whatever else comes in, means to a fleet: which streams have something to decide."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from reveille.analyzer.domain.gathering import MAX_SIGNALS
from reveille.analyzer.domain.pattern import Arm, Count, Disarm, Touch
from reveille.analyzer.domain.rules import CompiledRule, RuleIndex, Variables, once, watcher_of, watches_time
from reveille.analyzer.domain.watch import Matched, Wake
from reveille.contracts.analyzer.v1.events_pb2 import PatternDetected
from reveille.contracts.common.v1.common_pb2 import PRIORITY_MEDIUM, EventRef, Priority, Signal, SignalContent
from reveille.contracts.ingress.v1.events_pb2 import Agent, Rule
from reveille.kernel.decider import Command
from reveille.kernel.errors import Poison
from reveille.kernel.events import About, stream_name
from reveille.kernel.fleet import Fleet
from reveille.kernel.ids import derive
from reveille.kernel.timestamps import microseconds

LABELS: Final = "labels."
# What a rule may be changed in without a new beginning of what it watches.
OF_THE_WAKE: Final = ("order", "wake", "start", "priority", "cooldown", "batch")
# Of a chain of agents' acts that begins a plan; an agent says itself how long its chains may be.
MAX_HOPS: Final = 3


def trigger_id(signal_id: str, watcher: str) -> str:
    return derive("trigger", signal_id, watcher)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Woken:
    """An agent that wakes, or a blueprint that starts."""

    agent: str = ""
    blueprint: str = ""
    max_hops: int
    cooldown_ms: int = 0


class Meaning:
    """Of what comes in for one tenant while one fleet is in force. At most one command for a stream."""

    def __init__(self, tenant: str, fleet: Fleet, index: RuleIndex) -> None:
        self._tenant = tenant
        self._fleet = fleet
        self._index = index

    def of_signal(
        self, signal: Signal, content: SignalContent, ref: EventRef, about: About, now: int
    ) -> list[tuple[str, Command]]:
        """Raises Poison for an agent that the fleet has not."""
        if signal.target:
            return [self._wake(signal.target, [], dict, signal, ref, now)]
        matched: dict[str, list[Rule]] = {}
        commands: list[tuple[str, Command]] = []
        variables = once(signal, content)
        for compiled in self._index.matching(signal, content):
            rule = compiled.rule
            if watches_time(rule):
                commands.append(self._watched(compiled, signal, variables, ref, about, now))
            else:
                matched.setdefault(watcher_of(rule), []).append(rule)
        for watcher, rules in matched.items():
            commands.append(self._wake(watcher, rules, variables, signal, ref, now))
        return commands

    def of_detection(self, detected: PatternDetected, about: About, now: int) -> tuple[str, Command]:
        rule = self._fleet.rules.get(detected.rule)
        if rule is None:
            raise Poison(f"fleet {self._fleet.revision} of {self._tenant} has no rule {detected.rule}")
        woken = self._woken(watcher_of(rule), [rule], f"rule {rule.name}")
        matched = Matched(
            rule=rule.name,
            group=detected.group or derive("group", rule.name),
            max=_most(rule),
            cooldown_group=(detected.group or derive("group", rule.name)) if rule.HasField("cooldown") else "",
            cooldown_ms=rule.cooldown.for_ms,
            window_ms=rule.batch.window_ms,
            prompt=rule.start.prompt,
        )
        wake = Wake(
            now=now,
            trigger_id=detected.trigger_id,
            agent=woken.agent,
            blueprint=woken.blueprint,
            matched=(matched,),
            priority=rule.priority or PRIORITY_MEDIUM,
            signal_ids=tuple(detected.signal_ids),
            signals=tuple(detected.signals),
            fleet_revision=detected.fleet_revision,
            hop=about.hop,
            max_hops=woken.max_hops,
            agent_cooldown_ms=woken.cooldown_ms,
        )
        return stream_name(self._tenant, "watch", watcher_of(rule)), wake

    def _watched(
        self, compiled: CompiledRule, signal: Signal, variables: Variables, ref: EventRef, about: About, now: int
    ) -> tuple[str, Command]:
        rule = compiled.rule
        stream = stream_name(self._tenant, "pattern", rule.name)
        received_at = microseconds(signal.received_at) or now
        if rule.HasField("absence"):
            touch = Touch(
                now=now,
                rule=rule.name,
                fleet_revision=self._fleet.revision,
                for_ms=rule.absence.for_ms,
                signal_id=signal.id,
                received_at=received_at,
            )
            return stream, touch
        pattern = rule.pattern
        sequence = len(pattern.steps) > 1
        count = Count(
            now=now,
            rule=rule.name,
            trigger_id=derive("trigger", stream, signal.id),
            fleet_revision=self._fleet.revision,
            group=_group(rule.name, pattern.by, variables),
            signal_id=signal.id,
            signal=ref,
            received_at=received_at,
            about=about,
            within_ms=pattern.within_ms,
            steps=tuple(compiled.steps(signal)) if sequence else (),
            length=len(pattern.steps) if sequence else max(1, pattern.count),
            sequence=sequence,
        )
        return stream, count

    def _wake(
        self, watcher: str, rules: Sequence[Rule], variables: Variables, signal: Signal, ref: EventRef, now: int
    ) -> tuple[str, Command]:
        """rules: of one watcher; none where the sender named the agent."""
        woken = self._woken(watcher, rules, f"signal {signal.id}")
        wake = Wake(
            now=now,
            trigger_id=trigger_id(signal.id, watcher),
            agent=woken.agent,
            blueprint=woken.blueprint,
            matched=tuple(_matched(rule, variables) for rule in rules),
            priority=_priority(signal, rules),
            signal_ids=(signal.id,),
            signals=(ref,),
            fleet_revision=self._fleet.revision,
            hop=signal.hop,
            max_hops=woken.max_hops,
            agent_cooldown_ms=woken.cooldown_ms,
        )
        return stream_name(self._tenant, "watch", watcher), wake

    def _woken(self, watcher: str, rules: Sequence[Rule], what: str) -> "_Woken":
        if rules and rules[0].HasField("start"):
            return _Woken(blueprint=rules[0].start.blueprint, max_hops=MAX_HOPS)
        agent = self._agent(watcher, what)
        return _Woken(agent=agent.name, max_hops=agent.max_hops, cooldown_ms=agent.cooldown_ms)

    def _agent(self, name: str, what: str) -> Agent:
        agent = self._fleet.agents.get(name)
        if agent is None:
            raise Poison(f"{what} is for agent {name}, which the fleet at revision {self._fleet.revision} has not")
        return agent


def of_fleet(tenant: str, before: Fleet, fleet: Fleet, now: int) -> Iterator[tuple[str, Command]]:
    """What watches time is in force from here on, or is no more."""
    for name, rule in before.rules.items():
        kept = fleet.rules.get(name)
        if watches_time(rule) and (kept is None or not watches_time(kept)):
            yield stream_name(tenant, "pattern", name), Disarm(now=now, rule=name)
    for name, rule in fleet.rules.items():
        if not watches_time(rule):
            continue
        was = before.rules.get(name)
        arm = Arm(
            now=now,
            rule=name,
            fleet_revision=fleet.revision,
            same=was is not None and _watched_alike(was, rule),
            for_ms=rule.absence.for_ms,
            expression=rule.cron.expression,
            time_zone=rule.cron.time_zone,
        )
        yield stream_name(tenant, "pattern", name), arm


def _watched_alike(one: Rule, other: Rule) -> bool:
    return bool(_watching(one) == _watching(other))


def _watching(rule: Rule) -> Rule:
    bare = Rule()
    bare.CopyFrom(rule)
    for name in OF_THE_WAKE:
        bare.ClearField(name)
    return bare


def _matched(rule: Rule, variables: Variables) -> Matched:
    cooldown = _group(rule.name, rule.cooldown.by, variables) if rule.HasField("cooldown") else ""
    batch = _group(rule.name, rule.batch.by, variables) if rule.HasField("batch") else ""
    return Matched(
        rule=rule.name,
        group=batch or cooldown or derive("group", rule.name),
        max=_most(rule),
        cooldown_group=cooldown,
        cooldown_ms=rule.cooldown.for_ms,
        window_ms=rule.batch.window_ms,
        prompt=rule.start.prompt,
    )


def _most(rule: Rule) -> int:
    return min(rule.batch.max or MAX_SIGNALS, MAX_SIGNALS) if rule.HasField("batch") else MAX_SIGNALS


def _group(rule: str, by: Sequence[str], variables: Variables) -> str:
    """Signals whose fields are equal have one. As JSON, a value cannot be taken for two."""
    return derive("group", rule, *(json.dumps(_value(name, variables()), sort_keys=True) for name in by))


def _value(name: str, variables: Mapping[str, Any]) -> Any:
    if name.startswith(LABELS):
        return variables["labels"].get(name.removeprefix(LABELS))
    return variables.get(name)


def _priority(signal: Signal, rules: Sequence[Rule]) -> Priority:
    """The highest that anybody asked for."""
    return max(
        [signal.priority or PRIORITY_MEDIUM] if not rules else [rule.priority or PRIORITY_MEDIUM for rule in rules]
    )
