"""Puts the analyzer together."""

from dataclasses import dataclass

from reveille.adapters import cel, cron, patterns
from reveille.adapters.sql_tables import SqlTimers
from reveille.analyzer.adapters.sql.decisions import Decisions, find
from reveille.analyzer.adapters.sql.hours import Hours, position_before
from reveille.analyzer.application import timers
from reveille.analyzer.application.analyzing import Analyzing
from reveille.analyzer.application.compiling import Rules
from reveille.analyzer.application.explaining import Explaining
from reveille.analyzer.application.handling import Waking
from reveille.analyzer.application.trying import Trying
from reveille.analyzer.domain import analysis, pattern, watch
from reveille.contracts.common.v1.common_pb2 import EventRef
from reveille.kernel.facts import Facts
from reveille.kernel.service import Ports, Service


@dataclass(frozen=True, slots=True, kw_only=True)
class Analyzer:
    service: Service
    explaining: Explaining
    trying: Trying


def build(ports: Ports) -> Analyzer:
    facts = Facts(ports.store)
    rules = Rules(facts, where=cel.where, paths=lambda names: patterns.paths(tuple(names)))
    deciders = [watch.decider, pattern.decider(cron.next_time)]
    table, analyzing = SqlTimers(timers.SETS), Analyzing(ports.store, facts)
    service = Service(
        "analyzer",
        ports,
        deciders=[*deciders, analysis.decider],
        reactors={**Waking(facts, rules).reactors(), **analyzing.reactors()},
        views=[Decisions(), Hours(), table],
        timers=(table, timers.fires),
    )
    service.forgets.append(analyzing.forget)

    async def decided(tenant: str, signal_id: str, agent: str) -> EventRef | None:
        return await ports.transactions.run(lambda connection: find(connection, tenant, signal_id, agent))

    async def before(tenant: str, since: int) -> int:
        return await ports.transactions.run(lambda connection: position_before(connection, tenant, since))

    explaining = Explaining(ports.store, facts, rules, decided=decided, unevaluated=cel.unevaluated)
    trying = Trying(
        ports.store,
        facts,
        rules,
        explaining=explaining,
        deciders=deciders,
        position_before=before,
        clock=ports.clock,
    )
    return Analyzer(service=service, explaining=explaining, trying=trying)
