"""GitLab's recorded payloads as signals."""

from typing import Any

import pytest

from reveille.contracts.common.v1.common_pb2 import SignalContent
from reveille.ingress.domain.delivery import Delivery
from reveille.ingress.domain.gitlab import normalise
from reveille.ingress.domain.refusals import Malformed
from tests.recorded import payload

HEAD = "da1560886d4f094c3e6c9ef40349f7d38b5d27d7"


def told(name: str, event: str = "", **changed: Any) -> Delivery:
    return normalise(event, {**payload(f"gitlab/{name}"), **changed}, "d")


def attributes(name: str, **changed: Any) -> dict[str, Any]:
    return {"object_attributes": {**payload(f"gitlab/{name}")["object_attributes"], **changed}}


@pytest.mark.parametrize(
    ("name", "changed", "kind", "means"),
    [
        ("push", {}, "push", "code.pushed"),
        ("tag_push", {}, "tag_push", "code.pushed"),
        ("merge_request.open", {}, "merge_request.open", "change.opened"),
        ("merge_request.open", {"action": "reopen"}, "merge_request.reopen", "change.opened"),
        ("merge_request.open", {"action": "update"}, "merge_request.update", "change.updated"),
        ("merge_request.open", {"action": "merge"}, "merge_request.merge", "change.merged"),
        ("merge_request.open", {"action": "close"}, "merge_request.close", "change.closed"),
        ("merge_request.open", {"action": "approved"}, "merge_request.approved", "review.submitted"),
        ("merge_request.open", {"action": "approval"}, "merge_request.approval", "review.submitted"),
        ("merge_request.open", {"action": "unapproved"}, "merge_request.unapproved", "other"),
        ("issue.open", {}, "issue.open", "issue.opened"),
        ("issue.open", {"action": "close"}, "issue.close", "issue.closed"),
        ("issue.open", {"action": "update"}, "issue.update", "other"),
        ("note.create", {}, "note.create", "comment.created"),
        ("note.create", {"action": "update"}, "note.update", "other"),
        ("note.create", {"action": None}, "note.create", "comment.created"),
        ("note.create", {"system": True}, "note.create", "other"),
        ("note.create.issue", {}, "note.create", "comment.created"),
        ("note.create.commit", {}, "note.create", "comment.created"),
        ("pipeline.failed", {}, "pipeline.failed", "pipeline.failed"),
        ("pipeline.failed", {"status": "success"}, "pipeline.success", "pipeline.succeeded"),
        ("pipeline.failed", {"status": "running"}, "pipeline.running", "pipeline.started"),
        ("pipeline.failed", {"status": "pending"}, "pipeline.pending", "other"),
        ("pipeline.failed", {"status": "canceled"}, "pipeline.canceled", "other"),
        ("build.failed", {}, "build.failed", "other"),
        ("release.create", {}, "release", "other"),
    ],
)
def test_an_event_has_gitlabs_kind_and_a_neutral_meaning(
    name: str, changed: dict[str, Any], kind: str, means: str
) -> None:
    found = told(name, **attributes(name, **changed)) if changed else told(name)
    assert (found.source, found.kind, found.means) == ("gitlab", kind, means)


def test_a_push_names_the_files_of_its_commits() -> None:
    assert told("push").content == SignalContent(
        actor="jsmith",
        repository="mike/diaspora",
        ref="refs/heads/master",
        title="fixed readme",
        summary="fixed readme",
        url=f"http://example.com/mike/diaspora/commit/{HEAD}",
        before="95790bf891e76fee5e1747ab589903a6a1f80f22",
        after=HEAD,
        paths=["CHANGELOG", "README.md", "app/controller/application.rb", "app/old.rb"],
        paths_known=True,
    )


@pytest.mark.parametrize("changed", [{"total_commits_count": 21}, {"commits": None}, {"commits": [{"added": []}]}])
def test_a_push_that_lists_not_all_commits_leaves_its_files_unknown(changed: dict[str, Any]) -> None:
    assert not told("push", **changed).content.paths_known


def test_a_tag_says_nothing_of_files() -> None:
    content = told("tag_push").content
    assert (content.ref, content.paths_known) == ("refs/tags/v1.0.0", False)


def test_a_merge_request_has_everything_but_its_files() -> None:
    assert told("merge_request.open").content == SignalContent(
        actor="root",
        repository="gitlabhq/gitlab-test",
        ref="ms-viewport",
        base_ref="master",
        number=1,
        title="MS-Viewport",
        summary="It shows the viewport.",
        url="http://example.com/diaspora/merge_requests/1",
        labels={"API": "true"},
        after=HEAD,
    )


@pytest.mark.parametrize("name", ["draft", "work_in_progress"])
def test_a_draft_is_one_under_its_older_name_too(name: str) -> None:
    assert told("merge_request.open", **attributes("merge_request.open", **{name: True})).content.draft


def test_an_issue_has_its_labels_and_severity() -> None:
    content = told("issue.open").content
    assert (content.number, content.severity, dict(content.labels)) == (23, "high", {"API": "true"})


def test_a_task_is_an_issue_of_another_kind() -> None:
    found = told("issue.open", object_kind="work_item")
    assert (found.kind, found.means) == ("work_item.open", "issue.opened")


def test_a_comment_tells_of_what_it_is_about() -> None:
    change, issue, commit = (told(name).content for name in ("note.create", "note.create.issue", "note.create.commit"))
    assert (change.number, change.base_ref, change.summary) == (1, "master", "This MR needs work.")
    assert (issue.number, issue.summary, dict(issue.labels)) == (17, "Hello world", {"Afterpod": "true"})
    assert (commit.after, commit.title) == ("cfe32cf61b73a0d5e9f13e774abde7ff789b1660", "Add submodule")
    assert change.url.endswith("#note_1244")


def test_a_failed_pipeline_names_its_change() -> None:
    content = told("pipeline.failed").content
    assert (content.ref, content.base_ref, content.number) == ("test", "master", 1)
    assert (content.conclusion, content.title) == ("failed", "Pipeline for branch: master")
    assert content.url == "http://example.com/gitlab-org/gitlab-test/-/pipelines/31"


def test_a_running_pipeline_has_no_conclusion() -> None:
    assert told("pipeline.failed", **attributes("pipeline.failed", status="running")).content.conclusion == ""


def test_a_job_names_its_stage_and_why_it_failed() -> None:
    content = told("build.failed").content
    assert (content.title, content.summary, content.conclusion) == ("test", "script_failure", "failed")
    assert (content.repository, dict(content.labels)) == ("gitlab-org/gitlab-test", {"name": "test", "stage": "test"})


def test_a_payload_of_ones_own_template_is_named_by_the_header() -> None:
    found = normalise("Merge Request Hook", {"title": "MS-Viewport"}, "d")
    assert (found.kind, found.means) == ("merge_request.update", "change.updated")
    assert normalise("Member Hook", {"event_name": "user_add_to_group"}, "d").kind == "user_add_to_group"


def test_an_event_without_a_name_is_refused() -> None:
    with pytest.raises(Malformed, match="object_kind"):
        normalise("", {}, "d")
