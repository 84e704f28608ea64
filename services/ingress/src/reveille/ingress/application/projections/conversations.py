"""The view `conversations`: which executions a conversation has had, in the order in which they were asked for."""

from typing import Any, Final, Protocol

from reveille.contracts.ingress.v1.events_pb2 import ExecutionForked, ExecutionRequested
from reveille.kernel.events import Recorded, tenant_of

# What begins an execution that may be of a conversation: one of them at most, and the first of its stream.
BEGINNINGS: Final = frozenset(cls.DESCRIPTOR.full_name for cls in (ExecutionRequested, ExecutionForked))


class ConversationRows(Protocol):
    def executions(self, connection: Any, tenant: str, conversation_id: str) -> list[str]:
        """Oldest first."""
        ...


def conversation_of(event: Recorded) -> str:
    """Of an event that begins an execution; "" where it is of none."""
    assert isinstance(event.msg, ExecutionRequested | ExecutionForked)
    return event.msg.conversation_id


def row_of(event: Recorded) -> dict[str, Any]:
    assert isinstance(event.msg, ExecutionRequested | ExecutionForked)
    return {
        "tenant": tenant_of(event.stream),
        "conversation_id": event.msg.conversation_id,
        "execution_id": event.msg.execution_id,
        "position": event.position,
    }
