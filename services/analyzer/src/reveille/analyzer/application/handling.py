"""What the analyzer does about what comes in: a command for each stream that has something to decide about it."""

from collections.abc import Mapping, Sequence

from reveille.analyzer.application.compiling import Rules
from reveille.analyzer.domain.meaning import of_fleet
from reveille.analyzer.domain.watch import Wake
from reveille.contracts.agent_runner.v1.events_pb2 import WorkHandedOn
from reveille.contracts.analyzer.v1.events_pb2 import PatternDetected
from reveille.contracts.common.v1.common_pb2 import PRIORITY_MEDIUM, EventRef
from reveille.contracts.ingress.v1.events_pb2 import FleetApplied
from reveille.kernel.decider import Command
from reveille.kernel.errors import Poison
from reveille.kernel.events import About, Recorded, stream_name, tenant_of
from reveille.kernel.facts import Facts
from reveille.kernel.fleet import Fleet
from reveille.kernel.processing import Reactor
from reveille.kernel.signals import content_of, signal_of

Commands = Sequence[tuple[str, Command]]


class Waking:
    def __init__(self, facts: Facts, rules: Rules) -> None:
        self._facts = facts
        self._rules = rules

    def reactors(self) -> Mapping[str, Reactor]:
        return {
            "reveille.ingress.v1.SignalReceived": self.on_signal,
            "reveille.ingress.v1.SignalEnriched": self.on_signal,
            "reveille.ingress.v1.FleetApplied": self.on_fleet,
            "reveille.analyzer.v1.PatternDetected": self.on_detection,
            "reveille.agent_runner.v1.WorkHandedOn": self.on_work,
        }

    async def on_signal(self, event: Recorded, now: int) -> Commands:
        signal, tenant = signal_of(event.msg), tenant_of(event.stream)
        if signal.enriching:
            return []  # its SignalEnriched is decided on
        meaning = await self._rules.meaning(tenant, signal.fleet_revision)
        ref = EventRef(stream=event.stream, revision=event.revision)
        return meaning.of_signal(signal, content_of(signal), ref, event.meta.about, now)

    async def on_fleet(self, event: Recorded, now: int) -> Commands:
        assert isinstance(event.msg, FleetApplied)
        tenant = tenant_of(event.stream)
        fleet = await self._facts.fleet(tenant, event.revision)
        before = await self._facts.fleet(tenant, event.msg.previous) if event.msg.HasField("previous") else Fleet()
        return list(of_fleet(tenant, before, fleet, now))

    async def on_detection(self, event: Recorded, now: int) -> Commands:
        assert isinstance(event.msg, PatternDetected)
        meaning = await self._rules.meaning(tenant_of(event.stream), event.msg.fleet_revision)
        return [meaning.of_detection(event.msg, event.meta.about, now)]

    async def on_work(self, event: Recorded, now: int) -> Commands:
        """Whoever hands work on wakes another agent with what it worked on, and with what it says about it."""
        handed = event.msg
        assert isinstance(handed, WorkHandedOn)
        tenant, about = tenant_of(event.stream), event.meta.about
        fleet = await self._facts.fleet(tenant, handed.fleet_revision)
        agent = fleet.agents.get(handed.agent)
        if agent is None:
            raise Poison(
                f"work of {handed.work.agent} is for agent {handed.agent}, which fleet {fleet.revision} has not"
            )
        wake = Wake(
            now=now,
            trigger_id=handed.trigger_id,
            agent=agent.name,
            matched=(),
            priority=handed.priority or PRIORITY_MEDIUM,
            signal_ids=tuple(handed.signal_ids),
            signals=(*handed.signals, EventRef(stream=event.stream, revision=event.revision)),
            fleet_revision=handed.fleet_revision,
            hop=about.hop + 1,
            max_hops=agent.max_hops,
            handed_on_by=handed.work.agent,
            about=About(about.correlation, about.trace, about.hop + 1),
        )
        return [(stream_name(tenant, "watch", agent.name), wake)]
