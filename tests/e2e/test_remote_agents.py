"""Agents that connect from elsewhere: woken while they are there, waited for while they are not, and nothing twice."""

import json
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.e2e.conftest import Make
from tests.e2e.logged import named
from tests.e2e.remote import RemoteAgent
from tests.e2e.running import Platform, until

FLEET = Path(__file__).parent / "remote_fleet.yaml"
KEYS = "far=secret of far,far=newer secret,quiet=secret of quiet"


@pytest.fixture(scope="module")
def platform(make_for_module: Make) -> Platform:
    started: Platform = make_for_module(fleet=FLEET).start()
    return started


def agent_of(platform: Platform, name: str) -> dict[str, Any]:
    agents = platform.get("/api/v1/agents")["items"]
    found: dict[str, Any] = next(agent for agent in agents if agent["id"] == name)
    return found


def found_in(text: str) -> set[str]:
    """Of what a log may not hold: keys, and complaints about sockets that were refused."""
    return {word for word in ("secret of", "secret%20of", "newer secret", "without completing") if word in text}


def problem(error: InvalidStatus) -> tuple[int, str]:
    return error.response.status_code, json.loads(error.response.body or b"")["code"]


def refused(platform: Platform, agent: str, **how: Any) -> tuple[int, str]:
    with pytest.raises(InvalidStatus) as caught:
        RemoteAgent(platform, agent, **how)
    return problem(caught.value)


def test_an_agent_that_is_there_is_woken_with_its_task_and_its_result_is_the_executions(platform: Platform) -> None:
    with RemoteAgent(platform, "far") as far:
        assert (far.welcome["agent"], far.welcome["heartbeatSeconds"]) == ("far", 20)
        receipt = platform.trigger("far", {"name": "first"}, priority="high")
        trigger = far.next("trigger")
        (signal,) = trigger["signals"]
        assert (trigger["attempt"], trigger["priority"], trigger["tokens"]) == (1, "high", 1_000)
        assert (signal["id"], signal["payload"]) == (receipt["signal_id"], {"name": "first"})
        assert trigger["deadline"].endswith("Z")
        far.say("ack", runId=trigger["runId"], attempt=1)
        far.say("progress", runId=trigger["runId"], text="on my way", tokensUsed=120)
        until(lambda: agent_of(platform, "far")["state"] == "processing", "it is processing")
        far.complete(trigger, tokens=300, said="done")
        execution = platform.ended(receipt)
    assert (execution["status"], execution["result"]) == ("completed", {"said": "done"})
    assert execution["steps"][0]["tokens"]["used"] == 300
    run = f"default.run-{trigger['runId']}"
    assert [event.name for event in platform.log() if event.stream == run] == [
        "RunStarted", "RunAcknowledged", "AgentThinking", "UsageReported", "RunCompleted"
    ]  # fmt: skip


def test_work_waits_while_the_agent_is_away_and_that_is_seen(platform: Platform) -> None:
    receipts = [platform.trigger("far", {"name": name}) for name in ("one", "two")]
    until(lambda: agent_of(platform, "far")["queued"] == 2, "two runs wait")
    seen = agent_of(platform, "far")
    assert (seen["state"], seen["remote"], seen["connections"]) == ("dormant", True, 0)
    with RemoteAgent(platform, "far") as far:
        for _ in receipts:
            far.complete(far.next("trigger"))
    assert [platform.ended(receipt)["status"] for receipt in receipts] == ["completed", "completed"]


def test_the_most_urgent_of_what_waited_comes_first(platform: Platform) -> None:
    receipts = [platform.trigger("far", {"n": n}, priority=n) for n in ("low", "medium", "critical", "high")]
    until(lambda: agent_of(platform, "far")["queued"] == 4, "all wait")
    order = []
    with RemoteAgent(platform, "far") as far:
        for _ in receipts:
            trigger = far.next("trigger")
            order.append(trigger["priority"])
            far.complete(trigger)
    assert order == ["critical", "high", "medium", "low"]


def test_a_connection_has_no_more_runs_than_it_said_that_it_takes(platform: Platform) -> None:
    with RemoteAgent(platform, "far", capacity=2) as far:
        receipts = [platform.trigger("far", {"n": n}) for n in range(3)]
        first, second = far.next("trigger"), far.next("trigger")
        until(lambda: agent_of(platform, "far")["queued"] == 1, "the third waits")
        far.complete(first)
        third = far.next("trigger")
        for trigger in (second, third):
            far.complete(trigger)
    assert all(platform.ended(receipt)["status"] == "completed" for receipt in receipts)


def test_two_sockets_of_one_agent_share_the_work(platform: Platform) -> None:
    with RemoteAgent(platform, "far", capacity=4) as one, RemoteAgent(platform, "far", capacity=4) as other:
        receipts = [platform.trigger("far", {"n": n}) for n in range(4)]
        triggers = {id(socket): [socket.next("trigger"), socket.next("trigger")] for socket in (one, other)}
        runs = {trigger["runId"] for both in triggers.values() for trigger in both}
        assert len(runs) == 4
        other.say("task_complete", **_end(triggers[id(one)][0]))
        assert other.next("error")["code"] == "not_yours"
        for socket in (one, other):
            for trigger in triggers[id(socket)]:
                socket.complete(trigger)
    assert all(platform.ended(receipt)["status"] == "completed" for receipt in receipts)


def test_who_comes_back_goes_on_with_the_same_attempt(platform: Platform) -> None:
    with RemoteAgent(platform, "far") as before:
        receipt = platform.trigger("far", {})
        lost = before.next("trigger")
        before.say("progress", runId=lost["runId"], text="half of it", tokensUsed=200)
        until(lambda: _told(platform, lost["runId"], "UsageReported"), "its use is recorded")
    with RemoteAgent(platform, "far") as after:
        again = after.next("trigger")
        assert (again["runId"], again["attempt"], again["tokensUsed"]) == (lost["runId"], 1, 200)
        after.complete(again, tokens=350, ok=True)
    assert platform.ended(receipt)["result"] == {"ok": True}
    assert [event.message.tokens_used for event in _told(platform, lost["runId"], "RunCompleted")] == [350]


def test_what_a_lost_socket_had_goes_to_the_other_one_at_once(platform: Platform) -> None:
    with RemoteAgent(platform, "far") as other:
        with RemoteAgent(platform, "far") as lost:
            receipts = [platform.trigger("far", {"n": n}) for n in range(2)]
            mine, its = other.next("trigger"), lost.next("trigger")
            other.complete(mine)
        moved = other.next("trigger")
        assert (moved["runId"], moved["attempt"]) == (its["runId"], its["attempt"])
        other.complete(moved)
    assert all(platform.ended(receipt)["status"] == "completed" for receipt in receipts)


def test_a_result_that_is_told_again_is_acknowledged_again_and_stands_once(platform: Platform) -> None:
    with RemoteAgent(platform, "far") as far:
        receipt = platform.trigger("far", {})
        trigger = far.next("trigger")
        far.complete(trigger, tokens=10, n=1)
        far.say("task_complete", **_end(trigger, tokens=10))
        assert far.next("recorded")["runId"] == trigger["runId"]
    with RemoteAgent(platform, "far") as again:
        again.say("task_complete", **_end(trigger, tokens=10))
        assert again.next("recorded")["runId"] == trigger["runId"]
    assert platform.ended(receipt)["result"] == {"n": 1}
    assert len(_told(platform, trigger["runId"], "RunCompleted")) == 1


def test_a_failure_that_may_be_tried_again_is_tried_again(platform: Platform) -> None:
    with RemoteAgent(platform, "far") as far:
        receipt = platform.trigger("far", {})
        first = far.next("trigger")
        far.say("task_failed", **_failed(first, retry=True))
        far.next("recorded")
        second = far.next("trigger")
        assert (second["attempt"], second["runId"] == first["runId"]) == (2, False)
        far.say("task_failed", **_failed(second, retry=False))
        far.next("recorded")
        execution = platform.ended(receipt)
    assert (execution["status"], execution["steps"][0]["attempt"]) == ("failed", 2)


def test_a_run_whose_time_is_up_is_cancelled_and_tried_again_and_what_it_used_counts(platform: Platform) -> None:
    with RemoteAgent(platform, "hasty") as hasty:
        receipt = platform.trigger("hasty", {})
        first = hasty.next("trigger")
        assert hasty.next("cancel")["runId"] == first["runId"]
        second = hasty.next("trigger")
        hasty.say("task_complete", **_end(first, tokens=70))
        assert hasty.next("cancel")["runId"] == first["runId"]
        assert second["attempt"] == 2
        hasty.complete(second, tokens=30)
    execution = platform.ended(receipt)
    assert execution["status"] == "completed"
    assert [event.message.tokens for event in _told(platform, first["runId"], "LateUsageFound")] == [70]


def test_more_tokens_are_given_where_the_budget_has_them_and_else_refused(platform: Platform) -> None:
    with RemoteAgent(platform, "poor") as poor:
        platform.trigger("poor", {})
        trigger = poor.next("trigger")
        poor.say("more_tokens", runId=trigger["runId"], tokens=100)
        given = poor.next("tokens")
        assert (given["runId"], given["tokens"], given["granted"]) == (trigger["runId"], 100, True)
        poor.say("more_tokens", runId=trigger["runId"], tokens=400)
        assert poor.next("tokens")["granted"] is False
        poor.complete(trigger, tokens=650)


def test_a_socket_that_says_nothing_is_found_and_what_it_had_goes_on_elsewhere(platform: Platform) -> None:
    silent = RemoteAgent(platform, "quiet", mute=True)
    receipt = platform.trigger("quiet", {})
    had = silent.next("trigger")
    code, reason = silent.closed()
    assert (code, "heartbeats" in reason) == (1011, True)
    with RemoteAgent(platform, "quiet") as quiet:
        again = quiet.next("trigger")
        assert again["runId"] == had["runId"]
        quiet.complete(again)
    assert platform.ended(receipt)["status"] == "completed"


def test_a_socket_that_answers_pings_stays(platform: Platform) -> None:
    with RemoteAgent(platform, "quiet") as quiet:
        for _ in range(4):
            quiet.next("ping")
            quiet.say("pong")
        receipt = platform.trigger("quiet", {})
        quiet.complete(quiet.next("trigger"))
    assert platform.ended(receipt)["status"] == "completed"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "invalid_json"),
        ('{"type": "ack", "runId": "x", "attempt": NaN}', "invalid_json"),
        ("[" * 100_000, "invalid_json"),
        ('{"type": "progress", "runId": "r", "text": "", "tokensUsed": 1e999}', "invalid_json"),
        ("[]", "invalid_message"),
        ('"ack"', "invalid_message"),
        ("{}", "unknown_type"),
        ('{"type": "shutdown"}', "unknown_type"),
        ('{"type": ["ack"]}', "unknown_type"),
        ('{"type": "ack", "attempt": 1}', "invalid_message"),
        ('{"type": "ack", "runId": "../ledger", "attempt": 1}', "invalid_message"),
        ('{"type": "ack", "runId": "r", "attempt": true}', "invalid_message"),
        ('{"type": "task_complete", "runId": "r", "attempt": 1, "tokensUsed": -1}', "invalid_message"),
        ('{"type": "task_complete", "runId": "r", "attempt": 1, "tokensUsed": 1e30}', "invalid_message"),
        ('{"type": "task_complete", "runId": "r", "attempt": 1, "tokensUsed": 1, "result": []}', "invalid_message"),
        ('{"type": "ack", "runId": "00000000-0000-0000-0000-000000000000", "attempt": 1}', "unknown_run"),
        (json.dumps({"type": "task_complete", "runId": "r", "attempt": 1, "tokensUsed": 1,
                     "result": {"text": "x" * 140_000}}), "result_too_large"),
    ],
)  # fmt: skip
def test_what_is_no_message_is_answered_with_an_error(platform: Platform, text: str, code: str) -> None:
    with RemoteAgent(platform, "far") as far:
        far.socket.send(text)
        assert far.next("error")["code"] == code


def test_who_goes_on_with_what_is_no_message_is_closed(platform: Platform) -> None:
    far = RemoteAgent(platform, "far")
    for _ in range(50):
        far.socket.send("nonsense")
    assert far.closed()[0] == 1008


@pytest.mark.parametrize(("message", "code"), [(b"\x00\xff", 1003), ("x" * 600_000, 1009), ("x" * 1_200_000, 1009)])
def test_what_no_agent_sends_closes_its_socket(platform: Platform, message: str | bytes, code: int) -> None:
    far = RemoteAgent(platform, "far")
    far.socket.send(message)
    assert far.closed()[0] == code


def test_a_run_of_another_agent_is_nobodys(platform: Platform) -> None:
    with RemoteAgent(platform, "far") as far, RemoteAgent(platform, "quiet") as quiet:
        platform.trigger("far", {})
        trigger = far.next("trigger")
        quiet.say("task_complete", **_end(trigger))
        assert quiet.next("error")["code"] == "unknown_run"
        far.say("task_complete", **_end({**trigger, "attempt": 2}))
        assert far.next("error")["code"] == "wrong_attempt"
        far.complete(trigger)
    assert len(_told(platform, trigger["runId"], "RunCompleted")) == 1


def test_who_is_no_remote_agent_of_the_fleet_is_refused(platform: Platform) -> None:
    assert refused(platform, "nobody") == (404, "unknown_agent")
    assert refused(platform, "worker") == (404, "unknown_agent")
    for capacity in (0, 101, "0000000009999", "1" * 30, "two"):
        assert refused(platform, "far", capacity=capacity) == (422, "invalid_body"), capacity


def test_a_page_of_another_site_cannot_connect_to_loopback(platform: Platform) -> None:
    address = platform.url.replace("http", "ws", 1) + "/?agent=far"
    with pytest.raises(InvalidStatus) as caught:  # noqa: SIM117
        with connect(address, additional_headers={"Origin": "https://evil.example"}, proxy=None):
            pass
    assert problem(caught.value) == (403, "foreign_origin")


def test_older_clients_name_the_agent_in_the_query(platform: Platform) -> None:
    with connect(platform.url.replace("http", "ws", 1) + "/?agent=far", proxy=None) as socket:
        assert json.loads(socket.recv())["type"] == "welcome"


def test_who_has_no_key_or_a_wrong_one_is_refused_where_there_are_keys(make: Make) -> None:
    settings = {"REVEILLE_AGENT_KEYS": KEYS, "REVEILLE_LOG_LEVEL": "debug"}
    platform = make(fleet=FLEET, settings=settings).start()
    assert refused(platform, "far") == (401, "missing_credential")
    assert refused(platform, "far", key="wrong") == (401, "missing_credential")
    assert refused(platform, "far", key="secret of quiet") == (403, "not_allowed")
    assert refused(platform, "nobody", key="secret of far") == (403, "not_allowed")
    for key in ("secret of far", "newer secret"):
        RemoteAgent(platform, "far", key=key).close()
    RemoteAgent(platform, "quiet", query="&key=secret%20of%20quiet").close()
    assert found_in(platform.errors) == set()


def test_a_killed_platform_goes_on_where_it_was(make: Make) -> None:
    platform = make(fleet=FLEET).start()
    far = RemoteAgent(platform, "far", capacity=2)
    receipts = [platform.trigger("far", {"n": n}) for n in range(3)]
    triggers = [far.next("trigger"), far.next("trigger")]
    far.say("ack", runId=triggers[0]["runId"], attempt=1)
    until(lambda: _told(platform, triggers[0]["runId"], "RunAcknowledged"), "the first is acknowledged")
    platform.kill()
    platform.start()
    with RemoteAgent(platform, "far", capacity=3) as back:
        again = [back.next("trigger") for _ in receipts]
        assert {trigger["runId"] for trigger in triggers} <= {trigger["runId"] for trigger in again}
        assert {trigger["attempt"] for trigger in again} == {1}
        for trigger in again:
            back.complete(trigger)
    assert [platform.ended(receipt)["status"] for receipt in receipts] == ["completed"] * 3
    assert len(named(platform.log(), "RunCompleted")) == 3


def test_a_platform_that_stops_says_that_it_comes_back(make: Make) -> None:
    platform = make(fleet=FLEET).start()
    far = RemoteAgent(platform, "far")
    receipt = platform.trigger("far", {})
    trigger = far.next("trigger")
    assert platform.stop() == 0
    assert far.closed()[0] == 1012
    platform.start()
    with RemoteAgent(platform, "far") as back:
        again = back.next("trigger")
        assert (again["runId"], again["attempt"]) == (trigger["runId"], 1)
        back.complete(again)
    assert platform.ended(receipt)["status"] == "completed"


def _end(trigger: Any, *, tokens: int = 0) -> dict[str, Any]:
    return {"runId": trigger["runId"], "attempt": trigger["attempt"], "tokensUsed": tokens, "result": {}}


def _failed(trigger: Any, *, retry: bool) -> dict[str, Any]:
    return {"runId": trigger["runId"], "attempt": trigger["attempt"], "tokensUsed": 5, "error": "no", "retry": retry}


def _told(platform: Platform, run_id: str, name: str) -> list[Any]:
    stream = f"default.run-{run_id}"
    return [event for event in named(platform.log(), name) if event.stream == stream]
