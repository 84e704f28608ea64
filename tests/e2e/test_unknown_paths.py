"""Where a payload names no files, the paths are unknown and not empty."""

from tests.e2e import github
from tests.e2e.running import Platform


def test_unknown_paths_wake_where_the_rule_says_so(shared: Platform) -> None:
    receipt = github.accepted(shared.http, github.pull_request())
    assert shared.ended(receipt, agent="reviewer")["status"] == "completed"


def test_unknown_paths_do_not_wake_where_the_rule_skips_them(shared: Platform) -> None:
    receipt = github.accepted(shared.http, github.pull_request())
    told = shared.explain(receipt, "careful")
    assert (told["woke"], told["reason"], told["rule"]) == (False, "paths", "only-known-paths")
    assert "unknown" in told["detail"]
    shared.ended(receipt, agent="reviewer")
    assert shared.executions(receipt, agent="careful") == []


def test_known_paths_wake_the_same_rule_where_they_fit(shared: Platform) -> None:
    receipt = github.accepted(shared.http, github.push("src/app/export.py", "README.md"), event="push")
    assert shared.ended(receipt, agent="careful")["status"] == "completed"


def test_known_paths_wake_nobody_where_they_do_not_fit(shared: Platform) -> None:
    receipt = github.accepted(shared.http, github.push("README.md"), event="push")
    told = shared.explain(receipt, "careful")
    assert (told["woke"], told["reason"]) == (False, "paths")
    assert "README.md" in told["detail"]


def test_a_push_without_files_has_known_paths_and_wakes_nobody(shared: Platform) -> None:
    receipt = github.accepted(shared.http, github.push(), event="push")
    assert shared.explain(receipt, "careful")["reason"] == "paths"
    assert shared.get(f"/api/v1/signals/{receipt['signal_id']}")["paths"] == []


def test_one_push_wakes_each_agent_once_that_a_rule_names(shared: Platform) -> None:
    receipt = github.accepted(shared.http, github.push("src/app.py", "docs/app.md"), event="push")
    for agent in ("careful", "librarian"):
        assert shared.ended(receipt, agent=agent)["status"] == "completed"
    assert len(shared.executions(receipt)) == 2
