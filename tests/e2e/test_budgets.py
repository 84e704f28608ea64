"""No run starts without its tokens: what is spent defers or drops, and what is left comes back."""

from typing import Any

import pytest

from tests.e2e.conftest import Make
from tests.e2e.running import Platform, until

FLEET = """
version: 1
agents:
  deferring: {skill: "effectful:ask_model", budget: {tokens: 1_000, per_run: 600, when_spent: defer}}
  dropping: {skill: "effectful:ask_model", budget: {tokens: 1_000, per_run: 600, when_spent: drop}}
  wealthy: {skill: "effectful:ask_model", budget: {tokens: 100_000, per_run: 600}}
  greedy: {skill: "effectful:ask_model", budget: {tokens: 100_000, per_run: 600}, retries: {attempts: 3, backoff: 1ms}}
  patient: {skill: "effectful:wait_for_file", budget: {tokens: 1_000, per_run: 1_000}}
budgets:
  tenant: {tokens: 1_000_000}
"""


@pytest.fixture(scope="module")
def platform(make_for_module: Make, tmp_path_factory: pytest.TempPathFactory) -> Platform:
    folder = tmp_path_factory.mktemp("budgets")
    (folder / "fleet.yaml").write_text(FLEET)
    running: Platform = make_for_module(folder, fleet=folder / "fleet.yaml")
    return running.start()


def accounts(platform: Platform) -> dict[str, dict[str, Any]]:
    return {item["scope"]: item for item in platform.get("/api/v1/budgets")["items"]}


def settled(platform: Platform, agent: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        account = accounts(platform)[f"agent:{agent}"]
        return account if account["reserved"] == 0 else None

    return until(look, f"nothing of {agent}'s is reserved any more")


def test_a_settlement_counts_what_was_used_and_releases_the_rest(platform: Platform) -> None:
    execution = platform.run("wealthy", {"input": 200})
    used = execution["result"]["used"]
    assert 200 <= used < 300
    assert execution["result"]["before"] == 600
    assert execution["result"]["after"] == 600 - used
    account = settled(platform, "wealthy")
    assert (account["used"], account["limit"], account["left"]) == (used, 100_000, 100_000 - used)


def test_what_does_not_fit_any_more_today_is_deferred_and_can_be_seen(platform: Platform) -> None:
    assert platform.run("deferring", {"input": 500})["status"] == "completed"
    receipt = platform.trigger("deferring", {"input": 500})
    until(lambda: platform.get("/api/v1/budgets")["waiting"] == 1, "the reservation waits")
    (execution,) = until(lambda: platform.executions(receipt), "the execution is shown")
    waiting = until(lambda: _waiting(platform, execution["id"]), "the step is shown to wait")
    assert waiting["steps"][0]["status"] == "waiting_tokens"
    assert "waits for tokens of agent:deferring@" in waiting["steps"][0]["error"]
    cause = until(lambda: _cause(platform, execution["id"], "ReservationDeferred"), "why it waits is shown")
    assert "600 tokens wait: agent:deferring@" in cause["summary"]
    assert platform.get("/metrics")["system"]["pendingTriggers"] == 1
    assert settled(platform, "deferring")["left"] < 600
    platform.restart()
    assert platform.get("/api/v1/budgets")["waiting"] == 1


def test_where_it_is_to_be_dropped_the_execution_fails_for_its_budget(platform: Platform) -> None:
    assert platform.run("dropping", {"input": 500})["status"] == "completed"
    execution = platform.run("dropping", {"input": 500})
    (step,) = execution["steps"]
    assert (execution["status"], step["status"]) == ("failed", "failed")
    assert step["error"].startswith("budget: 600 tokens asked of account agent:dropping@")


def test_one_agents_budget_is_none_of_anothers(platform: Platform) -> None:
    platform.run("dropping", {"input": 500})
    assert platform.run("wealthy", {"input": 100})["status"] == "completed"


def test_a_call_that_needs_more_than_is_left_is_never_made(platform: Platform) -> None:
    execution = platform.run("greedy", {"input": 500, "output": 200})
    (step,) = execution["steps"]
    assert (execution["status"], step["attempt"]) == ("failed", 1)
    assert step["error"] == "tokens: the call can use 700 tokens, the run has 600 left"
    assert execution["tokens_used"] == 0
    assert settled(platform, "greedy")["used"] == 0


def test_tokens_that_a_run_holds_make_the_next_one_wait_until_it_ends(
    platform: Platform, tmp_path_factory: pytest.TempPathFactory
) -> None:
    go = tmp_path_factory.mktemp("go") / "go"
    waiting = platform.get("/api/v1/budgets")["waiting"]
    receipts = [platform.trigger("patient", {"file": str(go), "name": name}) for name in ("first", "second")]
    until(lambda: platform.get("/api/v1/budgets")["waiting"] == waiting + 1, "one of the two waits")
    until(lambda: platform.effects("began"), "the other one runs")
    assert len(platform.effects("began")) == 1
    assert accounts(platform)["agent:patient"]["reserved"] == 1_000
    go.touch()
    assert [platform.ended(receipt)["status"] for receipt in receipts] == ["completed", "completed"]
    assert settled(platform, "patient")["used"] == 0


def test_the_tenants_account_holds_the_sum(platform: Platform) -> None:
    for agent in ("wealthy", "dropping"):
        platform.run(agent, {"input": 10})
        settled(platform, agent)
    found = accounts(platform)
    assert found["tenant"]["used"] == sum(one["used"] for scope, one in found.items() if scope.startswith("agent:"))


def _waiting(platform: Platform, execution: str) -> dict[str, Any] | None:
    found: dict[str, Any] = platform.get(f"/api/v1/executions/{execution}")
    return found if found["status"] == "waiting" else None


def _cause(platform: Platform, execution: str, name: str) -> dict[str, Any] | None:
    """An event of this type that the execution has led to."""
    found: list[dict[str, Any]] = platform.get(f"/api/v1/executions/{execution}/causes")["items"]
    return next((one for one in found if one["type"].endswith(f".{name}")), None)
