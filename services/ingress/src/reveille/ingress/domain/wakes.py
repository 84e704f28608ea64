"""The doors of our own protocol: a task for an agent by name, a push to a git repository, an event of a system."""

import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from reveille.contracts.common.v1.common_pb2 import SignalContent
from reveille.ingress.domain.delivery import Delivery, delivery_key
from reveille.ingress.domain.payload import (
    MAX_TEXT,
    Document,
    flag,
    known_paths,
    labels_of,
    number,
    object_of,
    optional_text,
    required_text,
    text,
)
from reveille.ingress.domain.refusals import Malformed, Missing, each, invalid_field
from reveille.kernel.priorities import PRIORITIES

TASK_TYPES: Final = ("task",)
MAX_CLONE_PATH: Final = 4096
_REVISION: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_EVENT: Final = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*")


def trigger(agent: str, agents: Collection[str], document: object, key: str) -> Delivery:
    """`POST /webhook/trigger/{agent}`; key: the Idempotency-Key, which the body's own `id` goes before."""
    if agent not in agents:
        raise Missing("unknown_agent", f"agent {agent[:100]} is not in the fleet in force")
    body = object_of(document)
    found = each(
        kind=lambda: _one_of(body, "type", TASK_TYPES, "task"),
        priority=lambda: _one_of(body, "priority", PRIORITIES, "medium"),
        payload=lambda: _payload(body),
        id=lambda: optional_text(body, "id", limit=255),
    )
    return Delivery(
        source="trigger",
        kind=found["kind"],
        means="task.requested",
        key=delivery_key(found["id"], "id") or key,
        content=_task(found["payload"]),
        target=agent,
        priority=PRIORITIES[found["priority"]],
    )


def _one_of(body: Document, name: str, choices: Collection[str], default: str) -> str:
    value = body.get(name, default)
    if not isinstance(value, str) or value not in choices:
        raise invalid_field(name, f"it is {_quoted(value)}, expected one of {', '.join(choices)}")
    return value


def _payload(body: Document) -> Document:
    payload = body.get("payload")
    if payload is not None and not isinstance(payload, dict):
        raise invalid_field("payload", f"it is {_quoted(payload)}, expected an object")
    return payload or {}


def system_event(event: str, document: object, key: str) -> Delivery:
    """`POST /webhook/system/{event}`; a document of None is an empty body."""
    if len(event) > 64 or not _EVENT.fullmatch(event):
        raise Malformed("invalid_event", "the event must be at most 64 of a-z, 0-9, _ and -, in words parted by dots")
    payload = {} if document is None else object_of(document)
    return Delivery(source="system", kind=event, means="system.event", key=key, content=_task(payload))


def told(payload: Document) -> SignalContent:
    """The sender's own words where it used ours."""
    content = SignalContent(
        actor=text(payload, "actor"),
        repository=text(payload, "repository"),
        ref=text(payload, "ref"),
        base_ref=text(payload, "base_ref"),
        title=text(payload, "title"),
        summary=text(payload, "summary", limit=MAX_TEXT),
        number=number(payload, "number"),
        draft=flag(payload, "draft"),
        conclusion=text(payload, "conclusion"),
        severity=text(payload, "severity"),
        url=text(payload, "url"),
        before=text(payload, "before", limit=64),
        after=text(payload, "after", limit=64),
    )
    if labels := labels_of(payload.get("labels")):
        content.labels.update(labels)
    if isinstance(paths := payload.get("paths"), list) and (known := known_paths(paths)) is not None:
        content.paths[:] = known
        content.paths_known = True
    return content


def _task(payload: Document) -> SignalContent:
    """The payload is kept whole, and without what is wrapped around it."""
    content = told(payload)
    content.payload = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
    return content


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """What `POST /webhook/git` tells; `path` is a clone on this machine, "" where none is named."""

    repository: str
    ref: str
    before: str
    after: str
    actor: str
    message: str
    path: str


def push(document: object) -> Push:
    body = object_of(document)
    found = each(
        repository=lambda: required_text(body, "repository"),
        ref=lambda: required_text(body, "ref"),
        before=lambda: _revision(body, "before"),
        after=lambda: _revision(body, "after"),
        actor=lambda: optional_text(body, "actor"),
        message=lambda: optional_text(body, "message", limit=100_000),
        path=lambda: optional_text(body, "path", limit=MAX_CLONE_PATH),
    )
    return Push(**found)


def pushed(told: Push, key: str, *, clone: str, paths: Collection[str] | None) -> Delivery:
    """paths: the files that changed between the two revisions; None where nobody could look."""
    content = SignalContent(
        actor=told.actor,
        repository=told.repository,
        ref=told.ref,
        title=told.message.partition("\n")[0][:500],
        summary=told.message[:MAX_TEXT],
        before=told.before,
        after=told.after,
        clone=clone,
    )
    known = None if paths is None else known_paths(paths)
    if known is not None:
        content.paths[:] = known
        content.paths_known = True
    return Delivery(
        source="git",
        kind="push",
        means="code.pushed",
        key=key or "\x1f".join((told.repository, told.ref, told.before, told.after)),
        content=content,
    )


def _revision(body: Document, name: str) -> str:
    value = required_text(body, name, limit=64)
    if not _REVISION.fullmatch(value):
        raise invalid_field(name, f"it is {_quoted(value)}, expected a full commit id of 40 or 64 hex digits")
    return value


def _quoted(value: object) -> str:
    return json.dumps(value)[:80]
