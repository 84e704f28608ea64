"""Promise 2: one delivery, one signal; one wake for each agent that its rules name; one execution for each wake."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from reveille.contracts.agent_runner.v1.events_pb2 import AgentWoken, RunStarted, WorkHandedOn, WorkRevoked
from reveille.contracts.analyzer.v1.events_pb2 import PatternDetected, TriggerFired, TriggerGathered, TriggerSuppressed
from reveille.contracts.budget.v1.events_pb2 import TokensDenied, TokensReserved
from reveille.contracts.common.v1.common_pb2 import PRIORITY_MEDIUM, MessageParked, Signal, SignalContent
from reveille.contracts.ingress.v1.events_pb2 import PATHS_UNKNOWN_SKIP, Rule, SignalEnriched, SignalReceived
from reveille.contracts.planner.v1.events_pb2 import (
    ApprovalResolved,
    ExecutionCompleted,
    ExecutionFailed,
    ExecutionStarted,
    StepReady,
)
from reveille.kernel.events import Recorded, tenant_of
from reveille.kernel.ids import text
from reveille.kernel.sealing import open_sealed
from tests.simulation.checker.broken import Broken
from tests.simulation.checker.history import History
from tests.simulation.outside import Taken
from tests.simulation.scenario import PATHS, TOO_LONG, WHERE

# Of what begins a plan in the place of waking an agent, and how long a chain of agents' own acts may be that does.
PLAN: Final = "blueprint:"
PLAN_HOPS: Final = 3


@dataclass(slots=True)
class Expected:
    """By agent, or `blueprint:` and a name, the rules that wake or begin it (suppressed: it is not).

    poison: nothing but a dead letter comes of it.
    """

    woken: dict[str, list[Rule]] = field(default_factory=lambda: defaultdict(list))
    suppressed: set[str] = field(default_factory=set)
    poison: bool = False


def check(history: History, taken: Sequence[Taken]) -> Iterator[Broken]:
    yield from _one_signal(history, taken)
    yield from _decided_once(history)
    yield from _detected_once(history)
    yield from _handed_once(history)
    yield from _one_execution(history)
    yield from _one_run(history)


def _one_signal(history: History, taken: Sequence[Taken]) -> Iterator[Broken]:
    signals = Counter(
        (tenant_of(event.stream), received.signal.source, received.signal.delivery)
        for event, received in history.all(SignalReceived)
    )
    for key, count in signals.items():
        if count > 1:
            yield Broken(promise=2, what=f"delivery {key} became {count} signals")
    asked = Counter(one.signal.id for _, one in history.all(SignalEnriched))
    for _, received in history.all(SignalReceived):
        if asked[received.signal.id] != received.signal.enriching:
            yield Broken(promise=2, what=f"signal {received.signal.id} was completed {asked[received.signal.id]} times")
    told: dict[int, set[str]] = defaultdict(set)
    for one in taken:
        if one.sending.delivery.key:
            told[one.sending.number].add(one.receipt.signal_id)
    for number, ids in told.items():
        if len(ids) > 1:
            yield Broken(promise=2, what=f"delivery {number} was told to be {len(ids)} signals")


def _decided_once(history: History) -> Iterator[Broken]:
    decided: dict[tuple[str, str], list[TriggerFired | TriggerSuppressed]] = defaultdict(list)
    others = {one.trigger_id for _, one in history.all(PatternDetected)}
    others |= {one.trigger_id for _, one in history.all(WorkHandedOn)}
    for event in history.log:
        match event.msg:
            case TriggerFired() | TriggerSuppressed() as trigger if trigger.trigger_id not in others:
                for signal_id in trigger.signal_ids:
                    decided[tenant_of(event.stream), signal_id].append(trigger)
    parked = Counter(letter.event_id for _, letter in history.all(MessageParked))
    for event, signal in _signals(history):
        expected = _expected(history, event, signal)
        yield from _compare(signal, expected, decided[tenant_of(event.stream), signal.id])
        letters = parked.pop(text(event.id), 0)
        if letters != expected.poison:
            yield Broken(promise=2, what=f"signal {signal.id} was parked {letters} times, not {expected.poison:d}")
    for event_id, count in parked.items():
        reason = next(letter.error for _, letter in history.all(MessageParked) if letter.event_id == event_id)
        yield Broken(promise=0, what=f"event {event_id} was parked {count} times, and should not be: {reason[:300]}")


def _signals(history: History) -> Iterator[tuple[Recorded, Signal]]:
    """Each as it was to be decided on: completed, where its provider was asked."""
    enriched = {one.signal.id: (event, one.signal) for event, one in history.all(SignalEnriched)}
    for event, received in history.all(SignalReceived):
        if not received.signal.enriching:
            yield event, received.signal
        elif received.signal.id in enriched:
            yield enriched[received.signal.id]


def _detected_once(history: History) -> Iterator[Broken]:
    """What a rule that watches time has found wakes its agent once, or is suppressed."""
    outcomes = Counter(one.trigger_id for _, one in history.all(TriggerFired))
    outcomes.update(one.trigger_id for _, one in history.all(TriggerSuppressed))
    gathered = {one.trigger_id: one for _, one in history.all(TriggerGathered)}
    joined: Counter[str] = Counter()
    for _, fired in history.all(TriggerFired):
        joined.update(fired.signal_ids)
    for _, found in history.all(PatternDetected):
        if outcomes[found.trigger_id] == 1:
            continue
        # Gathered behind another one of its group, all of its signals are in that one.
        if outcomes[found.trigger_id] or found.trigger_id in gathered or not all(joined[id] for id in found.signal_ids):
            what = f"{found.rule} found {found.trigger_id}, which woke {outcomes[found.trigger_id]} times"
            yield Broken(promise=2, what=what)


def _handed_once(history: History) -> Iterator[Broken]:
    given = {one.trigger_id for _, one in history.all(WorkHandedOn)}
    outcomes = Counter(one.trigger_id for _, one in history.all(TriggerFired) if one.handed_on_by)
    outcomes.update(one.trigger_id for _, one in history.all(TriggerSuppressed) if one.trigger_id in given)
    for trigger_id in given:
        fired = sum(one.trigger_id == trigger_id for _, one in history.all(TriggerFired))
        if not outcomes[trigger_id] or fired > 1:
            yield Broken(promise=2, what=f"work handed on as {trigger_id} woke {fired} times")


def _compare(
    signal: Signal, expected: Expected, decided: Sequence[TriggerFired | TriggerSuppressed]
) -> Iterator[Broken]:
    agents = sorted(_woken(trigger) for trigger in decided)
    wanted = [] if expected.poison else sorted(expected.woken)
    if agents != wanted:
        yield Broken(promise=2, what=f"signal {signal.id} was decided on for {agents}, its rules are for {wanted}")
        return
    for trigger in decided:
        woken = _woken(trigger)
        rules, gathered = expected.woken[woken], isinstance(trigger, TriggerFired) and trigger.group != ""
        names = [rule.name for rule in rules]
        if isinstance(trigger, TriggerSuppressed) != (woken in expected.suppressed):
            yield Broken(promise=2, what=f"signal {signal.id} of hop {signal.hop} got {type(trigger).__name__}")
        elif isinstance(trigger, TriggerFired) and not _by_rules(list(trigger.rules), names, gathered=gathered):
            yield Broken(promise=2, what=f"signal {signal.id} woke {woken} by rules {list(trigger.rules)}")
        elif isinstance(trigger, TriggerFired) and not _ranks(trigger, _priority(signal, rules), gathered=gathered):
            yield Broken(promise=2, what=f"signal {signal.id} woke {woken} at priority {trigger.priority}")


def _by_rules(told: Sequence[str], names: Sequence[str], *, gathered: bool) -> bool:
    """What is gathered names the rules of all its signals."""
    return set(told) >= set(names) if gathered else list(told) == list(names)


def _ranks(trigger: TriggerFired, priority: int, *, gathered: bool) -> bool:
    return trigger.priority >= priority if gathered else trigger.priority == priority


def _expected(history: History, event: Recorded, signal: Signal) -> Expected:
    fleet = history.fleet(tenant_of(event.stream), signal.fleet_revision)
    expected = Expected()
    if signal.target:
        expected.woken[signal.target] = []
    else:
        content = SignalContent.FromString(open_sealed(signal.content))
        for rule in sorted(fleet.rules.values(), key=lambda rule: rule.order):
            if not _watches_time(rule) and _matches(rule, signal, content):
                expected.woken[_wakes(rule)].append(rule)
    expected.poison = any(agent not in fleet.agents for agent in expected.woken if not agent.startswith(PLAN))
    for name, rules in expected.woken.items():
        agent = fleet.agents.get(name)
        if signal.hop > (agent.max_hops if agent else PLAN_HOPS):
            expected.suppressed.add(name)
        elif any(rule.name == TOO_LONG for rule in rules):
            expected.poison = True
    return expected


def _wakes(rule: Rule) -> str:
    return rule.wake or f"{PLAN}{rule.start.blueprint}"


def _woken(trigger: TriggerFired | TriggerSuppressed) -> str:
    plan = trigger.blueprint if isinstance(trigger, TriggerSuppressed) else trigger.start.blueprint
    return trigger.agent or f"{PLAN}{plan}"


def _watches_time(rule: Rule) -> bool:
    return rule.HasField("pattern") or rule.HasField("absence") or rule.HasField("cron")


def _matches(rule: Rule, signal: Signal, content: SignalContent) -> bool:
    if rule.sources and signal.source not in rule.sources:
        return False
    if rule.kinds and not {signal.kind, signal.means} & set(rule.kinds):
        return False
    for name, wanted in rule.labels.items():
        if content.labels.get(name) not in wanted.values:
            return False
    if rule.where and not WHERE[rule.where](content):
        return False
    if not rule.paths:
        return True
    return PATHS[tuple(rule.paths)](content) if content.paths_known else rule.paths_unknown != PATHS_UNKNOWN_SKIP


def _priority(signal: Signal, rules: Sequence[Rule]) -> int:
    asked = [rule.priority for rule in rules] if rules else [signal.priority]
    return max(priority or PRIORITY_MEDIUM for priority in asked)


def _one_execution(history: History) -> Iterator[Broken]:
    fired = Counter(trigger.trigger_id for _, trigger in history.all(TriggerFired))
    started = Counter(execution.trigger_id for _, execution in history.all(ExecutionStarted) if execution.trigger_id)
    for trigger_id in sorted({*fired, *started}):
        if (fired[trigger_id], started[trigger_id]) != (1, 1):
            what = f"trigger {trigger_id} fired {fired[trigger_id]} times and started {started[trigger_id]} executions"
            yield Broken(promise=2, what=what)
    answered = {(tenant_of(event.stream), one.reservation.run_id) for event, one in history.all(TokensReserved)}
    answered |= {(tenant_of(event.stream), one.reservation.run_id) for event, one in history.all(TokensDenied)}
    answered |= {(tenant_of(event.stream), one.run_id) for event, one in history.all(ApprovalResolved)}
    for stream, events in history.executions(plans=False):
        ends = sum(isinstance(event.msg, ExecutionCompleted | ExecutionFailed) for event in events)
        last = [event.msg for event in events if isinstance(event.msg, StepReady)]
        if ends == 0 and last and (tenant_of(stream), last[-1].run_id) in answered:
            yield Broken(promise=2, what=f"{stream} came to no end, and it does not wait for its budget")
        if ends > 1:
            yield Broken(promise=4, what=f"{stream} has {ends} ends")


def _one_run(history: History) -> Iterator[Broken]:
    reserved = Counter((tenant_of(event.stream), one.reservation.run_id) for event, one in history.all(TokensReserved))
    woken = Counter((tenant_of(event.stream), one.work.run_id) for event, one in history.all(AgentWoken))
    started = Counter((tenant_of(event.stream), one.work.run_id) for event, one in history.all(RunStarted))
    unwanted = {(tenant_of(event.stream), one.work.run_id) for event, one in history.all(WorkRevoked) if one.queued}
    for run in sorted({*reserved, *woken, *started}):
        counts = (reserved[run], woken[run], started[run])
        if counts != ((1, 0, 0) if run in unwanted else (1, 1, 1)):
            yield Broken(
                promise=2,
                what=f"run {run[1]} of {run[0]} was reserved, woken and started {counts} times, once each is right",
            )
