"""Views rebuilt from the log equal the live ones."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.e2e import github
from tests.e2e.acts import unfinished
from tests.e2e.conftest import Make
from tests.e2e.embedded import Embedded
from tests.e2e.kinds import only
from tests.e2e.running import Platform, reveille, until
from tests.e2e.stack import Stack


@pytest.fixture
def eventful(make: Make, tmp_path: Path) -> Platform:
    """Killed with a bit of everything in its views: done, failed, cut, queued, deferred, to be tried again."""
    platform: Platform = make(tmp_path).start()
    platform.trigger("single", {"file": "/nowhere/at/all", "name": "cut"})
    until(lambda: platform.effects("began", "cut"), "a run goes on")
    platform.kill()
    platform.start()
    until(lambda: len(platform.effects("began", "cut")) == 2, "the run that was cut goes on")
    platform.trigger("single", {"file": "/nowhere/at/all", "name": "queued"})
    platform.trigger("patient", {"failures": 1, "name": "tried again in an hour"})
    platform.ended(github.accepted(platform.http, github.pull_request()), agent="reviewer")
    platform.run("lost")
    platform.run("poor", {"input": 500})
    platform.trigger("poor", {"input": 500})
    until(lambda: platform.get("/api/v1/budgets")["waiting"] == 1, "a reservation waits")
    until(lambda: platform.get("/api/v1/executions", agent="patient", status="waiting")["items"], "a retry is due")
    until(platform.is_in_views, "views have taken in everything")
    platform.kill()
    return platform


def test_a_rebuild_gives_the_rows_of_the_live_views_and_the_platform_goes_on_with_them(eventful: Platform) -> None:
    live = eventful.views()
    filled = {table for table, rows in live.items() if rows}
    assert {"ingress.signals", "analyzer.decisions", "planner.executions", "planner.timers"} <= filled
    assert {"budget.timers", "agent-runner.agents", "agent-runner.running"} <= filled
    eventful.change_views("planner", "UPDATE executions SET status = 'damaged'", "DELETE FROM timers")
    rebuilt = eventful.rebuild_views()
    assert rebuilt.returncode == 0, rebuilt.stderr
    assert eventful.views() == live
    eventful.start()
    until(lambda: eventful.effects("began", "queued"), "what was queued goes on in the place of what was cut")


@only("embedded", reason="a data folder has one process at a time; a cluster's views are rebuilt while it runs")
def test_a_rebuild_refuses_while_the_platform_runs(shared: Embedded) -> None:
    rebuilt = shared.rebuild_views()
    assert rebuilt.returncode == 2
    assert rebuilt.stderr == f"reveille: data folder {shared.data} is in use by another process\n"
    assert shared.get("/healthz") == {"status": "ok"}


@only("stack", reason="a data folder has one process at a time")
def test_a_cluster_goes_on_while_its_views_are_rebuilt(make: Make, tmp_path: Path) -> None:
    platform: Stack = make(tmp_path).start()
    receipts = [platform.trigger("worker", {"name": f"before-{number}"}) for number in range(20)]
    for receipt in receipts:
        platform.ended(receipt)
    platform.change_views("planner", "UPDATE executions SET status = 'damaged'")
    with ThreadPoolExecutor(1) as beside:
        rebuilding = beside.submit(platform.rebuild_views)
        while not rebuilding.done():
            receipts.append(platform.trigger("worker", {"name": f"meanwhile-{len(receipts)}"}))
    assert rebuilding.result().returncode == 0, rebuilding.result().stderr
    assert {platform.ended(receipt)["status"] for receipt in receipts} == {"completed"}
    until(lambda: not unfinished(platform.log()), "all of it is settled")
    until(platform.is_in_views, "views have taken in everything")
    assert platform.stop() == 0
    filled = platform.views()
    assert platform.rebuild_views().returncode == 0
    assert platform.views() == filled
    assert "damaged" not in str(filled["planner.executions"])


@only("stack", reason="embedded, nothing is a log that is not there")
def test_a_rebuild_from_an_empty_log_is_refused(make: Make) -> None:
    platform: Stack = make()
    platform.services.prepare()
    rebuilt = platform.rebuild_views()
    assert rebuilt.returncode == 2
    assert "reveille: the log is empty, expected one that views can be made from" in rebuilt.stderr


def test_a_rebuild_of_nothing_is_refused(tmp_path: Path) -> None:
    rebuilt = reveille("views", "rebuild", "--data", str(tmp_path))
    assert (rebuilt.returncode, rebuilt.stderr) == (2, f"reveille: there is no log {tmp_path / 'log.db'}\n")
