"""The GitHub door from outside: what comes in, what is told, and what the log holds after it."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from reveille.ingress.domain.flood import Rate
from reveille.kernel.signals import content_of

if TYPE_CHECKING:
    from tests.integration.ingress.conftest import House, Open

SECRET = b"It's a Secret to Everybody"

URL = "/webhooks/github"


async def test_a_signed_pull_request_becomes_a_signal_in_the_log(house: House) -> None:
    body = house.pull_request()
    answer = await house.client.post(URL, content=body, headers=house.signed(body))
    (event,) = await house.events("SignalReceived")
    assert answer.status_code == 202
    assert event.msg is not None
    signal = event.msg.signal  # type: ignore[attr-defined]
    assert answer.json() == {"signal_id": signal.id, "duplicate": False, "position": event.position}
    assert (signal.source, signal.kind, signal.means) == ("github", "pull_request.opened", "change.opened")
    assert signal.verified
    assert content_of(signal).payload == body


async def test_the_trace_of_the_request_is_the_trace_of_the_signal(house: House) -> None:
    body = house.pull_request()
    trace = "00-" + "a" * 32 + "-" + "b" * 16 + "-00"
    await house.client.post(URL, content=body, headers={**house.signed(body), "traceparent": trace})
    (event,) = await house.events("SignalReceived")
    assert event.meta.about.trace == trace


async def test_a_request_without_a_trace_begins_one(house: House) -> None:
    body = house.pull_request()
    await house.client.post(URL, content=body, headers=house.signed(body))
    (event,) = await house.events("SignalReceived")
    version, trace_id, span_id, flags = event.meta.about.trace.split("-")
    assert (version, len(trace_id), len(span_id), flags) == ("00", 32, 16, "01")


async def test_a_signal_is_its_own_correlation_and_names_the_fleet_in_force(house: House) -> None:
    body = house.pull_request()
    answer = await house.client.post(URL, content=body, headers=house.signed(body))
    (event,) = await house.events("SignalReceived")
    (applied,) = await house.events("FleetApplied")
    (signal,) = await house.signals()
    assert event.meta.about.correlation == answer.json()["signal_id"]
    assert signal.fleet_revision == applied.revision


async def test_a_repeated_delivery_answers_with_the_first_ones_id(house: House) -> None:
    body = house.pull_request()
    first = await house.client.post(URL, content=body, headers=house.signed(body))
    second = await house.client.post(URL, content=body, headers=house.signed(body))
    assert second.status_code == 200
    assert second.json() == {**first.json(), "duplicate": True}
    assert len(await house.signals()) == 1


async def test_of_twenty_deliveries_at_once_one_is_new(house: House) -> None:
    body = house.pull_request()
    answers = await asyncio.gather(
        *(house.client.post(URL, content=body, headers=house.signed(body)) for _ in range(20))
    )
    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [202]
    assert len({answer.json()["signal_id"] for answer in answers}) == 1
    assert len(await house.signals()) == 1


async def test_the_same_delivery_with_another_body_is_flagged_and_recorded_once(house: House) -> None:
    body, other = house.pull_request(), house.pull_request(title="Something else")
    first = await house.client.post(URL, content=body, headers=house.signed(body))
    for _ in range(2):
        again = await house.client.post(URL, content=other, headers=house.signed(other))
        assert again.status_code == 200
        assert again.json() == {**first.json(), "duplicate": True, "contradicted": True}
    assert len(await house.events("DeliveryContradicted")) == 1
    await house.caught_up()
    seen = await house.client.get(f"/api/v1/signals/{first.json()['signal_id']}")
    assert seen.json()["contradicted"] is True


async def test_twenty_contradictions_at_once_are_one_record(house: House) -> None:
    body, other = house.pull_request(), house.pull_request(title="Something else")
    await house.client.post(URL, content=body, headers=house.signed(body))
    answers = await asyncio.gather(
        *(house.client.post(URL, content=other, headers=house.signed(other)) for _ in range(20))
    )
    assert {answer.status_code for answer in answers} == {200}
    assert len(await house.events("DeliveryContradicted")) == 1


async def test_a_delivery_without_an_id_is_new_each_time(house: House) -> None:
    body = house.pull_request()
    headers = house.signed(body)
    del headers["x-github-delivery"]
    answers = [await house.client.post(URL, content=body, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]


async def test_an_event_that_no_rule_knows_is_kept(house: House) -> None:
    body = json.dumps({"action": "started", "sender": {"login": "octocat"}}).encode()
    answer = await house.client.post(URL, content=body, headers=house.signed(body, event="watch"))
    (signal,) = await house.signals()
    assert answer.status_code == 202
    assert (signal.kind, signal.means) == ("watch.started", "other")


async def test_a_ping_is_answered_without_a_signal(house: House) -> None:
    body = b'{"zen": "Keep it logically awesome."}'
    answer = await house.client.post(URL, content=body, headers=house.signed(body, event="ping"))
    assert answer.status_code == 200
    assert await house.signals() == []


async def test_a_large_payload_becomes_a_blob(house: House) -> None:
    body = house.pull_request(body="x" * 100_000)
    await house.client.post(URL, content=body, headers=house.signed(body))
    (signal,) = await house.signals()
    content = content_of(signal)
    assert content.payload == b""
    assert await house.ingress.receiving._blobs.get("default", content.payload_blob) == body


@pytest.mark.parametrize(
    ("header", "value", "status", "code"),
    [
        ("x-hub-signature-256", "sha256=" + "0" * 64, 401, "wrong_signature"),
        ("x-hub-signature-256", "sha256=é", 401, "wrong_signature"),
        ("x-hub-signature-256", None, 401, "missing_signature"),
        ("content-type", "text/plain", 415, "unsupported_media_type"),
        ("content-type", None, 415, "unsupported_media_type"),
        ("content-encoding", "gzip", 415, "unsupported_encoding"),
        ("x-github-event", None, 400, "missing_event"),
        ("x-github-event", "../etc", 400, "invalid_event"),
        ("x-github-delivery", "two words", 400, "invalid_delivery_id"),
    ],
)
async def test_a_bad_header_is_a_problem(house: House, header: str, value: str | None, status: int, code: str) -> None:
    body = house.pull_request()
    headers = {name.encode(): text.encode() for name, text in house.signed(body).items() if name != header}
    if value is not None:
        headers[header.encode()] = value.encode()
    answer = await house.client.post(URL, content=body, headers=headers)
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert {"type", "title", "detail", "instance", "trace_id"} <= set(problem)
    assert await house.signals() == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[" * 5000,
        b'{"a": ' * 65 + b"1" + b"}" * 65,
        b'{"action": "opened", "action": "closed"}',
        b'{"number": NaN}',
        b'{"number": 18446744073709551616}',
        b'{"title": "\\ud800"}',
        b'{"title": "\xff"}',
        b"[]",
        b'"text"',
    ],
)
async def test_a_body_that_is_no_strict_json_object_is_a_problem(house: House, body: bytes) -> None:
    answer = await house.client.post(URL, content=body, headers=house.signed(body))
    assert answer.status_code == 400
    assert answer.json()["code"] in ("malformed_json", "not_an_object")
    assert await house.signals() == []


async def test_a_wrong_signature_is_refused_before_the_body_is_parsed(house: House) -> None:
    answer = await house.client.post(URL, content=b"{", headers=house.signed(b"something else"))
    assert answer.status_code == 401


async def test_both_secrets_are_valid_while_one_is_replaced(open_house: Open) -> None:
    house = await open_house(github_secrets=(b"new", SECRET))
    body = house.pull_request()
    for delivery, secret in (("1", b"new"), ("2", SECRET)):
        headers = house.signed(body, delivery=delivery, secret=secret)
        assert (await house.client.post(URL, content=body, headers=headers)).status_code == 202


async def test_a_body_above_the_limit_is_refused_by_its_length(open_house: Open) -> None:
    house = await open_house(github_secrets=(SECRET,), max_body=100)
    body = house.pull_request()
    answer = await house.client.post(URL, content=body, headers=house.signed(body))
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


async def test_a_body_above_the_limit_is_refused_while_it_streams(open_house: Open) -> None:
    house = await open_house(github_secrets=(SECRET,), max_body=1000)
    sent = 0

    async def chunks():  # type: ignore[no-untyped-def]
        nonlocal sent
        for _ in range(100):
            sent += 1
            yield b"x" * 100

    answer = await house.client.post(URL, content=chunks(), headers=house.signed(b""))
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert sent < 20


async def test_a_flood_is_stopped_with_a_time_to_come_again(open_house: Open) -> None:
    house = await open_house(github_secrets=(SECRET,), rate_limit=Rate(3, 3600))
    body = house.pull_request()
    answers = [await house.client.post(URL, content=body, headers=house.signed(body)) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [202, 200, 200, 429]
    assert int(answers[-1].headers["retry-after"]) > 1
    assert (await house.client.get("/healthz")).status_code == 200


async def test_an_unknown_source_is_not_found(house: House) -> None:
    answer = await house.client.post("/webhooks/bitbucket", json={})
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_source")


async def test_another_method_names_the_one_that_is_allowed(house: House) -> None:
    answer = await house.client.get(URL)
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer.headers["allow"] == "POST"


async def test_without_a_secret_it_accepts_on_loopback_and_says_that_nothing_was_verified(open_house: Open) -> None:
    house = await open_house()
    body = house.pull_request()
    answer = await house.client.post(URL, content=body, headers=house.signed(body))
    (signal,) = await house.signals()
    assert answer.status_code == 202
    assert not signal.verified


@pytest.mark.parametrize("settings", [{"embedded": False}, {"host": "0.0.0.0"}])
async def test_without_a_secret_the_door_is_closed_elsewhere(open_house: Open, settings: dict[str, object]) -> None:
    house = await open_house(**settings)
    body = house.pull_request()
    answer = await house.client.post(URL, content=body, headers=house.signed(body))
    assert (answer.status_code, answer.json()["code"]) == (403, "door_closed")


async def test_a_signed_delivery_may_come_through_a_tunnel_with_its_own_name(house: House) -> None:
    body = house.pull_request()
    headers = {**house.signed(body), "host": "hooks.example"}
    assert (await house.client.post(URL, content=body, headers=headers)).status_code == 202
