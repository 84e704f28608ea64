"""Another fleet is another revision, applied at a start or while all runs; what was decided before stays decided."""

import json
from pathlib import Path

import httpx
import pytest

from reveille.ingress.application.agent_catalogue import CATALOGUE
from tests.e2e import github
from tests.e2e.conftest import Make
from tests.e2e.running import NotStarted, Platform, reveille, until

FIRST = """
version: 1
agents:
  leaving: {skill: "effectful:act"}
  staying: {skill: "effectful:wait_for_file"}
rules:
  - {name: comments, on: {source: github, kind: issue_comment.created}, wake: leaving}
"""
SECOND = """
version: 1
agents:
  staying: {skill: "effectful:wait_for_file"}
  coming: {skill: "effectful:act"}
rules:
  - {name: comments, on: {source: github, kind: issue_comment.created}, wake: coming}
"""


@pytest.fixture
def platform(make: Make, tmp_path: Path) -> Platform:
    """On the first fleet."""
    (tmp_path / "fleet.yaml").write_text(FIRST)
    platform: Platform = make(tmp_path, fleet=tmp_path / "fleet.yaml")
    return platform.start()


def change(platform: Platform, text: str) -> None:
    assert platform.fleet is not None
    platform.fleet.write_text(text)
    platform.restart()


def test_another_fleet_file_is_another_revision_that_signals_name(platform: Platform) -> None:
    comment = github.issue_comment("ada", "hello")
    first = github.accepted(platform.http, comment, event="issue_comment")
    assert platform.ended(first, agent="leaving")["status"] == "completed"
    before = platform.get("/api/v1/fleet")
    change(platform, SECOND)
    after = platform.get("/api/v1/fleet")
    assert after["revision"] > before["revision"]
    assert after["digest"] != before["digest"]
    assert {agent["name"] for agent in after["agents"]} - CATALOGUE.keys() == {"staying", "coming"}
    second = github.accepted(platform.http, comment, event="issue_comment")
    assert platform.ended(second, agent="coming")["status"] == "completed"
    assert platform.executions(second, agent="leaving") == []
    revisions = [
        platform.get(f"/api/v1/signals/{one['signal_id']}", wait_for=one["position"])["fleet_revision"]
        for one in (first, second)
    ]
    assert revisions == [before["revision"], after["revision"]]
    assert platform.http.post("/webhook/trigger/leaving", json={}).status_code == 404
    assert {agent["id"] for agent in platform.get("/api/v1/agents")["items"]} - CATALOGUE.keys() == {
        "staying",
        "coming",
    }
    assert platform.explain(first, "leaving")["woke"] is True


def test_a_wrong_fleet_file_and_the_same_one_again_change_nothing(platform: Platform) -> None:
    assert platform.fleet is not None
    before = platform.get("/api/v1/fleet")
    platform.stop()
    platform.fleet.write_text(FIRST.replace("wake: leaving", "wake: nobody"))
    with pytest.raises(NotStarted, match="nobody"):
        platform.start()
    platform.fleet.write_text(FIRST)
    platform.start()
    assert platform.get("/api/v1/fleet") == before


def test_work_that_began_under_the_old_fleet_goes_on_under_it(platform: Platform, tmp_path: Path) -> None:
    """Its agent's skill is another one by now; the attempt that follows the kill is still the old step's."""
    receipt = platform.trigger("staying", {"file": str(tmp_path / "go"), "name": "old"})
    until(lambda: platform.effects("began", "old"), "the run goes on")
    platform.kill()
    assert platform.fleet is not None
    platform.fleet.write_text(SECOND.replace("wait_for_file", "act"))
    platform.start()
    until(lambda: len(platform.effects("began", "old")) == 2, "it is tried again")
    (tmp_path / "go").touch()
    assert platform.ended(receipt)["result"] == {"attempt": 2}


def apply(platform: Platform, text: str, **headers: str) -> httpx.Response:
    return platform.http.post("/api/v1/fleet", content=text, headers={"content-type": "application/yaml", **headers})


def test_a_fleet_that_is_applied_while_the_platform_runs_decides_on_the_next_signal(platform: Platform) -> None:
    comment = github.issue_comment("ada", "hello")
    answer = apply(platform, SECOND)
    assert answer.status_code == 202, answer.text
    receipt = github.accepted(platform.http, comment, event="issue_comment")
    assert platform.ended(receipt, agent="coming")["status"] == "completed"
    assert platform.executions(receipt, agent="leaving") == []
    shown = platform.get(f"/api/v1/signals/{receipt['signal_id']}", wait_for=receipt["position"])
    assert shown["fleet_revision"] == answer.json()["revision"]
    assert platform.ended(platform.trigger("coming"))["status"] == "completed"


def test_what_was_applied_survives_a_restart(make: Make, tmp_path: Path) -> None:
    platform: Platform = make(tmp_path, fleet=None)
    platform.start()
    shipped = platform.get("/api/v1/fleet")
    assert apply(platform, SECOND).status_code == 202
    applied = platform.get("/api/v1/fleet")
    assert applied["revision"] > shipped["revision"]
    platform.kill()
    platform.start()
    assert platform.get("/api/v1/fleet") == applied


def test_a_file_that_is_named_is_applied_at_each_start(platform: Platform) -> None:
    assert apply(platform, SECOND).status_code == 202
    platform.restart()
    names = {agent["name"] for agent in platform.get("/api/v1/fleet")["agents"]}
    assert names - CATALOGUE.keys() == {"leaving", "staying"}


def test_a_diff_says_what_would_have_become_of_the_last_days_signals(platform: Platform) -> None:
    receipt = github.accepted(platform.http, github.issue_comment("ada", "hello"), event="issue_comment")
    platform.ended(receipt, agent="leaving")
    answer = platform.http.post(
        "/api/v1/fleet/diff", content=SECOND, headers={"content-type": "application/yaml"}
    ).json()
    assert {(one["name"], one["change"]) for one in answer["changes"]} == {
        ("leaving", "removed"),
        ("coming", "added"),
        ("comments", "changed"),
    }
    wakes = {one["agent"]: (one["before"], one["after"]) for one in answer["what_if"]["wakes"]}
    assert (wakes["leaving"], wakes["coming"]) == ((1, 0), (0, 1))
    changed = {one["agent"] for one in answer["what_if"]["changes"] if one["signal_id"] == receipt["signal_id"]}
    assert changed == {"leaving", "coming"}


def test_the_command_validates_shows_what_changes_and_applies_it(platform: Platform, tmp_path: Path) -> None:
    second = tmp_path / "second.yaml"
    second.write_text(SECOND)
    validated = reveille("fleet", "validate", str(second), "--json")
    assert json.loads(validated.stdout)["agents"] == 2
    shown = reveille("fleet", "diff", str(second), "--url", platform.url)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert all(word in shown.stdout for word in ("leaving", "removed", "coming", "added", "wake: leaving → coming"))
    before = platform.get("/api/v1/fleet")["revision"]
    refused = reveille("fleet", "apply", str(second), "--url", platform.url, "--json")
    assert (refused.returncode, refused.stderr) == (2, "reveille: --json asks nobody, expected --yes with it\n")
    asked = reveille("fleet", "apply", str(second), "--url", platform.url)
    assert asked.returncode == 1
    assert platform.get("/api/v1/fleet")["revision"] == before
    applied = reveille("fleet", "apply", str(second), "--yes", "--url", platform.url)
    after = platform.get("/api/v1/fleet")["revision"]
    assert f"revision {after} is in force" in applied.stdout
    assert after > before
    again = reveille("fleet", "apply", str(second), "--yes", "--json", "--url", platform.url)
    assert json.loads(again.stdout) == {"revision": after, "events": 0, "position": None}
    second.write_text(SECOND.replace("wake: coming", "wake: nobody"))
    wrong = reveille("fleet", "diff", str(second), "--url", platform.url)
    assert wrong.returncode == 2
    assert f"{second}:7: rules[0].wake: agent 'nobody' is not in this file" in wrong.stderr
