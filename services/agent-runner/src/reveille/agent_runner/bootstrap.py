"""Puts the agent-runner together."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from reveille.adapters import trace_context
from reveille.adapters.sql_tables import SqlLeases
from reveille.agent_runner.adapters.sql.agents import Agents, all_of
from reveille.agent_runner.adapters.sql.running import Running, orphans
from reveille.agent_runner.application.handling import REACTORS
from reveille.agent_runner.application.orphans import Orphans
from reveille.agent_runner.application.pool import Pool
from reveille.agent_runner.application.telling import AllOf
from reveille.agent_runner.domain import agent, run
from reveille.agents import Model, builtin_tools, load_skill
from reveille.agents.models.selection import choose
from reveille.kernel.blobs import Blobs
from reveille.kernel.facts import Facts
from reveille.kernel.service import Ports, Service


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentRunner:
    """all_of: the view of agents, as it is asked."""

    service: Service
    all_of: AllOf
    pool: Pool
    orphans: Orphans


def build(
    ports: Ports,
    *,
    blobs: Blobs,
    environment: Mapping[str, str],
    alone: bool,
    head: int,
    model: Callable[[str, Mapping[str, str]], Model] = choose,
) -> AgentRunner:
    """alone: no other replica can be alive. head: of the log, before this replica takes part. model: by its setting."""
    service = Service(
        "agent-runner",
        ports,
        deciders=[agent.decider, run.decider],
        reactors=REACTORS,
        views=[Agents(), Running()],
    )
    pool = Pool(
        store=ports.store,
        facts=Facts(ports.store),
        desk=service.desk,
        clock=ports.clock,
        replica=ports.replica,
        spans=ports.spans,
        logged=trace_context.about,
        blobs=blobs,
        skill=cache(load_skill),
        model=cache(lambda name: model(name, environment)),
        tools=builtin_tools(),
    )
    watch = Orphans(
        lambda alive, limit: ports.transactions.run(lambda connection: orphans(connection, alive, limit)),
        leases=SqlLeases(ports.transactions, ports.clock),
        desk=service.desk,
        clock=ports.clock,
        replica=ports.replica,
        alone=alone,
    )

    async def run_pool() -> None:
        await pool.run(head)

    service.parts += [run_pool, watch.run]
    service.drains += [pool.drain, watch.leave]
    return AgentRunner(service=service, all_of=all_of, pool=pool, orphans=watch)
