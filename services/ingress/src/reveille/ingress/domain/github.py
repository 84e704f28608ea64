"""GitHub's webhooks: which of its events means what, and where in the payload the words of a signal stand."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from reveille.contracts.common.v1.common_pb2 import SignalContent
from reveille.ingress.domain.delivery import Delivery
from reveille.ingress.domain.payload import (
    MAX_LABELS,
    MAX_TEXT,
    Document,
    at,
    flag,
    known_paths,
    number,
    object_of,
    objects,
    text,
)
from reveille.ingress.domain.refusals import Malformed

SOURCE: Final = "github"
# GitHub lists at most so many commits of a push and does not say that it left some out.
# https://docs.github.com/en/webhooks/webhook-events-and-payloads#push
MAX_COMMITS: Final = 2048
_NAME: Final = re.compile(r"[a-z0-9_]{1,64}")

# Fills in what the event says and returns what it means.
Fill = Callable[[SignalContent, Document, str], str]


def normalise(event: str, document: object, key: str) -> Delivery | None:
    """None: GitHub only tries whether somebody is there."""
    if not _NAME.fullmatch(event):
        raise Malformed("invalid_event", "X-GitHub-Event must be 1 to 64 of a-z, 0-9 and _")
    body = object_of(document)
    if event == "ping":
        return None
    content = SignalContent(actor=text(body, "sender", "login"), repository=text(body, "repository", "full_name"))
    action = text(body, "action")
    fill = _EVENTS.get(event)
    means = fill(content, body, action) if fill else "other"
    kind = f"{event}.{action}" if event != "push" and _NAME.fullmatch(action) else event
    return Delivery(source=SOURCE, kind=kind, means=means, key=key, content=content)


def _push(content: SignalContent, body: Document, action: str) -> str:
    content.ref = text(body, "ref")
    content.before, content.after = text(body, "before", limit=64), text(body, "after", limit=64)
    content.title = _first_line(text(body, "head_commit", "message"))
    content.summary = text(body, "head_commit", "message", limit=MAX_TEXT)
    content.url = text(body, "compare")
    if not content.actor:
        content.actor = text(body, "pusher", "name")
    paths = _pushed_paths(body)
    if paths is not None:
        content.paths[:] = paths
        content.paths_known = True
    return "code.pushed"


def _pushed_paths(body: Document) -> list[str] | None:
    listed, commits = at(body, "commits"), objects(body, "commits")
    if not isinstance(listed, list) or commits is None or len(commits) != len(listed):
        return None
    if len(commits) >= MAX_COMMITS or body.get("size", len(commits)) != len(commits):
        return None
    found: list[object] = []
    for commit in commits:
        for change in ("added", "modified", "removed"):
            names = commit.get(change)
            if not isinstance(names, list):
                return None
            found += names
    return known_paths(found)


def _pull_request(content: SignalContent, body: Document, action: str) -> str:
    _of_pull_request(content, at(body, "pull_request"))
    match action:
        case "opened" | "reopened":
            return "change.opened"
        case "closed":
            return "change.merged" if flag(body, "pull_request", "merged") else "change.closed"
    return "change.updated"


def _pull_request_review(content: SignalContent, body: Document, action: str) -> str:
    _of_pull_request(content, at(body, "pull_request"))
    content.conclusion = text(body, "review", "state")
    content.summary = text(body, "review", "body", limit=MAX_TEXT)
    content.url = text(body, "review", "html_url") or content.url
    return "review.submitted" if action == "submitted" else "other"


def _of_pull_request(content: SignalContent, change: object) -> None:
    """A pull request's payload names no files: its paths stay unknown."""
    content.ref, content.base_ref = text(change, "head", "ref"), text(change, "base", "ref")
    content.before, content.after = text(change, "base", "sha", limit=64), text(change, "head", "sha", limit=64)
    content.draft = flag(change, "draft")
    _of_thread(content, change)


def _issues(content: SignalContent, body: Document, action: str) -> str:
    _of_thread(content, at(body, "issue"))
    return {"opened": "issue.opened", "reopened": "issue.opened", "closed": "issue.closed"}.get(action, "other")


def _issue_comment(content: SignalContent, body: Document, action: str) -> str:
    _of_thread(content, at(body, "issue"))
    content.summary = text(body, "comment", "body", limit=MAX_TEXT)
    content.url = text(body, "comment", "html_url") or content.url
    return "comment.created" if action == "created" else "other"


def _of_thread(content: SignalContent, thread: object) -> None:
    content.number = number(thread, "number")
    content.title = text(thread, "title")
    content.summary = text(thread, "body", limit=MAX_TEXT)
    content.url = text(thread, "html_url")
    for label in (objects(thread, "labels") or ())[:MAX_LABELS]:
        if name := text(label, "name", limit=100):
            content.labels[name] = "true"


def _workflow_run(content: SignalContent, body: Document, action: str) -> str:
    run = at(body, "workflow_run")
    content.ref, content.after = text(run, "head_branch"), text(run, "head_sha", limit=64)
    content.title = text(run, "display_title") or text(run, "name")
    content.summary = _first_line(text(run, "head_commit", "message"))
    content.url = text(run, "html_url")
    content.conclusion = text(run, "conclusion")
    _of_change(content, run)
    return _pipeline(action, content.conclusion)


def _check_run(content: SignalContent, body: Document, action: str) -> str:
    run = at(body, "check_run")
    content.ref, content.after = text(run, "check_suite", "head_branch"), text(run, "head_sha", limit=64)
    content.title = text(run, "output", "title") or text(run, "name")
    content.summary = text(run, "output", "summary", limit=MAX_TEXT)
    content.url = text(run, "html_url")
    content.conclusion = text(run, "conclusion")
    _of_change(content, run)
    return _pipeline(action, content.conclusion)


def _of_change(content: SignalContent, run: object) -> None:
    """The first of the pull requests that a run is about."""
    for change in (objects(run, "pull_requests") or ())[:1]:
        content.number, content.base_ref = number(change, "number"), text(change, "base", "ref")
        content.before = text(change, "base", "sha", limit=64)


def _pipeline(action: str, conclusion: str) -> str:
    if action in ("requested", "in_progress", "created"):
        return "pipeline.started"
    if action == "completed" and conclusion == "success":
        return "pipeline.succeeded"
    if action == "completed" and conclusion in ("failure", "timed_out", "startup_failure"):
        return "pipeline.failed"
    return "other"


def _first_line(message: str) -> str:
    return message.partition("\n")[0].rstrip("\r")


_EVENTS: Final[Mapping[str, Fill]] = {
    "push": _push,
    "pull_request": _pull_request,
    "pull_request_review": _pull_request_review,
    "issues": _issues,
    "issue_comment": _issue_comment,
    "workflow_run": _workflow_run,
    "check_run": _check_run,
}
