"""The view of runs that go on, and who runs them: what is found here without a living owner is interrupted.

A remote agent's runs are not here: who has one is a connection, and the view of connections knows whose that is.
"""

from collections.abc import Collection, Sequence
from typing import Any, Final

from sqlalchemy import Column, Connection, Integer, LargeBinary, MetaData, Table, Text, bindparam, delete, select

from reveille.adapters.sql import upsert
from reveille.agent_runner.application.orphans import Orphan
from reveille.contracts.agent_runner.v1.events_pb2 import RunCompleted, RunFailed, RunStarted
from reveille.kernel.events import About, Recorded

running: Final = Table(
    "running",
    MetaData(),
    Column("stream", Text, primary_key=True),
    Column("replica", Text, nullable=False),
    Column("correlation", Text, nullable=False),
    Column("trace", Text, nullable=False),
    Column("hop", Integer, nullable=False),
    Column("cause", LargeBinary, nullable=False),
)
_ENDED: Final = delete(running).where(running.c.stream == bindparam("at"))


class Running:
    name = "running"
    types: frozenset[str] | None = frozenset(cls.DESCRIPTOR.full_name for cls in (RunStarted, RunCompleted, RunFailed))

    def project(self, connection: Connection, events: Sequence[Recorded]) -> None:
        started: dict[str, dict[str, Any]] = {}
        ended: list[dict[str, str]] = []
        for event in events:
            if isinstance(event.msg, RunStarted):
                if not event.msg.work.remote:
                    started[event.stream] = _row(event)
            elif started.pop(event.stream, None) is None:
                ended.append({"at": event.stream})
        upsert(connection, running, list(started.values()))
        if ended:
            connection.execute(_ENDED, ended)

    def clear(self, connection: Connection) -> None:
        connection.execute(delete(running))


def orphans(connection: Connection, alive: Collection[str], limit: int) -> list[Orphan]:
    rows = connection.execute(select(running).where(running.c.replica.not_in(alive)).limit(limit))
    return [Orphan(row.stream, About(row.correlation, row.trace, row.hop), row.cause) for row in rows]


def _row(event: Recorded) -> dict[str, Any]:
    about = event.meta.about
    return {
        "stream": event.stream,
        "replica": event.meta.replica,
        "correlation": about.correlation,
        "trace": about.trace,
        "hop": about.hop,
        "cause": event.id,
    }
