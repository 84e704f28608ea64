"""The operator draws a diagnosis from what came in about the same repository."""

from typing import Any

import pytest

from reveille.agents import LocalContext, Signal, Task, ToolFailed
from reveille.agents.coding import operate
from reveille.agents.models.offline import OfflineModel


def seen(id: str, means: str, minute: int, **changed: Any) -> dict[str, Any]:
    return {
        "id": id, "source": "github", "kind": means, "means": means, "actor": "ann", "repository": "acme/app",
        "ref": "refs/heads/main" if means == "code.pushed" else "main", "number": 0, "title": "build", "url": "",
        "paths": [], "labels": {}, "received_at": f"2026-11-21T10:{minute:02}:00.000Z", "after": "", **changed,
    }  # fmt: skip


def failed(**changed: Any) -> Signal:
    given: dict[str, Any] = {
        "id": "now", "source": "github", "kind": "workflow_run.completed", "means": "pipeline.failed", "ref": "main",
        "repository": "acme/app", "title": "build", **changed,
    }  # fmt: skip
    return Signal(**given)


def alert(**changed: Any) -> Signal:
    given: dict[str, Any] = {
        "id": "now", "source": "prometheus", "kind": "alert.firing", "means": "alert.firing", "title": "HighLatency",
        "labels": {"alertname": "HighLatency", "cluster": "eu"}, "severity": "critical", **changed,
    }  # fmt: skip
    return Signal(**given)


async def diagnosis_of(signal: Signal, *history: dict[str, Any]) -> dict[str, Any]:
    async def recent(repository: str = "", hours: int = 24, limit: int = 100) -> list[dict[str, Any]]:
        return [one for one in reversed(history) if not repository or one["repository"] == repository]

    task = Task(
        run_id="r", execution_id="e", agent="operator", step="wake", attempt=1, priority="high", tokens=2_000,
        signals=(signal,),
    )  # fmt: skip
    context = LocalContext(OfflineModel(), tokens=task.tokens, tools={"signals.recent": recent})
    result = await operate(task, context)
    (found,) = result["diagnosis"]
    assert result["summary"]
    return dict(found)


async def test_the_commit_that_failed_is_the_first_suspect() -> None:
    found = await diagnosis_of(
        failed(after="c2"),
        seen("0", "pipeline.succeeded", 0, after="c0"),
        seen("1", "code.pushed", 5, after="c1", title="first"),
        seen("2", "code.pushed", 9, after="c2", title="second"),
    )
    assert (found["pattern"], found["because"]) == ("regression", "it passed before the changes that follow")
    assert [one["signal_id"] for one in found["suspects"]] == ["2", "1"]
    assert found["suspects"][0]["confidence"] == 0.9


async def test_what_was_pushed_before_the_last_success_is_no_suspect() -> None:
    found = await diagnosis_of(
        failed(), seen("1", "code.pushed", 1), seen("2", "pipeline.succeeded", 5), seen("3", "code.pushed", 7)
    )
    assert [one["signal_id"] for one in found["suspects"]] == ["3"]


async def test_a_change_of_another_branch_or_repository_is_no_suspect() -> None:
    found = await diagnosis_of(
        failed(),
        seen("1", "code.pushed", 1, ref="refs/heads/next"),
        seen("2", "code.pushed", 2, repository="acme/docs"),
    )
    assert (found["pattern"], found["suspects"]) == ("unknown", [])


async def test_a_commit_that_passed_before_is_flaky() -> None:
    found = await diagnosis_of(failed(after="c1"), seen("1", "pipeline.succeeded", 1, after="c1"))
    assert (found["pattern"], found["because"]) == ("flaky", "the same commit has passed before")
    assert found["next_steps"][0] == "run it again"


async def test_the_third_failure_in_a_row_recurs() -> None:
    found = await diagnosis_of(failed(), seen("1", "pipeline.failed", 1), seen("2", "pipeline.failed", 2))
    assert (found["pattern"], found["earlier"]) == ("recurring", 2)


async def test_a_risky_path_makes_a_change_likelier() -> None:
    plain = await diagnosis_of(failed(), seen("1", "code.pushed", 1, paths=["src/a.py"]))
    risky = await diagnosis_of(failed(), seen("1", "code.pushed", 1, paths=["deploy/app.yaml"]))
    assert risky["suspects"][0]["confidence"] > plain["suspects"][0]["confidence"]
    assert "it touches deploy/app.yaml" in risky["suspects"][0]["why"]


async def test_alerts_that_share_a_label_are_widespread() -> None:
    other = {"alertname": "DiskFull", "cluster": "eu"}
    found = await diagnosis_of(
        alert(), seen("1", "alert.firing", 1, source="prometheus", title="DiskFull", labels=other)
    )
    assert (found["pattern"], found["because"]) == ("widespread", "other alerts fire with cluster eu")


async def test_an_alert_that_was_resolved_shares_nothing() -> None:
    other = {"alertname": "DiskFull", "cluster": "eu"}
    found = await diagnosis_of(
        alert(),
        seen("1", "alert.firing", 1, source="prometheus", title="DiskFull", labels=other),
        seen("2", "alert.resolved", 2, source="prometheus", title="DiskFull", labels=other),
    )
    assert found["pattern"] == "new"


async def test_a_change_shortly_before_an_alert_is_suspected() -> None:
    found = await diagnosis_of(
        alert(), seen("1", "change.merged", 5, title="New cache"), seen("now", "alert.firing", 9)
    )
    assert found["pattern"] == "regression"
    assert found["next_steps"][0] == "look at New cache by ann"
    assert found["suspects"][0]["why"] == "4 min before"


@pytest.mark.parametrize("signal", [failed(), alert()])
async def test_a_diagnosis_without_a_history_says_so(signal: Signal) -> None:
    async def recent(**arguments: Any) -> list[dict[str, Any]]:
        raise ToolFailed("ingress is away")

    task = Task(
        run_id="r", execution_id="e", agent="operator", step="wake", attempt=1, priority="high", tokens=2_000,
        signals=(signal,),
    )  # fmt: skip
    result = await operate(task, LocalContext(OfflineModel(), tools={"signals.recent": recent}))
    assert result["notes"] == ["what came in before could not be read: ingress is away"]
    assert result["diagnosis"][0]["pattern"] in ("unknown", "new")


async def test_an_absence_is_told_with_its_rule() -> None:
    task = Task(
        run_id="r", execution_id="e", agent="operator", step="wake", attempt=1, priority="high", tokens=2_000,
        rule="backup-missing",
    )  # fmt: skip
    result = await operate(task, LocalContext(OfflineModel(), tools={}))
    assert "backup-missing" in result["summary"]
    assert result["diagnosis"] == []


async def test_failures_that_came_together_see_each_other_also_where_the_history_lags_behind() -> None:
    async def recent(repository: str = "", hours: int = 24, limit: int = 100) -> list[dict[str, Any]]:
        return [seen("first", "pipeline.failed", 1)]

    signals = tuple(failed(id=name) for name in ("first", "second", "third"))
    task = Task(
        run_id="r", execution_id="e", agent="operator", step="wake", attempt=1, priority="high", tokens=2_000,
        signals=signals,
    )  # fmt: skip
    result = await operate(task, LocalContext(OfflineModel(), tokens=2_000, tools={"signals.recent": recent}))
    found = {one["signal_id"]: (one["pattern"], one["earlier"], one["because"]) for one in result["diagnosis"]}
    assert found["first"][:2] == ("unknown", 0)
    assert found["second"][1] == 1
    assert found["third"] == ("recurring", 2, "it failed 3 times in a row")
