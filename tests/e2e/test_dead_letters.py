"""Dead letters of a platform that runs: seen, looked at, retried and dropped, by command and over HTTP."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reveille.adapters.sqlite_store import SqliteEventStore
from reveille.cli.catalogue import EVENT_TYPES
from reveille.contracts.common.v1.common_pb2 import Sealed, Signal, SignalContent
from reveille.contracts.ingress.v1.events_pb2 import SignalReceived
from reveille.kernel.clock import SystemClock
from reveille.kernel.event_store import NO_STREAM, Append, Appended
from reveille.kernel.events import About, Meta, Recorded, new_event
from reveille.kernel.ids import UuidV7Ids, text
from tests.e2e.embedded import Embedded
from tests.e2e.running import blocking, reveille, until
from tests.letters import letter_of

AGENT = "worker"


async def _append(store: SqliteEventStore, stream: str, *messages: Any) -> list[Recorded]:
    clock, ids = SystemClock(), UuidV7Ids()
    id = ids.new()
    news = [new_event(id, message, Meta(clock.now(), About(text(id)))) for message in messages]
    (outcome,) = await store.append([Append(stream, NO_STREAM, news)])
    assert isinstance(outcome, Appended)
    return (await store.read_streams({stream: NO_STREAM}))[stream]


def _signal(target: str, fleet_revision: int) -> SignalReceived:
    id = text(UuidV7Ids().new())
    content = Sealed(data=SignalContent().SerializeToString())
    told = Signal(id=id, source="trigger", kind="task", target=target, content=content, fleet_revision=fleet_revision)
    return SignalReceived(signal=told)


async def _passed_by(data: Path, fleet_revision: int) -> None:
    """A signal that the analyzer has passed, and its dead letter: as if an earlier build had not known what to do."""
    store = SqliteEventStore.open(data / "log.db", EVENT_TYPES)
    try:
        (event,) = await _append(store, f"default.signal-{'ab' * 16}", _signal(AGENT, fleet_revision))
        letter = letter_of("analyzer", event, "an earlier build did not know it")
        await _append(store, "default.deadletter-analyzer-0", letter)
        store.save_position("inbox analyzer", await store.head())
    finally:
        await store.close()


async def _never(data: Path, fleet_revision: int) -> None:
    """A signal for an agent that there is not."""
    store = SqliteEventStore.open(data / "log.db", EVENT_TYPES)
    try:
        await _append(store, f"default.signal-{'cd' * 16}", _signal("nobody", fleet_revision))
    finally:
        await store.close()


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Embedded]:
    platform = Embedded(tmp_path)
    platform.start()
    try:
        yield platform
    finally:
        platform.close()


def told(platform: Embedded, *arguments: str) -> Any:
    answer = reveille("deadletters", *arguments, "--url", platform.url, "--json")
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


def said(platform: Embedded, *arguments: str) -> tuple[int, str]:
    answer = reveille("deadletters", *arguments, "--url", platform.url)
    return answer.returncode, " ".join((answer.stdout + answer.stderr).split())


def first_letter(platform: Embedded) -> dict[str, Any]:
    found: dict[str, Any] = until(lambda: told(platform)["items"], "the dead letter is shown")[0]
    return found


def restart_with(platform: Embedded, change: Any) -> None:
    revision = platform.get("/api/v1/fleet")["revision"]
    assert platform.stop() == 0
    blocking(change(platform.data, revision))
    platform.start()


def test_a_letter_that_can_be_handled_now_wakes_its_agent_when_it_is_retried(platform: Embedded) -> None:
    restart_with(platform, _passed_by)
    letter = first_letter(platform)
    assert (letter["service"], letter["error"]) == ("analyzer", "an earlier build did not know it")
    assert platform.get("/api/v1/executions")["items"] == []
    code, shown = said(platform, "show", letter["id"])
    assert (code, "an earlier build did not know it" in shown, "default.signal-abab" in shown) == (0, True, True)
    answer = told(platform, "retry", letter["id"])
    assert (answer["deadletter_id"], answer["status"]) == (letter["id"], "retried")
    (execution,) = until(lambda: platform.get("/api/v1/executions", status="completed")["items"], "it has run")
    assert execution["agent"] == AGENT
    shown_after = platform.get(f"/api/v1/deadletters/{letter['id']}", wait_for=answer["position"])
    assert shown_after["status"] == "retried"
    assert said(platform) == (0, "nothing is parked")
    code, why = said(platform, "retry", letter["id"])
    assert (code, f"409 Conflict: dead letter {letter['id']} was retried before" in why) == (2, True)


def test_a_letter_that_is_still_wrong_says_so_and_can_be_dropped(platform: Embedded) -> None:
    restart_with(platform, _never)
    letter = first_letter(platform)
    code, why = said(platform, "retry", letter["id"])
    assert (code, "409 Conflict" in why, "nobody" in why) == (2, True, True)
    assert told(platform, "show", letter["id"])["status"] == "parked"
    stats = platform.get("/api/v1/executions/events/stats")["bus"]
    assert (stats["parked"], stats["active_topics"], stats["unreachable"]) == (1, 4, [])
    assert stats["total_published"] == stats["total_delivered"] + 1
    code, shown = said(platform, "drop", letter["id"], "--reason", "that agent is gone")
    assert (code, "was dropped" in shown) == (0, True)
    until(lambda: told(platform, "list", "--status", "dropped")["items"], "it is shown as dropped")
    assert told(platform, "show", letter["id"])["reason"] == "that agent is gone"
    code, listed = said(platform, "list", "--status", "all")
    assert (letter["id"] in listed, "dropped" in listed) == (True, True)
