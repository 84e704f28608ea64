"""Why an agent woke on a signal, or why not: from the log alone."""

from collections.abc import Awaitable, Callable
from typing import Final

from reveille.analyzer.application.compiling import Rules
from reveille.analyzer.domain.rules import CompiledRule, Verdict
from reveille.contracts.analyzer.v1.events_pb2 import TriggerFired, TriggerSuppressed
from reveille.contracts.analyzer.v1.queries_pb2 import ExplainResponse
from reveille.contracts.common.v1.common_pb2 import EventRef, Signal
from reveille.contracts.ingress.v1.events_pb2 import SignalReceived
from reveille.kernel.events import Recorded, tenant_of
from reveille.kernel.facts import Facts
from reveille.kernel.ids import derive
from reveille.kernel.signals import content_of, variables_of

Decided = Callable[[str, str, str], Awaitable[EventRef | None]]
# How near a rule came to a match; the nearest one is the reason that a person wants to hear.
NEARNESS: Final[dict[Verdict, int]] = {"kind": 0, "where": 1, "paths": 2, "matches": 3}


class Explaining:
    def __init__(self, facts: Facts, rules: Rules, decided: Decided) -> None:
        self._facts = facts
        self._rules = rules
        self._decided = decided

    async def explain(self, event: Recorded, agent: str) -> ExplainResponse:
        """event: the SignalReceived. Raises KeyError for an agent that the fleet in force then had not."""
        assert isinstance(event.msg, SignalReceived)
        signal, tenant = event.msg.signal, tenant_of(event.stream)
        fleet = await self._facts.fleet(tenant, signal.fleet_revision)
        if agent not in fleet.agents:
            raise KeyError(f"fleet {fleet.revision} of {tenant} has no agent {agent}")
        answer = ExplainResponse(signal_id=signal.id, agent=agent, fleet_revision=fleet.revision)
        ref = await self._decided(tenant, signal.id, agent)
        if ref is not None:
            return _from_decision(answer, (await self._facts.event(ref)).msg)
        if signal.target == agent:
            answer.reason, answer.detail = "woke", "the sender named it, and it has not been decided on yet"
            return answer
        if signal.target:
            answer.reason, answer.detail = "no_rule", f"the sender woke {signal.target} by name"
            return answer
        index = await self._rules.at(tenant, signal.fleet_revision)
        return _from_rules(answer, signal, [compiled for compiled in index.rules if compiled.rule.wake == agent])


def _from_decision(answer: ExplainResponse, decision: object) -> ExplainResponse:
    match decision:
        case TriggerFired(trigger_id=trigger_id, rule=rule):
            answer.woke, answer.reason, answer.rule = True, "woke", rule
            answer.execution_id = derive("execution", trigger_id)
        case TriggerSuppressed(rule=rule, detail=detail):
            answer.reason, answer.rule, answer.detail = "loop", rule, detail
    return answer


def _from_rules(answer: ExplainResponse, signal: Signal, rules: list[CompiledRule]) -> ExplainResponse:
    content = content_of(signal)
    variables = variables_of(signal, content)
    verdicts = [(compiled.verdict(signal, content, variables), compiled.rule) for compiled in rules]
    if not verdicts:
        answer.reason, answer.detail = "no_rule", f"no rule wakes {answer.agent}"
        return answer
    verdict, rule = max(verdicts, key=lambda pair: NEARNESS[pair[0]])
    answer.reason, answer.rule = verdict, rule.name
    match verdict:
        case "kind":
            wanted = ", ".join([*rule.sources, *rule.kinds])
            answer.detail = f"the rule is for {wanted}, the signal is {signal.source} {signal.kind} ({signal.means})"
        case "where":
            answer.detail = f"not true of this signal: {rule.where}"
        case "paths":
            named = ", ".join(content.paths[:5]) if content.paths_known else "unknown"
            answer.detail = f"the paths are {named}, the rule is for {', '.join(rule.paths)}"
        case "matches":
            answer.reason, answer.detail = "woke", "it matches and has not been decided on yet"
    return answer
