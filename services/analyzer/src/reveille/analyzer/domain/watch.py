"""Whether an agent wakes on what its rules have matched, and what is gathered for later. Stream: watch-<agent>.

Rules that begin a plan are decided on alike, in watch-blueprint:<name>.
"""

from dataclasses import dataclass
from typing import Final, assert_never

from google.protobuf.message import Message

from reveille.analyzer.domain.gathering import MILLISECOND, Group, Watch, evolve
from reveille.analyzer.domain.times import timestamp
from reveille.contracts.analyzer.v1.events_pb2 import (
    GATHERING_BATCH,
    GATHERING_COOLDOWN,
    SUPPRESSION_LOOP,
    TriggerFired,
    TriggerGathered,
    TriggerSuppressed,
)
from reveille.contracts.common.v1.common_pb2 import PRIORITY_CRITICAL, EventRef, Priority
from reveille.contracts.ingress.v1.events_pb2 import Start
from reveille.kernel.decider import Decided, Decider
from reveille.kernel.events import About
from reveille.kernel.replacing import replace

# Groups that one look fires; the rest follow in the next one.
FIRED_AT_ONCE: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """A rule that matched, and under what its signals are gathered where they must wait.

    cooldown_group: "" where the rule has no cooldown; window_ms: 0 where it has no batch. prompt: of a rule that
    begins a plan.
    """

    rule: str
    group: str
    max: int
    cooldown_group: str = ""
    cooldown_ms: int = 0
    window_ms: int = 0
    prompt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wake:
    """All rules that matched one signal for one agent, in the fleet's order; none where a sender named the agent.

    blueprint: of a plan that begins, where no agent ("") wakes. about: what it is about, where that is not what its
    cause is about.
    """

    now: int
    trigger_id: str
    agent: str
    matched: tuple[Matched, ...]
    priority: Priority
    signal_ids: tuple[str, ...]
    signals: tuple[EventRef, ...]
    fleet_revision: int
    hop: int
    max_hops: int
    agent_cooldown_ms: int = 0
    handed_on_by: str = ""
    about: About | None = None
    blueprint: str = ""

    @property
    def rules(self) -> tuple[str, ...]:
        return tuple(one.rule for one in self.matched)


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAt:
    """Something may be due that has been gathered. `due`: when it was to be looked at."""

    now: int
    due: int


Command = Wake | LookAt


def decide(command: Command, state: Watch) -> list[Decided]:
    match command:
        case Wake(trigger_id=trigger_id) if trigger_id in state.handed:
            return []  # another attempt at the step has handed it on before
        case Wake(hop=hop, max_hops=max_hops) if hop > max_hops:
            return [_about(command, _suppressed(command))]
        case Wake(matched=()):
            return [_about(command, _at_once(command, None, 0, state))]
        case Wake(priority=priority) if priority == PRIORITY_CRITICAL:
            # It waits for no cooldown, and pushes none: many of them would else keep what is gathered from ever waking.
            agent_until = 0 if state.agent_until > command.now else _agent_until(command)
            return [_about(command, _at_once(command, None, agent_until, state))]
        case Wake():
            return _wake(command, state)
        case LookAt(now=now, due=due):
            return [*_fire(state, max(now, due))] if due == state.look_at else []
        case _:
            assert_never(command)


def _wake(command: Wake, state: Watch) -> list[Decided]:
    """The rule that lets the agent wake soonest has the signal; of several, the first in the fleet."""
    now, soonest = command.now, _soonest(command, state)
    if state.open_group(soonest.group, len(command.signals)) is not None:
        gathered = _gathered(command, soonest, state)
        state = evolve(state, gathered, About("", hop=command.hop))
        return [_about(command, gathered), *(_fire(state, now) if _late(state, now) else [])]
    fired = _fire(state, now) if _late(state, now) else []  # a timer may be behind: first come
    for event, about in fired:
        state = evolve(state, event, about)
    if fired:
        soonest = _soonest(command, state)
    if _time(soonest, command, state) <= now:
        return [*fired, _about(command, _at_once(command, soonest, _agent_until(command), state))]
    return [*fired, _about(command, _gathered(command, soonest, state))]


def _soonest(command: Wake, state: Watch) -> Matched:
    return min(command.matched, key=lambda one: _time(one, command, state))


def _time(one: Matched, command: Wake, state: Watch) -> int:
    """When this rule would let the agent wake."""
    now, signals = command.now, len(command.signals)
    after = max(now, state.agent_until, state.cooldowns.get(one.cooldown_group, 0) if one.cooldown_group else 0)
    waiting = state.open_group(one.group, signals)
    if waiting is None:
        return after if signals >= one.max else max(after, now + one.window_ms * MILLISECOND)
    due = state.due(waiting)
    if len(waiting.signals) + signals >= waiting.max:
        due = state.due(replace(waiting, ready_at=0))
    return max(after, due)


def _late(state: Watch, now: int) -> bool:
    return 0 < state.look_at <= now


def _fire(state: Watch, at: int) -> list[tuple[TriggerFired, About]]:
    """What is due, one for each of the agent's cooldowns."""
    fired: list[tuple[TriggerFired, About]] = []
    for group in state.in_turn(at):
        if state.due(group) > at:  # the agent's cooldown, or its own, has begun with one before it
            continue
        event = _of_group(group, at)
        event.look_at.FromMicroseconds(at + 1)
        fired.append((event, group.about))
        state = evolve(state, event, group.about)
        if len(fired) == FIRED_AT_ONCE:
            break
    if fired:
        last, following = fired[-1][0], state.next_due()
        last.ClearField("look_at")
        if following:
            last.look_at.FromMicroseconds(max(following, at + 1))
    return fired


def _of_group(group: Group, at: int) -> TriggerFired:
    event = TriggerFired(
        trigger_id=group.trigger_id,
        agent=group.agent,
        rule=group.rule,
        rules=group.rules,
        priority=group.priority,  # type: ignore[arg-type]
        signal_ids=group.signal_ids,
        signals=[one.as_message() for one in group.signals],
        fleet_revision=group.fleet_revision,
        group=group.key,
        agent_until=timestamp(at + group.agent_cooldown_ms * MILLISECOND if group.agent_cooldown_ms else 0),
        start=_start(group.blueprint, group.prompt),
    )
    if group.cooldowns:
        event.cooldown_group, *more = group.cooldowns
        event.cooldown_groups.extend(more)
        event.cooldown_until.FromMicroseconds(at + group.cooldown_ms * MILLISECOND)
        event.cooldown_ms = group.cooldown_ms
    return event


def _at_once(command: Wake, by: Matched | None, agent_until: int, state: Watch) -> TriggerFired:
    event = TriggerFired(
        trigger_id=command.trigger_id,
        agent=command.agent,
        rule=next(iter(command.rules), "") if by is None else by.rule,
        rules=command.rules,
        priority=command.priority,
        signal_ids=command.signal_ids,
        signals=command.signals,
        fleet_revision=command.fleet_revision,
        handed_on_by=command.handed_on_by,
        agent_until=timestamp(agent_until),
        start=_start(command.blueprint, _prompt(command, by)),
    )
    if by is not None and by.cooldown_group:
        event.cooldown_group = by.cooldown_group
        event.cooldown_until.FromMicroseconds(command.now + by.cooldown_ms * MILLISECOND)
        event.cooldown_ms = by.cooldown_ms
    if state.look_at:
        following = replace(state, agent_until=agent_until).next_due() if agent_until else state.look_at
        event.look_at.FromMicroseconds(following)
    return event


def _gathered(command: Wake, by: Matched, state: Watch) -> TriggerGathered:
    waiting = state.open_group(by.group, len(command.signals))
    event = TriggerGathered(
        trigger_id=waiting.trigger_id if waiting else command.trigger_id,
        agent=command.agent,
        rule=by.rule,
        rules=command.rules,
        group=by.group,
        priority=command.priority,
        signal_ids=command.signal_ids,
        signals=command.signals,
        fleet_revision=command.fleet_revision,
        reason=GATHERING_BATCH if by.window_ms else GATHERING_COOLDOWN,
        ready_at=timestamp(_time(by, command, state)),
        max=waiting.max if waiting else by.max,
        agent_cooldown_ms=command.agent_cooldown_ms,
        cooldown_group=by.cooldown_group,
        cooldown_ms=by.cooldown_ms,
        start=_start(command.blueprint, by.prompt),
    )
    event.look_at.FromMicroseconds(max(command.now, _look_at(state, event, waiting)))
    return event


def _look_at(state: Watch, event: TriggerGathered, waiting: Group | None) -> int:
    """As the group is due then; the others are as they were, and are looked at only where it was the first of all."""
    after = evolve(state, event, About(""))
    due = after.due(after.groups[event.group][-1])
    if not state.look_at or due <= state.look_at:
        return due
    if waiting is None or state.due(waiting) != state.look_at:
        return state.look_at
    return after.next_due()


def _suppressed(command: Wake) -> TriggerSuppressed:
    verb = "begin a plan" if command.blueprint else "wake"
    return TriggerSuppressed(
        trigger_id=command.trigger_id,
        agent=command.agent,
        rule=next(iter(command.rules), ""),
        reason=SUPPRESSION_LOOP,
        signal_ids=command.signal_ids,
        blueprint=command.blueprint,
        detail=f"the chain of agents' acts is {command.hop} long, at most {command.max_hops} {verb}",
    )


def _start(blueprint: str, prompt: str) -> Start | None:
    return Start(blueprint=blueprint, prompt=prompt) if blueprint else None


def _prompt(command: Wake, by: Matched | None) -> str:
    """Of the rule that has the signal; where it waited for none, of the first."""
    first = command.matched[0].prompt if command.matched else ""
    return first if by is None else by.prompt


def _agent_until(command: Wake) -> int:
    return command.now + command.agent_cooldown_ms * MILLISECOND if command.agent_cooldown_ms else 0


def _about(command: Wake, event: Message) -> Decided:
    return event if command.about is None else (event, command.about)


decider: Final = Decider(
    category="watch", initial=Watch(), decide=decide, evolve=evolve, snapshot_every=1000, version=3
)
