"""Bombs and tricks against the platform as it runs: each is a small problem, costs little, and nobody else notices."""

import gzip
import json
import socket
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from websockets.sync.client import connect

from tests.e2e.running import Platform

JSON = {"content-type": "application/json"}
# Of the limits that all bodies have.
MEGABYTE = 1024 * 1024
# An answer is no larger than this, whatever was sent.
SMALL = 64 * 1024
ROUTES = (
    "/webhook/trigger/worker",
    "/api/v1/executions",
    "/api/v1/executions/any/inputs",
    "/api/v1/event-driven/start",
)


@pytest.fixture(scope="module")
def platform(running: Callable[[str], Platform]) -> Iterator[Platform]:
    """What it says of itself: no line is an error, however much was refused."""
    shared = running("embedded")
    before = len(shared.errors)
    yield shared
    said = [json.loads(line) for line in shared.errors[before:].splitlines()]
    assert [line for line in said if line["level"] == "error"] == []


def assert_problem(answer: httpx.Response, *codes: int) -> dict[str, Any]:
    assert answer.status_code in codes, answer.text[:500]
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(answer.content) <= SMALL
    problem: dict[str, Any] = answer.json()
    return problem


MALFORMED = {
    "nested lists": b"[" * 400_000 + b"]" * 400_000,
    "nested objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "nested a little too deep": b'{"a":' * 65 + b"1" + b"}" * 65,
    "digits": b'{"a":' + b"9" * 900_000 + b"}",
    "65 bits": b'{"a":36893488147419103232}',
    "an exponent": b'{"a":1e' + b"9" * 900_000 + b"}",
    "no number": b'{"a":NaN}',
    "infinity": b'{"a":1e999}',
    "a key twice": b'{"a":1,"a":2}',
    "a key twice, once in escapes": b'{"a":1,"\\u0061":2}',
    "UTF-16": '{"a":1}'.encode("utf-16"),
    "Latin-1": '{"ä":1}'.encode("latin-1"),
    "a byte order mark": b'\xef\xbb\xbf{"a":1}',
    "overlong UTF-8": b'{"a":"\xc0\xaf"}',
    "spaces": b" " * 1_000_000,
    "quotes": b'"' * 900_000,
}


@pytest.mark.parametrize("body", list(MALFORMED.values()), ids=list(MALFORMED))
@pytest.mark.parametrize("path", ROUTES)
def test_what_is_not_quite_json_is_refused(platform: Platform, path: str, body: bytes) -> None:
    assert_problem(platform.http.post(path, content=body, headers=JSON), 400)


@pytest.mark.parametrize("path", ROUTES)
@pytest.mark.parametrize("text", [b"\\ud800", b"\xed\xa0\x80"], ids=["in an escape", "in UTF-8"])
def test_half_a_surrogate_pair_is_refused(platform: Platform, path: str, text: bytes) -> None:
    assert_problem(platform.http.post(path, content=b'{"a":"' + text + b'"}', headers=JSON), 400, 422)


@pytest.mark.parametrize("path", ROUTES[1:])
@pytest.mark.parametrize(
    "body",
    [
        b"{" + b",".join(b'"%d":{}' % number for number in range(60_000)) + b"}",
        b'{"blueprint":"party","inputs":[' + b",".join([b"1"] * 200_000) + b"]}",
        b"[" + b"[]," * 300_000 + b"[]]",
    ],
    ids=["fields that nobody knows", "inputs that are none", "lists"],
)
def test_a_megabyte_of_mistakes_has_a_small_answer(platform: Platform, path: str, body: bytes) -> None:
    assert_problem(platform.http.post(path, content=body, headers=JSON), 400, 422)


@pytest.mark.parametrize("path", [*ROUTES, "/api/v1/fleet", "/api/v1/approvals/any", "/webhooks/github"])
@pytest.mark.parametrize(
    "given",
    [{"content-encoding": "gzip"}, {"content-type": "application/json; charset=utf-16"}],
    ids=["packed", "UTF-16"],
)
def test_a_body_that_would_have_to_be_unpacked_is_refused_unread(
    platform: Platform, path: str, given: dict[str, str]
) -> None:
    bomb = gzip.compress(b" " * 100 * MEGABYTE, 9)
    assert len(bomb) < MEGABYTE
    # The doors of providers ask first whether it is theirs.
    answer = platform.http.post(path, content=bomb, headers=JSON | given)
    assert_problem(answer, *((401, 415) if path.startswith("/webhooks") else (415,)))


FLEET = "version: 1\ntenant: default\nagents:\n  worker: {skill: 'effectful:act'}\n"
RULE = "rules:\n- {name: one, on: {source: github}, wake: worker, "
LOOPS = "signal.paths.exists(a, signal.title.matches(a))"
FLEETS = {
    "an alias": ("a: &a [x]\nb: [*a]\n", "is an alias"),
    "aliases of aliases": ("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n", "is an alias"),
    "depth": (f"{FLEET}rules: {'[' * 50_000}{']' * 50_000}", "nested deeper"),
    "width": (f"{FLEET}rules: [{'1,' * 400_000}]", "more than 300000 keys and values"),
    "keys": (FLEET + "".join(f"k{number}: 1\n" for number in range(40_000)), "unknown key"),
    "a key without an end": (f"{FLEET}? {'k' * 800_000}\n: 1\n", "at most 200"),
    "digits": (f"{FLEET}budgets: {{execution: {{tokens: {'9' * 800_000}}}}}", "expected a whole number"),
    "an object of Python": (f"{FLEET}rules: !!python/object/apply:os.system [ls]", "expected a mapping"),
    "documents": ("---\na: 1\n" * 5_000, "no YAML"),
    "a condition made of the signal": (f'{FLEET}{RULE}where: "{LOOPS}"}}', "`matches` is not followed"),
    "a costly pattern": (
        f"{FLEET}{RULE}where: 'signal.paths.exists(a, a.matches(\"(\\\\pL){{9}}\"))'}}",
        "instructions",
    ),
    "a condition nested too deep": (f"{FLEET}{RULE}where: '{'(' * 900}true{')' * 900}'}}", "recursion"),
    "patterns": (f"{FLEET}{RULE}paths: [{', '.join(f'd{n}/**' for n in range(20_000))}]}}", "at most 200"),
    "patterns that are too large": (
        f"{FLEET}{RULE}paths: [{', '.join(f'{n}' + '*?' * 200 for n in range(190))}]}}",
        "too large together",
    ),
}


@pytest.mark.parametrize(("text", "told"), list(FLEETS.values()), ids=list(FLEETS))
def test_a_fleet_that_would_cost_too_much_is_refused(platform: Platform, text: str, told: str) -> None:
    answer = platform.http.post("/api/v1/fleet", content=text.encode(), headers={"content-type": "application/yaml"})
    problem = assert_problem(answer, 422)
    assert told in problem["detail"]


def test_messages_of_a_socket_are_read_as_strictly(platform: Platform) -> None:
    with connect(f"ws{platform.url.removeprefix('http')}/ws/events") as socket:
        for text in ("[" * 100_000, '{"type":"ping","type":"ping"}', '{"type":"ping","ref":1e999}', "\x00"):
            socket.send(text)
            assert json.loads(socket.recv(timeout=60))["type"] == "error"
        socket.send('{"type": "ping"}')
        assert json.loads(socket.recv(timeout=60)) == {"type": "pong"}


SMUGGLED = b"POST /webhook/trigger/worker HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
TRICKS = {
    "two lengths": (SMUGGLED + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", b"400"),
    "a length and chunks": (
        SMUGGLED + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        b"400",
    ),
    "two hosts": (SMUGGLED + b"Host: evil.example\r\nContent-Length: 2\r\n\r\n{}", b"400"),
    "two keys": (
        SMUGGLED + b"Idempotency-Key: a\r\nIdempotency-Key: b\r\nContent-Length: 2\r\n\r\n{}",
        b"400",
    ),
    "two credentials": (SMUGGLED + b"Authorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n", b"400"),
    "another host in the path": (SMUGGLED.replace(b"/webhook", b"http://evil.example/webhook") + b"\r\n", b"400"),
    "a key that is no ASCII": (
        SMUGGLED + "Idempotency-Key: schlüssel\r\nContent-Length: 2\r\n\r\n{}".encode(),
        b"400",
    ),
    "many headers": (SMUGGLED + b"X: y\r\n" * 1_000 + b"\r\n", b"431"),
    "a socket of two hosts": (
        b"GET /ws/events HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nUpgrade: websocket\r\n"
        b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        b"400",
    ),
}


@pytest.mark.parametrize(("text", "status"), list(TRICKS.values()), ids=list(TRICKS))
def test_a_request_with_two_meanings_is_refused(platform: Platform, text: bytes, status: bytes) -> None:
    signals = platform.get("/api/v1/signals", limit=1)["items"]
    url = httpx.URL(platform.url)
    with socket.create_connection((url.host, url.port or 0), timeout=60) as connection:
        connection.sendall(text)
        assert connection.recv(4096).split(b" ")[1] == status
    assert platform.get("/api/v1/signals", limit=1)["items"] == signals


def test_who_hangs_up_within_a_body_harms_nobody(platform: Platform) -> None:
    url = httpx.URL(platform.url)
    for path in (b"/webhook/trigger/worker", b"/api/v1/executions", b"/api/v1/fleet"):
        with socket.create_connection((url.host, url.port or 0), timeout=60) as connection:
            connection.sendall(SMUGGLED.replace(b"/webhook/trigger/worker", path) + b"Content-Length: 100\r\n\r\n{")
    assert platform.get("/healthz") == {"status": "ok"}
