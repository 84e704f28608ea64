"""What the analyzer does about a signal: one command for each agent that a rule, or the sender, wakes."""

from collections.abc import Mapping, Sequence

from reveille.analyzer.application.compiling import Rules
from reveille.analyzer.domain.watch import Wake
from reveille.contracts.common.v1.common_pb2 import PRIORITY_MEDIUM, EventRef, Priority, Signal
from reveille.contracts.ingress.v1.events_pb2 import Rule, SignalReceived
from reveille.kernel.decider import Command
from reveille.kernel.errors import Poison
from reveille.kernel.events import Recorded, stream_name, tenant_of
from reveille.kernel.facts import Facts
from reveille.kernel.fleet import Fleet
from reveille.kernel.ids import derive
from reveille.kernel.processing import Reactor
from reveille.kernel.signals import content_of


class Waking:
    def __init__(self, facts: Facts, rules: Rules) -> None:
        self._facts = facts
        self._rules = rules

    def reactors(self) -> Mapping[str, Reactor]:
        return {"reveille.ingress.v1.SignalReceived": self.on_signal}

    async def on_signal(self, event: Recorded, now: int) -> Sequence[tuple[str, Command]]:
        assert isinstance(event.msg, SignalReceived)
        signal, tenant = event.msg.signal, tenant_of(event.stream)
        fleet = await self._facts.fleet(tenant, signal.fleet_revision)
        woken: dict[str, list[Rule]] = {}
        if signal.target:
            woken[signal.target] = []
        else:
            index = await self._rules.at(tenant, signal.fleet_revision)
            for rule in index.matching(signal, content_of(signal)):
                woken.setdefault(rule.wake, []).append(rule)
        return [
            (stream_name(tenant, "watch", agent), self._wake(event, signal, fleet, agent, rules, now))
            for agent, rules in woken.items()
        ]

    def _wake(self, event: Recorded, signal: Signal, fleet: Fleet, agent: str, rules: Sequence[Rule], now: int) -> Wake:
        if agent not in fleet.agents:
            raise Poison(
                f"signal {signal.id} is for agent {agent}, which the fleet at revision {fleet.revision} has not"
            )
        return Wake(
            now=now,
            trigger_id=trigger_id(signal.id, agent),
            agent=agent,
            rules=tuple(rule.name for rule in rules),
            priority=_priority(signal, rules),
            signal_id=signal.id,
            signal=EventRef(stream=event.stream, revision=event.revision),
            fleet_revision=signal.fleet_revision,
            hop=signal.hop,
            max_hops=fleet.agents[agent].max_hops,
        )


def trigger_id(signal_id: str, agent: str) -> str:
    return derive("trigger", signal_id, agent)


def _priority(signal: Signal, rules: Sequence[Rule]) -> Priority:
    """The highest that anybody asked for."""
    return max(
        [signal.priority or PRIORITY_MEDIUM] if not rules else [rule.priority or PRIORITY_MEDIUM for rule in rules]
    )
