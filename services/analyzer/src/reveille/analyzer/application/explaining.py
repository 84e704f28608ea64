"""Why an agent woke on a signal or a plan began, or why not: from the log alone."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from google.protobuf.message import Message

from reveille.analyzer.application.compiling import Rules
from reveille.analyzer.application.outcomes import outcome_of
from reveille.analyzer.domain.rules import BLUEPRINT, CompiledRule, Verdict, once, selectors_of, watcher_of
from reveille.contracts.analyzer.v1.events_pb2 import (
    GATHERING_BATCH,
    TriggerFired,
    TriggerGathered,
    TriggerSuppressed,
)
from reveille.contracts.analyzer.v1.queries_pb2 import ExplainResponse
from reveille.contracts.common.v1.common_pb2 import EventRef, Signal
from reveille.contracts.ingress.v1.events_pb2 import DeliveryRepeated, Rule, Selector, SignalEnriched, SignalReceived
from reveille.kernel.event_store import NO_STREAM, EventStore
from reveille.kernel.events import Recorded, stream_name, tenant_of
from reveille.kernel.facts import Facts
from reveille.kernel.ids import derive
from reveille.kernel.signals import content_of, signal_of

Decided = Callable[[str, str, str], Awaitable[EventRef | None]]
# Why an expression cannot be evaluated over these variables; "" where it can.
Unevaluated = Callable[[str, Mapping[str, Any]], str]
# How near a rule came to a match; the nearest one is the reason that a person wants to hear.
NEARNESS: Final[dict[Verdict, int]] = {"kind": 0, "labels": 1, "where": 2, "paths": 3, "matches": 4}
UNDECIDED: Final = "it has not been decided on yet"


class Explaining:
    def __init__(
        self, store: EventStore, facts: Facts, rules: Rules, *, decided: Decided, unevaluated: Unevaluated
    ) -> None:
        self._store = store
        self._facts = facts
        self._rules = rules
        self._decided = decided
        self._unevaluated = unevaluated

    async def explain(self, event: Recorded, agent: str) -> ExplainResponse:
        """event: the SignalReceived. agent: or `blueprint:<name>`, whether a plan began.

        Raises KeyError for an agent or a blueprint that the fleet in force then had not.
        """
        assert isinstance(event.msg, SignalReceived)
        tenant = tenant_of(event.stream)
        history = (await self._store.read_streams({event.stream: NO_STREAM}))[event.stream]
        signal = _completed(history, event.msg.signal)
        fleet = await self._facts.fleet(tenant, signal.fleet_revision)
        plan = agent.removeprefix(BLUEPRINT) if agent.startswith(BLUEPRINT) else None
        if plan is not None and plan not in fleet.blueprints:
            raise KeyError(f"fleet {fleet.revision} of {tenant} has no blueprint {plan}")
        if plan is None and agent not in fleet.agents:
            raise KeyError(f"fleet {fleet.revision} of {tenant} has no agent {agent}")
        answer = ExplainResponse(signal_id=signal.id, agent=agent, fleet_revision=fleet.revision)
        ref = await self._decided(tenant, signal.id, agent)
        if ref is not None:
            await self._from_decision(answer, tenant, (await self._facts.event(ref)).msg)
        elif signal.target == agent:
            answer.reason, answer.detail = "woke", f"the sender named it, and {UNDECIDED}"
        elif signal.target:
            answer.reason, answer.detail = "no_rule", f"the sender woke {signal.target} by name"
        else:
            index = await self._rules.at(tenant, signal.fleet_revision)
            self.from_rules(answer, signal, [one for one in index.rules if watcher_of(one.rule) == agent])
        if signal.enriching:
            _add(answer, f"{UNDECIDED}: its provider is being asked for what the payload does not say")
        repeated = sum(isinstance(one.msg, DeliveryRepeated) for one in history)
        if repeated:
            often = "once or more" if repeated == 1 else f"{repeated} times or more"
            _add(answer, f"the delivery came again ({often}), without effect")
        return answer

    async def _from_decision(self, answer: ExplainResponse, tenant: str, decision: Message | None) -> None:
        match decision:
            case TriggerFired():
                await self._from_trigger(answer, tenant, decision)
            case TriggerSuppressed(rule=rule, detail=detail):
                answer.reason, answer.rule, answer.detail = "loop", rule, detail
            case TriggerGathered():
                _from_gathering(answer, decision)

    async def _from_trigger(self, answer: ExplainResponse, tenant: str, fired: TriggerFired) -> None:
        answer.rule, answer.execution_id = fired.rule, derive("execution", fired.trigger_id)
        first = not fired.signal_ids or fired.signal_ids[0] == answer.signal_id
        others = len(fired.signal_ids) - 1
        if not first:
            answer.detail = f"gathered into trigger {fired.trigger_id} of signal {fired.signal_ids[0]}"
        elif fired.group and others:
            gathered = "1 more signal was" if others == 1 else f"{others} more signals were"
            answer.detail = f"{gathered} gathered into its trigger {fired.trigger_id}"
        elif fired.handed_on_by:
            answer.detail = f"{fired.handed_on_by} handed its work on"
        stream = stream_name(tenant, "execution", answer.execution_id)
        events = (await self._store.read_streams({stream: NO_STREAM}))[stream]
        outcome = outcome_of(event.msg for event in events)
        if outcome.reason == "woke":
            answer.woke, answer.reason = True, "woke" if first else "batched"
            if outcome.detail:
                _add(answer, outcome.detail)
            if not fired.HasField("start") and await self._have_not_started(tenant, outcome.runs):
                _add(answer, "its run has not started: it waits for the agent, which is busy or away")
            return
        answer.reason = outcome.reason
        _add(answer, outcome.detail)
        if outcome.until:
            answer.until.FromMicroseconds(outcome.until)

    async def _have_not_started(self, tenant: str, runs: Sequence[str]) -> bool:
        streams = {stream_name(tenant, "run", run): NO_STREAM for run in runs}
        return bool(streams) and not any((await self._store.read_streams(streams)).values())

    def from_rules(self, answer: ExplainResponse, signal: Signal, rules: Sequence[CompiledRule]) -> None:
        """What the rules of its agent say about a signal on which nothing was decided."""
        content = content_of(signal)
        variables = once(signal, content)
        verdicts = [
            (one.verdict(signal, content, variables), one.rule) for one in rules if not one.rule.HasField("cron")
        ]
        if not verdicts:
            answer.reason, answer.detail = "no_rule", f"no rule {_would(answer.agent)} on signals"
            return
        verdict, rule = max(verdicts, key=lambda pair: NEARNESS[pair[0]])
        answer.reason, answer.rule = verdict, rule.name
        match verdict:
            case "kind":
                wanted = " or ".join(map(_selected, selectors_of(rule)))
                answer.detail = (
                    f"the rule is for {wanted}, the signal is {signal.source} {signal.kind} ({signal.means})"
                )
            case "labels":
                wanted = "; ".join(_label(name, rule) for name in sorted(rule.labels))
                named = ", ".join(f"{name}={value}" for name, value in sorted(content.labels.items()))
                labels = f"the labels are {named}" if named else "it has no labels"
                answer.detail = f"{labels}, the rule is for {wanted}"
            case "where":
                why = self._unevaluated(rule.where, variables())
                reads = f" ({why})" if why else ""
                answer.detail = f"not true of this signal: {rule.where}{reads}"
            case "paths":
                named = ", ".join(content.paths[:5]) if content.paths_known else "unknown"
                answer.detail = f"the paths are {named}, the rule is for {', '.join(rule.paths)}"
            case "matches" if rule.HasField("absence"):
                answer.reason, answer.detail = (
                    "no_rule",
                    "it is what the rule waits for: the rule wakes where none comes",
                )
            case "matches" if rule.HasField("pattern"):
                answer.reason, answer.detail = "no_rule", "it counts for the rule's pattern, which is not complete"
            case "matches":
                answer.reason, answer.detail = "woke", "it matches and has not been decided on yet"


def _completed(history: Sequence[Recorded], received: Signal) -> Signal:
    """As it was decided on: what its provider has told is in it, where it was asked."""
    if received.enriching:
        for event in history:
            if isinstance(event.msg, SignalEnriched):
                return signal_of(event.msg)
    return received


def _selected(selector: Selector) -> str:
    kinds = ", ".join(selector.kinds) or "anything"
    return f"{kinds} of {', '.join(selector.sources)}" if selector.sources else kinds


def _label(name: str, rule: Rule) -> str:
    values = rule.labels[name].values
    return f"{name} of {', '.join(values)}" if values else f"any {name}"


def _from_gathering(answer: ExplainResponse, gathered: TriggerGathered) -> None:
    batched = gathered.reason == GATHERING_BATCH
    answer.reason, answer.rule = "batched" if batched else "cooldown", gathered.rule
    why = "the window of its rule is open" if batched else "a cooldown has not ended"
    answer.detail = f"{why}; it waits in group {gathered.group} for trigger {gathered.trigger_id}"
    answer.until.CopyFrom(gathered.ready_at)


def _would(agent: str) -> str:
    if agent.startswith(BLUEPRINT):
        return f"begins a plan of blueprint {agent.removeprefix(BLUEPRINT)}"
    return f"wakes {agent}"


def _add(answer: ExplainResponse, detail: str) -> None:
    answer.detail = f"{answer.detail}; {detail}" if answer.detail else detail
