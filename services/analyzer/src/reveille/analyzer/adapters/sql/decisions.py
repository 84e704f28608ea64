"""The view of what was decided on each pair of signal and agent, or of signal and plan that a rule begins."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import BigInteger, Column, Connection, Integer, MetaData, Table, Text, delete, select

from reveille.adapters.sql import upsert
from reveille.contracts.analyzer.v1.events_pb2 import TriggerFired, TriggerGathered, TriggerSuppressed
from reveille.contracts.common.v1.common_pb2 import EventRef
from reveille.kernel.events import Recorded, key_of, tenant_of

decisions: Final = Table(
    "decisions",
    MetaData(),
    Column("tenant", Text, primary_key=True),
    Column("signal_id", Text, primary_key=True),
    Column("agent", Text, primary_key=True),
    Column("trigger_id", Text, primary_key=True),
    Column("standing", Integer, nullable=False),
    Column("stream", Text, nullable=False),
    Column("revision", BigInteger, nullable=False),
)

# A signal may have woken an agent by one rule and wait with it by another: that it woke is what is told.
STANDING: Final = {TriggerFired: 0, TriggerGathered: 1, TriggerSuppressed: 2}


class Decisions:
    name = "decisions"
    types: frozenset[str] | None = frozenset(
        one.DESCRIPTOR.full_name for one in (TriggerFired, TriggerGathered, TriggerSuppressed)
    )

    def project(self, connection: Connection, events: Sequence[Recorded]) -> None:
        upsert(connection, decisions, [row for event in events for row in _rows(event)])

    def clear(self, connection: Connection) -> None:
        connection.execute(delete(decisions))


def find(connection: Connection, tenant: str, signal_id: str, agent: str) -> EventRef | None:
    """The decision that tells most, the oldest of several."""
    found = connection.execute(
        select(decisions.c.stream, decisions.c.revision)
        .where(decisions.c.tenant == tenant, decisions.c.signal_id == signal_id, decisions.c.agent == agent)
        .order_by(decisions.c.standing, decisions.c.revision)
        .limit(1)
    ).first()
    return EventRef(stream=found.stream, revision=found.revision) if found else None


def _rows(event: Recorded) -> list[dict[str, Any]]:
    assert isinstance(event.msg, TriggerFired | TriggerGathered | TriggerSuppressed)
    return [
        {
            "tenant": tenant_of(event.stream),
            "signal_id": signal_id,
            # As the stream is called: of a plan it is `blueprint:<name>`.
            "agent": key_of(event.stream),
            "trigger_id": event.msg.trigger_id,
            "standing": STANDING[type(event.msg)],
            "stream": event.stream,
            "revision": event.revision,
        }
        for signal_id in event.msg.signal_ids
    ]
