"""One delivery, one wake: however often it comes, at once or after a restart."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.e2e import github
from tests.e2e.conftest import Make
from tests.e2e.logged import named
from tests.e2e.running import Platform

DELIVERY = "0b989ba4-242f-11e5-81e1-c7b6966d2516"


def test_the_same_delivery_twenty_times_at_once_and_again_after_a_restart_runs_once(make: Make, tmp_path: Path) -> None:
    platform = make(tmp_path, settings={"REVEILLE_GITHUB_SECRET": github.SECRET}).start()
    payload = github.pull_request()
    with ThreadPoolExecutor(20) as senders:
        at_once = list(senders.map(lambda _: github.deliver(platform.http, payload, delivery=DELIVERY), range(20)))
    assert Counter(answer.status_code for answer in at_once) == {202: 1, 200: 19}
    first = next(answer.json() for answer in at_once if answer.status_code == 202)
    execution = platform.ended(first, agent="reviewer")
    platform.restart()
    late = github.deliver(platform.http, payload, delivery=DELIVERY)
    assert (late.status_code, late.json()["duplicate"]) == (200, True)
    assert {answer.json()["signal_id"] for answer in [*at_once, late]} == {first["signal_id"]}
    assert [one["id"] for one in platform.executions(first)] == [execution["id"]]
    platform.stop()
    events = platform.log()
    assert [len(named(events, name)) for name in ("SignalReceived", "TriggerFired", "RunStarted")] == [1, 1, 1]


def test_the_same_trigger_id_wakes_once(shared: Platform) -> None:
    first = shared.trigger("worker", {"name": "once"}, id="nightly-7")
    again = shared.http.post("/webhook/trigger/worker", json={"payload": {"name": "once"}, "id": "nightly-7"})
    assert (again.status_code, again.json()["signal_id"]) == (200, first["signal_id"])
    shared.ended(first)
    assert len(shared.effects("acted", "once")) == 1


def test_an_idempotency_key_does_the_same(shared: Platform) -> None:
    key = {"idempotency-key": "4f0e2f2c"}
    answers = [shared.http.post("/webhook/trigger/worker", json={}, headers=key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 200]
    assert answers[0].json()["signal_id"] == answers[1].json()["signal_id"]


def test_deliveries_without_an_id_are_all_new(shared: Platform) -> None:
    ids = {shared.trigger("worker")["signal_id"] for _ in range(3)}
    assert len(ids) == 3


def test_the_same_delivery_with_another_body_is_a_duplicate_and_flagged(shared: Platform) -> None:
    first = github.accepted(shared.http, github.pull_request(), delivery=DELIVERY)
    other = github.deliver(shared.http, github.pull_request(title="Another title"), delivery=DELIVERY)
    assert other.status_code == 200
    assert other.json() == {**first, "duplicate": True, "contradicted": True}
    signal = shared.get(f"/api/v1/signals/{first['signal_id']}", wait_for=first["position"])
    assert (signal["title"], signal["contradicted"]) == ("wip", True)
    shared.ended(first, agent="reviewer")
    assert len(shared.executions(first)) == 1


@pytest.mark.parametrize(
    ("forged", "code"),
    [
        ({"x-hub-signature-256": github.signature(b"Hello, World!")}, "wrong_signature"),
        ({"x-hub-signature-256": "sha256=" + "0" * 64}, "wrong_signature"),
        ({"x-hub-signature-256": "sha1=" + "0" * 40}, "wrong_signature"),
        ({"x-hub-signature-256": ""}, "missing_signature"),
    ],
    ids=["of another body", "of zeros", "of an older kind", "none"],
)
def test_a_forged_delivery_is_401_and_leaves_nothing(shared: Platform, forged: dict[str, str], code: str) -> None:
    marker = shared.trigger("worker")
    before = shared.get("/api/v1/signals", source="github", limit=500, wait_for=marker["position"])
    answer = github.deliver(shared.http, github.pull_request(), **forged)
    assert (answer.status_code, answer.json()["code"]) == (401, code)
    marker = shared.trigger("worker")
    after = shared.get("/api/v1/signals", source="github", limit=500, wait_for=marker["position"])
    assert after["items"] == before["items"]


def test_a_forged_delivery_is_refused_before_it_is_parsed(shared: Platform) -> None:
    body = b"{no json"
    forged = {**github.headers(body), "x-hub-signature-256": github.signature(body, "not the secret")}
    assert shared.http.post("/webhooks/github", content=body, headers=forged).status_code == 401


def test_a_forged_delivery_does_not_take_the_place_of_the_true_one(shared: Platform) -> None:
    payload, delivery = github.pull_request(), "99999999-242f-11e5-81e1-c7b6966d2516"
    forged = github.deliver(
        shared.http, payload, delivery=delivery, **{"x-hub-signature-256": github.signature(b"x", "guess")}
    )
    assert forged.status_code == 401
    assert github.deliver(shared.http, payload, delivery=delivery).status_code == 202


def test_a_secret_that_is_being_changed_is_accepted_in_both_forms(make: Make) -> None:
    platform = make(settings={"REVEILLE_GITHUB_SECRET": f"older secret,{github.SECRET}"}).start()
    body = b'{"zen": "Keep it logically awesome."}'
    for secret in ("older secret", github.SECRET):
        given = github.headers(body, event="brand_new", secret=secret)
        assert platform.http.post("/webhooks/github", content=body, headers=given).status_code == 202
