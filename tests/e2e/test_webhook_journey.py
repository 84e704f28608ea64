"""A pull request's webhook wakes the reviewer through five services, and everybody can see how."""

import hashlib
import hmac
from pathlib import Path
from typing import Any

import pytest

from deploy.native.ports import free_ports
from tests.e2e import github
from tests.e2e.conftest import Make
from tests.e2e.running import Platform, until

OWNERS = {
    "fleet": "ingress",
    "signal": "ingress",
    "watch": "analyzer",
    "execution": "planner",
    "ledger": "budget",
    "agent": "agent-runner",
    "run": "agent-runner",
}


@pytest.fixture(scope="module")
def reviewed(shared: Platform) -> dict[str, Any]:
    """The execution of one pull request, completed."""
    return shared.ended(github.accepted(shared.http, github.pull_request()), agent="reviewer")


def signal_of(execution: dict[str, Any]) -> str:
    return str(execution["cause"]["signal_ids"][0])


def test_the_signature_is_the_one_that_github_documents() -> None:
    known = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    assert github.signature(b"Hello, World!") == known
    assert hmac.new(github.SECRET.encode(), b"Hello, World!", hashlib.sha256).hexdigest() in known


def test_a_signed_pull_request_leads_to_findings(reviewed: dict[str, Any]) -> None:
    assert reviewed["status"] == "completed"
    rules = {finding["rule"] for finding in reviewed["result"]["findings"]}
    assert {"vague-title", "no-description", "not-read"} <= rules
    assert reviewed["cause"]["rule"] == "review-pull-requests"


def test_the_execution_tells_its_step_and_what_it_used(reviewed: dict[str, Any]) -> None:
    (step,) = reviewed["steps"]
    assert (step["agent"], step["status"], step["attempt"], step["error"]) == ("reviewer", "done", 1, None)
    assert 0 < step["tokens"]["used"] == reviewed["tokens_used"] < 3_000
    assert step["tokens"]["reserved"] == 0
    assert reviewed["started_at"] <= step["started_at"] <= step["ended_at"] <= reviewed["ended_at"]


def test_an_execution_is_found_by_status_agent_and_signal(shared: Platform, reviewed: dict[str, Any]) -> None:
    def ids(**query: str) -> set[str]:
        return {item["id"] for item in shared.get("/api/v1/executions", **query)["items"]}

    signal = signal_of(reviewed)
    assert ids(signal_id=signal) == {reviewed["id"]}
    # The list is filtered by a view, which may be behind the stream that says how the execution stands.
    until(lambda: reviewed["id"] in ids(status="completed", agent="reviewer"), "it is listed as completed")
    assert reviewed["id"] not in ids(status="failed")
    assert reviewed["id"] not in ids(agent="worker")
    assert shared.get(f"/api/v1/executions/{reviewed['id']}") == reviewed


def test_the_signal_is_told_as_it_was_normalised(shared: Platform, reviewed: dict[str, Any]) -> None:
    signal = shared.get(f"/api/v1/signals/{signal_of(reviewed)}")
    assert (signal["source"], signal["kind"], signal["means"]) == ("github", "pull_request.opened", "change.opened")
    assert (signal["actor"], signal["repository"], signal["number"]) == ("ada", "acme/app", 12)
    assert (signal["ref"], signal["base_ref"], signal["labels"]) == ("exporter", "main", {"export": "true"})
    assert signal["paths"] is None
    assert signal["verified"] is True
    assert signal["hop"] == 0


def test_lists_go_on_where_their_cursor_says(shared: Platform) -> None:
    ids = [shared.trigger("worker")["signal_id"] for _ in range(5)]
    newest = shared.trigger("worker")
    first = shared.get("/api/v1/signals", source="trigger", limit=3, wait_for=newest["position"])
    second = shared.get("/api/v1/signals", source="trigger", limit=3, cursor=first["next"])
    seen = [item["id"] for item in [*first["items"], *second["items"]]]
    assert seen == [newest["signal_id"], *reversed(ids)][:6]


def test_the_chain_of_causes_leads_back_to_the_webhook(shared: Platform, reviewed: dict[str, Any]) -> None:
    events = shared.get(f"/api/v1/executions/{reviewed['id']}/causes")["items"]
    services = {event["service"] for event in events}
    assert services == {"ingress", "analyzer", "planner", "budget", "agent-runner"}
    ids = {event["id"] for event in events}
    roots = [event["type"].rpartition(".")[2] for event in events if event["causation_id"] not in ids]
    assert roots == ["SignalReceived"]
    assert len({event["trace_id"] for event in events}) == 1


def test_why_an_agent_woke_can_be_asked(shared: Platform, reviewed: dict[str, Any]) -> None:
    told = shared.get("/api/v1/explain", signal=signal_of(reviewed), agent="reviewer")
    assert (told["woke"], told["reason"], told["rule"]) == (True, "woke", "review-pull-requests")
    assert told["execution_id"] == reviewed["id"]


@pytest.mark.parametrize(
    ("payload", "event", "agent", "reason", "rule"),
    [
        (github.issue_comment("ada", "hello"), "issue_comment", "reviewer", "kind", "review-pull-requests"),
        (github.pull_request(draft=True), "pull_request", "reviewer", "where", "review-pull-requests"),
        (github.pull_request(base={"ref": "release"}), "pull_request", "reviewer", "where", "review-pull-requests"),
        (github.push("src/app.py"), "push", "librarian", "paths", "documentation"),
        (github.pull_request(), "pull_request", "worker", "no_rule", ""),
    ],
    ids=["kind", "draft", "base", "paths", "no rule"],
)
def test_why_an_agent_did_not_wake_can_be_asked(
    shared: Platform, payload: dict[str, Any], event: str, agent: str, reason: str, rule: str
) -> None:
    receipt = github.accepted(shared.http, payload, event=event)
    told = shared.explain(receipt, agent)
    assert (told["woke"], told["reason"], told["rule"] or "") == (False, reason, rule)
    assert told["detail"]
    assert shared.executions(receipt, agent=agent) == []


def test_a_kind_that_no_rule_knows_is_kept(shared: Platform) -> None:
    answer = github.deliver(shared.http, {"action": "deleted", "sender": {"login": "ada"}}, event="brand_new_event")
    assert answer.status_code == 202
    signal = shared.get(f"/api/v1/signals/{answer.json()['signal_id']}", wait_for=answer.json()["position"])
    assert (signal["kind"], signal["means"]) == ("brand_new_event.deleted", "other")


def test_a_chain_of_an_agents_own_acts_is_broken(shared: Platform) -> None:
    """The robot may wake on its own act once; on the act that follows from it, no more."""
    first = github.accepted(shared.http, github.issue_comment("ada", "please look"), event="issue_comment")
    assert shared.ended(first, agent="robot")["status"] == "completed"
    second = github.accepted(shared.http, github.issue_comment("acme-robot[bot]", "looked"), event="issue_comment")
    assert shared.ended(second, agent="robot")["status"] == "completed"
    third = github.accepted(shared.http, github.issue_comment("acme-robot[bot]", "again"), event="issue_comment")
    told = until(lambda: _said(shared, third, "robot", "loop"), "the chain is broken")
    assert told["woke"] is False
    assert shared.executions(third, agent="robot") == []


def test_a_mark_of_a_run_carries_the_chain_on(shared: Platform) -> None:
    run = shared.run("worker")["steps"][0]["run_id"]
    comment = github.issue_comment("ada", f"done\n\nReveille-Run: {run}")
    marked = github.accepted(shared.http, comment, event="issue_comment")
    signal = shared.get(f"/api/v1/signals/{marked['signal_id']}", wait_for=marked["position"])
    assert signal["hop"] == 1


def test_one_reads_ones_own_write(shared: Platform) -> None:
    for _ in range(20):
        written = shared.trigger("worker")
        signal, position = written["signal_id"], written["position"]
        listed = shared.get("/api/v1/signals", limit=1, wait_for=position)["items"]
        assert listed[0]["id"] == signal
        found = shared.http.get(f"/api/v1/signals/{signal}", params={"wait_for": position})
        assert found.status_code == 200


def test_waiting_for_what_is_not_written_yet_ends_with_503(shared: Platform) -> None:
    answer = shared.http.get("/api/v1/signals", params={"wait_for": 10**15, "timeout": 0.05})
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) >= 1


def test_budgets_show_what_was_used_and_nothing_reserved(shared: Platform, reviewed: dict[str, Any]) -> None:
    def settled() -> dict[str, Any] | None:
        accounts = {item["scope"]: item for item in shared.get("/api/v1/budgets")["items"]}
        return accounts if accounts["agent:reviewer"]["reserved"] == 0 else None

    accounts = until(settled, "the reservation is settled")
    account = accounts["agent:reviewer"]
    assert account["used"] >= reviewed["tokens_used"] > 0
    assert account["left"] == account["limit"] - account["used"]
    assert "tenant" in accounts


def test_status_tells_of_all_services_and_agents(shared: Platform) -> None:
    status = shared.get("/status")
    assert status["status"] == "ok"
    assert status["mode"] == shared.mode
    assert set(status["services"]) == {"ingress", "analyzer", "planner", "budget", "agent-runner"}
    assert set(status["services"].values()) == {"serving"}
    assert {"reviewer", "worker"} <= {agent["id"] for agent in status["agents"]}


def test_metrics_are_json_by_default(shared: Platform, reviewed: dict[str, Any]) -> None:
    metrics = shared.get("/metrics")
    agents = metrics["agents"]
    assert agents["total"] == sum(agents[state] for state in ("active", "dormant", "processing", "hibernating"))
    reviewer = next(state for state in agents["states"] if state["id"] == "reviewer")
    assert reviewer["tokensUsed"] >= reviewed["tokens_used"]
    assert reviewer["lastWake"] is not None
    assert metrics["system"]["totalTokenUsage"] >= reviewed["tokens_used"]
    assert metrics["system"]["memory"]["rssMb"] > 1


def test_metrics_are_prometheus_text_for_who_accepts_it(shared: Platform, reviewed: dict[str, Any]) -> None:
    answer = shared.http.get("/metrics", headers={"accept": "text/plain;version=0.0.4"})
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    samples = dict(line.rsplit(" ", 1) for line in answer.text.splitlines() if line and not line.startswith("#"))
    assert float(samples['reveille_http_requests_total{service="ingress",door="github",status="202"}']) >= 1
    of_reviewer = 'reveille_agent_tokens_total{service="ingress",tenant="default",agent="reviewer"}'
    assert float(samples[of_reviewer]) >= reviewed["tokens_used"]
    assert all(float(value) >= 0 for value in samples.values())


def test_the_api_describes_itself(shared: Platform) -> None:
    page = shared.http.get("/docs")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "/openapi.json" in page.text
    assert "://" not in page.text  # it loads nothing from elsewhere
    paths = shared.get("/openapi.json")["paths"]
    assert {"/api/v1/executions", "/api/v1/signals", "/api/v1/explain", "/api/v1/budgets", "/status"} <= set(paths)


def test_the_same_application_answers_on_all_three_ports(make: Make) -> None:
    ports = {"REVEILLE_AGENT_PORT": str(free_ports()), "REVEILLE_WEBHOOK_PORT": str(free_ports())}
    platform = make(settings=ports).start()
    for port in ports.values():
        assert platform.http.get(f"http://127.0.0.1:{port}/healthz").json() == {"status": "ok"}


def test_each_service_writes_only_its_own_streams(make: Make, tmp_path: Path) -> None:
    platform = make(tmp_path, settings={"REVEILLE_GITHUB_SECRET": github.SECRET}).start()
    platform.ended(github.accepted(platform.http, github.pull_request()), agent="reviewer")
    platform.run("unlucky", {"failures": 1})
    platform.run("asking", {"input": 100})
    platform.stop()
    events = platform.log()
    assert {event.owner for event in events} == set(OWNERS.values())
    assert [event for event in events if OWNERS[event.category] != event.owner] == []


def _said(platform: Platform, receipt: dict[str, Any], agent: str, reason: str) -> dict[str, Any] | None:
    told = platform.explain(receipt, agent)
    return told if told["reason"] == reason else None
