"""Who may do what, written down a second time, by hand: what the platform does is compared with this."""

from typing import Final

# The columns: viewer, operator, approver, agent, source, admin. `*`: whoever comes, `-`: nobody by what he shows, as a
# sender proves himself there in another way.
_ROUTES: Final = """
* * * * * *  GET /
* * * * * *  HEAD /
* * * * * *  GET /assets/{name}
* * * * * *  HEAD /assets/{name}
* * * * * *  GET /docs
* * * * * *  GET /openapi.json
* * * * * *  HEAD /openapi.json
* * * * * *  GET /healthz
* * * * * *  GET /readyz
- - - - - -  POST /webhooks/github
- - - - - -  POST /webhooks/gitlab
- - - - - -  POST /webhooks/jenkins
- - - - - -  POST /webhooks/ci
- - - - - -  POST /webhooks/prometheus
- - - - - -  POST /webhooks/custom/{name}
x x x x x x  GET /api/v1/me
x x x . . x  GET /status
x x x . . x  GET /metrics
x x x . . x  GET /api/v1/signals
x x x . . x  GET /api/v1/signals/{signal_id}
x x x . . x  GET /api/v1/agents
x x x . . x  GET /api/v1/budgets
x x x . . x  GET /api/v1/explain
x x x . . x  GET /api/v1/fleet
. x . . . x  POST /api/v1/fleet
. x . . . x  POST /api/v1/fleet/diff
x x x . . x  GET /api/v1/blueprints
x x x . . x  GET /api/v1/blueprints/{name}
x x x . . x  GET /api/v1/analytics
x x x . . x  GET /api/v1/notifications
x x x . . x  GET /api/v1/approvals
x x x . . x  GET /api/v1/approvals/{approval_id}
. . x . . x  POST /api/v1/approvals/{approval_id}
x x x . . x  GET /api/v1/deadletters
x x x . . x  GET /api/v1/deadletters/{deadletter_id}
. x . . . x  POST /api/v1/deadletters/{deadletter_id}/retry
. x . . . x  POST /api/v1/deadletters/{deadletter_id}/drop
x x x . . x  GET /api/v1/executions
. x . . . x  POST /api/v1/executions
x x x . . x  GET /api/v1/executions/events
x x x . . x  GET /api/v1/executions/events/stats
x x x . . x  GET /api/v1/executions/{execution_id}
x x x . . x  GET /api/v1/executions/{execution_id}/causes
x x x . . x  GET /api/v1/executions/{execution_id}/events
x x x . . x  GET /api/v1/executions/{execution_id}/events/stats
x x x . . x  GET /api/v1/executions/{execution_id}/events/{sequence}
x x x . . x  GET /api/v1/executions/{execution_id}/stream
. x . . . x  POST /api/v1/executions/{execution_id}/inputs
. x . . . x  PATCH /api/v1/executions/{execution_id}/inputs
. x . . . x  DELETE /api/v1/executions/{execution_id}/inputs/{input_id}
. x . . . x  POST /api/v1/executions/{execution_id}/cancel
. x . . . x  POST /api/v1/executions/{execution_id}/fork
. x . . . x  POST /api/v1/event-driven/start
. x . . . x  POST /api/v1/event-driven/input
. x . . . x  DELETE /api/v1/event-driven/input/{input_id}
x x x . . x  GET /api/v1/event-driven/status/{party_id}
. x . . x x  POST /webhook/trigger/{agent}
. x . . x x  POST /webhook/git
. x . . x x  POST /webhook/system/{event}
. x . . x x  POST /api/v1/events
. . . . . x  GET /api/v1/keys
. . . . . x  POST /api/v1/keys
. . . . . x  DELETE /api/v1/keys/{key_id}
. . . . . x  GET /api/v1/audit
. . . . . x  GET /api/v1/erasures
. . . . . x  POST /api/v1/erasures
x x x . . x  GET /api/v1/health
"""
# The socket, and what is said on it; where nothing is: to open it.
_SOCKETS: Final = """
x x x x x x  /ws/events
x x x . . x  /ws/events subscribe
x x x x x x  /ws/events unsubscribe
x x x x x x  /ws/events ping
x x x x x x  /ws/events pong
x x x . . x  /ws/orchestration/{party_id}
x x x . . x  /ws/orchestration/{party_id} ping
. . . x . x  /ws/agents/{agent}
. . . x . x  /ws/agents/{agent} ack
. . . x . x  /ws/agents/{agent} progress
. . . x . x  /ws/agents/{agent} more_tokens
. . . x . x  /ws/agents/{agent} hand_on
. . . x . x  /ws/agents/{agent} task_complete
. . . x . x  /ws/agents/{agent} task_failed
. . . x . x  /ws/agents/{agent} pong
"""
ROLES: Final = ("viewer", "operator", "approver", "agent", "source", "admin")
EVERYBODY: Final = frozenset({"everybody"})
# By "METHOD /path": which roles may.
WHO_MAY: Final[dict[str, frozenset[str]]] = {}
# By "/path" and "/path message".
WHO_MAY_SAY: Final[dict[str, frozenset[str]]] = {}


def _read(table: str, into: dict[str, frozenset[str]]) -> None:
    for row in table.strip().splitlines():
        *marks, one, other = row.split(maxsplit=7) if len(row.split()) == 8 else (*row.split(), "")
        what = f"{one} {other}".strip()
        assert what not in into, f"{what} stands there twice"
        into[what] = EVERYBODY if "*" in marks else frozenset(r for r, m in zip(ROLES, marks, strict=True) if m == "x")


_read(_ROUTES, WHO_MAY)
_read(_SOCKETS, WHO_MAY_SAY)
