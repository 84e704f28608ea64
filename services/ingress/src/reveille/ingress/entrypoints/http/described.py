"""The doors in the OpenAPI document: they are plain ASGI, so that it cannot read them off their routes."""

from typing import Any, Final

from fastapi import FastAPI

from reveille.ingress.domain.alerts import STATES
from reveille.ingress.domain.ci import NAMES
from reveille.ingress.domain.delivery import MAX_SEVERAL
from reveille.ingress.domain.jenkins import PHASES
from reveille.kernel.priorities import PRIORITIES

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
SEVERAL: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "signals": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"signal_id": {"type": "string", "format": "uuid"}, "duplicate": {"type": "boolean"}},
                "required": ["signal_id", "duplicate"],
            },
        },
        "accepted": {"type": "integer"},
        "duplicates": {"type": "integer"},
        "position": {"type": "integer", "description": "Of the last of them; reads take it as wait_for."},
    },
    "required": ["signals", "accepted", "duplicates"],
}
REFUSALS: Final = {
    "400": "Not JSON, or JSON that could mean two things",
    "401": "The signature or the token is missing, wrong or old",
    "403": "The door is closed",
    "413": "The body is too large",
    "415": "Of a type or encoding that this door does not read",
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


CI: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "description": "The same id again is the same delivery."},
        "event": {"type": "string", "description": "The signal's kind; else pipeline.<status>."},
        "status": {"type": "string", "enum": [*NAMES], "description": "What other systems call these is taken too."},
        "repository": {"type": "string"},
        "ref": {"type": "string"},
        "base_ref": {"type": "string"},
        "commit": {"type": "string"},
        "pipeline": {"type": "string"},
        "number": {"type": "integer", "minimum": 0},
        "url": {"type": "string"},
        "actor": {"type": "string"},
        "title": {"type": "string"},
        "summary": {"type": "string"},
        "paths": {"type": "array", "items": {"type": "string"}},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}
ALERTS: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "alerts": {
            "type": "array",
            "minItems": 1,
            "maxItems": MAX_SEVERAL,
            "items": {
                "type": "object",
                "properties": {
                    "status": {"type": "string", "enum": [*STATES]},
                    "labels": {"type": "object"},
                    "annotations": {"type": "object"},
                    "startsAt": {"type": "string"},
                    "generatorURL": {"type": "string"},
                    "fingerprint": {"type": "string"},
                },
                "required": ["status", "labels", "startsAt"],
            },
        }
    },
    "required": ["alerts"],
}
BUILD: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "build": {
            "type": "object",
            "properties": {"phase": {"type": "string", "enum": [*PHASES]}},
            "required": ["phase"],
        },
    },
    "required": ["build"],
}
EVENT: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "specversion": {"const": "1.0"},
        "id": {"type": "string", "minLength": 1, "maxLength": 255},
        "source": {"type": "string", "minLength": 1, "maxLength": 500},
        "type": {"type": "string", "minLength": 1, "maxLength": 255},
        "subject": {"type": "string"},
        "data": {},
        "data_base64": {"type": "string"},
    },
    "required": ["specversion", "id", "source", "type"],
}


def _header(name: str, *, required: bool = False) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": required, "schema": {"type": "string"}}


def _place(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _door(
    summary: str,
    bodies: dict[str, dict[str, Any]],
    parameters: list[dict[str, Any]],
    answers: dict[str, dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """bodies: by media type."""
    accepted = {"application/json": {"schema": ACCEPTED}}
    taken = answers or {
        "202": {"description": "New, and in the log", "content": accepted},
        "200": {"description": "It had come before: the first one's id", "content": accepted},
    }
    refused = {"application/problem+json": {"schema": PROBLEM}}
    return {
        "post": {
            "tags": ["doors"],
            "summary": summary,
            "parameters": parameters,
            "requestBody": {"content": {media: {"schema": body} for media, body in bodies.items()}},
            "responses": {
                **taken,
                **{status: {"description": told, "content": refused} for status, told in REFUSALS.items()},
            },
        }
    }


def _json(body: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {"application/json": body}


KEY: Final = _header("Idempotency-Key")
TOKEN: Final = _header("Authorization")
SIGNATURE: Final = _header("X-Reveille-Signature-256")
STANDARD: Final = [_header(name) for name in ("webhook-id", "webhook-timestamp", "webhook-signature")]
ALL_TAKEN: Final = {
    "description": "Each is in the log, or was",
    "content": {"application/json": {"schema": SEVERAL}},
}
DOORS: Final[dict[str, Any]] = {
    "/webhooks/github": _door(
        "Any event of GitHub",
        _json(FREE),
        [
            _header("X-GitHub-Event", required=True),
            _header("X-GitHub-Delivery"),
            _header("X-Hub-Signature-256"),
        ],
    ),
    "/webhooks/gitlab": _door(
        "Any event of GitLab",
        _json(FREE),
        [*(_header(f"X-Gitlab-{name}") for name in ("Event", "Token", "Event-UUID")), KEY, *STANDARD],
    ),
    "/webhooks/jenkins": _door(
        "A build's phase, by Jenkins' Notification plugin", _json(BUILD), [TOKEN, SIGNATURE, KEY]
    ),
    "/webhooks/ci": _door("A pipeline of any other CI", _json(CI), [TOKEN, SIGNATURE, KEY]),
    "/webhooks/prometheus": _door("Alerts of Alertmanager, each a signal", _json(ALERTS), [TOKEN], {"202": ALL_TAKEN}),
    "/webhooks/custom/{name}": _door(
        "A source that the fleet file names", _json({}), [_place("name"), *STANDARD, SIGNATURE, TOKEN, KEY]
    ),
    "/webhook/trigger/{agent}": _door("Wake an agent by name", _json(TRIGGER), [_place("agent"), TOKEN, KEY]),
    "/webhook/git": _door("A push to a git repository", _json(PUSH), [TOKEN, KEY]),
    "/webhook/system/{event}": _door("Something that the system tells of", _json(FREE), [_place("event"), TOKEN, KEY]),
    "/api/v1/events": _door(
        "One CloudEvent, or a batch of them in one append",
        {
            "application/cloudevents+json": EVENT,
            "application/cloudevents-batch+json": {"type": "array", "maxItems": MAX_SEVERAL, "items": EVENT},
        },
        [TOKEN, *(_header(f"ce-{name}") for name in ("specversion", "id", "source", "type", "subject"))],
        {
            "202": {
                "description": "New, and in the log; for a batch, each of it",
                "content": {"application/json": {"schema": {"oneOf": [ACCEPTED, SEVERAL]}}},
            },
            "200": {
                "description": "It had come before: the first one's id",
                "content": {"application/json": {"schema": ACCEPTED}},
            },
        },
    ),
}


def describe_doors(app: FastAPI) -> None:
    """Put the doors before everything that FastAPI knows itself."""
    described = app.openapi

    def openapi() -> dict[str, Any]:
        document = described()
        document["paths"] = {**DOORS, **document["paths"]}
        return document

    app.openapi = openapi  # type: ignore[method-assign]
