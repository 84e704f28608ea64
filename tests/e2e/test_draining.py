"""SIGTERM: what can end in its grace ends, what cannot is interrupted and tried again, and the process goes."""

import time
from pathlib import Path

import httpx

from tests.e2e.conftest import Make
from tests.e2e.logged import named
from tests.e2e.running import until


def test_a_run_that_ends_within_the_grace_completes_and_what_comes_meanwhile_waits(make: Make, tmp_path: Path) -> None:
    platform, go = make(tmp_path, settings={"REVEILLE_GRACE": "20"}).start(), tmp_path / "go"
    receipt = platform.trigger("waiting", {"file": str(go), "name": "in time"})
    until(lambda: platform.effects("began", "in time"), "the run goes on")
    platform.begin_to_stop()
    until(platform.is_stopping, "it says that it is stopping")
    late = platform.trigger("worker", {"name": "late"})
    go.touch()
    assert platform.stop() == 0
    assert [effect["attempt"] for effect in platform.effects("ended", "in time")] == [1]
    assert platform.effects("acted", "late") == []
    assert len(named(platform.log(), "RunCompleted")) == 1
    platform.start()
    execution = platform.ended(receipt)
    assert (execution["status"], execution["result"]) == ("completed", {"attempt": 1})
    assert len(platform.effects("began", "in time")) == 1
    assert platform.ended(late)["status"] == "completed"
    assert len(platform.effects("acted", "late")) == 1


def test_a_run_that_does_not_end_in_its_grace_is_interrupted_and_tried_again(make: Make, tmp_path: Path) -> None:
    platform, go = make(tmp_path, settings={"REVEILLE_GRACE": "0.2"}).start(), tmp_path / "go"
    receipt = platform.trigger("waiting", {"file": str(go), "name": "too slow"})
    until(lambda: platform.effects("began", "too slow"), "the run goes on")
    assert platform.stop(10) == 0
    assert [event.message.retry for event in named(platform.log(), "RunFailed")] == [True]
    go.touch()
    platform.start()
    execution = platform.ended(receipt)
    assert (execution["status"], execution["result"]) == ("completed", {"attempt": 2})


def test_it_ends_within_ten_seconds_whatever_a_run_does(make: Make) -> None:
    platform = make().start()
    for _ in range(3):
        platform.trigger("waiting", {"file": "/nowhere/at/all", "name": "for ever"})
    until(lambda: len(platform.effects("began", "for ever")) == 3, "all runs go on")
    began = time.monotonic()
    assert platform.stop(10) == 0
    assert time.monotonic() - began < 10


def test_ctrl_c_ends_it_as_well(make: Make) -> None:
    platform = make().start()
    platform.run("worker")
    assert platform.interrupt(10) == 0
    # An agent of the tests' fleet has no code, on purpose, and the start says so.
    assert [line for line in platform.errors.splitlines() if "cannot run here" not in line] == []


def test_an_open_connection_holds_nobody_up(make: Make) -> None:
    platform = make().start()
    assert platform.get("/healthz") == {"status": "ok"}  # the client keeps its connection
    with httpx.Client(base_url=platform.url) as other, other.stream("GET", "/openapi.json"):
        assert platform.stop(10) == 0
