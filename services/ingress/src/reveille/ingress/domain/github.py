"""GitHub's webhooks: which of its events means what, and where in the payload the words of a signal stand."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from reveille.contracts.common.v1.common_pb2 import SignalContent
from reveille.ingress.domain import github_runs
from reveille.ingress.domain.delivery import Delivery
from reveille.ingress.domain.payload import (
    MAX_TEXT,
    Document,
    at,
    first_line,
    flag,
    known_paths,
    labels_of,
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
    content.title = first_line(text(body, "head_commit", "message"))
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
    return _commented(action)


def _discussion_comment(content: SignalContent, body: Document, action: str) -> str:
    _of_thread(content, at(body, "discussion"))
    content.summary = text(body, "comment", "body", limit=MAX_TEXT)
    content.url = text(body, "comment", "html_url") or content.url
    return _commented(action)


def _review_comment(content: SignalContent, body: Document, action: str) -> str:
    """A comment on a line of a change."""
    _of_pull_request(content, at(body, "pull_request"))
    content.summary = text(body, "comment", "body", limit=MAX_TEXT)
    content.url = text(body, "comment", "html_url") or content.url
    return _commented(action)


def _commit_comment(content: SignalContent, body: Document, action: str) -> str:
    content.after = text(body, "comment", "commit_id", limit=64)
    content.title = first_line(text(body, "comment", "body"))
    content.summary = text(body, "comment", "body", limit=MAX_TEXT)
    content.url = text(body, "comment", "html_url")
    return _commented(action)


def _ref(content: SignalContent, body: Document, action: str) -> str:
    """A branch or a tag came or went: of what was pushed with it, a push tells."""
    content.ref = text(body, "ref")
    if ref_type := text(body, "ref_type", limit=20):
        content.title = f"{ref_type} {content.ref}"
        content.labels["ref_type"] = ref_type
    return "other"


def _release(content: SignalContent, body: Document, action: str) -> str:
    release = at(body, "release")
    content.ref = text(release, "tag_name")
    content.title = text(release, "name") or content.ref
    content.summary = text(release, "body", limit=MAX_TEXT)
    content.url = text(release, "html_url")
    content.draft = flag(release, "draft")
    return "other"


def _commented(action: str) -> str:
    return "comment.created" if action == "created" else "other"


def _of_thread(content: SignalContent, thread: object) -> None:
    content.number = number(thread, "number")
    content.title = text(thread, "title")
    content.summary = text(thread, "body", limit=MAX_TEXT)
    content.url = text(thread, "html_url")
    content.labels.update(labels_of(at(thread, "labels")))


_EVENTS: Final[Mapping[str, Fill]] = {
    "push": _push,
    "pull_request": _pull_request,
    "pull_request_review": _pull_request_review,
    "issues": _issues,
    "issue_comment": _issue_comment,
    "discussion_comment": _discussion_comment,
    "pull_request_review_comment": _review_comment,
    "commit_comment": _commit_comment,
    "create": _ref,
    "delete": _ref,
    "release": _release,
    **github_runs.EVENTS,
}
