"""Jenkins and every other CI as signals."""

from typing import Any

import pytest

from reveille.contracts.common.v1.common_pb2 import SignalContent
from reveille.ingress.domain import ci, jenkins
from reveille.ingress.domain.payload import repository_of
from reveille.ingress.domain.refusals import Invalid
from tests.recorded import payload


def build(name: str = "finalized", **changed: Any) -> dict[str, Any]:
    told = payload(f"jenkins/{name}")
    return {**told, "build": {**told["build"], **changed}}


@pytest.mark.parametrize(
    ("name", "status", "kind", "means"),
    [
        ("queued", "", "build.queued", "other"),
        ("started", "", "build.started", "pipeline.started"),
        ("completed", "FAILURE", "build.completed", "other"),
        ("completed", "SUCCESS", "build.completed", "other"),
        ("finalized", "FAILURE", "build.finalized", "pipeline.failed"),
        ("finalized", "UNSTABLE", "build.finalized", "pipeline.failed"),
        ("finalized", "SUCCESS", "build.finalized", "pipeline.succeeded"),
        ("finalized", "ABORTED", "build.finalized", "other"),
    ],
)
def test_of_a_builds_phases_one_means_how_it_ended(name: str, status: str, kind: str, means: str) -> None:
    found = jenkins.normalise(build(name, status=status), "")
    assert (found.source, found.kind, found.means) == ("jenkins", kind, means)


def test_a_build_tells_its_repository_its_ref_and_its_files() -> None:
    assert jenkins.normalise(build(), "").content == SignalContent(
        actor="evgeny",
        repository="evgeny-goldin/asgard",
        ref="master",
        number=18,
        title="asgard #18",
        conclusion="failure",
        url="http://localhost:8080/job/asgard/18/",
        labels={"job": "asgard"},
        after="c6d86dc654b12425e706bcf951adfe5a8627a517",
        paths=["pom.xml", "src/main/Asgard.java"],
        paths_known=True,
    )


def test_a_build_that_lists_no_files_leaves_them_unknown() -> None:
    scm = {**build()["build"]["scm"], "changes": []}
    assert not jenkins.normalise(build(scm=scm), "").content.paths_known


def test_where_several_broke_it_nobody_is_its_actor() -> None:
    scm = {**build()["build"]["scm"], "culprits": ["evgeny", "ada"]}
    assert jenkins.normalise(build(scm=scm), "").content.actor == ""


def test_a_builds_phase_is_one_delivery_and_a_step_by_hand_has_none_of_its_own() -> None:
    finalized, completed = jenkins.normalise(build(), "k"), jenkins.normalise(build("completed"), "k")
    assert finalized.key != completed.key
    assert finalized.key == jenkins.normalise(build(duration=5), "other").key
    assert jenkins.normalise(build(phase="NONE"), "k").key == "k"
    assert jenkins.normalise(build(number=19), "").key != finalized.key


@pytest.mark.parametrize("document", [{}, {"build": []}, {"build": {}}, {"build": {"phase": 7}}, build(phase="LATER")])
def test_what_is_no_build_is_refused_by_name(document: Any) -> None:
    with pytest.raises(Invalid) as caught:
        jenkins.normalise(document, "")
    assert caught.value.errors[0].path in ("build", "build.phase")


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://github.com/acme/app.git", "acme/app"),
        ("https://user@gitlab.example:8443/group/sub/app", "group/sub/app"),
        ("git@github.com:acme/app.git", "acme/app"),
        ("ssh://git@host:22/acme/app.git/", "acme/app"),
        ("", ""),
    ],
)
def test_a_repositorys_name_is_read_off_its_address(url: str, name: str) -> None:
    assert repository_of(url) == name


RUN = {
    "id": "run-7",
    "status": "failed",
    "repository": "acme/app",
    "ref": "main",
    "commit": "c" * 40,
    "pipeline": "nightly",
    "url": "https://ci.example/7",
    "paths": ["b.py", "a.py"],
}


def test_a_run_of_any_ci_is_told_in_our_words() -> None:
    found = ci.normalise(RUN, "ignored")
    assert (found.source, found.kind, found.means, found.key) == ("ci", "pipeline.failed", "pipeline.failed", "run-7")
    assert found.content == SignalContent(
        repository="acme/app",
        ref="main",
        after="c" * 40,
        title="nightly",
        conclusion="failed",
        url="https://ci.example/7",
        labels={"pipeline": "nightly"},
        paths=["a.py", "b.py"],
        paths_known=True,
    )


@pytest.mark.parametrize(
    ("body", "kind", "means"),
    [
        ({"status": "RUNNING"}, "pipeline.started", "pipeline.started"),
        ({"status": "passed"}, "pipeline.succeeded", "pipeline.succeeded"),
        ({"status": "cancelled"}, "pipeline.canceled", "other"),
        ({"status": "queued"}, "pipeline.queued", "other"),
        ({"status": "error", "event": "deploy.finished"}, "deploy.finished", "pipeline.failed"),
        ({"event": "Deploy Finished"}, "deploy_finished", "other"),
        ({"event": "pipeline.failed"}, "pipeline.failed", "pipeline.failed"),
    ],
)
def test_a_status_is_understood_by_any_of_its_names(body: dict[str, Any], kind: str, means: str) -> None:
    found = ci.normalise(body, "k")
    assert (found.kind, found.means, found.key) == (kind, means, "k")


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "status"),
        ({"status": ""}, "status"),
        ({"status": "done"}, "status"),
        ({"status": 3}, "status"),
        ({"event": "¡!"}, "event"),
        ({"status": "failed", "paths": [1]}, "paths"),
        ({"status": "failed", "paths": "a.py"}, "paths"),
        ({"status": "failed", "number": "7"}, "number"),
        ({"status": "failed", "number": True}, "number"),
        ({"status": "failed", "labels": "a"}, "labels"),
        ({"status": "failed", "ref": {}}, "ref"),
    ],
)
def test_a_wrong_field_is_named(body: dict[str, Any], path: str) -> None:
    with pytest.raises(Invalid) as caught:
        ci.normalise(body, "")
    assert caught.value.errors[0].path == path


def test_an_unknown_status_names_the_choices() -> None:
    with pytest.raises(Invalid, match="queued, started, succeeded, failed, canceled, skipped"):
        ci.normalise({"status": "done"}, "")
