"""Who may do what: each HTTP route, each socket with what may be said on it, and each gRPC method, with what it needs.

What does not stand here is refused when the platform starts. docs/access.md shows this table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from reveille.ingress.domain.access import Permission


class Openness(StrEnum):
    """What is not for those who have a permission."""

    # Whoever can connect: it shows nothing of a tenant.
    OPEN = "open"
    # Whoever proves himself as the sender's kind does; which secret fitted says whose tenant it is.
    PROOF = "proof"
    # Whoever has proven who he is, whatever he may do.
    KNOWN = "known"
    # The platform's own services.
    PLATFORM = "platform"


Needs = Permission | Openness

_ROUTES: Final[Mapping[Needs, str]] = {
    Openness.OPEN: """
        GET /
        HEAD /
        GET /assets/{name}
        HEAD /assets/{name}
        GET /docs
        GET /openapi.json
        HEAD /openapi.json
        GET /healthz
        GET /readyz
    """,
    Openness.PROOF: """
        POST /webhooks/github
        POST /webhooks/gitlab
        POST /webhooks/jenkins
        POST /webhooks/ci
        POST /webhooks/prometheus
        POST /webhooks/custom/{name}
    """,
    Openness.KNOWN: """
        GET /api/v1/me
    """,
    Permission.READ: """
        GET /status
        GET /metrics
        GET /api/v1/signals
        GET /api/v1/signals/{signal_id}
        GET /api/v1/agents
        GET /api/v1/budgets
        GET /api/v1/explain
        GET /api/v1/fleet
        GET /api/v1/health
        GET /api/v1/blueprints
        GET /api/v1/blueprints/{name}
        GET /api/v1/analytics
        GET /api/v1/notifications
        GET /api/v1/approvals
        GET /api/v1/approvals/{approval_id}
        GET /api/v1/deadletters
        GET /api/v1/deadletters/{deadletter_id}
        GET /api/v1/executions
        GET /api/v1/executions/events
        GET /api/v1/executions/events/stats
        GET /api/v1/executions/{execution_id}
        GET /api/v1/executions/{execution_id}/causes
        GET /api/v1/executions/{execution_id}/events
        GET /api/v1/executions/{execution_id}/events/stats
        GET /api/v1/executions/{execution_id}/events/{sequence}
        GET /api/v1/executions/{execution_id}/stream
        GET /api/v1/event-driven/status/{party_id}
    """,
    Permission.SIGNAL: """
        POST /webhook/trigger/{agent}
        POST /webhook/git
        POST /webhook/system/{event}
        POST /api/v1/events
    """,
    Permission.PLAN: """
        POST /api/v1/executions
        POST /api/v1/executions/{execution_id}/inputs
        PATCH /api/v1/executions/{execution_id}/inputs
        DELETE /api/v1/executions/{execution_id}/inputs/{input_id}
        POST /api/v1/executions/{execution_id}/cancel
        POST /api/v1/executions/{execution_id}/fork
        POST /api/v1/event-driven/start
        POST /api/v1/event-driven/input
        DELETE /api/v1/event-driven/input/{input_id}
    """,
    Permission.OPERATE: """
        POST /api/v1/fleet
        POST /api/v1/fleet/diff
        POST /api/v1/deadletters/{deadletter_id}/retry
        POST /api/v1/deadletters/{deadletter_id}/drop
    """,
    Permission.APPROVE: """
        POST /api/v1/approvals/{approval_id}
    """,
    Permission.ADMINISTER: """
        GET /api/v1/keys
        POST /api/v1/keys
        DELETE /api/v1/keys/{key_id}
        GET /api/v1/audit
        GET /api/v1/erasures
        POST /api/v1/erasures
    """,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """`path` as the framework writes it."""

    method: str
    path: str
    needs: Needs

    @property
    def name(self) -> str:
        """What the audit calls it."""
        return f"{self.method} {self.path}"

    @property
    def lasts(self) -> bool:
        """Its answer goes on for as long as somebody listens."""
        return self.path.endswith("/stream")


@dataclass(frozen=True, slots=True, kw_only=True)
class SocketEntry:
    """needs: to open it. messages: by type, what a client needs to say them."""

    path: str
    needs: Needs
    messages: Mapping[str, Needs]

    @property
    def name(self) -> str:
        """What the audit calls it, whose opening is a request."""
        return f"GET {self.path}"


ROUTES: Final = tuple(
    Entry(method=method, path=path, needs=needs)
    for needs, rows in _ROUTES.items()
    for method, path in (row.split() for row in rows.strip().splitlines())
)

EVENTS_SOCKET: Final = SocketEntry(
    path="/ws/events",
    needs=Openness.KNOWN,
    messages={
        "subscribe": Permission.READ,
        "unsubscribe": Openness.KNOWN,
        "ping": Openness.KNOWN,
        "pong": Openness.KNOWN,
    },
)
PARTY_SOCKET: Final = SocketEntry(
    path="/ws/orchestration/{party_id}", needs=Permission.READ, messages={"ping": Permission.READ}
)
# Its opening is where all of them are checked: what is said on it is for the agent-runner, and read there.
AGENT_SOCKET: Final = SocketEntry(
    path="/ws/agents/{agent}",
    needs=Permission.CONNECT,
    messages=dict.fromkeys(
        ("ack", "progress", "more_tokens", "hand_on", "task_complete", "task_failed", "pong"), Permission.CONNECT
    ),
)
SOCKETS: Final = (EVENTS_SOCKET, PARTY_SOCKET, AGENT_SOCKET)

GRPC: Final[Mapping[str, Needs]] = {
    **dict.fromkeys(
        (
            "reveille.ingress.v1.QueryService/GetSignal",
            "reveille.ingress.v1.QueryService/ListSignals",
            "reveille.ingress.v1.QueryService/GetCauses",
            "reveille.analyzer.v1.QueryService/Explain",
            "reveille.analyzer.v1.QueryService/WhatIf",
            "reveille.planner.v1.QueryService/GetExecution",
            "reveille.planner.v1.QueryService/ListExecutions",
            "reveille.planner.v1.QueryService/GetApproval",
            "reveille.planner.v1.QueryService/ListApprovals",
            "reveille.budget.v1.QueryService/ListAccounts",
            "reveille.agent_runner.v1.QueryService/ListAgents",
            "reveille.agent_runner.v1.QueryService/ListUsage",
            "reveille.agent_runner.v1.LinkService/Connect",
            "reveille.common.v1.InboxService/GetInbox",
            "reveille.common.v1.InboxService/RetryDeadLetter",
            "reveille.common.v1.InboxService/DropDeadLetter",
        ),
        Openness.PLATFORM,
    ),
    "grpc.health.v1.Health/Check": Openness.OPEN,
    "grpc.health.v1.Health/Watch": Openness.OPEN,
}


class _Node:
    """One part of a path. entries: by method, of the paths that end here."""

    __slots__ = ("any", "entries", "named")

    def __init__(self) -> None:
        self.named: dict[str, _Node] = {}
        self.any: _Node | None = None
        self.entries: dict[str, Entry] = {}


class AccessTable:
    """Finds the entry of a request, in a microsecond or two."""

    def __init__(self, entries: tuple[Entry, ...] = ROUTES) -> None:
        self._whole = {(entry.method, entry.path): entry for entry in entries if "{" not in entry.path}
        self._root = _Node()
        for entry in entries:
            node = self._root
            for part in entry.path.split("/")[1:]:
                if part.startswith("{"):
                    node.any = node = node.any or _Node()
                else:
                    node = node.named.setdefault(part, _Node())
            node.entries[entry.method] = entry

    def find(self, method: str, path: str) -> Entry | None:
        return self._whole.get((method, path)) or _found(self._root, path.split("/"), 1, method)


def _found(node: _Node, parts: list[str], at: int, method: str) -> Entry | None:
    """By name first, as the framework does where the more exact route was told first."""
    if at == len(parts):
        return node.entries.get(method)
    part = parts[at]
    named = node.named.get(part)
    found = None if named is None else _found(named, parts, at + 1, method)
    if found is None and node.any is not None and part:
        return _found(node.any, parts, at + 1, method)
    return found


def differences(served: frozenset[tuple[str, str]], entries: tuple[Entry, ...] = ROUTES) -> list[str]:
    """What is served and does not stand in the table, and the other way round. served: methods and paths."""
    told = {(entry.method, entry.path) for entry in entries}
    return [
        *(f"{method} {path} is served, and not in the access table" for method, path in sorted(served - told)),
        *(f"{method} {path} is in the access table, and not served" for method, path in sorted(told - served)),
    ]
