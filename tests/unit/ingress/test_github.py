"""GitHub's payloads as signals, on payloads cut down from GitHub's documentation."""

from typing import Any

import pytest

from reveille.contracts.common.v1.common_pb2 import SignalContent
from reveille.ingress.domain.delivery import Delivery
from reveille.ingress.domain.github import MAX_COMMITS, normalise
from reveille.ingress.domain.payload import MAX_PATHS_BYTES
from reveille.ingress.domain.refusals import Malformed

REPOSITORY = {"id": 186853002, "full_name": "Codertocat/Hello-World", "default_branch": "main"}
SENDER = {"login": "Codertocat", "id": 21031067, "type": "User"}
PULL_REQUEST = {
    "html_url": "https://github.example/Codertocat/Hello-World/pull/2",
    "number": 2,
    "state": "open",
    "title": "Update the README with new information.",
    "body": "This is a pretty simple change.",
    "labels": [{"id": 1, "name": "docs"}, {"id": 2, "name": "good first issue"}, {"id": 3}],
    "draft": True,
    "merged": False,
    "head": {"ref": "changes", "sha": "ec26c3e57ca3a959ca5aad62de7213c562f8c821"},
    "base": {"ref": "main", "sha": "f95f852bd8fca8fcc58a9a2d6c842781e32a215e"},
}
ISSUE = {
    "html_url": "https://github.example/Codertocat/Hello-World/issues/1",
    "number": 1,
    "title": "Spelling error in the README file",
    "body": "It looks like you accidently spelled 'commit' with two 't's.",
    "labels": [{"name": "bug"}],
}
RUN = {
    "name": "CI",
    "display_title": "Update the README",
    "head_branch": "changes",
    "head_sha": "ec26c3e57ca3a959ca5aad62de7213c562f8c821",
    "html_url": "https://github.example/Codertocat/Hello-World/actions/runs/1",
    "conclusion": "failure",
    "head_commit": {"message": "Update README\n\nwith more"},
    "pull_requests": [{"number": 2, "base": {"ref": "main", "sha": "f95f852bd8fca8fcc58a9a2d6c842781e32a215e"}}],
}
PUSH = {
    "ref": "refs/heads/main",
    "before": "6113728f27ae82c7b1a177c8d03f9e96e0adf246",
    "after": "0000000000000000000000000000000000000001",
    "compare": "https://github.example/Codertocat/Hello-World/compare/6113728f27ae...000000000001",
    "pusher": {"name": "Codertocat"},
    "head_commit": {"message": "Add a parser\n\nIt parses."},
    "commits": [
        {"added": ["src/parser.py"], "modified": ["README.md"], "removed": []},
        {"added": [], "modified": ["src/parser.py"], "removed": ["src/old.py"]},
    ],
}


def delivery(event: str, **body: Any) -> Delivery:
    found = normalise(event, {"repository": REPOSITORY, "sender": SENDER, **body}, "d-1")
    assert found is not None
    return found


def content(event: str, **body: Any) -> SignalContent:
    return delivery(event, **body).content


@pytest.mark.parametrize(
    ("event", "body", "kind", "means"),
    [
        ("push", PUSH, "push", "code.pushed"),
        ("pull_request", {"action": "opened"}, "pull_request.opened", "change.opened"),
        ("pull_request", {"action": "reopened"}, "pull_request.reopened", "change.opened"),
        ("pull_request", {"action": "synchronize"}, "pull_request.synchronize", "change.updated"),
        ("pull_request", {"action": "closed"}, "pull_request.closed", "change.closed"),
        (
            "pull_request",
            {"action": "closed", "pull_request": {"merged": True}},
            "pull_request.closed",
            "change.merged",
        ),
        ("issues", {"action": "opened"}, "issues.opened", "issue.opened"),
        ("issues", {"action": "closed"}, "issues.closed", "issue.closed"),
        ("issues", {"action": "labeled"}, "issues.labeled", "other"),
        ("issue_comment", {"action": "created"}, "issue_comment.created", "comment.created"),
        ("issue_comment", {"action": "deleted"}, "issue_comment.deleted", "other"),
        ("pull_request_review", {"action": "submitted"}, "pull_request_review.submitted", "review.submitted"),
        ("workflow_run", {"action": "requested"}, "workflow_run.requested", "pipeline.started"),
        ("workflow_run", {"action": "completed", "workflow_run": RUN}, "workflow_run.completed", "pipeline.failed"),
        ("check_run", {"action": "created"}, "check_run.created", "pipeline.started"),
        (
            "check_run",
            {"action": "completed", "check_run": {"conclusion": "success"}},
            "check_run.completed",
            "pipeline.succeeded",
        ),
        ("check_run", {"action": "completed", "check_run": {"conclusion": "skipped"}}, "check_run.completed", "other"),
        ("star", {"action": "created"}, "star.created", "other"),
        ("public", {}, "public", "other"),
        ("star", {"action": "Not A Name"}, "star", "other"),
    ],
)
def test_an_event_has_the_providers_kind_and_a_neutral_meaning(
    event: str, body: dict[str, Any], kind: str, means: str
) -> None:
    found = delivery(event, **body)
    assert (found.source, found.kind, found.means) == ("github", kind, means)


def test_a_pull_request_tells_everything_but_its_files() -> None:
    assert content("pull_request", action="opened", pull_request=PULL_REQUEST) == SignalContent(
        actor="Codertocat",
        repository="Codertocat/Hello-World",
        ref="changes",
        base_ref="main",
        number=2,
        title="Update the README with new information.",
        summary="This is a pretty simple change.",
        url="https://github.example/Codertocat/Hello-World/pull/2",
        labels={"docs": "true", "good first issue": "true"},
        draft=True,
        before="f95f852bd8fca8fcc58a9a2d6c842781e32a215e",
        after="ec26c3e57ca3a959ca5aad62de7213c562f8c821",
        paths_known=False,
    )


def test_a_push_tells_which_files_its_commits_touched() -> None:
    assert content("push", **PUSH) == SignalContent(
        actor="Codertocat",
        repository="Codertocat/Hello-World",
        ref="refs/heads/main",
        title="Add a parser",
        summary="Add a parser\n\nIt parses.",
        url="https://github.example/Codertocat/Hello-World/compare/6113728f27ae...000000000001",
        before="6113728f27ae82c7b1a177c8d03f9e96e0adf246",
        after="0000000000000000000000000000000000000001",
        paths=["README.md", "src/old.py", "src/parser.py"],
        paths_known=True,
    )


def test_a_comment_tells_of_its_issue_and_what_was_said() -> None:
    comment = {"html_url": "https://github.example/c/1", "body": "You are totally right!"}
    told = content("issue_comment", action="created", issue=ISSUE, comment=comment)
    assert (told.number, told.title) == (1, "Spelling error in the README file")
    assert (told.summary, told.url) == ("You are totally right!", "https://github.example/c/1")
    assert dict(told.labels) == {"bug": "true"}


def test_a_review_tells_its_verdict() -> None:
    review = {"state": "changes_requested", "body": "Please test it.", "html_url": "https://github.example/r/1"}
    told = content("pull_request_review", action="submitted", pull_request=PULL_REQUEST, review=review)
    assert (told.conclusion, told.summary, told.url) == (
        "changes_requested",
        "Please test it.",
        "https://github.example/r/1",
    )
    assert (told.number, told.base_ref) == (2, "main")


def test_a_workflow_tells_how_it_ended_and_for_which_change() -> None:
    told = content("workflow_run", action="completed", workflow_run=RUN)
    assert (told.conclusion, told.ref, told.number, told.base_ref) == ("failure", "changes", 2, "main")
    assert (told.title, told.summary) == ("Update the README", "Update README")


@pytest.mark.parametrize(
    "changed",
    [
        {"commits": None},
        {"commits": "none"},
        {"commits": [{"added": ["a"], "modified": []}]},
        {"commits": [{"added": [1], "modified": [], "removed": []}]},
        {"commits": [7]},
        {"size": 3},
        {"commits": [{"added": [], "modified": [], "removed": []}] * MAX_COMMITS},
        {
            "commits": [
                {"added": [f"{n:04}" + "x" * 100 for n in range(MAX_PATHS_BYTES // 100)], "modified": [], "removed": []}
            ]
        },
    ],
)
def test_a_push_that_may_not_list_all_its_files_leaves_them_unknown(changed: dict[str, Any]) -> None:
    told = content("push", **{**PUSH, **changed})
    assert not told.paths_known
    assert list(told.paths) == []


def test_a_push_without_commits_touched_no_file() -> None:
    told = content("push", **{**PUSH, "commits": [], "deleted": True})
    assert told.paths_known
    assert list(told.paths) == []


def test_long_texts_are_cut() -> None:
    told = content("issues", action="opened", issue={**ISSUE, "title": "t" * 10_000, "body": "b" * 10_000})
    assert (len(told.title), len(told.summary)) == (500, 2_000)


def test_a_ping_is_no_signal() -> None:
    assert normalise("ping", {"zen": "Design for failure."}, "") is None


@pytest.mark.parametrize("event", ["", "Push", "a.b", "x" * 65])
def test_a_name_that_is_no_event_is_refused(event: str) -> None:
    with pytest.raises(Malformed, match="X-GitHub-Event"):
        normalise(event, {}, "")
