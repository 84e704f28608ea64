"""GitHub's recorded payloads: of all that tell of one failed run, one means it."""

import pytest

from reveille.contracts.common.v1.common_pb2 import SignalContent
from reveille.ingress.domain.delivery import Delivery
from reveille.ingress.domain.github import normalise
from tests.recorded import names, payload

SHA = "ec26c3e57ca3a959ca5aad62de7213c562f8c821"
BASE = "f95f852bd8fca8fcc58a9a2d6c842781e32a215e"
HELLO = "Codertocat/Hello-World"


def told(name: str) -> Delivery:
    found = normalise(name.split(".")[0], payload(f"github/{name}"), "d")
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "kind", "means"),
    [
        ("push", "push", "code.pushed"),
        ("pull_request.opened", "pull_request.opened", "change.opened"),
        ("pull_request.closed", "pull_request.closed", "change.merged"),
        ("issues.opened", "issues.opened", "issue.opened"),
        ("issue_comment.created", "issue_comment.created", "comment.created"),
        ("discussion_comment.created", "discussion_comment.created", "comment.created"),
        ("pull_request_review.submitted", "pull_request_review.submitted", "review.submitted"),
        ("pull_request_review_comment.created", "pull_request_review_comment.created", "comment.created"),
        ("commit_comment.created", "commit_comment.created", "comment.created"),
        ("create", "create", "other"),
        ("delete", "delete", "other"),
        ("release.published", "release.published", "other"),
        ("workflow_run.requested", "workflow_run.requested", "pipeline.started"),
        ("workflow_run.in_progress", "workflow_run.in_progress", "other"),
        ("workflow_run.completed", "workflow_run.completed", "pipeline.failed"),
        ("check_run.completed.actions", "check_run.completed", "other"),
        ("check_run.completed", "check_run.completed", "pipeline.failed"),
        ("check_suite.completed", "check_suite.completed", "other"),
        ("workflow_job.completed", "workflow_job.completed", "other"),
        ("status", "status", "pipeline.failed"),
    ],
)
def test_every_recorded_event_has_its_kind_and_means_one_thing(name: str, kind: str, means: str) -> None:
    found = told(name)
    assert (found.kind, found.means) == (kind, means)
    assert (found.content.actor, found.content.repository) == ("Codertocat", HELLO)


def test_every_recorded_event_is_spoken_of_above() -> None:
    marks = test_every_recorded_event_has_its_kind_and_means_one_thing.pytestmark  # type: ignore[attr-defined]
    assert [*sorted(case[0] for case in marks[0].args[1]), "ping"] == sorted(names("github"), key=lambda n: n == "ping")


def test_one_failed_run_of_actions_means_one_failed_pipeline() -> None:
    about_it = ("workflow_run.completed", "check_run.completed.actions", "check_suite.completed",
                "workflow_job.completed")  # fmt: skip
    assert [told(name).means for name in about_it].count("pipeline.failed") == 1


def test_a_pull_request_has_everything_but_its_files() -> None:
    assert told("pull_request.opened").content == SignalContent(
        actor="Codertocat",
        repository=HELLO,
        ref="changes",
        base_ref="master",
        number=2,
        title="Update the README with new information.",
        summary="This is a pretty simple change that we need to pull into master.",
        url="https://github.com/Codertocat/Hello-World/pull/2",
        labels={"documentation": "true"},
        before=BASE,
        after=SHA,
    )


def test_a_push_names_the_files_of_its_commits() -> None:
    content = told("push").content
    assert (content.ref, list(content.paths)) == ("refs/heads/master", [".gitignore", "build.log", "src/app.py"])
    assert content.paths_known
    assert content.title == "Adding a .gitignore file"


def test_a_failed_run_names_its_change_and_its_workflow() -> None:
    assert told("workflow_run.completed").content == SignalContent(
        actor="Codertocat",
        repository=HELLO,
        ref="changes",
        base_ref="master",
        number=2,
        title="Update README.md",
        summary="Update README.md",
        conclusion="failure",
        url="https://github.com/Codertocat/Hello-World/actions/runs/289782451",
        labels={"workflow": "CI"},
        before=BASE,
        after=SHA,
    )


def test_a_check_names_its_app_and_what_it_found() -> None:
    content = told("check_run.completed").content
    assert dict(content.labels) == {"app": "octocoders-linter", "check": "Octocoders-linter"}
    assert (content.title, content.summary) == ("Two lines are too long", "README.md:1, README.md:7")
    assert (content.ref, content.base_ref, content.number, content.conclusion) == ("changes", "master", 2, "failure")


def test_a_status_names_its_context_branch_and_commit() -> None:
    content = told("status").content
    assert (content.ref, content.after, content.conclusion) == ("changes", SHA, "failure")
    assert dict(content.labels) == {"context": "continuous-integration/example"}
    assert content.url == "https://ci.example.com/1000/output"


@pytest.mark.parametrize(
    ("state", "means"),
    [("pending", "pipeline.started"), ("success", "pipeline.succeeded"), ("error", "pipeline.failed"), ("x", "other")],
)
def test_a_status_means_what_its_state_says(state: str, means: str) -> None:
    found = normalise("status", {**payload("github/status"), "state": state}, "")
    assert found is not None
    assert found.means == means


def test_a_comment_on_a_line_tells_of_its_change() -> None:
    content = told("pull_request_review_comment.created").content
    assert (content.number, content.base_ref) == (2, "master")
    assert content.summary == "Maybe you should use more emoji on this line."
    assert content.url.endswith("#discussion_r284312630")


def test_a_comment_on_a_commit_names_it() -> None:
    content = told("commit_comment.created").content
    assert content.after == "6113728f27ae82c7b1a177c8d03f9e96e0adf246"
    assert content.title == "This is a really good change! :+1:"


def test_a_branch_that_went_and_a_release_name_their_ref() -> None:
    assert (told("delete").content.title, dict(told("delete").content.labels)) == (
        "branch changes",
        {"ref_type": "branch"},
    )
    assert (told("release.published").content.ref, told("release.published").content.title) == ("0.0.1", "0.0.1")
