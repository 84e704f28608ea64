"""The view of what was decided on each pair of signal and agent."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import BigInteger, Column, Connection, MetaData, Table, Text, delete, select

from reveille.adapters.sql import upsert
from reveille.contracts.analyzer.v1.events_pb2 import TriggerFired, TriggerSuppressed
from reveille.contracts.common.v1.common_pb2 import EventRef
from reveille.kernel.events import Recorded, tenant_of

decisions: Final = Table(
    "decisions",
    MetaData(),
    Column("tenant", Text, primary_key=True),
    Column("signal_id", Text, primary_key=True),
    Column("agent", Text, primary_key=True),
    Column("stream", Text, nullable=False),
    Column("revision", BigInteger, nullable=False),
)


class Decisions:
    name = "decisions"
    types: frozenset[str] | None = frozenset(
        {"reveille.analyzer.v1.TriggerFired", "reveille.analyzer.v1.TriggerSuppressed"}
    )

    def project(self, connection: Connection, events: Sequence[Recorded]) -> None:
        upsert(connection, decisions, [row for event in events for row in _rows(event)])

    def clear(self, connection: Connection) -> None:
        connection.execute(delete(decisions))


def find(connection: Connection, tenant: str, signal_id: str, agent: str) -> EventRef | None:
    found = connection.execute(
        select(decisions.c.stream, decisions.c.revision).where(
            decisions.c.tenant == tenant, decisions.c.signal_id == signal_id, decisions.c.agent == agent
        )
    ).first()
    return EventRef(stream=found.stream, revision=found.revision) if found else None


def _rows(event: Recorded) -> list[dict[str, Any]]:
    assert isinstance(event.msg, TriggerFired | TriggerSuppressed)
    return [
        {
            "tenant": tenant_of(event.stream),
            "signal_id": signal_id,
            "agent": event.msg.agent,
            "stream": event.stream,
            "revision": event.revision,
        }
        for signal_id in event.msg.signal_ids
    ]
