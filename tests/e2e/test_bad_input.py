"""What comes in wrong is refused with a problem that says why; nothing else happens."""

import socket
from typing import Any

import httpx
import pytest

from tests.e2e import github
from tests.e2e.conftest import Make
from tests.e2e.running import Platform

JSON = {"content-type": "application/json"}
ADMIN = "the-key-that-issues-the-first-ones-0123456789"


def assert_problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert set(problem) >= {"type", "title", "status", "detail", "instance", "code", "trace_id"}
    assert (problem["code"], problem["status"], problem["instance"]) == (code, status, answer.request.url.path)
    assert len(problem["trace_id"]) == 32
    assert "Traceback" not in answer.text
    return problem


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b'{"a": NaN}', b"[1, 2", b"\xff\xfe", b"[" * 100_000, b'{"a": 1} {}', b'{"a": 1, "a": 2}'],
    ids=["empty", "cut off", "NaN", "open list", "no UTF-8", "deep", "two documents", "key twice"],
)
def test_malformed_json_is_400(shared: Platform, body: bytes) -> None:
    answer = shared.http.post("/webhook/trigger/worker", content=body, headers=JSON)
    assert_problem(answer, 400, "malformed_json")


def test_malformed_json_that_is_signed_is_400_too(shared: Platform) -> None:
    answer = shared.http.post("/webhooks/github", content=b"{", headers=github.headers(b"{"))
    assert_problem(answer, 400, "malformed_json")


def test_a_delivery_without_an_event_is_400(shared: Platform) -> None:
    given = {name: value for name, value in github.headers(b"{}").items() if name != "x-github-event"}
    assert_problem(shared.http.post("/webhooks/github", content=b"{}", headers=given), 400, "missing_event")


def test_a_delivery_id_with_a_space_is_400(shared: Platform) -> None:
    given = github.headers(b"{}", delivery="an id")
    assert_problem(shared.http.post("/webhooks/github", content=b"{}", headers=given), 400, "invalid_delivery_id")


def test_an_invented_cursor_is_400(shared: Platform) -> None:
    answer = shared.http.get("/api/v1/signals", params={"cursor": "MTIzNDU2Nzg5MDEyMw"})
    assert_problem(answer, 400, "invalid_cursor")


@pytest.mark.parametrize("query", ["limit=0", "limit=501", "limit=many", "wait_for=-1", "timeout=0", "timeout=nan"])
def test_a_query_out_of_its_bounds_is_422_and_names_the_parameter(shared: Platform, query: str) -> None:
    problem = assert_problem(shared.http.get(f"/api/v1/signals?{query}"), 422, "invalid_query")
    assert problem["errors"][0]["path"] == query.partition("=")[0]


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("POST", "/webhooks/subversion", "unknown_source"),
        ("POST", "/webhook/trigger/nobody", "unknown_agent"),
        ("GET", "/nowhere", "not_found"),
        ("GET", "/api/v1/signals/no-such-signal", "not_found"),
        ("GET", "/api/v1/executions/no-such-execution", "not_found"),
        ("GET", "/api/v1/executions/no-such-execution/causes", "not_found"),
        ("GET", "/api/v1/explain?signal=none&agent=worker", "not_found"),
    ],
)
def test_what_is_not_there_is_404(shared: Platform, method: str, path: str, code: str) -> None:
    answer = shared.http.request(method, path, json={} if method == "POST" else None)
    assert_problem(answer, 404, code)


def test_an_agent_that_nobody_knows_cannot_be_explained(shared: Platform) -> None:
    receipt = shared.trigger("worker")
    query = {"signal": receipt["signal_id"], "agent": "nobody", "wait_for": receipt["position"]}
    problem = assert_problem(shared.http.get("/api/v1/explain", params=query), 404, "not_found")
    assert "nobody" in problem["detail"]


def test_another_method_is_405_and_says_which_is_allowed(shared: Platform) -> None:
    answer = shared.http.get("/webhooks/github")
    assert_problem(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "POST"


@pytest.mark.parametrize(
    "given",
    [{"content-type": "text/plain"}, {}, {**JSON, "content-encoding": "gzip"}],
    ids=["text", "none", "compressed"],
)
def test_another_media_type_is_415(shared: Platform, given: dict[str, str]) -> None:
    answer = shared.http.post("/webhook/trigger/worker", content=b"{}", headers=given)
    assert answer.status_code == 415
    assert answer.json()["code"] in ("unsupported_media_type", "unsupported_encoding")


def test_a_body_that_says_it_is_too_large_is_413_at_once(shared: Platform) -> None:
    """Only the head is sent: whoever waited for the body would not answer."""
    head = b"POST /webhooks/github HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000000\r\n\r\n"
    assert b" 413 " in _spoken(shared, head).partition(b"\r\n")[0]


def test_a_body_that_does_not_say_its_size_is_413_while_it_streams(shared: Platform) -> None:
    """The chunk that says that the body has ended is never sent."""
    head = b"POST /webhook/trigger/worker HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    answer = _spoken(shared, head + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 17)
    assert b" 413 " in answer.partition(b"\r\n")[0]


def test_a_body_at_the_limit_is_taken(shared: Platform) -> None:
    limit = 1024 * 1024
    frame = len(b'{"payload":{"text":""}}')
    body = b'{"payload":{"text":"' + b"x" * (limit - frame) + b'"}}'
    assert shared.http.post("/webhook/trigger/worker", content=body, headers=JSON).status_code == 202
    assert shared.http.post("/webhook/trigger/worker", content=body + b" ", headers=JSON).status_code == 413


def test_a_large_payload_comes_whole_to_the_agent(shared: Platform) -> None:
    execution = shared.run("measuring", {"text": "y" * 500_000})
    assert execution["result"] == {"characters": 500_000}


def test_a_page_from_elsewhere_in_a_browser_is_403(shared: Platform) -> None:
    answer = shared.http.post("/webhook/trigger/worker", json={}, headers={"origin": "https://evil.example"})
    assert_problem(answer, 403, "foreign_origin")


def test_a_name_that_points_to_loopback_is_403(shared: Platform) -> None:
    answer = shared.http.get("/api/v1/signals", headers={"host": "evil.example"})
    assert_problem(answer, 403, "foreign_host")


def test_a_flood_is_429_and_says_when_to_come_again(make: Make) -> None:
    platform = make(settings={"REVEILLE_RATE_LIMIT": "5/second"}).start()
    answers = [platform.http.post("/webhook/trigger/worker", json={}) for _ in range(30)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(refused) >= 10
    assert_problem(refused[0], 429, "too_many_requests")
    assert all(int(answer.headers["retry-after"]) >= 1 for answer in refused)
    assert platform.http.get("/healthz").status_code == 200


def test_a_door_without_a_secret_is_closed_off_loopback(make: Make) -> None:
    platform = make(settings={"REVEILLE_HOST": "0.0.0.0", "REVEILLE_ADMIN_KEY": ADMIN}).start()
    payload, loopback = github.pull_request(), platform.url.replace("0.0.0.0", "127.0.0.1")
    with httpx.Client(base_url=loopback) as http:
        assert_problem(github.deliver(http, payload), 403, "door_closed")
        assert_problem(http.post("/webhook/trigger/worker", json={}), 401, "missing_credential")
        assert_problem(http.get("/api/v1/signals"), 401, "missing_credential")
        assert http.get("/healthz").status_code == 200


def test_a_door_with_a_secret_is_open_off_loopback(make: Make) -> None:
    settings = {"REVEILLE_HOST": "0.0.0.0", "REVEILLE_GITHUB_SECRET": github.SECRET, "REVEILLE_ADMIN_KEY": ADMIN}
    platform = make(settings=settings).start()
    with httpx.Client(base_url=platform.url.replace("0.0.0.0", "127.0.0.1")) as http:
        receipt = github.accepted(http, github.pull_request())
        path, query = f"/api/v1/signals/{receipt['signal_id']}", {"wait_for": receipt["position"]}
        signal = http.get(path, params=query, headers={"authorization": f"Bearer {ADMIN}"})
        assert signal.json()["verified"] is True


def test_a_door_without_a_secret_trusts_loopback_and_marks_the_signal(make: Make) -> None:
    platform = make().start()
    receipt = github.accepted(platform.http, github.pull_request())
    signal = platform.get(f"/api/v1/signals/{receipt['signal_id']}", wait_for=receipt["position"])
    assert signal["verified"] is False


def test_what_is_no_http_is_answered_and_harms_nobody(shared: Platform) -> None:
    assert _spoken(shared, b"\x16\x03\x01 this is no HTTP\r\n\r\n").startswith(b"HTTP/1.1 400")
    assert shared.get("/healthz") == {"status": "ok"}


def _spoken(platform: Platform, text: bytes) -> bytes:
    """What is answered to the bytes as they are."""
    host, _, port = platform.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(text)
        return connection.recv(4096)
