"""One live event of an execution, as clients get it; what it may be called, and how a platform refuses to tell any."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

TYPES: Final = (
    "orchestration-start",
    "orchestration-complete",
    "department-start",
    "department-complete",
    "agent-start",
    "agent-thinking",
    "agent-complete",
    "tool-call",
    "tool-result",
    "quality-check",
    "review-status",
)
# What each event has; all else is its `data`.
_COMMON: Final = frozenset(
    {"type", "executionId", "sequence", "conversationId", "agentId", "department", "timestamp", "traceId"}
)


class Refused(Exception):
    """The platform does not tell this, and no waiting mends it; the message says why. code: as the platform has it."""

    def __init__(self, message: str, *, code: str = "") -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveEvent:
    """sequence: from 1 within its execution, without a hole. agent, department, conversation_id: "" is none.

    data: the event's own fields in the names of the wire, such as `userPrompt`. A large payload is
    {"$ref", "bytes", "preview"}: `LiveEvents.whole` gives it. wire: the event as it came.
    """

    execution_id: str
    sequence: int
    type: str
    agent: str
    department: str
    conversation_id: str
    timestamp: datetime
    trace_id: str
    data: Mapping[str, Any]
    wire: Mapping[str, Any] = field(repr=False, compare=False)


def event_of(wire: Mapping[str, Any], *, execution_id: str = "", sequence: int = 0) -> LiveEvent:
    """execution_id, sequence: as the message around it has them. Raises ValueError where it is no live event."""
    try:
        return LiveEvent(
            execution_id=str(wire.get("executionId") or execution_id),
            sequence=int(wire.get("sequence") or sequence),
            type=str(wire["type"]),
            agent=str(wire.get("agentId") or ""),
            department=str(wire.get("department") or ""),
            conversation_id=str(wire.get("conversationId") or ""),
            timestamp=datetime.fromisoformat(str(wire["timestamp"])),
            trace_id=str(wire.get("traceId") or ""),
            data=MappingProxyType({name: value for name, value in wire.items() if name not in _COMMON}),
            wire=MappingProxyType(dict(wire)),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"no live event: {type(error).__name__}: {error}") from error
