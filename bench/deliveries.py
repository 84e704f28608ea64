"""Deliveries as GitHub sends them, made and signed before the clock runs."""

import hashlib
import hmac
import json
import uuid
from collections.abc import Iterator
from typing import Any, Final

SECRET: Final = "It's a Secret to Everybody"
PATH: Final = "/webhooks/github"
# The rule of the bench's fleet wakes the worker on the first; no rule knows the second, which is normalised alike.
WAKING: Final = "opened"
UNMATCHED: Final = "labeled"
# So often that a request has 2.3 KB in all; what is longer than 2,000 characters would be cut from the signal.
_PARAGRAPH: Final = "The exporter writes rows as they come, so that a table of any size fits into memory. "


def bodies(action: str, *, first: int = 0) -> Iterator[bytes]:
    """Pull requests without end, each with a number of its own."""
    before, after = json.dumps(_pull_request(action), separators=(",", ":")).split('"@number@"')
    for number in _counting(first):
        yield f"{before}{number}{after}".encode()


def timed_bodies(action: str, sent_at: Iterator[int]) -> Iterator[bytes]:
    """Each says when it is to be sent, in nanoseconds of the monotonic clock, which all processes share."""
    for body, at in zip(bodies(action), sent_at, strict=False):
        yield b'{"sent_ns":%d,' % at + body[1:]


def requests(bodies: Iterator[bytes], *, path: str = PATH) -> Iterator[bytes]:
    """Each a new delivery, signed."""
    run, key = uuid.uuid4().hex, SECRET.encode()
    for number, body in enumerate(bodies):
        signature = hmac.digest(key, body, hashlib.sha256).hex()
        head = (
            f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nuser-agent: GitHub-Hookshot/044aadd\r\naccept: */*\r\n"
            f"content-type: application/json\r\nx-github-event: pull_request\r\n"
            f"x-github-delivery: {run}-{number}\r\nx-github-hook-id: 292430182\r\n"
            f"x-hub-signature-256: sha256={signature}\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        yield head.encode() + body


def _counting(number: int) -> Iterator[int]:
    while True:
        yield number
        number += 1


def _pull_request(action: str) -> dict[str, Any]:
    user = {"login": "ada", "id": 21031067, "type": "User"}
    return {
        "action": action,
        "pull_request": {
            "id": 279147437,
            "number": "@number@",
            "state": "open",
            "title": "Export a table row by row",
            "body": _PARAGRAPH * 14,
            "draft": False,
            "html_url": "https://github.com/acme/app/pull/12",
            "user": user,
            "labels": [{"id": 208045946, "name": "export", "color": "f29513", "default": False}],
            "head": {"label": "acme:exporter", "ref": "exporter", "sha": "ec26c3e57ca3a959ca5aad62de7213c562f8c821"},
            "base": {"label": "acme:main", "ref": "main", "sha": "f95f852bd8fca8fcc58a9a2d6c842781e32a215e"},
            "merged": False,
            "commits": 2,
            "additions": 940,
            "deletions": 3,
            "changed_files": 31,
        },
        "repository": {
            "id": 186853002,
            "name": "app",
            "full_name": "acme/app",
            "private": False,
            "default_branch": "main",
        },
        "sender": user,
    }
