"""The view `conversations` in SQL."""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, select

from reveille.adapters.sql import upsert
from reveille.ingress.adapters.sql.tables import conversations
from reveille.ingress.application.projections.conversations import BEGINNINGS, conversation_of, row_of
from reveille.kernel.events import Recorded


class SqlConversations:
    name = "conversations"
    types: frozenset[str] | None = BEGINNINGS

    def project(self, connection: Connection, events: Sequence[Recorded]) -> None:
        upsert(connection, conversations, [row_of(event) for event in events if conversation_of(event)])

    def clear(self, connection: Connection) -> None:
        connection.execute(delete(conversations))

    def executions(self, connection: Connection, tenant: str, conversation_id: str) -> list[str]:
        statement = (
            select(conversations.c.execution_id)
            .where(conversations.c.tenant == tenant, conversations.c.conversation_id == conversation_id)
            .order_by(conversations.c.position)
        )
        return list(connection.execute(statement).scalars())
