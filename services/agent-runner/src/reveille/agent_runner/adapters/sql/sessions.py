"""The view of open connections, and which replica has each: one whose replica is gone is gone with it."""

from collections.abc import Collection, Sequence
from typing import Any, Final

from sqlalchemy import Column, Connection, Integer, LargeBinary, MetaData, Table, Text, bindparam, delete, select

from reveille.adapters.sql import upsert
from reveille.agent_runner.application.orphans import Lost
from reveille.contracts.agent_runner.v1.events_pb2 import AgentConnected, AgentDisconnected
from reveille.kernel.events import About, Recorded

sessions: Final = Table(
    "sessions",
    MetaData(),
    Column("stream", Text, primary_key=True),
    Column("session", Text, primary_key=True),
    Column("replica", Text, nullable=False),
    Column("correlation", Text, nullable=False),
    Column("trace", Text, nullable=False),
    Column("hop", Integer, nullable=False),
    Column("cause", LargeBinary, nullable=False),
)
_CLOSED: Final = delete(sessions).where(sessions.c.stream == bindparam("at"), sessions.c.session == bindparam("id"))


class Sessions:
    name = "sessions"
    types: frozenset[str] | None = frozenset(cls.DESCRIPTOR.full_name for cls in (AgentConnected, AgentDisconnected))

    def project(self, connection: Connection, events: Sequence[Recorded]) -> None:
        opened: dict[tuple[str, str], dict[str, Any]] = {}
        closed: list[dict[str, str]] = []
        for event in events:
            match event.msg:
                case AgentConnected(session=session):
                    opened[event.stream, session] = _row(event, session)
                case AgentDisconnected(session=session):
                    opened.pop((event.stream, session), None)
                    closed.append({"at": event.stream, "id": session})
        upsert(connection, sessions, list(opened.values()))
        if closed:
            connection.execute(_CLOSED, closed)

    def clear(self, connection: Connection) -> None:
        connection.execute(delete(sessions))


def lost(connection: Connection, alive: Collection[str], limit: int) -> list[Lost]:
    rows = connection.execute(select(sessions).where(sessions.c.replica.not_in(alive)).limit(limit))
    return [Lost(row.stream, row.session, About(row.correlation, row.trace, row.hop), row.cause) for row in rows]


def _row(event: Recorded, session: str) -> dict[str, Any]:
    about = event.meta.about
    return {
        "stream": event.stream,
        "session": session,
        "replica": event.meta.replica,
        "correlation": about.correlation,
        "trace": about.trace,
        "hop": about.hop,
        "cause": event.id,
    }
