"""The view `enriching` in SQL: signals whose providers are being asked."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, select

from reveille.adapters.sql import upsert
from reveille.contracts.ingress.v1.events_pb2 import SignalEnriched, SignalReceived
from reveille.ingress.adapters.sql.tables import enriching
from reveille.kernel.events import Recorded

_DONE: Final = delete(enriching).where(enriching.c.stream == bindparam("at"))


class SqlEnriching:
    name = "enriching"
    types: frozenset[str] | None = frozenset(cls.DESCRIPTOR.full_name for cls in (SignalReceived, SignalEnriched))

    def project(self, connection: Connection, events: Sequence[Recorded]) -> None:
        opened: dict[str, dict[str, Any]] = {}
        done: list[dict[str, str]] = []
        for event in events:
            if isinstance(event.msg, SignalEnriched):
                if opened.pop(event.stream, None) is None:
                    done.append({"at": event.stream})
            elif isinstance(event.msg, SignalReceived) and event.msg.signal.enriching:
                opened[event.stream] = {"stream": event.stream, "received": event.meta.time}
        upsert(connection, enriching, list(opened.values()))
        if done:
            connection.execute(_DONE, done)

    def clear(self, connection: Connection) -> None:
        connection.execute(delete(enriching))


def open_before(connection: Connection, received: int, limit: int) -> list[str]:
    waiting = select(enriching.c.stream).where(enriching.c.received < received)
    return list(connection.execute(waiting.order_by(enriching.c.received).limit(limit)).scalars())
