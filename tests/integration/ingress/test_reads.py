"""The read API, the probes, and what they say when others do not answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.integration.ingress.conftest import House, Open

FIELDS = {
    "id", "tenant", "source", "kind", "means", "actor", "repository", "ref", "base_ref", "number", "title", "paths",
    "labels", "draft", "conclusion", "severity", "summary", "url", "verified", "hop", "correlation_id", "received_at",
    "position",
}  # fmt: skip


async def received(house: House, count: int) -> list[dict[str, Any]]:
    answers = []
    for number in range(count):
        body = house.pull_request(title=f"Change {number}")
        headers = house.signed(body, delivery=f"d-{number}")
        answers.append((await house.client.post("/webhooks/github", content=body, headers=headers)).json())
    return answers


async def test_a_reader_sees_its_own_write(house: House) -> None:
    (told,) = await received(house, 1)
    url = f"/api/v1/signals/{told['signal_id']}"
    signal = (await house.client.get(url, params={"wait_for": told["position"]})).json()
    assert set(signal) >= FIELDS
    assert (signal["id"], signal["position"]) == (told["signal_id"], told["position"])
    assert (signal["repository"], signal["base_ref"], signal["number"]) == ("acme/app", "main", 7)
    assert (signal["paths"], signal["labels"]) == (None, {"perf": "true"})


async def test_a_position_that_does_not_come_is_unavailable(house: House) -> None:
    answer = await house.client.get("/api/v1/signals", params={"wait_for": 10**9, "timeout": 0.05})
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"


@pytest.mark.parametrize("id", ["nothing", "0198a0a0-0000-7000-8000-000000000000"])
async def test_a_signal_that_is_not_there_is_not_found(house: House, id: str) -> None:
    answer = await house.client.get(f"/api/v1/signals/{id}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert id in answer.json()["detail"]


async def test_a_list_is_read_page_by_page_newest_first(house: House) -> None:
    told = await received(house, 5)
    await house.caught_up()
    seen: list[str] = []
    cursor = None
    for _ in range(3):
        params = {"limit": 2, **({"cursor": cursor} if cursor else {})}
        page = (await house.client.get("/api/v1/signals", params=params)).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
    assert cursor is None
    assert seen == [one["signal_id"] for one in reversed(told)]


async def test_a_list_can_be_narrowed(house: House) -> None:
    await received(house, 1)
    await house.client.post("/webhook/system/boot")
    await house.caught_up()
    for params, kinds in (
        ({"source": "system"}, ["boot"]),
        ({"kind": "pull_request.opened"}, ["pull_request.opened"]),
        ({"source": "system", "kind": "none"}, []),
    ):
        page = (await house.client.get("/api/v1/signals", params=params)).json()
        assert [item["kind"] for item in page["items"]] == kinds


@pytest.mark.parametrize("cursor", ["1", "AAAA", "Zm9v" * 10, "%%"])
async def test_a_cursor_that_was_made_up_is_refused(house: House, cursor: str) -> None:
    answer = await house.client.get("/api/v1/signals", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_cursor")


async def test_a_cursor_of_one_list_is_none_of_another(house: House) -> None:
    await received(house, 2)
    await house.caught_up()
    cursor = (await house.client.get("/api/v1/signals", params={"limit": 1})).json()["next"]
    answer = await house.client.get("/api/v1/executions", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_cursor")


@pytest.mark.parametrize("params", [{"limit": 0}, {"limit": 501}, {"limit": "x"}, {"wait_for": -1}, {"timeout": 31}])
async def test_a_parameter_out_of_bounds_is_named(house: House, params: dict[str, Any]) -> None:
    answer = await house.client.get("/api/v1/signals", params=params)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert [error["path"] for error in answer.json()["errors"]] == list(params)


@pytest.mark.parametrize("path", ["executions", "executions/x", "agents", "budgets"])
async def test_a_service_that_does_not_answer_is_unavailable(house: House, path: str) -> None:
    answer = await house.client.get(f"/api/v1/{path}", params={"timeout": 0.2})
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert "retry-after" in answer.headers


async def test_an_unknown_page_is_a_problem_with_the_trace(house: House) -> None:
    trace = "00-" + "c" * 32 + "-" + "d" * 16 + "-01"
    answer = await house.client.get("/nothing", headers={"traceparent": trace})
    problem = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert (problem["instance"], problem["trace_id"], problem["code"]) == ("/nothing", "c" * 32, "not_found")


async def test_a_fault_of_ours_shows_nothing_of_itself(house: House, caplog: pytest.LogCaptureFixture) -> None:
    app = house.client._transport.app.app  # type: ignore[attr-defined]

    @app.get("/broken")
    async def broken() -> None:
        raise RuntimeError("secret inside")

    answer = await house.client.get("/broken")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "secret inside" not in answer.text
    assert "secret inside" in caplog.text


async def test_the_fleet_in_force_is_shown(house: House) -> None:
    fleet = (await house.client.get("/api/v1/fleet")).json()
    assert {agent["name"] for agent in fleet["agents"]} >= {"claude-code-cli", "cursor-ide-agent"}
    assert [rule["name"] for rule in fleet["rules"]][:2] == ["review-pull-requests", "review-pushes"]
    assert fleet["limits"]["tenant_tokens"] == 200_000


async def test_status_says_who_is_there_and_who_is_not(house: House) -> None:
    status = (await house.client.get("/status")).json()
    assert (status["status"], status["mode"]) == ("degraded", "embedded")
    assert status["services"] == {
        "ingress": "serving",
        "analyzer": "unreachable",
        "planner": "unreachable",
        "budget": "unreachable",
        "agent-runner": "unreachable",
    }


async def test_metrics_are_json_by_default_and_leave_out_what_is_not_known(house: House) -> None:
    metrics = (await house.client.get("/metrics")).json()
    assert set(metrics) == {"agents", "system", "efficiency"}
    assert metrics["efficiency"] == {
        "tokensSavedPercentage": None,
        "estimatedDailyCost": None,
        "currency": "USD",
    }
    assert metrics["system"]["totalTokenUsage"] is None
    assert metrics["system"]["memory"]["rssMb"] > 1


async def test_metrics_for_prometheus_count_answers_by_door(house: House) -> None:
    await received(house, 2)
    await house.client.post("/webhooks/github", content=b"{}", headers=house.signed(b"no"))
    text = (await house.client.get("/metrics", headers={"accept": "text/plain"})).text
    assert 'reveille_http_requests_total{service="ingress",door="github",status="202"} 2' in text
    assert 'reveille_http_requests_total{service="ingress",door="github",status="401"} 1' in text


async def test_it_is_ready_until_it_shuts_down(house: House) -> None:
    assert (await house.client.get("/readyz")).status_code == 200
    await house.ingress.service.drain(0)
    answer = await house.client.get("/readyz")
    assert (answer.status_code, answer.json()["reasons"]) == (503, ["it is shutting down"])
    assert (await house.client.get("/healthz")).status_code == 200


async def test_off_loopback_whoever_reads_says_who_he_is_and_may_use_any_name_of_it(open_house: Open) -> None:
    elsewhere = await open_house(host="0.0.0.0", admin_key=b"a" * 32)
    headers = {"host": "reveille.example"}
    for path in ("/api/v1/signals", "/status", "/metrics"):
        nobody = await elsewhere.client.get(path, headers=headers)
        assert (nobody.status_code, nobody.json()["code"]) == (401, "missing_credential")
    headers["authorization"] = f"Bearer {'a' * 32}"
    assert (await elsewhere.client.get("/api/v1/signals", headers=headers)).status_code == 200


async def test_the_views_are_the_same_when_they_are_built_again(house: House) -> None:
    await received(house, 3)
    await house.caught_up()
    before = (await house.client.get("/api/v1/signals")).json()
    follower = house.ingress.service.follower
    await follower.clear()
    await follower.catch_up()
    assert (await house.client.get("/api/v1/signals")).json() == before
