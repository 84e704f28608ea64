"""Another fleet file at the next start is another revision; what was decided before stays decided under the old one."""

from pathlib import Path

import pytest

from tests.e2e import github
from tests.e2e.conftest import Make
from tests.e2e.running import NotStarted, Platform, until

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
    assert {agent["name"] for agent in after["agents"]} == {"staying", "coming"}
    second = github.accepted(platform.http, comment, event="issue_comment")
    assert platform.ended(second, agent="coming")["status"] == "completed"
    assert platform.executions(second, agent="leaving") == []
    revisions = [
        platform.get(f"/api/v1/signals/{one['signal_id']}", wait_for=one["position"])["fleet_revision"]
        for one in (first, second)
    ]
    assert revisions == [before["revision"], after["revision"]]
    assert platform.http.post("/webhook/trigger/leaving", json={}).status_code == 404
    assert {agent["id"] for agent in platform.get("/api/v1/agents")["items"]} == {"staying", "coming"}
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
