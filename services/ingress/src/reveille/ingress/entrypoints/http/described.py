"""The doors in the OpenAPI document: they are plain ASGI, so that it cannot read them off their routes."""

from typing import Any, Final

from fastapi import FastAPI

from reveille.ingress.domain.wakes import PRIORITIES

ACCEPTED: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "signal_id": {"type": "string", "format": "uuid"},
        "duplicate": {"type": "boolean"},
        "position": {"type": "integer", "description": "Where it stands in the log; reads take it as wait_for."},
        "contradicted": {"type": "boolean", "description": "The same delivery had come with another body."},
    },
    "required": ["signal_id", "duplicate", "position"],
}
PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {name: {"type": "string"} for name in ("type", "title", "detail", "instance", "code", "trace_id")}
    | {"status": {"type": "integer"}},
}
REFUSALS: Final = {
    "400": "Not JSON, or JSON that could mean two things",
    "401": "The signature is missing or does not fit",
    "403": "The door is closed",
    "413": "The body is too large",
    "415": "Not application/json",
    "422": "A field is wrong; each is named",
    "429": "Too many at once; Retry-After says when",
    "503": "The log cannot be written now; Retry-After says when",
}
HASH: Final = {"type": "string", "pattern": "^[0-9a-f]{40}([0-9a-f]{24})?$"}
TRIGGER: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "type": {"type": "string", "enum": ["task"]},
        "priority": {"type": "string", "enum": sorted(PRIORITIES)},
        "payload": {"type": "object"},
        "id": {"type": "string", "description": "The same id again wakes no second time."},
    },
    "required": ["type"],
}
PUSH: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "repository": {"type": "string"},
        "path": {"type": "string", "description": "A local clone below a folder that --repos allows."},
        "ref": {"type": "string"},
        "before": HASH,
        "after": HASH,
        "actor": {"type": "string"},
        "message": {"type": "string"},
    },
    "required": ["repository", "ref", "before", "after"],
}
FREE: Final[dict[str, Any]] = {"type": "object"}


def _header(name: str, *, required: bool = False) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": required, "schema": {"type": "string"}}


def _place(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _door(summary: str, body: dict[str, Any], parameters: list[dict[str, Any]]) -> dict[str, Any]:
    accepted = {"application/json": {"schema": ACCEPTED}}
    refused = {"application/problem+json": {"schema": PROBLEM}}
    return {
        "post": {
            "tags": ["doors"],
            "summary": summary,
            "parameters": parameters,
            "requestBody": {"content": {"application/json": {"schema": body}}},
            "responses": {
                "202": {"description": "New, and in the log", "content": accepted},
                "200": {"description": "It had come before: the first one's id", "content": accepted},
                **{status: {"description": told, "content": refused} for status, told in REFUSALS.items()},
            },
        }
    }


KEY: Final = _header("Idempotency-Key")
DOORS: Final[dict[str, Any]] = {
    "/webhooks/github": _door(
        "Any event of GitHub",
        FREE,
        [
            _header("X-GitHub-Event", required=True),
            _header("X-GitHub-Delivery"),
            _header("X-Hub-Signature-256"),
        ],
    ),
    "/webhook/trigger/{agent}": _door("Wake an agent by name", TRIGGER, [_place("agent"), KEY]),
    "/webhook/git": _door("A push to a git repository", PUSH, [KEY]),
    "/webhook/system/{event}": _door("Something that the system tells of", FREE, [_place("event"), KEY]),
}


def describe_doors(app: FastAPI) -> None:
    """Put the doors before everything that FastAPI knows itself."""
    described = app.openapi

    def openapi() -> dict[str, Any]:
        document = described()
        document["paths"] = {**DOORS, **document["paths"]}
        return document

    app.openapi = openapi  # type: ignore[method-assign]
