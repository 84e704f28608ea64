"""The doors of the platform's own protocol: a push to a repository, a task for an agent, an event of a system."""

from pathlib import Path
from typing import Any

import pytest

from tests.e2e.repository import FLAWS, KEY, Repository
from tests.e2e.running import Platform, until


@pytest.fixture(scope="module")
def repository(shared: Platform) -> Repository:
    return Repository(shared.folder / "repos" / "app")


@pytest.fixture(scope="module")
def pushed(shared: Platform, repository: Repository) -> dict[str, Any]:
    """The execution that a push led to."""
    answer = shared.http.post("/webhook/git", json=repository.pushed())
    assert answer.status_code == 202, answer.text
    return shared.ended(answer.json())


def test_a_push_is_reviewed_by_the_real_diff_with_files_and_lines(pushed: dict[str, Any]) -> None:
    assert pushed["status"] == "completed"
    found = {(one["rule"], one["path"], one["line"]) for one in pushed["result"]["findings"]}
    assert found >= FLAWS
    assert pushed["result"]["files"] == 2


def test_a_review_never_repeats_the_secret_that_it_found(pushed: dict[str, Any]) -> None:
    assert KEY not in str(pushed)


def test_the_paths_of_a_push_are_those_that_changed(shared: Platform, pushed: dict[str, Any]) -> None:
    signal = shared.get(f"/api/v1/signals/{pushed['cause']['signal_ids'][0]}")
    assert sorted(signal["paths"]) == ["src/app/export.py", "src/app/orders.py"]
    assert signal["means"] == "code.pushed"


def test_the_same_push_again_is_a_duplicate(shared: Platform, repository: Repository, pushed: dict[str, Any]) -> None:
    answer = shared.http.post("/webhook/git", json=repository.pushed())
    assert (answer.status_code, answer.json()["duplicate"]) == (200, True)
    assert answer.json()["signal_id"] == pushed["cause"]["signal_ids"][0]


def test_a_clone_outside_of_the_allowed_folders_is_refused(shared: Platform, tmp_path: Path) -> None:
    outside = Repository(tmp_path / "app")
    answer = shared.http.post("/webhook/git", json=outside.pushed())
    assert (answer.status_code, answer.json()["code"]) == (403, "clone_not_allowed")


def test_a_link_does_not_lead_out_of_the_allowed_folders(shared: Platform, tmp_path: Path) -> None:
    outside = Repository(tmp_path / "app")
    link = shared.folder / "repos" / "link"
    link.symlink_to(outside.folder)
    answer = shared.http.post("/webhook/git", json={**outside.pushed(), "path": str(link)})
    assert (answer.status_code, answer.json()["code"]) == (403, "clone_not_allowed")


def test_a_push_without_a_clone_wakes_and_says_what_could_not_be_read(shared: Platform) -> None:
    told = {"repository": "acme/far", "ref": "refs/heads/main", "before": "a" * 40, "after": "b" * 40}
    answer = shared.http.post("/webhook/git", json=told)
    execution = shared.ended(answer.json())
    assert execution["status"] == "completed"
    assert "nothing to review" in execution["result"]["summary"]


@pytest.mark.parametrize(
    ("changed", "field"),
    [({"after": "main"}, "after"), ({"before": "--output=/tmp/x"}, "before"), ({"path": "relative"}, "path")],
    ids=["branch for commit", "option for commit", "relative path"],
)
def test_a_push_with_a_wrong_field_names_it(
    shared: Platform, repository: Repository, changed: dict[str, str], field: str
) -> None:
    answer = shared.http.post("/webhook/git", json={**repository.pushed(), **changed})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"] == field


def test_a_trigger_wakes_the_named_agent_with_its_payload(shared: Platform) -> None:
    execution = shared.run("worker", {"name": "by name"}, priority="critical")
    assert execution["status"] == "completed"
    assert execution["cause"]["rule"] in (None, "")
    assert execution["result"]["name"] == "by name"
    assert len(shared.effects("acted", "by name")) == 1


def test_what_an_agent_says_of_its_work_stands_in_the_chain_of_causes(shared: Platform) -> None:
    execution = shared.run("talkative")

    def said() -> list[str]:
        events = shared.get(f"/api/v1/executions/{execution['id']}/causes")["items"]
        return [event["summary"] for event in events if event["type"].endswith(".AgentThinking")]

    # The chain is ingress's view, and may be behind the planner's, which tells that the execution has ended.
    until(lambda: len(said()) == 3, "all that it has said is told")
    assert said() == ["the agent says: looking", "the agent says: thinking", "the agent says: deciding"]


def test_an_agent_runs_no_more_at_a_time_than_it_may(shared: Platform, tmp_path: Path) -> None:
    go = tmp_path / "go"
    receipts = [shared.trigger("single", {"file": str(go), "name": "one of three"}) for _ in range(3)]
    _until_held(shared, "single", running=1, queued=2)
    assert len(shared.effects("began", "one of three")) == 1
    go.touch()
    assert [shared.ended(receipt)["status"] for receipt in receipts] == ["completed"] * 3


def test_who_waits_for_an_agent_goes_on_by_priority(shared: Platform, tmp_path: Path) -> None:
    go = tmp_path / "go"
    receipts = []
    for number, priority in enumerate(("medium", "low", "high", "critical")):
        told = {"file": str(go), "name": f"queued as {priority}"}
        receipts.append(shared.trigger("single", told, priority=priority))
        _until_held(shared, "single", running=1, queued=number)
    go.touch()
    for receipt in receipts:
        shared.ended(receipt)
    began = [effect["name"] for effect in shared.effects("began") if effect["name"].startswith("queued as")]
    assert began == ["queued as medium", "queued as critical", "queued as high", "queued as low"]


def test_a_system_event_is_kept_and_wakes_nobody_whom_no_rule_names(shared: Platform) -> None:
    answer = shared.http.post("/webhook/system/backup.finished", json={"title": "nightly"})
    assert answer.status_code == 202
    told = shared.explain(answer.json(), "worker")
    assert (told["woke"], told["reason"]) == (False, "no_rule")


def test_a_trigger_for_an_unknown_agent_is_404(shared: Platform) -> None:
    answer = shared.http.post("/webhook/trigger/nobody", json={})
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_agent")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"type": "party"}, "type"),
        ({"priority": "urgent"}, "priority"),
        ({"priority": 3}, "priority"),
        ({"payload": [1]}, "payload"),
    ],
    ids=["type", "priority", "priority's type", "payload"],
)
def test_a_trigger_with_a_wrong_field_is_422_and_names_it(shared: Platform, body: dict[str, Any], field: str) -> None:
    answer = shared.http.post("/webhook/trigger/worker", json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"][0]["path"] == field


def _until_held(platform: Platform, name: str, *, running: int, queued: int) -> None:
    """Return when so many runs of the agent go on, and so many wait for it."""

    def look() -> bool:
        agent = next(one for one in platform.get("/api/v1/agents")["items"] if one["id"] == name)
        return (agent["running"], agent["queued"]) == (running, queued)

    until(look, f"{running} runs of {name} go on and {queued} wait")
