"""A person is asked whether an agent may exceed its budget, once: by API and by command, with a deadline."""

import json
from typing import Any

import httpx
import pytest

from tests.e2e.conftest import Make
from tests.e2e.running import Platform, reveille, until

FLEET = """
version: 1
defaults: {cooldown: 1s}
agents:
  asking:
    skill: "effectful:ask_model"
    budget: {tokens: 1_000, per_run: 600, when_spent: ask}
  hasty:
    skill: "effectful:ask_model"
    budget: {tokens: 1_000, per_run: 600, when_spent: ask, answer: 1s}
  blocked:
    skill: "effectful:wait_for_file"
    budget: {tokens: 1_000, per_run: 1_000, when_spent: ask}
  topping: {skill: "frugal:ask_for_more", budget: {tokens: 1_000, per_run: 300}}
  keeping: {skill: "frugal:spend_all", budget: {tokens: 10_000, per_run: 300}}
budgets:
  tenant: {tokens: 1_000_000}
"""
FIELDS = {"id", "execution_id", "step", "question", "risk", "cost", "deadline", "otherwise", "status"}
NOBODY = "00000000-0000-5000-8000-000000000000"


@pytest.fixture(scope="module")
def platform(make_for_module: Make, tmp_path_factory: pytest.TempPathFactory) -> Platform:
    folder = tmp_path_factory.mktemp("approvals")
    (folder / "fleet.yaml").write_text(FLEET)
    running: Platform = make_for_module(folder, fleet=folder / "fleet.yaml")
    return running.start()


def asked(platform: Platform, agent: str) -> dict[str, Any]:
    """An open question of this agent's, whose budget is spent by then."""
    account = platform.get("/api/v1/budgets")["items"]
    if not any(one["scope"] == f"agent:{agent}" and one["used"] > 400 for one in account):
        assert platform.run(agent, {"input": 500})["status"] == "completed"
    receipt = platform.trigger(agent, {"input": 500})
    (execution,) = until(lambda: platform.executions(receipt), "the execution is shown")
    return until(lambda: opened(platform, execution["id"]), "somebody is asked")


def opened(platform: Platform, execution: str) -> dict[str, Any] | None:
    found = platform.get("/api/v1/approvals", execution_id=execution, status="open")["items"]
    return found[0] if found else None


def execution_of(platform: Platform, approval: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = platform.get(f"/api/v1/executions/{approval['execution_id']}")
    return found


def ended(platform: Platform, approval: dict[str, Any]) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        execution = execution_of(platform, approval)
        return execution if execution["status"] in ("completed", "failed") else None

    return until(look, "the execution has ended")


def decide(platform: Platform, id: str, **body: Any) -> httpx.Response:
    return platform.http.post(f"{platform.url}/api/v1/approvals/{id}", json=body)


def test_what_is_approved_runs_and_the_limit_is_exceeded_by_just_what_was_missing(platform: Platform) -> None:
    approval = asked(platform, "asking")
    assert set(approval) >= FIELDS
    assert (approval["cost"], approval["otherwise"], approval["risk"]) == (600, "reject", "low")
    assert "asking needs 600 tokens for step wake, and agent:asking@" in approval["question"]
    execution = execution_of(platform, approval)
    (step,) = execution["steps"]
    assert (execution["status"], step["status"]) == ("waiting", "waiting_approval")
    assert [one["id"] for one in execution["approvals"]] == [approval["id"]]

    answer = decide(platform, approval["id"], decision="approve", comment="for once")
    assert answer.status_code == 202
    told = answer.json()
    assert (told["approval_id"], told["decision"], told["duplicate"]) == (approval["id"], "approve", False)
    assert ended(platform, approval)["status"] == "completed"
    (closed,) = execution_of(platform, approval)["approvals"]
    assert closed["status"] == "approved"
    assert platform.get(f"/api/v1/approvals/{approval['id']}")["comment"] == "for once"
    (account,) = [one for one in platform.get("/api/v1/budgets")["items"] if one["scope"] == "agent:asking"]
    assert account["limit"] > 1_000

    again = decide(platform, approval["id"], decision="approve")
    assert (again.status_code, again.json()) == (200, {**told, "duplicate": True})
    other = decide(platform, approval["id"], decision="reject")
    assert (other.status_code, other.json()["code"]) == (409, "already_decided")


def test_the_answer_stands_in_the_chain_of_causes(platform: Platform) -> None:
    approval = asked(platform, "asking")
    assert decide(platform, approval["id"], decision="approve").status_code == 202
    position = ended(platform, approval)["position"]
    causes = platform.get(f"/api/v1/executions/{approval['execution_id']}/causes", wait_for=position)["items"]
    names = [one["type"].rpartition(".")[2] for one in causes]
    wanted = ["ReservationDeferred", "ApprovalRequested", "ApprovalDecided", "ApprovalResolved", "LimitRaised"]
    places = [names.index(name) for name in wanted]
    assert places == sorted(places)
    assert len({one["trace_id"] for one in causes}) == 1


def test_what_is_refused_fails_in_the_words_of_who_refused(platform: Platform) -> None:
    approval = asked(platform, "asking")
    assert decide(platform, approval["id"], decision="reject", comment="not today").status_code == 202
    execution = ended(platform, approval)
    (step,) = execution["steps"]
    assert (execution["status"], step["error"]) == ("failed", "rejected: not today")
    until(lambda: platform.get("/api/v1/budgets")["waiting"] == 0, "nothing waits for it any more")


def test_what_nobody_answers_by_its_deadline_is_refused(platform: Platform) -> None:
    approval = asked(platform, "hasty")
    execution = ended(platform, approval)
    (step,) = execution["steps"]
    assert (execution["status"], step["error"]) == (
        "failed",
        "budget: nobody let it exceed its budget in time",
    )
    (closed,) = execution["approvals"]
    assert closed["status"] == "expired"
    late = decide(platform, approval["id"], decision="approve")
    assert (late.status_code, late.json()["code"]) == (409, "already_resolved")


def test_tokens_that_come_free_make_the_question_moot(
    platform: Platform, tmp_path_factory: pytest.TempPathFactory
) -> None:
    go = tmp_path_factory.mktemp("go") / "go"
    first, second = (platform.trigger("blocked", {"file": str(go), "name": name}) for name in ("first", "second"))
    until(
        lambda: [one for one in platform.get("/api/v1/approvals", status="open")["items"] if one["agent"] == "blocked"],
        "somebody is asked about one of the two",
    )
    go.touch()
    executions = [platform.ended(receipt) for receipt in (first, second)]
    assert [one["status"] for one in executions] == ["completed", "completed"]
    (closed,) = [approval for one in executions for approval in one["approvals"]]
    assert closed["status"] == "moot"
    late = decide(platform, closed["id"], decision="reject")
    assert (late.status_code, late.json()["code"]) == (409, "already_resolved")


def test_an_open_question_outlives_the_platform(platform: Platform) -> None:
    approval = asked(platform, "asking")
    platform.restart()
    assert platform.get(f"/api/v1/approvals/{approval['id']}") == approval
    assert decide(platform, approval["id"], decision="approve").status_code == 202
    assert ended(platform, approval)["status"] == "completed"


@pytest.mark.parametrize("id", [NOBODY, "nothing", "x" * 300])
def test_what_nobody_asks_cannot_be_answered(platform: Platform, id: str) -> None:
    assert decide(platform, id, decision="approve").status_code == 404
    assert platform.http.get(f"{platform.url}/api/v1/approvals/{id}").status_code == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"decision": "perhaps"}, 422),
        ({"decision": True}, 422),
        ({}, 422),
        ({"decision": "approve", "comment": 7}, 422),
        ({"decision": "approve", "comment": "x" * 3_000}, 422),
        ([], 400),
    ],
)
def test_an_answer_that_says_nothing_is_refused(platform: Platform, body: Any, status: int) -> None:
    answer = platform.http.post(f"{platform.url}/api/v1/approvals/{NOBODY}", json=body)
    assert answer.status_code == status, answer.text


def test_an_answer_that_is_no_json_is_refused(platform: Platform) -> None:
    url = f"{platform.url}/api/v1/approvals/{NOBODY}"
    assert platform.http.post(url, content=b"yes", headers={"content-type": "text/plain"}).status_code == 415
    assert platform.http.post(url, content=b"{", headers={"content-type": "application/json"}).status_code == 400


def test_approvals_are_listed_page_by_page_and_by_status(platform: Platform) -> None:
    approval = asked(platform, "asking")
    seen, cursor = [], None
    while True:
        page = platform.get("/api/v1/approvals", limit=1, **({"cursor": cursor} if cursor else {}))
        seen += [one["id"] for one in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen))
    assert approval["id"] in seen
    assert {one["status"] for one in platform.get("/api/v1/approvals", status="open")["items"]} == {"open"}
    wrong = platform.http.get(f"{platform.url}/api/v1/approvals", params={"status": "maybe"})
    assert wrong.status_code == 422
    assert wrong.json()["detail"] == ("status: it is 'maybe', expected one of open, approved, rejected, expired, moot")
    decide(platform, approval["id"], decision="reject")


def test_the_command_lists_approves_and_rejects(platform: Platform) -> None:
    def said(*arguments: str) -> str:
        done = reveille("approvals", *arguments, "--url", platform.url)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    first, second = asked(platform, "asking"), asked(platform, "asking")
    (row,) = [line for line in said().splitlines() if first["id"] in line]
    assert "asking" in row
    listed = json.loads(said("list", "--json"))["items"]
    assert {first["id"], second["id"]} <= {one["id"] for one in listed}
    approved = json.loads(said("approve", first["id"], "--comment", "for once", "--json"))
    assert (approved["decision"], approved["execution_id"]) == ("approve", first["execution_id"])
    assert "was approved before" in said("approve", first["id"])
    assert "was rejected" in said("reject", second["id"], "--comment", "enough")
    assert ended(platform, first)["status"] == "completed"
    assert ended(platform, second)["steps"][0]["error"] == "rejected: enough"
    assert "approved" in said("list", "--status", "all")
    refused = reveille("approvals", "reject", first["id"], "--url", platform.url)
    assert refused.returncode == 2
    assert "was decided before: approve" in refused.stderr


def test_a_run_that_asks_for_more_gets_it_where_its_budget_has_room(platform: Platform) -> None:
    execution = platform.run("topping", {"more": [100, 10_000, 50]})
    result = execution["result"]
    assert (result["before"], result["got"]) == (300, [True, False, True])
    assert result["left"] == 450 - result["used"]

    def settled() -> dict[str, Any] | None:
        (account,) = [one for one in platform.get("/api/v1/budgets")["items"] if one["scope"] == "agent:topping"]
        return account if account["reserved"] == 0 else None

    account = until(settled, "nothing is reserved for it any more")
    assert account["used"] == result["used"]


def test_a_run_whose_tokens_are_spent_ends_with_what_it_kept(platform: Platform) -> None:
    execution = platform.run("keeping", {})
    assert execution["status"] == "completed"
    assert execution["result"]["partial"] is True
    assert execution["result"]["calls"] >= 1
    assert execution["tokens_used"] <= 300
