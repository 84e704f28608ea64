"""Answers of the routes about what has happened, as the OpenAPI document tells them."""

from typing import Any, Final

from reveille.ingress.domain.live.moments import TYPES
from reveille.ingress.entrypoints.http.described import PROBLEM
from reveille.ingress.entrypoints.http.writing import JSON

Schema = dict[str, Any]

_WHOLE: Final[Schema] = {"type": "integer"}
_TEXT: Final[Schema] = {"type": "string"}
_TIME: Final[Schema] = {"type": "string", "format": "date-time"}
_FREE: Final[Schema] = {"type": "object"}
_BY_NAME: Final[Schema] = {"type": "object", "additionalProperties": _WHOLE}
_REFUSALS: Final = {
    401: "The token is missing or wrong",
    403: "Closed off loopback",
    404: "There is no such thing",
    409: "It is not as it must be for that",
    422: "A value of the query or of the body is wrong; each is named",
    503: "A service or the log cannot answer now; Retry-After says when",
}


def _object(properties: Schema) -> Schema:
    return {"type": "object", "properties": properties}


def page_of(item: Schema) -> Schema:
    return _object({"items": {"type": "array", "items": item}, "next": {"type": ["string", "null"]}})


def answers(schema: Schema, *statuses: int) -> dict[int | str, dict[str, Any]]:
    """statuses: of refusals that are not every route's."""
    refused = {"content": {"application/problem+json": {"schema": PROBLEM}}}
    return {
        200: {"description": "As it stands", "content": {JSON: {"schema": schema}}},
        **{status: {"description": _REFUSALS[status], **refused} for status in (*statuses, 422, 503)},
    }


_EVENT: Final = _object(
    {
        "execution_id": _TEXT,
        "sequence": {**_WHOLE, "description": "Counts the events of the plan from 1, the same on every replica."},
        "position": {**_WHOLE, "description": "Where it stands in the log."},
        "id": _TEXT,
        "type": _TEXT,
        "at": _TIME,
        "service": {**_TEXT, "description": "Who has decided it."},
        "correlation_id": _TEXT,
        "data": {**_FREE, "description": "The event's message."},
        "summary": _TEXT,
    }
)
EVENTS: Final = page_of(_EVENT)
LIVE_EVENT: Final = _object(
    {
        "type": {**_TEXT, "enum": list(TYPES)},
        "executionId": _TEXT,
        "conversationId": _TEXT,
        "agentId": {**_TEXT, "description": "Who did it, or whom it is about."},
        "department": _TEXT,
        "sequence": _WHOLE,
        "timestamp": _TIME,
        "traceId": _TEXT,
    }
)
_ENTRY: Final = _object(
    {
        "execution_id": _TEXT,
        "sequence": {**_WHOLE, "description": "Counts the live events of the execution, the same on every replica."},
        "position": _WHOLE,
        "type": {**_TEXT, "enum": list(TYPES)},
        "at": _TIME,
        "agent": _TEXT,
        "department": _TEXT,
        "status": _TEXT,
        "event": {**LIVE_EVENT, "description": "As sockets tell it: what is large is a `$ref` to the whole event."},
    }
)
ENTRIES: Final = page_of({"oneOf": [_ENTRY, _EVENT]})
_NUMBER: Final[Schema] = {"type": "number"}
_OF_AGENT: Final = _object({"runs": _WHOLE, "mean": _NUMBER, "max": _NUMBER})
_OF_DEPARTMENT: Final = _object({"score": _NUMBER, "checks": _WHOLE, "passed": _WHOLE})
FIGURES: Final = _object(
    {
        "execution_id": _TEXT,
        "status": _TEXT,
        "total": {**_WHOLE, "description": "Events of the log; 0 where it is no plan."},
        "by_type": _BY_NAME,
        "live": _object({"total": _WHOLE, "by_type": _BY_NAME, "by_agent": _BY_NAME, "by_department": _BY_NAME}),
        "durations": {**_BY_NAME, "additionalProperties": _OF_AGENT, "description": "Milliseconds of runs, by agent."},
        "quality": {**_BY_NAME, "additionalProperties": _OF_DEPARTMENT, "description": "By department."},
        "tokens": _object({"used": _WHOLE, "by_agent": _BY_NAME}),
    }
)
_TOPIC: Final = _object(
    {
        "service": _TEXT,
        "topic": _TEXT,
        "published": {**_WHOLE, "description": "Messages that came, each once."},
        "delivered": {**_WHOLE, "description": "Of these, answered."},
        "failed": {**_WHOLE, "description": "Attempts that had to be made again."},
        "parked": _WHOLE,
        "since": _TIME,
    }
)
_FIGURES: Final = (
    "total_published",
    "total_delivered",
    "failed_deliveries",
    "parked",
    "active_topics",
    "total_subscribers",
)
BUS_AND_STORE: Final = _object(
    {
        "bus": _object(
            {
                **dict.fromkeys(_FIGURES, _WHOLE),
                "topics": {"type": "array", "items": _TOPIC},
                "unreachable": {"type": "array", "items": _TEXT},
            }
        ),
        "store": _object(
            {
                "total_parties": {**_WHOLE, "description": "Plans of the blueprint `party`."},
                "total_plans": _WHOLE,
                "total_inputs": {**_WHOLE, "description": "That are in their plans now."},
                "total_agent_results": {**_WHOLE, "description": "That are in force now."},
                "total_events": _WHOLE,
                "status_counts": {**_BY_NAME, "description": "Plans by status."},
                "by_type": {**_BY_NAME, "description": "Events by type."},
            }
        ),
    }
)
DEAD_LETTER: Final = _object(
    {
        "id": {**_TEXT, "description": "Of the event that says that it was parked."},
        "service": {**_TEXT, "description": "Who could not handle it."},
        "partition": _WHOLE,
        "type": {**_TEXT, "description": "Of the event that could not be handled."},
        "event_id": _TEXT,
        "status": {"type": "string", "enum": ["parked", "retried", "dropped"]},
        "error": _TEXT,
        "attempts": _WHOLE,
        "parked_at": _TIME,
        "closed_at": {"type": ["string", "null"]},
        "reason": {"type": ["string", "null"], "description": "Why it was dropped."},
        "correlation_id": _TEXT,
        "position": _WHOLE,
    }
)
WHOLE_DEAD_LETTER: Final = _object(
    {
        **DEAD_LETTER["properties"],
        "headers": {**_BY_NAME, "additionalProperties": _TEXT, "description": "Of the bus's record."},
        "event": _object(
            {
                "stream": _TEXT,
                "revision": _WHOLE,
                "position": _WHOLE,
                "in_log": {"type": "boolean"},
                "at": {"type": ["string", "null"]},
                "summary": {"type": ["string", "null"]},
                "data": {"type": ["object", "null"], "description": "Its message, where its type is known."},
                "base64": {"type": ["string", "null"], "description": "Else its bytes."},
            }
        ),
    }
)
CLOSED: Final = _object(
    {
        "deadletter_id": _TEXT,
        "status": {"type": "string", "enum": ["retried", "dropped"]},
        "position": {**_WHOLE, "description": "Where that stands in the log; reads take it as wait_for."},
    }
)
