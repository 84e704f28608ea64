"""Bodies and answers of the routes about plans, as the OpenAPI document tells them."""

from typing import Any, Final

from reveille.ingress.domain.autopilots import AUTOPILOTS
from reveille.ingress.domain.plan_fields import ID, MAX_CHANGES, MAX_CONTENT, MAX_NAME, MAX_TAG, MAX_TAGS
from reveille.ingress.domain.plan_requests import MAX_REASON
from reveille.ingress.entrypoints.http.described import PROBLEM
from reveille.ingress.entrypoints.http.writing import JSON

Schema = dict[str, Any]

_ID: Final[Schema] = {"type": "string", "pattern": f"^{ID}$"}
_LINE: Final[Schema] = {"type": "string", "maxLength": MAX_NAME}
_POSITION: Final[Schema] = {"type": "integer", "description": "Where it stands in the log; reads take it as wait_for."}
_DUPLICATE: Final[Schema] = {
    "type": "boolean",
    "description": "The same request had come before; it has no second effect.",
}
_TIME: Final[Schema] = {"type": "string", "format": "date-time"}
_FREE: Final[Schema] = {"type": "object"}


def _object(properties: Schema, *required: str) -> Schema:
    return {"type": "object", "properties": properties, **({"required": list(required)} if required else {})}


def _nullable(kind: str) -> Schema:
    return {"type": [kind, "null"]}


def _list(items: Schema, **more: Any) -> Schema:
    return {"type": "array", "items": items, **more}


_INPUT_FIELDS: Final[Schema] = {
    "input_id": {**_ID, "description": "Of the sender's choice; else one is made."},
    "content": {"type": "string", "minLength": 1, "maxLength": MAX_CONTENT, "description": "What somebody wants."},
    "source_type": _LINE,
    "tags": _list(
        {"type": "string", "minLength": 1, "maxLength": MAX_TAG},
        maxItems=MAX_TAGS,
        description="Names of categories, or facts like guests:75; they go before what the text says.",
    ),
    "added_by": _LINE,
}
INPUT: Final = {**_object(_INPUT_FIELDS, "content"), "additionalProperties": False}
_INPUTS: Final = _list(INPUT, maxItems=MAX_CHANGES)
_AUTOPILOT: Final[Schema] = {
    "type": "string",
    "enum": list(AUTOPILOTS),
    "description": "How much is decided without asking people; else as the blueprint, or the forked plan, has it.",
}
OPENING: Final = _object(
    {
        "blueprint": {"type": "string", "description": "Of the fleet in force."},
        "inputs": _INPUTS,
        "prompt": {"type": "string", "maxLength": MAX_CONTENT, "description": "A first input."},
        "conversation_id": _ID,
        "parameters": {**_FREE, "description": "By name, facts of the blueprint that are given outright."},
        "execution_id": {**_ID, "description": "Of the sender's choice, but no UUID of version 5."},
        "autopilot": _AUTOPILOT,
    },
    "blueprint",
)
CHANGES: Final = _object({"add": _INPUTS, "remove": _list({"type": "string"}, maxItems=MAX_CHANGES)})
ADDED: Final[Schema] = {"oneOf": [INPUT, _object({"inputs": {**_INPUTS, "minItems": 1}}, "inputs")]}
CANCEL: Final = _object({"reason": {"type": "string", "maxLength": MAX_REASON}})
FORK: Final = _object(
    {
        "at": {"type": "integer", "minimum": 1, "description": "A sequence of its timeline; else as it stands now."},
        "inputs": _INPUTS,
        "execution_id": _ID,
        "conversation_id": _ID,
        "autopilot": _AUTOPILOT,
    }
)
CHANGED: Final = _object(
    {
        "execution_id": {"type": "string"},
        "position": _POSITION,
        "input_ids": _list({"type": "string"}, description="Of the inputs that came."),
        "removed": _list({"type": "string"}),
        "duplicate": _DUPLICATE,
    },
    "execution_id",
    "position",
)
PARTY: Final = _object({"party_id": OPENING["properties"]["execution_id"], "inputs": _INPUTS}, "inputs")
PARTY_INPUT: Final = _object({"party_id": _ID, **_INPUT_FIELDS}, "party_id", "content")
STARTED: Final = _object(
    {
        "party_id": {"type": "string"},
        "position": _POSITION,
        "input_ids": _list({"type": "string"}),
        "duplicate": _DUPLICATE,
    },
    "party_id",
    "position",
)
CHANGED_INPUT: Final = _object(
    {"input_id": {"type": "string"}, "position": _POSITION, "duplicate": _DUPLICATE}, "input_id", "position"
)
_SHOWN_INPUT: Final = _object(
    {
        **{name: {"type": "string"} for name in ("input_id", "content", "source_type", "added_by")},
        "tags": _list({"type": "string"}),
        "added_at": _TIME,
        "categories": {
            "type": ["array", "null"],
            "items": {"type": "string"},
            "description": "null until the planner has taken it.",
        },
        "confidence": _nullable("number"),
    }
)
_SETTLED: Final[Schema] = {
    "type": "boolean",
    "description": "The inputs as they stand have had all their effects; nothing is under way.",
}
EXECUTION: Final = _object(
    {
        **{name: {"type": "string"} for name in ("id", "tenant", "blueprint", "conversation_id", "from_execution")},
        "status": {"type": "string", "enum": ["planned", "running", "waiting", "completed", "failed", "cancelled"]},
        "version": {"type": "integer"},
        "position": _POSITION,
        "started_at": _nullable("string"),
        "ended_at": _nullable("string"),
        "cause": _nullable("object"),
        "detail": {**_nullable("string"), "description": "Of a plan: why it is, or is being, cancelled."},
        "inputs": _list(_SHOWN_INPUT),
        "facts": _nullable("object"),
        "steps": _list(_FREE),
        "plan": _nullable("object"),
        "budget": _nullable("object"),
        "settled": _SETTLED,
        "approvals": _list(_FREE),
    }
)
PARTY_STATUS: Final = _object(
    {
        "party_id": {"type": "string"},
        "status": {"type": "string", "enum": ["planning", "completed", "failed"]},
        "detail": {**_nullable("string"), "description": "Why it failed, where it was cancelled."},
        "version": {"type": "integer"},
        "inputs": _list(_SHOWN_INPUT),
        "facts": _nullable("object"),
        "agent_results": {**_FREE, "description": "By agent, with underscores; only of steps that are in the plan."},
        "budget": _nullable("object"),
        "final_plan": _nullable("object"),
        "settled": _SETTLED,
    }
)
_ETAG: Final[Schema] = {
    "ETag": {"description": "The revision of the inputs, for If-Match.", "schema": {"type": "string"}}
}
_REFUSALS: Final = {
    400: "Not JSON, or JSON or a header that means nothing",
    401: "The token is missing or wrong",
    403: "Closed off loopback without a token",
    404: "There is no such execution, input or blueprint",
    409: "It is there already, it is cancelled, or it takes no inputs",
    412: "The inputs are at another revision than If-Match says; nothing has changed",
    413: "The body is too large",
    415: "Of another type than JSON",
    422: "A field is wrong, each is named; or the Idempotency-Key was another request's",
    503: "The log cannot be written now; Retry-After says when",
}
_ALWAYS: Final = (400, 401, 403, 413, 415, 422, 503)


def body(schema: Schema, *, required: bool = True) -> Schema:
    return {"requestBody": {"required": required, "content": {JSON: {"schema": schema}}}}


def writes(schema: Schema, *refusals: int) -> dict[int | str, Schema]:
    """The answers of a route that changes something. refusals: besides those of all of them."""
    content = {JSON: {"schema": schema}}
    return {
        202: {"description": "It is in the log", "content": content, "headers": _ETAG},
        200: {"description": "It had come before: the same answer", "content": content, "headers": _ETAG},
        **_refused(*_ALWAYS, *refusals),
    }


def reads(schema: Schema) -> dict[int | str, Schema]:
    content = {JSON: {"schema": schema}}
    return {
        200: {"description": "As it stands", "content": content, "headers": _ETAG},
        **_refused(404, 503),
    }


def _refused(*statuses: int) -> dict[int | str, Schema]:
    problem = {"application/problem+json": {"schema": PROBLEM}}
    return {status: {"description": _REFUSALS[status], "content": problem} for status in sorted(statuses)}
