"""Puts the analyzer together."""

from reveille.adapters import cel, patterns
from reveille.analyzer.adapters.sql.decisions import Decisions, find
from reveille.analyzer.application.compiling import Rules
from reveille.analyzer.application.explaining import Explaining
from reveille.analyzer.application.handling import Waking
from reveille.analyzer.domain import watch
from reveille.analyzer.entrypoints.grpc import Queries
from reveille.kernel.event_store import EventStore
from reveille.kernel.facts import Facts
from reveille.kernel.service import Ports, Service


def rules(facts: Facts) -> Rules:
    return Rules(facts, where=cel.where, paths=lambda names: patterns.paths(tuple(names)))


def build(ports: Ports) -> Service:
    facts = Facts(ports.store)
    return Service(
        "analyzer",
        ports,
        deciders=[watch.decider],
        reactors=Waking(facts, rules(facts)).reactors(),
        views=[Decisions()],
    )


def queries(service: Service) -> Queries:
    ports = service.ports
    store: EventStore = ports.store
    facts = Facts(store)

    async def decided(tenant: str, signal_id: str, agent: str):  # type: ignore[no-untyped-def]
        return await ports.transactions.run(lambda connection: find(connection, tenant, signal_id, agent))

    return Queries(Explaining(facts, rules(facts), decided), store=store, follower=service.follower)
