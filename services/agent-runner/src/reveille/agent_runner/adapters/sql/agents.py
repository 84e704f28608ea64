"""The view of agents: what each does, who is connected for it, and when and for what it woke last."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import BigInteger, Column, Connection, Integer, MetaData, Table, Text, and_, delete, or_, select

from reveille.adapters.sql import upsert
from reveille.contracts.agent_runner.v1.events_pb2 import (
    HIBERNATION_BUDGET,
    AgentConnected,
    AgentDisconnected,
    AgentHibernated,
    AgentRoused,
    AgentSlept,
    AgentWoken,
    LateUsageFound,
    RunCompleted,
    RunFailed,
    RunLeft,
    RunQueued,
    RunStarted,
    WorkRevoked,
)
from reveille.kernel.events import Recorded, tenant_of

agents: Final = Table(
    "agents",
    MetaData(),
    Column("tenant", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("running", Integer, nullable=False),
    Column("started", Integer, nullable=False),
    Column("queued", Integer, nullable=False),
    Column("wakes", BigInteger, nullable=False),
    Column("last_wake", BigInteger, nullable=False),
    Column("why", Text, nullable=False),
    Column("tokens_used", BigInteger, nullable=False),
    Column("connections", Integer, nullable=False),
    Column("hibernates", Text, nullable=False),
    Column("until", BigInteger, nullable=False),
)
_OF_AGENTS: Final = (AgentSlept, RunLeft, AgentConnected, AgentDisconnected, AgentHibernated, AgentRoused)
_OF_WORK: Final = (AgentWoken, RunQueued, WorkRevoked, RunStarted, RunCompleted, RunFailed, LateUsageFound)
TYPES: Final = (*_OF_WORK, *_OF_AGENTS)


class Agents:
    name = "agents"
    types: frozenset[str] | None = frozenset(cls.DESCRIPTOR.full_name for cls in TYPES)

    def project(self, connection: Connection, events: Sequence[Recorded]) -> None:
        touched = {(tenant_of(event.stream), _agent(event)) for event in events}
        rows = _load(connection, touched)
        for event in events:
            key = (tenant_of(event.stream), _agent(event))
            _apply(rows.setdefault(key, _empty(*key)), event)
        upsert(connection, agents, list(rows.values()))

    def clear(self, connection: Connection) -> None:
        connection.execute(delete(agents))


def all_of(connection: Connection, tenant: str) -> dict[str, dict[str, Any]]:
    rows = connection.execute(select(agents).where(agents.c.tenant == tenant)).mappings()
    return {row["id"]: dict(row) for row in rows}


def _agent(event: Recorded) -> str:
    msg: Any = event.msg
    if isinstance(msg, _OF_WORK):
        return str(msg.work.agent)
    if isinstance(msg, _OF_AGENTS):
        return str(msg.agent)
    raise AssertionError(f"the view of agents does not follow {event.type}")


def _apply(row: dict[str, Any], event: Recorded) -> None:
    match event.msg:
        case AgentWoken(work=work, waited=waited):
            row["queued"] -= waited
            row["running"] += 1
            row["wakes"] += 1
            row["last_wake"] = event.meta.time
            row["why"] = work.execution_id
            row["hibernates"], row["until"] = "", 0
        case RunQueued():
            row["queued"] += 1
        case WorkRevoked(queued=queued):
            row["queued"] -= queued
        case RunStarted():
            row["started"] += 1
        case AgentSlept() | RunLeft():
            # Not at the run's end: between the two, an agent that is done would be shown as one that has just woken.
            row["running"] -= 1
            row["started"] -= 1
        case AgentConnected():
            row["connections"] += 1
        case AgentDisconnected():
            row["connections"] -= 1
        case AgentHibernated() as sleeps:
            row["hibernates"] = "budget" if sleeps.reason == HIBERNATION_BUDGET else "idle"
            row["until"] = sleeps.until.ToMicroseconds()
        case AgentRoused():
            row["hibernates"], row["until"] = "", 0
        case RunCompleted(tokens_used=tokens) | RunFailed(tokens_used=tokens) | LateUsageFound(tokens=tokens):
            row["tokens_used"] += tokens


def _empty(tenant: str, agent: str) -> dict[str, Any]:
    counts = dict.fromkeys((column.name for column in agents.columns if not isinstance(column.type, Text)), 0)
    return {"tenant": tenant, "id": agent, **counts, "why": "", "hibernates": ""}


def _load(connection: Connection, keys: set[tuple[str, str]]) -> dict[tuple[str, str], dict[str, Any]]:
    wanted = or_(*(and_(agents.c.tenant == tenant, agents.c.id == agent) for tenant, agent in sorted(keys)))
    rows = connection.execute(select(agents).where(wanted)).mappings()
    return {(row["tenant"], row["id"]): dict(row) for row in rows}
