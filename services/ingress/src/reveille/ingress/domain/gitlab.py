"""GitLab's webhooks: which of its events means what, and where in the payload the words of a signal stand.

https://docs.gitlab.com/user/project/integrations/webhook_events/
"""

from collections.abc import Callable, Mapping
from typing import Final

from reveille.contracts.common.v1.common_pb2 import SignalContent
from reveille.ingress.domain.delivery import Delivery, kind_of
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

SOURCE: Final = "gitlab"
_CHANGES: Final = {
    "open": "change.opened",
    "reopen": "change.opened",
    "merge": "change.merged",
    "close": "change.closed",
    # One approval is told as one of these two: the second where it was the last that was needed.
    "approval": "review.submitted",
    "approved": "review.submitted",
    "unapproval": "other",
    "unapproved": "other",
}
_ISSUES: Final = {"open": "issue.opened", "reopen": "issue.opened", "close": "issue.closed"}
_PIPELINES: Final = {"running": "pipeline.started", "success": "pipeline.succeeded", "failed": "pipeline.failed"}
_ENDED: Final = frozenset(("success", "failed", "canceled", "skipped"))

# Fills in what the event of that name says, and returns its kind and what it means.
Fill = Callable[[SignalContent, Document, str], tuple[str, str]]


def normalise(event: str, document: object, key: str) -> Delivery:
    """event: X-GitLab-Event, for payloads that do not say what they are, as those of a template of one's own."""
    body = object_of(document)
    named = text(body, "object_kind") or text(body, "event_name") or event.removesuffix(" Hook")
    kind = kind_of(named)
    if not kind:
        raise Malformed("missing_event", "object_kind and X-Gitlab-Event are missing, expected one of them")
    content = SignalContent(
        actor=text(body, "user", "username") or text(body, "user_username"),
        repository=text(body, "project", "path_with_namespace") or text(body, "project_name"),
    )
    means = "other"
    if fill := _EVENTS.get(kind):
        kind, means = fill(content, body, kind)
    return Delivery(source=SOURCE, kind=kind, means=means, key=key, content=content)


def _push(content: SignalContent, body: Document, name: str) -> tuple[str, str]:
    content.ref = text(body, "ref")
    content.before, content.after = text(body, "before", limit=64), text(body, "after", limit=64)
    commits = objects(body, "commits") or []
    newest = commits[-1] if commits else body
    content.title = first_line(text(newest, "message"))
    content.summary = text(newest, "message", limit=MAX_TEXT)
    content.url = text(newest, "url") or text(body, "project", "web_url")
    # A tag lists no commits, whatever it points to.
    paths = _pushed_paths(body) if name == "push" else None
    if paths is not None:
        content.paths[:] = paths
        content.paths_known = True
    return name, "code.pushed"


def _pushed_paths(body: Document) -> list[str] | None:
    """At most 20 commits are listed, of however many there were."""
    listed, commits = at(body, "commits"), objects(body, "commits")
    if not isinstance(listed, list) or commits is None or len(commits) != len(listed):
        return None
    if body.get("total_commits_count", len(commits)) != len(commits):
        return None
    found: list[object] = []
    for commit in commits:
        for change in ("added", "modified", "removed"):
            names = commit.get(change)
            if not isinstance(names, list):
                return None
            found += names
    return known_paths(found)


def _merge_request(content: SignalContent, body: Document, name: str) -> tuple[str, str]:
    request = at(body, "object_attributes")
    _of_merge_request(content, request)
    content.before = text(request, "oldrev", limit=64)
    _labels(content, body, request)
    action = text(request, "action") or "update"
    means = _CHANGES.get(action, "change.updated")
    if means == "review.submitted":
        content.conclusion = "approved"
    return f"merge_request.{_word(action)}", means


def _of_merge_request(content: SignalContent, request: object) -> None:
    """A merge request's payload names no files: its paths stay unknown."""
    content.ref, content.base_ref = text(request, "source_branch"), text(request, "target_branch")
    content.after = text(request, "last_commit", "id", limit=64)
    content.draft = flag(request, "draft") or flag(request, "work_in_progress")
    _of_thread(content, request)


def _issue(content: SignalContent, body: Document, name: str) -> tuple[str, str]:
    """Work items too: tasks, incidents, epics."""
    issue = at(body, "object_attributes")
    _of_thread(content, issue)
    _labels(content, body, issue)
    content.severity = text(issue, "severity")
    action = text(issue, "action") or "update"
    return f"{name}.{_word(action)}", _ISSUES.get(action, "other")


def _note(content: SignalContent, body: Document, name: str) -> tuple[str, str]:
    note = at(body, "object_attributes")
    if isinstance(request := at(body, "merge_request"), dict):
        _of_merge_request(content, request)
        _labels(content, request, request)
    elif isinstance(issue := at(body, "issue"), dict):
        _of_thread(content, issue)
        _labels(content, issue, issue)
    elif isinstance(commit := at(body, "commit"), dict):
        content.after = text(commit, "id", limit=64)
        content.title = first_line(text(commit, "message"))
    else:
        content.title = text(body, "snippet", "title")
    content.summary = text(note, "note", limit=MAX_TEXT)
    content.url = text(note, "url")
    # Before GitLab 16.11 there was no action, and a comment was told of when it was made.
    action = text(note, "action") or "create"
    said = action == "create" and not flag(note, "system")
    return f"note.{_word(action)}", "comment.created" if said else "other"


def _of_thread(content: SignalContent, thread: object) -> None:
    content.number = number(thread, "iid")
    content.title = text(thread, "title")
    content.summary = text(thread, "description", limit=MAX_TEXT)
    content.url = text(thread, "url")


def _labels(content: SignalContent, body: object, within: object) -> None:
    content.labels.update(labels_of(at(body, "labels") or at(within, "labels")))


def _pipeline(content: SignalContent, body: Document, name: str) -> tuple[str, str]:
    pipeline = at(body, "object_attributes")
    content.ref, content.after = text(pipeline, "ref"), text(pipeline, "sha", limit=64)
    content.before = text(pipeline, "before_sha", limit=64)
    content.title = text(pipeline, "name") or first_line(text(body, "commit", "message"))
    content.summary = text(body, "commit", "message", limit=MAX_TEXT)
    content.url = text(pipeline, "url")
    content.number, content.base_ref = (
        number(body, "merge_request", "iid"),
        text(body, "merge_request", "target_branch"),
    )
    status = text(pipeline, "status")
    if status in _ENDED:
        content.conclusion = status
    return f"pipeline.{_word(status)}", _PIPELINES.get(status, "other")


def _job(content: SignalContent, body: Document, name: str) -> tuple[str, str]:
    """A part of a pipeline, which tells of itself: that one job failed does not mean a second failed pipeline."""
    content.ref, content.after = text(body, "ref"), text(body, "sha", limit=64)
    content.before = text(body, "before_sha", limit=64)
    content.title = text(body, "build_name")
    content.summary = text(body, "build_failure_reason")
    content.labels.update({name: told for name in ("stage", "name") if (told := text(body, f"build_{name}"))})
    status = text(body, "build_status")
    if status in _ENDED:
        content.conclusion = status
    return f"build.{_word(status)}", "other"


def _word(told: str) -> str:
    return kind_of(told) or "unknown"


_EVENTS: Final[Mapping[str, Fill]] = {
    "push": _push,
    "tag_push": _push,
    "merge_request": _merge_request,
    "issue": _issue,
    "work_item": _issue,
    "note": _note,
    "pipeline": _pipeline,
    "build": _job,
    "job": _job,
}
