"""GitHub's tellings of pipelines: which one of those that tell of the same run means it.

A run of GitHub Actions is told of by `workflow_run`, and again by a `check_run` and a `workflow_job` for each of its
jobs and by a `check_suite` for all of them. If each meant `pipeline.failed`, one failure would wake many times. So
`workflow_run` means it; `check_run` does where another app than GitHub Actions made it; `status` does, as only outside
systems report by it; `workflow_job` and `check_suite` never do. Each has its own kind, for whoever wants just that.
"""

from collections.abc import Callable, Mapping
from typing import Final

from reveille.contracts.common.v1.common_pb2 import SignalContent
from reveille.ingress.domain.payload import MAX_TEXT, Document, at, first_line, number, objects, text

ACTIONS_APP: Final = "github-actions"
STARTED: Final = "pipeline.started"
SUCCEEDED: Final = "pipeline.succeeded"
FAILED: Final = "pipeline.failed"
OTHER: Final = "other"
_ENDED: Final = {
    "success": SUCCEEDED,
    "failure": FAILED,
    "timed_out": FAILED,
    "startup_failure": FAILED,
}
_STATES: Final = {"pending": STARTED, "success": SUCCEEDED, "failure": FAILED, "error": FAILED}


def _workflow_run(content: SignalContent, body: Document, action: str) -> str:
    run = at(body, "workflow_run")
    content.ref, content.after = text(run, "head_branch"), text(run, "head_sha", limit=64)
    content.title = text(run, "display_title") or text(run, "name")
    content.summary = first_line(text(run, "head_commit", "message"))
    content.url = text(run, "html_url")
    content.conclusion = text(run, "conclusion")
    _label(content, "workflow", text(run, "name"))
    _of_change(content, run)
    # `in_progress` follows `requested` of the same attempt.
    return STARTED if action == "requested" else _ended(action, content.conclusion)


def _check_run(content: SignalContent, body: Document, action: str) -> str:
    run = at(body, "check_run")
    content.ref, content.after = text(run, "check_suite", "head_branch"), text(run, "head_sha", limit=64)
    content.title = text(run, "output", "title") or text(run, "name")
    content.summary = text(run, "output", "summary", limit=MAX_TEXT)
    content.url = text(run, "html_url")
    content.conclusion = text(run, "conclusion")
    _label(content, "check", text(run, "name"))
    _of_change(content, run)
    app = text(run, "app", "slug")
    _label(content, "app", app)
    if app == ACTIONS_APP:
        return OTHER
    return STARTED if action == "created" else _ended(action, content.conclusion)


def _check_suite(content: SignalContent, body: Document, action: str) -> str:
    suite = at(body, "check_suite")
    content.ref, content.after = text(suite, "head_branch"), text(suite, "head_sha", limit=64)
    content.title = first_line(text(suite, "head_commit", "message"))
    content.conclusion = text(suite, "conclusion")
    _of_change(content, suite)
    return OTHER


def _workflow_job(content: SignalContent, body: Document, action: str) -> str:
    job = at(body, "workflow_job")
    content.ref, content.after = text(job, "head_branch"), text(job, "head_sha", limit=64)
    content.title = text(job, "name")
    content.summary = text(job, "workflow_name")
    content.url = text(job, "html_url")
    content.conclusion = text(job, "conclusion")
    return OTHER


def _status(content: SignalContent, body: Document, action: str) -> str:
    """A commit's status: it has no action, and names the branches whose head the commit is."""
    for branch in (objects(body, "branches") or ())[:1]:
        content.ref = text(branch, "name")
    content.after = text(body, "sha", limit=64)
    content.title = text(body, "context")
    content.summary = text(body, "description", limit=MAX_TEXT)
    content.url = text(body, "target_url")
    content.conclusion = text(body, "state")
    _label(content, "context", content.title)
    return _STATES.get(content.conclusion, OTHER)


def _of_change(content: SignalContent, run: object) -> None:
    """The first of the pull requests that a run is about."""
    for change in (objects(run, "pull_requests") or ())[:1]:
        content.number, content.base_ref = number(change, "number"), text(change, "base", "ref")
        content.before = text(change, "base", "sha", limit=64)


def _label(content: SignalContent, name: str, value: str) -> None:
    if value:
        content.labels[name] = value


def _ended(action: str, conclusion: str) -> str:
    return _ENDED.get(conclusion, OTHER) if action == "completed" else OTHER


EVENTS: Final[Mapping[str, Callable[[SignalContent, Document, str], str]]] = {
    "workflow_run": _workflow_run,
    "check_run": _check_run,
    "check_suite": _check_suite,
    "workflow_job": _workflow_job,
    "status": _status,
}
