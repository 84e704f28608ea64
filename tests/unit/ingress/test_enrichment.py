"""Whose files are asked for, and by whom."""

import pytest

from reveille.contracts.common.v1.common_pb2 import SignalContent
from reveille.contracts.ingress.v1.events_pb2 import Absence, Pattern, Rule, Selector
from reveille.ingress.domain.enrichment import Question, is_watched, question_of, watched_files

A, B = "a" * 40, "b" * 40


def test_a_pull_request_is_asked_for_by_its_number_and_a_push_by_its_commits() -> None:
    change = SignalContent(repository="acme/app", number=7, before=A, after=B)
    asked = Question(provider="github", repository="acme/app", number=7)
    for kind in ("pull_request.opened", "pull_request_review.submitted"):
        assert question_of("github", kind, change) == asked
    assert question_of("gitlab", "merge_request.open", change) == Question(
        provider="gitlab", repository="acme/app", number=7
    )
    pushed = Question(provider="github", repository="acme/app", before=A, after=B)
    assert question_of("github", "push", change) == pushed


@pytest.mark.parametrize(
    ("source", "kind", "content"),
    [
        ("github", "pull_request.opened", SignalContent(repository="acme/app", number=7, paths_known=True)),
        ("github", "pull_request.opened", SignalContent(repository="acme/app")),
        ("github", "issues.opened", SignalContent(repository="acme/app", number=7)),
        ("jenkins", "push", SignalContent(repository="acme/app", before=A, after=B)),
        ("github", "push", SignalContent(repository="acme/app", before="0" * 40, after=B)),
        ("github", "push", SignalContent(repository="acme/app", before=A, after="0" * 40)),
        ("github", "push", SignalContent(repository="acme/app", before="main", after="x/../y")),
    ],
)
def test_what_is_known_or_what_nobody_knows_is_not_asked_for(source: str, kind: str, content: SignalContent) -> None:
    assert question_of(source, kind, content) is None


@pytest.mark.parametrize(
    "name",
    ["", "app", "acme/", "/app", "acme/..", "../app", "./app", "acme/app/x", "acme/app?x=1", "acme/a#b", "a b/c",
     "a/b%2f", "acme/\nx", "acme\\x/y", "http://evil.example/x", "acme/é"],
)  # fmt: skip
def test_a_name_that_would_lead_elsewhere_is_no_repository(name: str) -> None:
    assert question_of("github", "pull_request.opened", SignalContent(repository=name, number=1)) is None


@pytest.mark.parametrize("name", ["app", "a/../b", "a//b", "a/b?c", "a/" + "b/" * 30 + "c"])
def test_a_project_has_parts_and_no_more(name: str) -> None:
    assert question_of("gitlab", "merge_request.open", SignalContent(repository=name, number=1)) is None


def test_rules_that_look_at_files_are_found_by_source_kind_and_meaning() -> None:
    watched = watched_files(
        [
            Rule(sources=["github"], kinds=["pull_request.opened", "code.pushed"], paths=["src/**"]),
            Rule(sources=["github"], kinds=["issues.opened"]),
            Rule(pattern=Pattern(steps=[Selector(sources=["ci"])]), paths=["a"]),
            Rule(absence=Absence(of=Selector(kinds=["build.completed"])), paths=["a"]),
        ]
    )
    assert is_watched(watched, "github", "pull_request.opened", "change.opened")
    assert is_watched(watched, "github", "push", "code.pushed")
    assert is_watched(watched, "ci", "anything", "other")
    assert is_watched(watched, "gitlab", "build.completed", "other")
    assert not is_watched(watched, "github", "issues.opened", "issue.opened")
    assert not is_watched(watched, "gitlab", "push", "code.pushed")
    assert not is_watched(watched_files([Rule()]), "github", "push", "code.pushed")
    assert is_watched(watched_files([Rule(paths=["a"])]), "github", "push", "code.pushed")
