"""Secrets planted in every kind of input: none stands where somebody looks who is not meant to see it.

What people and programs write (contents) stands sealed in events, and in answers to those who may read it. What proves
who somebody is (credentials) stands nowhere at all.
"""

import contextlib
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from google.protobuf.message import Message
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from reveille.contracts.common.v1.common_pb2 import MessageParked, Sealed
from reveille.kernel.events import Recorded
from tests.collector import Collector, collecting
from tests.e2e import github
from tests.e2e.conftest import Make
from tests.e2e.page_letters import park
from tests.e2e.running import FLEET, Platform, blocking, until
from tests.e2e.stack import Stack
from tests.servers import kafka_address

QUOTING = "quoting"

# Nothing in the platform's code knows the form of these.
_planted: dict[str, str] = {}


def planted(place: str) -> str:
    return _planted.setdefault(place, f"Planted{secrets.token_hex(12)}")


def settings() -> dict[str, str]:
    return {
        "REVEILLE_LOG_LEVEL": "debug",
        "REVEILLE_WAKE_TOKEN": planted("wake token"),
        "REVEILLE_PLAN_TOKEN": planted("plan token"),
        "REVEILLE_GITHUB_SECRET": planted("github secret"),
        # Nobody is there: what cannot be asked is told of in logs.
        "REVEILLE_GITHUB_API": "http://127.0.0.1:9",
        "REVEILLE_GITHUB_TOKEN": planted("github token"),
        "ANTHROPIC_API_KEY": planted("model key"),
        "REVEILLE_AGENT_KEYS": f"worker={planted('agent key')}",
    }


@dataclass(frozen=True, kw_only=True)
class Left:
    """What a platform has left behind that was told secrets. answers: by what was asked."""

    platform: Platform
    collector: Collector
    answers: dict[str, str] = field(default_factory=dict)
    figures: list[str] = field(default_factory=list)
    log: list[Recorded] = field(default_factory=list)

    @property
    def contents(self) -> dict[str, str]:
        return {place: secret for place, secret in _planted.items() if place.startswith("content")}

    @property
    def credentials(self) -> dict[str, str]:
        return {place: secret for place, secret in _planted.items() if not place.startswith("content")}


@pytest.fixture(scope="module")
def left(make_for_module: Make, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Left]:
    with collecting() as collector:
        told = {**settings(), "OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint}
        platform: Platform = make_for_module(fleet=_fleet(tmp_path_factory.mktemp("secrets")), settings=told)
        try:
            platform.start()
            answers = _told_secrets(platform)
            figures = platform.figures()
            assert platform.stop() == 0
            yield Left(
                platform=platform, collector=collector, answers=answers, figures=figures, log=platform.recorded()
            )
        finally:
            platform.close()


def _fleet(folder: Path) -> Path:
    """The journeys' own, and one whose errors quote what it was told."""
    one = f'agents:\n  {QUOTING}: {{skill: "effectful:quote", retries: {{attempts: 1}}}}\n'
    path = folder / "fleet.yaml"
    path.write_text(FLEET.read_text().replace("agents:\n", one, 1))
    return path


def _told_secrets(platform: Platform) -> dict[str, str]:
    http = platform.http
    answers = _failing(platform)
    wake, plan = ({"authorization": f"Bearer {planted(f'{one} token')}"} for one in ("wake", "plan"))
    # A webhook: its body, and headers that nobody wants.
    change = github.pull_request(body=f"use {planted('content of a body')}", title=planted("content of a title"))
    clone = f"https://ci:{planted('content of a clone URL')}@github.com/acme/app.git"
    change["repository"]["clone_url"] = clone
    body = json.dumps(change).encode()
    given = github.headers(body, secret=planted("github secret"))
    extra = {
        "authorization": f"Basic {planted('basic')}",
        "cookie": f"session={planted('cookie')}",
        "x-api-key": planted("header"),
    }
    answer = http.post("/webhooks/github", content=body, headers={**given, **extra})
    assert answer.status_code == 202, answer.text
    platform.ended(answer.json(), agent="reviewer")
    # Wakes: what a task holds, a skill's own error, a wrong token, and one in a query.
    payload = {"password": planted("content of a payload"), "failures": 0}
    woken = http.post("/webhook/trigger/worker", json={"payload": payload}, headers=wake)
    assert woken.status_code == 202, woken.text
    platform.ended(woken.json())
    wrong = {"authorization": f"Bearer {planted('wrong token')}"}
    answers["a wrong token"] = http.post("/webhook/trigger/worker", json={}, headers=wrong).text
    query = {"access_token": planted("query"), "token": planted("token in a query")}
    answers["a query"] = http.get("/api/v1/agents", params=query).text
    # Bodies that are none.
    for what, bad in (
        ("a broken body", f'{{"payload": {planted("content of a broken body")}'.encode()),
        ("a body that is none", json.dumps([planted("content of a wrong body")]).encode()),
    ):
        headers = {**wake, "content-type": "application/json"}
        refused = http.post("/webhook/trigger/worker", content=bad, headers=headers)
        assert refused.status_code in (400, 422)
        answers[what] = refused.text
    bad = json.dumps({"zen": planted("content that is not signed")}).encode()
    signed = github.headers(bad, secret=planted("wrong secret"))
    answers["a wrong signature"] = http.post("/webhooks/github", content=bad, headers=signed).text
    # A plan: what somebody wants of it.
    begun = http.post(
        "/api/v1/executions",
        json={"blueprint": "party", "prompt": f"a party for {planted('content of a prompt')}"},
        headers=plan,
    )
    assert begun.status_code == 202, begun.text
    # Sockets: credentials in queries and headers, right and wrong.
    where = platform.url.replace("http", "ws")
    for place in ("agent key", "wrong agent key"):
        with contextlib.suppress(InvalidStatus), connect(f"{where}/ws/agents/worker?token={planted(place)}") as socket:
            socket.recv(timeout=20)
    with (
        contextlib.suppress(InvalidStatus),
        connect(f"{where}/ws/events?token={planted('token of a socket')}") as socket,
    ):
        socket.send(json.dumps({"type": "subscribe", "executionId": planted("content of a message")}))
        answers["a socket"] = str(socket.recv(timeout=20))
    for path in ("/status", "/metrics", "/readyz", "/docs", "/openapi.json", "/", "/api/v1/fleet", "/api/v1/health"):
        answers[path] = http.get(path).text
    return answers


def _failing(platform: Platform) -> dict[str, str]:
    """What was said of what went wrong inside: a skill that raises, a signal and a record that nobody can handle."""
    http, answers = platform.http, {}
    wake = {"authorization": f"Bearer {planted('wake token')}"}
    payload = {"text": planted("content of a payload that an error quotes")}
    woken = http.post(f"/webhook/trigger/{QUOTING}", json={"payload": payload}, headers=wake)
    failed = platform.ended(woken.json())
    assert failed["status"] == "failed", failed
    answers["a failed run"] = json.dumps(failed)
    park(platform, summary=planted("content of a signal that nobody can handle"))
    if isinstance(platform, Stack):
        blocking(_foreign(f"{platform.topic_prefix}.planner.inbox.v1"))
        until(lambda: len(platform.get("/api/v1/deadletters")["items"]) == 3, "the record is parked too")
    for letter in platform.get("/api/v1/deadletters")["items"]:
        path = f"/api/v1/deadletters/{letter['id']}"
        answers[f"dead letter: {letter['error']}"] = http.get(path).text
        answers["a retry"] = http.post(f"{path}/retry", json={}).text
        http.post(f"{path}/drop", json={"reason": planted("content of a reason")})
    path = f"/api/v1/signals/{planted('content of a path')}"
    assert http.get(path).status_code == 404
    assert http.get(f"/{planted('content of a path that leads nowhere')}").status_code == 404
    return answers


async def _foreign(inbox: str) -> None:
    """A record that is no event, with something in each of its parts."""
    headers = [
        ("authorization", planted("content of a record's header").encode()),
        ("ce_hop", planted("content of a record's hop").encode()),
        *((name, b"x") for name in ("ce_type", "ce_subject", "ce_correlationid", "ce_source")),
        ("ce_time", b"2026-11-21T12:00:00Z"),
    ]
    async with AIOKafkaProducer(bootstrap_servers=kafka_address()) as producer:
        await producer.send_and_wait(inbox, planted("content of a record").encode(), b"k", headers=headers)


def found(secret_by_place: dict[str, str], text: str | bytes) -> list[str]:
    where = text if isinstance(text, bytes) else text.encode()
    return [place for place, secret in secret_by_place.items() if secret.encode() in where]


def test_something_was_planted_and_came_in(left: Left) -> None:
    sealed = b"".join(event.data for event in left.log)
    came = {place for place in left.contents if left.contents[place].encode() in sealed}
    wanted = {"content of a body", "content of a title", "content of a payload", "content of a prompt"}
    wanted |= {"content of a payload that an error quotes", "content of a signal that nobody can handle"}
    wanted |= {"content of a reason"}
    if left.platform.mode == "cluster":
        wanted |= {"content of a record", "content of a record's header", "content of a record's hop"}
    assert wanted <= came
    assert sum(what.startswith("dead letter: ") for what in left.answers) == len(_letters(left))
    assert len(left.credentials) >= 14


def _letters(left: Left) -> list[Recorded]:
    return [event for event in left.log if isinstance(event.msg, MessageParked)]


def test_no_log_line_holds_one(left: Left) -> None:
    assert found({**left.contents, **left.credentials}, left.platform.errors) == []


def test_no_span_holds_one(left: Left) -> None:
    assert left.collector.spans
    received = b"".join(request.SerializeToString() for request in left.collector.requests)
    assert found({**left.contents, **left.credentials}, received) == []


def test_no_metric_holds_one(left: Left) -> None:
    assert found({**left.contents, **left.credentials}, "".join(left.figures)) == []


def test_no_plain_field_of_an_event_holds_one(left: Left) -> None:
    for event in left.log:
        assert event.msg is not None
        about = event.meta.about
        assert found({**left.contents, **left.credentials}, _plain(event.msg)) == [], event.type
        assert found({**left.contents, **left.credentials}, f"{event.stream} {about.correlation} {about.trace}") == []


def _plain(message: Message) -> bytes:
    """Without what is sealed, wherever it stands in it."""
    copy = type(message)()
    copy.CopyFrom(message)
    _clear_sealed(copy)
    return copy.SerializeToString()


def _clear_sealed(message: Any) -> None:
    if isinstance(message, Sealed):
        message.Clear()
        return
    for field_of_it, value in message.ListFields():
        if field_of_it.message_type is None:
            continue
        if field_of_it.message_type.GetOptions().map_entry:
            parts: list[Any] = [one for one in value.values() if isinstance(one, Message)]
        else:
            parts = [value] if isinstance(value, Message) else list(value)
        for part in parts:
            _clear_sealed(part)


def test_no_credential_stands_in_an_event_even_sealed(left: Left) -> None:
    assert found(left.credentials, b"".join(event.data for event in left.log)) == []


def test_no_credential_stands_in_an_answer_or_a_page(left: Left) -> None:
    for what, answer in left.answers.items():
        assert found(left.credentials, answer) == [], what


def test_no_refusal_says_again_what_was_sent(left: Left) -> None:
    told = ("a wrong token", "a wrong signature", "a broken body", "a body that is none", "a query", "a retry")
    for what in told:
        assert found({**left.contents, **left.credentials}, left.answers[what]) == [], what


def test_no_file_of_the_platform_holds_a_credential(left: Left) -> None:
    """Embedded all of it is in one folder: the log, views, blobs and whatever else."""
    files = [file for file in Path(left.platform.folder).rglob("*") if file.is_file()]
    assert files
    for file in files:
        assert found(left.credentials, file.read_bytes()) == [], file
