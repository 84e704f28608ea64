"""Every door from outside: who may come in, what is a delivery, what the log holds after it."""

from __future__ import annotations

import base64
import hmac
import json
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from reveille.contracts.agent_runner.v1.events_pb2 import RunStarted
from reveille.contracts.ingress.v1.events_pb2 import Source, SourceScheme
from reveille.ingress.application.fleet_file import default_fleet
from reveille.ingress.bootstrap import fleet_from
from reveille.kernel.event_store import NO_STREAM, Append
from reveille.kernel.events import About, Meta, new_event
from reveille.kernel.ids import UuidV7Ids
from reveille.kernel.signals import content_of
from tests.recorded import payload

if TYPE_CHECKING:
    from tests.integration.ingress.conftest import House, Open

JSON = {"content-type": "application/json"}
SIGNING = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
RUN = "5b0e3b1c-6d0f-5c0e-9a3c-7d2f1e8b4a60"
OFF_LOOPBACK = {"host": "0.0.0.0"}
EVENT = {"specversion": "1.0", "id": "e-1", "source": "/shop", "type": "order.created", "data": {"actor": "ada"}}
STRUCTURED = {"content-type": "application/cloudevents+json"}
BATCH = {"content-type": "application/cloudevents-batch+json; charset=utf-8"}
BACKUP = Source(
    name="backup",
    scheme=SourceScheme.SOURCE_SCHEME_STANDARD,
    fields={"kind": "=backup.finished", "repository": "/repo", "id": "/id"},
)


def standard(body: bytes, *, id: str = "msg_1", at: float = 0, secret: str = SIGNING) -> dict[str, str]:
    """The headers of Standard Webhooks; at: seconds from now."""
    stamp = int(time.time() + at)
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signature = base64.b64encode(hmac.digest(key, f"{id}.{stamp}.".encode() + body, "sha256")).decode()
    return {**JSON, "webhook-id": id, "webhook-timestamp": str(stamp), "webhook-signature": f"v1,{signature}"}


def gitlab(name: str = "push", *, key: str = "", uuid: str = "", token: str = "") -> tuple[bytes, dict[str, str]]:
    told = {"idempotency-key": key, "x-gitlab-event-uuid": uuid, "x-gitlab-token": token, "x-gitlab-event": "Push Hook"}
    return json.dumps(payload(f"gitlab/{name}")).encode(), {**JSON, **{k: v for k, v in told.items() if v}}


async def with_sources(house: House, *sources: Source) -> House:
    wanted = replace(
        fleet_from(default_fleet(), file="default.yaml"), tenant=house.ingress.settings.tenant, sources=sources
    )
    await house.ingress.fleets.apply(wanted)
    return house


async def content_of_one(house: House) -> Any:
    (signal,) = await house.signals()
    return content_of(signal)


async def test_gitlab_is_let_in_by_any_of_its_tokens(open_house: Open) -> None:
    house = await open_house(gitlab_secrets=(b"new", b"old"), **OFF_LOOPBACK)
    for key, token in (("a", "new"), ("b", "old")):
        body, headers = gitlab(key=key, token=token)
        assert (await house.client.post("/webhooks/gitlab", content=body, headers=headers)).status_code == 202
    body, headers = gitlab(token="other")
    refused = await house.client.post("/webhooks/gitlab", content=body, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (401, "wrong_token")
    assert refused.headers["www-authenticate"] == "Token"
    assert [signal.verified for signal in await house.signals()] == [True, True]


async def test_gitlabs_signing_token_leaves_the_plain_one_worth_nothing(open_house: Open) -> None:
    house = await open_house(gitlab_secrets=(SIGNING.encode(), b"plain"), **OFF_LOOPBACK)
    body, headers = gitlab(token="plain")
    assert (await house.client.post("/webhooks/gitlab", content=body, headers=headers)).status_code == 401
    signed = {**headers, **standard(body)}
    assert (await house.client.post("/webhooks/gitlab", content=body, headers=signed)).status_code == 202


async def test_a_signed_delivery_of_gitlab_is_known_by_what_is_signed(open_house: Open) -> None:
    house = await open_house(gitlab_secrets=(SIGNING.encode(),))
    body, headers = gitlab()
    answers = [
        await house.client.post(
            "/webhooks/gitlab", content=body, headers={**headers, "idempotency-key": key, **standard(body)}
        )
        for key in ("one", "two")
    ]
    assert [answer.status_code for answer in answers] == [202, 200]


async def test_a_retry_of_gitlab_is_known_by_its_idempotency_key_whatever_its_uuid(house: House) -> None:
    for uuid, status in (("u-1", 202), ("u-2", 200)):
        body, headers = gitlab(key="k", uuid=uuid)
        assert (await house.client.post("/webhooks/gitlab", content=body, headers=headers)).status_code == status
    body, headers = gitlab(key="other", uuid="u-1")
    assert (await house.client.post("/webhooks/gitlab", content=body, headers=headers)).status_code == 202


async def test_of_an_older_gitlab_two_events_of_one_uuid_are_two(house: House) -> None:
    for name, status in (("push", 202), ("tag_push", 202), ("push", 200)):
        body, headers = gitlab(name, uuid="u-1")
        assert (await house.client.post("/webhooks/gitlab", content=body, headers=headers)).status_code == status


def password(secret: str) -> dict[str, str]:
    return {**JSON, "authorization": "Basic " + base64.b64encode(f"jenkins:{secret}".encode()).decode()}


async def test_jenkins_tells_each_phase_of_a_build_once(open_house: Open) -> None:
    house = await open_house(jenkins_secrets=(b"s",), **OFF_LOOPBACK)
    names = ("started", "completed", "finalized", "finalized")
    answers = [
        await house.client.post("/webhooks/jenkins", json=payload(f"jenkins/{name}"), headers=password("s"))
        for name in names
    ]
    assert [answer.status_code for answer in answers] == [202, 202, 202, 200]
    means = [signal.means for signal in await house.signals()]
    assert means == ["pipeline.started", "other", "pipeline.failed"]


async def test_a_ci_proves_itself_by_a_signature_or_by_a_token(open_house: Open) -> None:
    house = await open_house(ci_secrets=(b"new", b"old"), **OFF_LOOPBACK)
    body = json.dumps({"status": "failed", "repository": "acme/app"}).encode()
    signature = {"x-reveille-signature-256": "sha256=" + hmac.digest(b"old", body, "sha256").hex()}
    for headers in (signature, {"authorization": "Bearer new"}):
        answer = await house.client.post("/webhooks/ci", content=body, headers={**JSON, **headers})
        assert answer.status_code == 202
    refused = await house.client.post("/webhooks/ci", content=body, headers={**JSON, "authorization": "Bearer x"})
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
    assert {signal.means for signal in await house.signals()} == {"pipeline.failed"}


async def test_a_ci_is_known_by_its_id_then_by_its_idempotency_key(house: House) -> None:
    async def post(key: str, **body: str) -> int:
        answer = await house.client.post(
            "/webhooks/ci", json={"status": "failed", **body}, headers={"idempotency-key": key}
        )
        return answer.status_code

    assert [await post("a", id="1"), await post("b", id="1"), await post("c"), await post("c")] == [202, 200, 202, 200]


async def test_each_alert_is_answered_and_known_again_whatever_its_annotations(house: House) -> None:
    told = payload("prometheus/alerts")
    first = await house.client.post("/webhooks/prometheus", json=told)
    assert first.status_code == 202
    assert (first.json()["accepted"], first.json()["duplicates"]) == (2, 0)
    told["alerts"][0]["annotations"]["summary"] = "disk sda1 on example1 is 97% full"
    told["alerts"].append({**told["alerts"][0], "status": "resolved"})
    again = (await house.client.post("/webhooks/prometheus", json=told)).json()
    assert [one["duplicate"] for one in again["signals"]] == [True, True, False]
    assert (again["accepted"], again["duplicates"]) == (1, 2)
    assert [one["signal_id"] for one in again["signals"][:2]] == [one["signal_id"] for one in first.json()["signals"]]
    assert await house.events("DeliveryContradicted") == []


async def test_the_payload_of_an_alert_is_the_alert(house: House) -> None:
    told = payload("prometheus/alerts")
    await house.client.post("/webhooks/prometheus", json=told)
    kept = [json.loads(content_of(signal).payload) for signal in await house.signals()]
    assert kept == told["alerts"]


@pytest.mark.parametrize("given", ["Bearer s", "Basic " + base64.b64encode(b"am:s").decode()])
async def test_alertmanager_proves_itself_by_what_it_can_send(open_house: Open, given: str) -> None:
    house = await open_house(prometheus_secrets=(b"s",), **OFF_LOOPBACK)
    told = payload("prometheus/alerts")
    answer = await house.client.post("/webhooks/prometheus", json=told, headers={"authorization": given})
    assert answer.status_code == 202
    assert (await house.client.post("/webhooks/prometheus", json=told)).status_code == 401


async def test_one_wrong_alert_leaves_none_behind(house: House) -> None:
    told = payload("prometheus/alerts")
    told["alerts"][1]["status"] = "pending"
    answer = await house.client.post("/webhooks/prometheus", json=told)
    assert answer.status_code == 422
    assert [error["path"] for error in answer.json()["errors"]] == ["alerts[1].status"]
    assert await house.signals() == []


async def test_a_source_of_the_fleet_has_a_door_with_its_own_secret(open_house: Open) -> None:
    settings = {"custom_secrets": (("backup", SIGNING.encode()), ("backup", b"whsec_AAAA")), **OFF_LOOPBACK}
    house = await with_sources(await open_house(**settings), BACKUP)
    body = b'{"repo": "acme/app", "id": 7}'
    answers = [
        await house.client.post("/webhooks/custom/backup", content=body, headers=standard(body, secret=secret))
        for secret in (SIGNING, "whsec_AAAA", "whsec_BBBB")
    ]
    assert [answer.status_code for answer in answers] == [202, 200, 401]
    (signal,) = await house.signals()
    assert (signal.source, signal.kind, signal.verified) == ("custom", "backup.finished", True)
    assert content_of(signal).repository == "acme/app"


@pytest.mark.parametrize("at", [-301, 301])
async def test_a_signature_out_of_its_time_is_a_replay(open_house: Open, at: float) -> None:
    house = await with_sources(await open_house(custom_secrets=(("backup", SIGNING.encode()),)), BACKUP)
    answer = await house.client.post("/webhooks/custom/backup", content=b"{}", headers=standard(b"{}", at=at))
    assert (answer.status_code, answer.json()["code"]) == (401, "stale_signature")
    assert await house.signals() == []


async def test_a_source_is_known_by_its_message_then_its_key_then_its_field(house: House) -> None:
    plain = Source(name="plain", scheme=SourceScheme.SOURCE_SCHEME_TOKEN, header="x-token", fields={"id": "/id"})
    await with_sources(house, BACKUP, plain)

    async def post(name: str, headers: dict[str, str], id: str) -> int:
        answer = await house.client.post(f"/webhooks/custom/{name}", json={"id": id}, headers=headers)
        return answer.status_code

    assert [await post("backup", {"webhook-id": "m"}, id) for id in ("1", "2")] == [202, 200]
    assert [await post("plain", {"webhook-id": "m", "idempotency-key": "k"}, id) for id in ("1", "2")] == [202, 200]
    assert [await post("plain", {}, id) for id in ("1", "1", "2")] == [202, 200, 202]
    # The same words of two sources are two deliveries.
    assert await post("backup", {}, "1") == 202


async def test_a_source_that_the_fleet_changes_is_asked_for_its_new_proof(open_house: Open) -> None:
    house = await open_house(custom_secrets=(("a", b"s"),))
    await with_sources(house, Source(name="a", scheme=SourceScheme.SOURCE_SCHEME_TOKEN, header="x-one"))
    assert (await house.client.post("/webhooks/custom/a", json={}, headers={"x-one": "s"})).status_code == 202
    await with_sources(house, Source(name="a", scheme=SourceScheme.SOURCE_SCHEME_TOKEN, header="x-two"))
    assert (await house.client.post("/webhooks/custom/a", json={}, headers={"x-one": "s"})).status_code == 401
    assert (await house.client.post("/webhooks/custom/a", json={}, headers={"x-two": "s"})).status_code == 202


@pytest.mark.parametrize(
    "path", ["/webhooks/custom/nobody", "/webhooks/custom", "/webhooks/custom/", "/webhooks/bitbucket"]
)
async def test_a_source_that_nobody_named_has_no_door(house: House, path: str) -> None:
    answer = await house.client.post(path, json={})
    assert answer.status_code == 404


async def test_one_cloudevent_is_a_signal_with_its_event_as_payload(house: House) -> None:
    answer = await house.client.post("/api/v1/events", content=json.dumps(EVENT), headers=STRUCTURED)
    assert answer.status_code == 202
    (signal,) = await house.signals()
    assert answer.json()["signal_id"] == signal.id
    assert (signal.source, signal.kind, signal.means) == ("events", "order.created", "other")
    content = content_of(signal)
    assert (content.actor, json.loads(content.payload)) == ("ada", EVENT)


async def test_an_event_is_the_same_alone_in_a_batch_and_by_headers(house: House) -> None:
    alone = await house.client.post("/api/v1/events", content=json.dumps(EVENT), headers=STRUCTURED)
    spelt = json.dumps([dict(reversed(EVENT.items()))], indent=1)
    batch = (await house.client.post("/api/v1/events", content=spelt, headers=BATCH)).json()
    named = {f"ce-{name}": str(value) for name, value in EVENT.items() if name != "data"}
    binary = await house.client.post("/api/v1/events", json=EVENT["data"], headers=named)
    assert batch["signals"] == [{"signal_id": alone.json()["signal_id"], "duplicate": True}]
    assert (binary.status_code, binary.json()["signal_id"]) == (200, alone.json()["signal_id"])
    assert await house.events("DeliveryContradicted") == []


async def test_a_batch_is_one_append_and_knows_its_own_repetitions(house: House) -> None:
    events = [{**EVENT, "id": f"e-{number}"} for number in range(99)] + [{**EVENT, "id": "e-0"}]
    answer = (await house.client.post("/api/v1/events", content=json.dumps(events), headers=BATCH)).json()
    assert (answer["accepted"], answer["duplicates"]) == (99, 1)
    assert answer["signals"][99]["signal_id"] == answer["signals"][0]["signal_id"]
    assert len(await house.signals()) == 99


async def test_one_wrong_event_leaves_none_of_its_batch_behind(house: House) -> None:
    events = [EVENT, {**EVENT, "id": ""}, {**EVENT, "specversion": "9"}]
    answer = await house.client.post("/api/v1/events", content=json.dumps(events), headers=BATCH)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_event")
    assert [error["path"] for error in answer.json()["errors"]] == ["[1].id", "[2].specversion"]
    assert await house.signals() == []


async def test_a_batch_of_nothing_is_nothing_and_one_too_many_is_refused(house: House) -> None:
    empty = await house.client.post("/api/v1/events", content="[]", headers=BATCH)
    assert (empty.status_code, empty.json()["signals"]) == (202, [])
    events = [{**EVENT, "id": str(number), "data": None} for number in range(1001)]
    answer = await house.client.post("/api/v1/events", content=json.dumps(events), headers=BATCH)
    assert (answer.status_code, answer.json()["code"]) == (422, "too_many")
    assert await house.signals() == []


async def test_an_event_by_headers_may_carry_anything(house: House) -> None:
    headers = {
        "ce-specversion": "1.0",
        "ce-id": "1",
        "ce-source": "/caf%C3%A9",
        "ce-type": "t",
        "content-type": "image/png",
    }
    answer = await house.client.post("/api/v1/events", content=b"\x89PNG\xff", headers=headers)
    assert answer.status_code == 202
    kept = json.loads((await content_of_one(house)).payload)
    assert base64.b64decode(kept["data_base64"]) == b"\x89PNG\xff"
    assert (kept["source"], kept["datacontenttype"]) == ("/café", "image/png")


OWN = {
    "/webhook/trigger/cursor-ide-agent": ({}, JSON),
    "/webhook/git": ({"repository": "a/b", "ref": "r", "before": "a" * 40, "after": "b" * 40}, JSON),
    "/webhook/system/boot": ({}, JSON),
    "/api/v1/events": (EVENT, STRUCTURED),
}


@pytest.mark.parametrize("path", list(OWN))
async def test_a_wake_token_opens_our_own_doors_off_loopback_and_is_asked_everywhere(
    open_house: Open, path: str
) -> None:
    body, headers = OWN[path]
    for host in ("0.0.0.0", "127.0.0.1"):
        house = await open_house(host=host, wake_tokens=(b"new", b"old"), tenant=f"at_{len(host)}")
        for given in ("", "Bearer other"):
            told = {**headers, **({"authorization": given} if given else {})}
            refused = await house.client.post(path, content=json.dumps(body), headers=told)
            # At this machine what is no credential is not looked at: nothing is shown that may.
            code = "wrong_credential" if given and host == "0.0.0.0" else "missing_credential"
            assert (refused.status_code, refused.json()["code"]) == (401, code)
        for token in ("new", "old"):
            told = {**headers, "authorization": f"Bearer {token}", "host": "elsewhere.example"}
            assert (await house.client.post(path, content=json.dumps(body), headers=told)).status_code in (200, 202)
    assert all(signal.verified for signal in await house.signals())


DOORS = {
    **OWN,
    "/webhooks/gitlab": (payload("gitlab/push"), JSON),
    "/webhooks/jenkins": (payload("jenkins/finalized"), JSON),
    "/webhooks/ci": ({"status": "failed"}, JSON),
    "/webhooks/prometheus": (payload("prometheus/alerts"), JSON),
    "/webhooks/custom/backup": ({"repo": "a/b"}, JSON),
}


@pytest.mark.parametrize("path", list(DOORS))
async def test_without_a_secret_a_door_is_closed_but_to_this_machine(open_house: Open, path: str) -> None:
    body, headers = DOORS[path]
    closed = await with_sources(await open_house(tenant="closed", **OFF_LOOPBACK), BACKUP)
    refused = await closed.client.post(path, content=json.dumps(body), headers=headers)
    told = (401, "missing_credential") if path in OWN else (403, "door_closed")
    assert (refused.status_code, refused.json()["code"]) == told
    trusting = await with_sources(await open_house(), BACKUP)
    assert (await trusting.client.post(path, content=json.dumps(body), headers=headers)).status_code == 202
    assert [signal.verified for signal in await trusting.signals()][:1] == [False]


@pytest.mark.parametrize("path", list(DOORS))
@pytest.mark.parametrize(
    ("body", "changed", "statuses"),
    [
        (b"{", {}, {400}),
        (b"\xff\xfe", {}, {400}),
        (b'{"a": 1, "a": 2}', {}, {400}),
        (b'{"a": 123456789012345678901234567890}', {}, {400}),
        (b"[" * 100 + b"]" * 100, {}, {400}),
        (b'"text"', {}, {400, 422}),
        (b"{}", {"content-type": "text/plain"}, {415}),
        (b"{}", {"content-type": "application/json; charset=utf-16"}, {415}),
        (b"{}", {"content-encoding": "gzip"}, {415}),
    ],
    ids=["cut", "encoding", "twice", "huge", "deep", "text", "type", "charset", "compressed"],
)
async def test_what_no_door_reads_is_refused_with_a_reason_and_leaves_nothing(
    house: House, path: str, body: bytes, changed: dict[str, str], statuses: set[int]
) -> None:
    await with_sources(house, BACKUP)
    headers = {**DOORS[path][1], **changed}
    answer = await house.client.post(path, content=body, headers=headers)
    assert answer.status_code in statuses, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert await house.signals() == []


@pytest.mark.parametrize("path", list(DOORS))
async def test_a_door_takes_post_alone(house: House, path: str) -> None:
    answer = await house.client.get(path)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize("path", list(DOORS))
async def test_an_act_that_bears_the_mark_of_a_run_carries_its_chain_on_at_every_door(house: House, path: str) -> None:
    await with_sources(house, BACKUP)
    run = new_event(UuidV7Ids().new(), RunStarted(), Meta(1, About("c", hop=1)))
    await house.store.append([Append(f"default.run-{RUN}", NO_STREAM, [run])])
    body, headers = DOORS[path]
    marked = json.dumps(body)[:-1] + ("}" if body == {} else ', "note": "Reveille-Run: ' + RUN + '"}')
    if path == "/webhooks/prometheus":
        body = payload("prometheus/alerts")
        body["alerts"][0]["annotations"]["note"] = f"Reveille-Run: {RUN}"
        marked = json.dumps(body)
    elif body == {}:
        marked = json.dumps({"note": f"Reveille-Run: {RUN}"})
    assert (await house.client.post(path, content=marked, headers=headers)).status_code == 202
    assert (await house.signals())[0].hop == 2


async def test_the_first_repetitions_of_a_delivery_are_told_with_its_signal(house: House) -> None:
    for _ in range(8):
        answer = await house.client.post("/webhooks/ci", json={"status": "failed", "id": "1"})
    await house.caught_up()
    told = (await house.client.get(f"/api/v1/signals/{answer.json()['signal_id']}")).json()
    assert (answer.status_code, told["repetitions"], told["contradicted"]) == (200, 5, False)
    assert len(await house.events("DeliveryRepeated")) == 5
