"""Puts the agent-runner together."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial

from reveille.adapters.settings import read_settings
from reveille.adapters.sql_tables import SqlLeases, SqlTimers
from reveille.agent_runner.adapters.sql.agents import Agents, all_of
from reveille.agent_runner.adapters.sql.running import Running, orphans
from reveille.agent_runner.adapters.sql.sessions import Sessions, lost
from reveille.agent_runner.adapters.sql.usage import Usage, used_since
from reveille.agent_runner.application import timers
from reveille.agent_runner.application.assignment import Workplace
from reveille.agent_runner.application.breaking import Breakers
from reveille.agent_runner.application.handling import reactors
from reveille.agent_runner.application.history import History, no_history
from reveille.agent_runner.application.in_force import remote_agent
from reveille.agent_runner.application.links import Links
from reveille.agent_runner.application.orphans import Orphans
from reveille.agent_runner.application.pool import Pool
from reveille.agent_runner.application.telling import AllOf, UsedSince, told
from reveille.agent_runner.application.thinking import Thinking
from reveille.agent_runner.domain import agent, run
from reveille.agent_runner.settings import Settings
from reveille.agents import Model, builtin_tools, load_skill
from reveille.agents.models.selection import choose
from reveille.kernel.blobs import Blobs
from reveille.kernel.facts import Facts
from reveille.kernel.service import Ports, Service


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentRunner:
    """all_of, used_since: the views of agents and of usage, as they are asked."""

    service: Service
    all_of: AllOf
    used_since: UsedSince
    pool: Pool
    orphans: Orphans
    links: Links
    breakers: Breakers


def build(
    ports: Ports,
    *,
    blobs: Blobs,
    environment: Mapping[str, str],
    alone: bool,
    head: int,
    history: History = no_history,
    model: Callable[[str, Mapping[str, str]], Model] = choose,
) -> AgentRunner:
    """alone: no other replica can be alive. head: of the log, before this replica takes part. model: by its setting.

    environment: of settings and of models. history: what came in lately, for the tool `signals.recent`. Raises
    Misconfigured.
    """
    settings = read_settings(Settings, environment)
    thinking, breakers = Thinking(settings.thinking_rate, ports.clock), Breakers(ports.clock)
    table, facts = SqlTimers(timers.SETS), Facts(ports.store)
    service = Service(
        "agent-runner",
        ports,
        deciders=[agent.decider, run.decider],
        reactors=reactors(facts),
        views=[Agents(), Running(), Sessions(), Usage(), table],
        timers=(table, timers.fires),
    )
    links = Links(
        Workplace(store=ports.store, facts=facts, blobs=blobs, desk=service.desk, clock=ports.clock, thinking=thinking),
        agent_of=lambda tenant, name: remote_agent(facts, tenant, name),
        state_of=lambda tenant, known: ports.transactions.run(
            lambda connection: told(known, all_of(connection, tenant).get(known.name, {})).state
        ),
    )
    pool = Pool(
        store=ports.store,
        facts=facts,
        desk=service.desk,
        clock=ports.clock,
        replica=ports.replica,
        spans=ports.spans,
        blobs=blobs,
        skill=cache(partial(load_skill, within=settings.skill_modules)),
        model=cache(lambda name: breakers.guard(model(name, environment))),
        tools=builtin_tools(),
        history=history,
        thinking=thinking,
        watches=links.watches,
    )
    watch = Orphans(
        lambda alive, limit: ports.transactions.run(lambda connection: orphans(connection, alive, limit)),
        leases=SqlLeases(ports.transactions, ports.clock),
        desk=service.desk,
        clock=ports.clock,
        replica=ports.replica,
        alone=alone,
        find_lost=lambda alive, limit: ports.transactions.run(lambda connection: lost(connection, alive, limit)),
    )

    async def run_pool() -> None:
        await pool.run(head)

    service.parts += [run_pool, watch.run, links.run]
    service.drains += [links.drain, pool.drain, watch.leave]
    return AgentRunner(
        service=service,
        all_of=all_of,
        used_since=used_since,
        pool=pool,
        orphans=watch,
        links=links,
        breakers=breakers,
    )
