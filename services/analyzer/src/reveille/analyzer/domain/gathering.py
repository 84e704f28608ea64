"""What a watch knows: which signals wait to wake together, and when they may."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from google.protobuf.message import Message
from immutables import Map

from reveille.analyzer.domain.rotation import Rotation
from reveille.contracts.analyzer.v1.events_pb2 import TriggerFired, TriggerGathered
from reveille.contracts.common.v1.common_pb2 import EventRef
from reveille.kernel.events import About
from reveille.kernel.replacing import replace
from reveille.kernel.timestamps import microseconds

# Of one trigger, whatever its rule says: an event must stay below 256 KiB.
MAX_SIGNALS: Final = 500
MAX_RULE_NAMES_BYTES: Final = 32 * 1024
MILLISECOND: Final = 1_000
# The planner starts an execution once, whatever is forgotten here.
REMEMBERED: Final = 1_000


@dataclass(frozen=True, slots=True)
class Ref:
    stream: str
    revision: int

    def as_message(self) -> EventRef:
        return EventRef(stream=self.stream, revision=self.revision)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Signals that will be one trigger. number: counts the groups of a watch, the lowest is the oldest.

    agent: who wakes; "" where a plan of the blueprint begins, whose first input is the prompt.
    ready_at: not before it, unless the group is full. cooldowns: nor before these have ended; they start anew with it.
    about: of its first signal, with the highest hop of all.
    """

    number: int
    trigger_id: str
    key: str
    rule: str
    rules: tuple[str, ...]
    priority: int
    signal_ids: tuple[str, ...]
    signals: tuple[Ref, ...]
    fleet_revision: int
    ready_at: int
    max: int
    cooldowns: tuple[str, ...]
    cooldown_ms: int
    agent_cooldown_ms: int
    about: About
    agent: str = ""
    blueprint: str = ""
    prompt: str = ""

    @property
    def full(self) -> bool:
        return len(self.signals) >= self.max

    def takes(self, signals: int) -> bool:
        return not self.full and len(self.signals) + signals <= MAX_SIGNALS


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """groups: by key; behind one that is full and must wait another one opens.

    cooldowns: until when, by group of signals. agent_until: the agent's own. look_at: when something is due; 0: never.
    handed: the latest triggers of work that was handed on, which each attempt at a step hands on again.
    """

    groups: Map[str, tuple[Group, ...]] = field(default_factory=Map)
    opened: int = 0
    cooldowns: Map[str, int] = field(default_factory=Map)
    rotation: Rotation = field(default_factory=Rotation)
    agent_until: int = 0
    look_at: int = 0
    handed: Map[str, bool] = field(default_factory=Map)
    handed_in_order: Rotation = field(default_factory=Rotation)

    def open_group(self, key: str, signals: int) -> Group | None:
        """The one that takes so many more signals."""
        queue = self.groups.get(key)
        return queue[-1] if queue and queue[-1].takes(signals) else None

    def due(self, group: Group) -> int:
        """When it may wake: 1 where it may at any time, since 0 is never."""
        after = [self.cooldowns.get(one, 0) for one in group.cooldowns]
        return max(1, self.agent_until, 0 if group.full else group.ready_at, *after)

    def all_groups(self) -> Iterator[Group]:
        for queue in self.groups.values():
            yield from queue

    def in_turn(self, now: int) -> list[Group]:
        """Those that are due: the highest priority first, then the oldest."""
        ready = [group for group in self.all_groups() if self.due(group) <= now]
        return sorted(ready, key=lambda group: (-group.priority, group.number))

    def next_due(self) -> int:
        return min(map(self.due, self.all_groups()), default=0)


def joined(rules: Sequence[str], more: Sequence[str]) -> tuple[str, ...]:
    """Each once; what would make an event too large is left out."""
    found = dict.fromkeys(rules)
    size = sum(map(len, found))
    for name in more:
        if name not in found and size + len(name) <= MAX_RULE_NAMES_BYTES:
            found[name] = None
            size += len(name)
    return tuple(found)


def cooling(
    cooldowns: Map[str, int], rotation: Rotation, keys: Sequence[str], *, until: int, now: int
) -> tuple[Map[str, int], Rotation]:
    """With these begun, and without a few of those that have ended."""
    for key in keys:
        if key not in cooldowns:
            rotation = rotation.add(key)
        cooldowns = cooldowns.set(key, max(until, cooldowns.get(key, 0)))
    for _ in keys:
        cooldowns, rotation = _swept(cooldowns, rotation, now)
    return cooldowns, rotation


def _swept(cooldowns: Map[str, int], rotation: Rotation, now: int) -> tuple[Map[str, int], Rotation]:
    rotation, gone = rotation.sweep(lambda key: cooldowns[key] <= now)
    for key in gone:
        cooldowns = cooldowns.delete(key)
    return cooldowns, rotation


def remembering(watch: Watch, trigger_id: str) -> tuple[Map[str, bool], Rotation]:
    """The triggers of work handed on with this one, and without the oldest where they are many."""
    handed, order = watch.handed, watch.handed_in_order
    if trigger_id in handed:
        return handed, order
    handed, order = handed.set(trigger_id, True), order.add(trigger_id)
    if len(handed) > REMEMBERED:
        order, oldest = order.without_first()
        handed = handed.delete(oldest)
    return handed, order


def without(groups: Map[str, tuple[Group, ...]], key: str) -> Map[str, tuple[Group, ...]]:
    return groups.delete(key) if key in groups else groups


def evolve(state: Watch, event: Message, about: About) -> Watch:
    match event:
        case TriggerGathered():
            return _with_gathered(state, event, about)
        case TriggerFired():
            return _with_fired(state, event)
    return state


def _with_gathered(state: Watch, event: TriggerGathered, about: About) -> Watch:
    queue = state.groups.get(event.group, ())
    signals = tuple(Ref(one.stream, one.revision) for one in event.signals)
    cooldown = (event.cooldown_group,) if event.cooldown_group else ()
    opened = state.opened
    if queue and queue[-1].trigger_id == event.trigger_id:
        last = queue[-1]
        # All of a group are of one rule; it says what the newest fleet among them says.
        newer = event.fleet_revision >= last.fleet_revision
        group = replace(
            last,
            prompt=event.start.prompt if newer else last.prompt,
            rules=joined(last.rules, event.rules),
            priority=max(last.priority, event.priority),
            signal_ids=last.signal_ids + tuple(event.signal_ids),
            signals=last.signals + signals,
            fleet_revision=max(last.fleet_revision, event.fleet_revision),
            cooldowns=last.cooldowns if set(cooldown) <= set(last.cooldowns) else last.cooldowns + cooldown,
            cooldown_ms=event.cooldown_ms,
            agent_cooldown_ms=event.agent_cooldown_ms,
            about=last.about if about.hop <= last.about.hop else replace(last.about, hop=about.hop),
        )
        queue = queue[:-1]
    else:
        opened += 1
        group = Group(
            number=opened,
            trigger_id=event.trigger_id,
            key=event.group,
            rule=event.rule,
            rules=joined((), event.rules),
            priority=event.priority,
            signal_ids=tuple(event.signal_ids),
            signals=signals,
            fleet_revision=event.fleet_revision,
            ready_at=microseconds(event.ready_at),
            max=event.max,
            cooldowns=cooldown,
            cooldown_ms=event.cooldown_ms,
            agent_cooldown_ms=event.agent_cooldown_ms,
            about=about,
            agent=event.agent,
            blueprint=event.start.blueprint,
            prompt=event.start.prompt,
        )
    return replace(
        state,
        groups=state.groups.set(event.group, (*queue, group)),
        opened=opened,
        look_at=microseconds(event.look_at),
    )


def _with_fired(state: Watch, event: TriggerFired) -> Watch:
    changes: dict[str, Any] = {}
    look_at = microseconds(event.look_at)
    if look_at != state.look_at:
        changes["look_at"] = look_at
    if event.handed_on_by:
        changes["handed"], changes["handed_in_order"] = remembering(state, event.trigger_id)
    if event.HasField("agent_until"):
        changes["agent_until"] = max(state.agent_until, microseconds(event.agent_until))
    if event.group:
        left = tuple(one for one in state.groups.get(event.group, ()) if one.trigger_id != event.trigger_id)
        changes["groups"] = state.groups.set(event.group, left) if left else without(state.groups, event.group)
    if event.cooldown_group:
        until = microseconds(event.cooldown_until)
        keys = (event.cooldown_group, *event.cooldown_groups)
        began = until - event.cooldown_ms * MILLISECOND
        changes["cooldowns"], changes["rotation"] = cooling(
            state.cooldowns, state.rotation, keys, until=until, now=began
        )
    return replace(state, **changes) if changes else state
