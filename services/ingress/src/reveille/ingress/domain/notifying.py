"""Whom to tell of what: which events a notification is about, what an answer means, and when to try again."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from enum import Enum
from typing import Final

from google.protobuf.message import Message

from reveille.contracts.agent_runner.v1.events_pb2 import (
    AgentThinking,
    RunCompleted,
    RunFailed,
    RunStarted,
    ToolCalled,
    ToolReturned,
)
from reveille.contracts.ingress.v1.events_pb2 import Notification
from reveille.contracts.planner.v1.events_pb2 import (
    DepartmentCompleted,
    DepartmentStarted,
    ExecutionCancelled,
    ExecutionCompleted,
    ExecutionFailed,
    ExecutionStarted,
    PlanUpdated,
    QualityChecked,
    WorkReviewed,
)
from reveille.ingress.domain.live.moments import TYPES
from reveille.kernel.clock import SECOND
from reveille.kernel.ids import derive

THINKING: Final = "agent-thinking"
# What each event of the log is called by those who watch; at most so, for not each of them is told.
_WATCHED: Final[Mapping[type[Message], str]] = {
    ExecutionStarted: "orchestration-start",
    ExecutionCompleted: "orchestration-complete",
    ExecutionFailed: "orchestration-complete",
    ExecutionCancelled: "orchestration-complete",
    PlanUpdated: "orchestration-complete",
    DepartmentStarted: "department-start",
    DepartmentCompleted: "department-complete",
    RunStarted: "agent-start",
    AgentThinking: THINKING,
    RunCompleted: "agent-complete",
    RunFailed: "agent-complete",
    ToolCalled: "tool-call",
    ToolReturned: "tool-result",
    QualityChecked: "quality-check",
    WorkReviewed: "review-status",
}
WATCHED: Final[Mapping[str, str]] = {cls.DESCRIPTOR.full_name: name for cls, name in _WATCHED.items()}
STATUSES: Final = ("completed", "failed", "cancelled", "approved", "partial", "revise", "rejected")
DEFAULT_TYPES: Final = frozenset(TYPES) - {THINKING}

# In seconds. A receiver that asks for more than the longest pause is asked again then.
LONGEST_PAUSE: Final = 3_600.0
# Of answers that are no 5xx: the receiver may take it later. 425 is Too Early, 429 Too Many Requests.
_PASSING: Final = (408, 425, 429)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An event as those who watch see it; "" is what it has not."""

    type: str
    agent: str
    department: str
    blueprint: str
    status: str


def matches(notification: Notification, told: Told) -> bool:
    """Everything that the notification names must fit, each by one of its names."""
    return (
        told.type in (notification.types or DEFAULT_TYPES)
        and _fits(notification.agents, told.agent)
        and _fits(notification.departments, told.department)
        and _fits(notification.blueprints, told.blueprint)
        and _fits(notification.statuses, told.status)
    )


def may_match(notification: Notification, msg: Message) -> bool:
    """Whether it can be about an event of the log, by what that says itself. False is certain."""
    if _WATCHED[type(msg)] not in (notification.types or DEFAULT_TYPES):
        return False
    match msg:
        case PlanUpdated(status=status):
            # Only a plan that has failed is told of by this.
            return status == "failed" and _fits(notification.statuses, status)
        case RunCompleted(work=work):
            return _fits(notification.agents, work.agent) and _fits(notification.statuses, "completed")
        case RunFailed(work=work):
            ended = not notification.statuses or not {"failed", "cancelled"}.isdisjoint(notification.statuses)
            return _fits(notification.agents, work.agent) and ended
        case RunStarted(work=work):
            return _fits(notification.agents, work.agent)
        case ExecutionStarted(blueprint=blueprint):
            return _fits(notification.blueprints, blueprint)
        case (
            DepartmentCompleted(department=department, status=status)
            | WorkReviewed(department=department, status=status)
        ):
            return _fits(notification.departments, department) and _fits(notification.statuses, status)
        case DepartmentStarted(department=department) | QualityChecked(department=department):
            return _fits(notification.departments, department)
    return True


def _fits(wanted: Collection[str], given: str) -> bool:
    return not wanted or given in wanted


class Verdict(Enum):
    DELIVERED = "delivered"
    AGAIN = "again"
    REFUSED = "refused"


def verdict(status: int) -> Verdict:
    """Of an answer; 0 is none. Who points elsewhere has not taken it, and nobody is told elsewhere."""
    if 200 <= status < 300:
        return Verdict.DELIVERED
    return Verdict.AGAIN if status == 0 or status in _PASSING or status >= 500 else Verdict.REFUSED


def pause(id: str, attempts: int, backoff_ms: int, asked: float) -> float:
    """Seconds until the next attempt. attempts: made so far, from 1; asked: what the receiver asks for, 0 is nothing.

    Twice as long each time, up to half as much again by a jitter that follows from the id, so that what has failed
    together is not tried together.
    """
    doubled: float = backoff_ms / 1000 * 2 ** min(attempts - 1, 30)
    jitter = int(derive("jitter", id, str(attempts))[:8], 16) / 0xFFFFFFFF
    return min(max(doubled * (1 + jitter / 2), asked), LONGEST_PAUSE)


def asked_pause(retry_after: str, now: int) -> float:
    """Seconds that a receiver asks for by `Retry-After`, a number of them or a date; 0 where it asks for nothing.

    now: microseconds since 1970. https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
    """
    told = retry_after.strip()
    if told.isascii() and told.isdigit() and len(told) < 9:
        return float(told)
    try:
        at = parsedate_to_datetime(told)
        return max(0.0, at.replace(tzinfo=at.tzinfo or UTC).timestamp() - now / SECOND)
    except (ValueError, OverflowError):
        return 0.0
