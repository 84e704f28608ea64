"""GitHub as a sender: its payloads, and how it signs them."""

import hashlib
import hmac
import itertools
import json
from typing import Any, Final

import httpx

SECRET: Final = "It's a Secret to Everybody"
_numbers = itertools.count(1)


def signature(body: bytes, secret: str = SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def headers(body: bytes, *, event: str = "pull_request", delivery: str = "", secret: str = SECRET) -> dict[str, str]:
    return {
        "content-type": "application/json",
        "user-agent": "GitHub-Hookshot/044aadd",
        "x-github-event": event,
        "x-github-delivery": delivery or f"72d3162e-cc78-11e3-81ab-{next(_numbers):012x}",
        "x-github-hook-id": "292430182",
        "x-hub-signature-256": signature(body, secret),
    }


def deliver(
    http: httpx.Client, payload: dict[str, Any], *, event: str = "pull_request", delivery: str = "", **more: str
) -> httpx.Response:
    body = json.dumps(payload).encode()
    given = {**headers(body, event=event, delivery=delivery), **more}
    return http.post("/webhooks/github", content=body, headers=given)


def accepted(
    http: httpx.Client, payload: dict[str, Any], *, event: str = "pull_request", delivery: str = ""
) -> dict[str, Any]:
    """What is answered to a delivery that is new."""
    answer = deliver(http, payload, event=event, delivery=delivery)
    assert answer.status_code == 202, answer.text
    told: dict[str, Any] = answer.json()
    return told


def pull_request(action: str = "opened", **changed: Any) -> dict[str, Any]:
    """What GitHub sends about a pull request, as far as anybody reads it; no files, as ever."""
    change = {
        "id": 279147437,
        "number": 12,
        "state": "open",
        "title": "wip",
        "body": None,
        "draft": False,
        "html_url": "https://github.com/acme/app/pull/12",
        "user": {"login": "ada", "id": 21031067, "type": "User"},
        "labels": [{"id": 208045946, "name": "export", "color": "f29513", "default": False}],
        "head": {"label": "acme:exporter", "ref": "exporter", "sha": "ec26c3e57ca3a959ca5aad62de7213c562f8c821"},
        "base": {"label": "acme:main", "ref": "main", "sha": "f95f852bd8fca8fcc58a9a2d6c842781e32a215e"},
        "merged": False,
        "commits": 2,
        "additions": 940,
        "deletions": 3,
        "changed_files": 31,
        **changed,
    }
    return {"action": action, "number": change["number"], "pull_request": change, **_surroundings()}


def push(*paths: str) -> dict[str, Any]:
    commit = {
        "id": "ec26c3e57ca3a959ca5aad62de7213c562f8c821",
        "message": "Add an exporter",
        "author": {"name": "Ada", "email": "ada@example.org"},
        "added": list(paths),
        "modified": [],
        "removed": [],
    }
    return {
        "ref": "refs/heads/exporter",
        "before": "f95f852bd8fca8fcc58a9a2d6c842781e32a215e",
        "after": commit["id"],
        "commits": [commit],
        "head_commit": commit,
        "compare": "https://github.com/acme/app/compare/f95f852bd8fc...ec26c3e57ca3",
        **_surroundings(),
    }


def issue_comment(login: str, body: str) -> dict[str, Any]:
    issue = {
        "number": 3,
        "title": "Import stops",
        "body": "At row 500.",
        "html_url": "https://github.com/acme/app/issues/3",
    }
    comment = {"id": 99262140, "body": body, "html_url": "https://github.com/acme/app/issues/3#issuecomment-99262140"}
    told = {"action": "created", "issue": issue, "comment": comment, **_surroundings()}
    told["sender"] = {"login": login, "id": 5, "type": "Bot"}
    return told


def _surroundings() -> dict[str, Any]:
    return {
        "repository": {"id": 186853002, "name": "app", "full_name": "acme/app", "default_branch": "main"},
        "sender": {"login": "ada", "id": 21031067, "type": "User"},
    }
