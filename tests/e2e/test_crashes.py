"""SIGKILL at any moment: what was accepted completes, once, and nothing is lost or doubled."""

import random
import threading
import time
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.e2e.conftest import Make
from tests.e2e.embedded import Embedded
from tests.e2e.kinds import only
from tests.e2e.logged import Logged, named
from tests.e2e.running import ENDED, Platform, until
from tests.seeds import session_seed

TRIGGERS = 150
KILLS = 3
SHARE = TRIGGERS // (KILLS + 1)


@pytest.mark.parametrize("seed", [session_seed()])
def test_three_kills_under_load_lose_nothing_and_double_nothing(make: Make, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    platform = make(tmp_path).start()
    names = [f"task-{number}" for number in range(TRIGGERS)]
    pace = threading.Semaphore(0)
    with ThreadPoolExecutor(8) as senders:
        receipts = [senders.submit(_insist, platform, name, chance.random() * 0.03, pace) for name in names]
        for kill in range(KILLS):
            pace.release(SHARE)
            _until_accepted(receipts, kill * SHARE + SHARE // 4)
            time.sleep(chance.random() * 0.2)  # the moment is the seed's: anywhere in the work
            platform.kill()
            platform.start()
        pace.release(TRIGGERS)
        signals = {name: one.result() for name, one in zip(names, receipts, strict=True)}
    assert len(set(signals.values())) == TRIGGERS
    until(lambda: _unended(platform) == 0, "all executions ended")
    executions = _executions(platform)
    platform.stop()
    assert Counter(one["status"] for one in executions) == {"completed": TRIGGERS}
    _assert_once(platform.log(), signals, platform)


def _until_accepted(receipts: "list[Future[str]]", number: int) -> None:
    until(lambda: sum(one.done() for one in receipts) >= number, f"{number} have been accepted")


def _insist(platform: Platform, name: str, seconds: float, pace: threading.Semaphore) -> str:
    """The same id until somebody answers 2xx, as a careful sender does."""
    pace.acquire()
    body = {"id": name, "payload": {"name": name, "seconds": seconds}}

    def send() -> str | None:
        try:
            answer = platform.http.post("/webhook/trigger/sleepy", json=body)
        except httpx.HTTPError:
            return None
        return str(answer.json()["signal_id"]) if answer.is_success else None

    return until(send, f"{name} is accepted")


def _unended(platform: Platform) -> int:
    ended = sum(one["status"] in ENDED for one in _executions(platform))
    return TRIGGERS - ended


def _executions(platform: Platform) -> list[dict[str, str]]:
    found: list[dict[str, str]] = platform.get("/api/v1/executions", agent="sleepy", limit=500)["items"]
    return found


def _assert_once(events: list[Logged], signals: dict[str, str], platform: Platform) -> None:
    """One of each for each task, in a log that a crash has cut wherever it pleased."""
    received = [event.message.signal.id for event in named(events, "SignalReceived")]
    assert sorted(received) == sorted(signals.values())
    for name in ("TriggerFired", "ExecutionStarted", "StepCompleted", "ExecutionCompleted"):
        assert Counter(event.correlation for event in named(events, name)) == Counter(received), name
    done = {effect["name"] for effect in platform.effects("acted")}
    assert done == set(signals)
    acted = {effect["run"] for effect in platform.effects("acted")}
    assert {event.message.run_id for event in named(events, "StepCompleted")} <= acted
    ended = [event.message.work.run_id for event in events if event.name in ("RunCompleted", "RunFailed")]
    started = [event.message.work.run_id for event in named(events, "RunStarted")]
    assert sorted(ended) == sorted(started)
    assert max(Counter(started).values()) == 1
    _assert_settled(events)


def _assert_settled(events: list[Logged]) -> None:
    reserved = Counter(event.message.reservation.run_id for event in named(events, "TokensReserved"))
    released = Counter(event.message.run_id for event in named(events, "TokensReleased"))
    assert reserved == released
    assert set(reserved.values()) == {1}


def test_a_run_that_a_kill_interrupts_is_tried_again_as_a_new_attempt(make: Make, tmp_path: Path) -> None:
    platform, go = make(tmp_path).start(), tmp_path / "go"
    receipt = platform.trigger("waiting", {"file": str(go), "name": "cut"})
    until(lambda: platform.effects("began", "cut"), "the run goes on")
    platform.kill()
    platform.start()
    until(lambda: len(platform.effects("began", "cut")) == 2, "a second attempt goes on")
    go.touch()
    execution = platform.ended(receipt)
    assert execution["result"] == {"attempt": 2}
    assert [effect["attempt"] for effect in platform.effects("ended", "cut")] == [2]
    platform.stop()
    events = platform.log()
    (failed,) = named(events, "RunFailed")
    (retried,) = named(events, "StepRetryScheduled")
    assert (failed.message.work.attempt, retried.message.interrupted) == (1, True)
    assert len(named(events, "StepCompleted")) == 1


@only("embedded", reason="the file is SQLite's; PostgreSQL looks after its own")
def test_a_torn_end_of_the_log_is_no_obstacle(make: Make, tmp_path: Path) -> None:
    """The write-ahead log as a power cut may leave it: its last page half written."""
    platform: Embedded = make(tmp_path).start()
    receipts = [platform.trigger("worker", {"name": "before"}) for _ in range(3)]
    for receipt in receipts:
        platform.ended(receipt)
    platform.kill()
    torn = platform.data / "log.db-wal"
    torn.write_bytes(torn.read_bytes() + b"\x00half a page" * 100)
    platform.start()
    assert [platform.ended(receipt)["status"] for receipt in receipts] == ["completed"] * 3
    assert platform.run("worker", {"name": "after"})["status"] == "completed"


def test_views_that_are_lost_are_made_again(make: Make, tmp_path: Path) -> None:
    platform = make(tmp_path).start()
    execution = platform.run("worker")
    platform.kill()
    platform.lose_views()
    platform.start()
    assert platform.ended({"signal_id": execution["cause"]["signal_ids"][0]}) == execution
