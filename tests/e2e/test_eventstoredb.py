"""The same platform with its log in EventStoreDB, encrypted: five services, seven processes, a crash, an erasure."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e import github
from tests.e2e.acts import unfinished
from tests.e2e.running import PATIENCE, reveille, until
from tests.e2e.stack import Stack
from tests.sealing import MASTER

ROOT = Path(__file__).parents[2]


@pytest.fixture
def event_store(tmp_path: Path) -> Iterator[str]:
    """The URI of a server that speaks its protocol, with an empty log."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.eventstoredb", "--folder", str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().split()[-1]
    finally:
        process.terminate()
        process.wait(PATIENCE)
        process.stdout.close()


def test_a_webhook_wakes_a_reviewer_through_all_services_and_a_crash_changes_nothing(
    event_store: str, tmp_path: Path
) -> None:
    settings = {"REVEILLE_GITHUB_SECRET": github.SECRET, "REVEILLE_ENCRYPTION_KEYS": MASTER}
    platform = Stack(tmp_path, settings=settings, event_store=event_store)
    change = github.pull_request(title="quetzal")
    try:
        platform.start()
        first = github.accepted(platform.http, change, delivery="first")
        execution = platform.ended(first, agent="reviewer")
        assert execution["status"] == "completed"
        receipts = [platform.trigger("sleepy", {"seconds": 0.5}, id=f"task-{number}") for number in range(5)]
        platform.kill()
        platform.start()
        again = github.deliver(platform.http, change, delivery="first")
        assert (again.status_code, again.json()["signal_id"]) == (200, first["signal_id"])
        assert [platform.ended(receipt)["status"] for receipt in receipts] == ["completed"] * 5
        until(lambda: not unfinished(platform.log()), "all of it is settled")
        signal = f"/api/v1/signals/{first['signal_id']}"
        assert "quetzal" in str(platform.get(signal))
        erased = reveille("erase", "--subject", change["sender"]["login"], "--url", platform.url)
        assert erased.returncode == 0, erased.stderr
        until(lambda: "[erased]" in str(platform.get(signal)), "what was written is not to be read any more")
        assert "quetzal" not in str(platform.get(signal))
        assert platform.stop() == 0
        log, stored = platform.log(), b"".join(event.data for event in platform.recorded())
    finally:
        platform.close()
    assert b"quetzal" not in stored
    count = Counter(event.name for event in log)
    assert {count[name] for name in ("SignalReceived", "TriggerFired", "ExecutionStarted", "StepCompleted")} == {6}
    assert {event.owner for event in log} == {"ingress", "analyzer", "planner", "budget", "agent-runner"}
