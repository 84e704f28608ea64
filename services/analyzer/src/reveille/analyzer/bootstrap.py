"""Puts the analyzer together."""

from dataclasses import dataclass

from reveille.adapters import cel, patterns
from reveille.analyzer.adapters.sql.decisions import Decisions, find
from reveille.analyzer.application.compiling import Rules
from reveille.analyzer.application.explaining import Explaining
from reveille.analyzer.application.handling import Waking
from reveille.analyzer.domain import watch
from reveille.contracts.common.v1.common_pb2 import EventRef
from reveille.kernel.facts import Facts
from reveille.kernel.service import Ports, Service


@dataclass(frozen=True, slots=True, kw_only=True)
class Analyzer:
    service: Service
    explaining: Explaining


def build(ports: Ports) -> Analyzer:
    facts = Facts(ports.store)
    rules = Rules(facts, where=cel.where, paths=lambda names: patterns.paths(tuple(names)))
    service = Service(
        "analyzer",
        ports,
        deciders=[watch.decider],
        reactors=Waking(facts, rules).reactors(),
        views=[Decisions()],
    )

    async def decided(tenant: str, signal_id: str, agent: str) -> EventRef | None:
        return await ports.transactions.run(lambda connection: find(connection, tenant, signal_id, agent))

    return Analyzer(service=service, explaining=Explaining(facts, rules, decided))
