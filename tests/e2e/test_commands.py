"""The commands that ask a running platform: tables for people, JSON for programs, one line where nothing runs."""

import json
from typing import Any

import pytest

from deploy.native.ports import free_ports
from reveille.ingress.application.agent_catalogue import CATALOGUE
from tests.e2e import github
from tests.e2e.running import Platform, reveille, until


@pytest.fixture(scope="module")
def execution(shared: Platform) -> dict[str, Any]:
    return shared.ended(github.accepted(shared.http, github.pull_request()), agent="reviewer")


def said(platform: Platform, *arguments: str) -> str:
    ended = reveille(*arguments, "--url", platform.url)
    assert (ended.returncode, ended.stderr) == (0, "")
    return ended.stdout


def told(platform: Platform, *arguments: str) -> Any:
    return json.loads(said(platform, *arguments, "--json"))


def test_trigger_wakes_and_tells_a_repetition_apart(shared: Platform) -> None:
    command = ("trigger", "worker", "--payload", '{"name": "by command"}', "--id", "command-1")
    receipt = told(shared, *command)
    assert "was woken by this before" in said(shared, *command)
    shared.ended(receipt)
    assert len(shared.effects("acted", "by command")) == 1


def test_status_lists_the_services(shared: Platform) -> None:
    assert told(shared, "status")["services"]["agent-runner"] == "serving"
    text = said(shared, "status")
    assert text.startswith("ok, version ")
    assert text.count("serving") == 5


def test_agents_lists_the_agents(shared: Platform, execution: dict[str, Any]) -> None:
    (reviewer,) = [agent for agent in told(shared, "agents")["items"] if agent["id"] == "reviewer"]
    assert reviewer["wakes"] >= 1
    assert reviewer["why"] == execution["id"]
    (row,) = [line for line in said(shared, "agents").splitlines() if "reviewer" in line]
    assert "dormant" in row


def test_executions_lists_them_and_shows_one(shared: Platform, execution: dict[str, Any]) -> None:
    assert execution["id"] in {one["id"] for one in told(shared, "executions")["items"]}
    assert told(shared, "executions", execution["id"]) == execution
    assert execution["id"] in said(shared, "executions", "--status", "completed")
    text = said(shared, "executions", execution["id"])
    assert "reviewer" in text
    assert "vague-title" in text


def test_signals_lists_what_came_in(shared: Platform, execution: dict[str, Any]) -> None:
    id = execution["cause"]["signal_ids"][0]
    wanted = ("signals", "--source", "github", "--kind", "pull_request.opened", "--limit", "500")
    assert id in {one["id"] for one in told(shared, *wanted)["items"]}
    (row,) = [line for line in said(shared, *wanted).splitlines() if id in line]
    assert "pull_request.opened" in row
    assert "acme/app #12" in row
    assert said(shared, "signals", "--repository", "no/such") == "no signal is like that\n"


def test_why_prints_the_causes_as_a_tree(shared: Platform, execution: dict[str, Any]) -> None:
    events = told(shared, "why", execution["id"])["items"]
    lines = said(shared, "why", execution["id"]).splitlines()
    assert lines[0] == events[0]["trace_id"]
    assert len(lines) == len(events) + 1
    assert "ingress SignalReceived github pull_request.opened in acme/app #12 by ada" in lines[1]
    # Each event stands deeper than its cause.
    depths = [len(line) - len(line.lstrip("│ ├└─")) for line in lines]
    assert depths[0] < depths[1] < depths[2] < depths[3]


def test_why_with_an_agent_tells_why_it_stayed_asleep(shared: Platform, execution: dict[str, Any]) -> None:
    signal = execution["cause"]["signal_ids"][0]
    assert told(shared, "why", signal, "--agent", "careful")["reason"] == "paths"
    assert "careful did not wake by rule only-known-paths: paths" in said(shared, "why", signal, "--agent", "careful")


def test_why_of_a_signal_tells_it_of_each_agent(shared: Platform, execution: dict[str, Any]) -> None:
    signal = execution["cause"]["signal_ids"][0]
    told_of = {one["agent"]: one for one in told(shared, "why", signal)["items"]}
    # Nobody asks of the agents of plans why they stayed asleep on a signal.
    names = {agent["name"] for agent in shared.get("/api/v1/fleet")["agents"]}
    assert names >= CATALOGUE.keys()
    assert told_of.keys() == names - CATALOGUE.keys()
    assert (told_of["reviewer"]["woke"], told_of["careful"]["reason"]) == (True, "paths")
    lines = said(shared, "why", signal).splitlines()
    assert len(lines) == len(told_of)
    assert any(line.startswith("careful did not wake by rule only-known-paths: paths (") for line in lines)


def test_what_an_account_is_called_is_shown_as_it_is(shared: Platform) -> None:
    comment = github.issue_comment("claude[bot]", "done [/bold]")
    receipt = github.accepted(shared.http, comment, event="issue_comment")
    execution = shared.ended(receipt)
    assert "by claude[bot] +" in said(shared, "why", execution["id"])


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("trigger", "nobody"), "404 Not Found: agent nobody is not in the fleet in force"),
        (("trigger", "worker", "--priority", "urgent"), "422 Unprocessable"),
        (("trigger", "worker", "--payload", "{"), "--payload is no JSON"),
        (("why", "no-such-execution"), "404 Not Found: there is no execution and no signal no-such-execution"),
        (("executions", "no-such-execution"), "404 Not Found"),
        (("executions", "cancel", "no-such-execution"), "404 Not Found"),
        (("executions", "--status", "asleep"), "status: it is 'asleep', expected one of planned, running, waiting"),
    ],
)
def test_what_the_platform_refuses_is_one_line(shared: Platform, command: tuple[str, ...], words: str) -> None:
    ended = reveille(*command, "--url", shared.url)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("reveille: ")
    assert words in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert ended.stderr.count(words) == 1


def test_where_nothing_runs_it_says_so_in_one_line() -> None:
    url = f"http://127.0.0.1:{free_ports()}"
    ended = reveille("status", "--url", url)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert f"no platform answers at {url}" in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_the_address_can_stand_in_the_environment(shared: Platform) -> None:
    ended = reveille("status", "--json", REVEILLE_URL=shared.url)
    assert json.loads(ended.stdout)["status"] == "ok"


def test_a_plan_is_stopped_once_with_the_reason_on_record(shared: Platform) -> None:
    begun = shared.http.post("/api/v1/executions", json={"blueprint": "party", "inputs": [{"content": "space theme"}]})
    plan = begun.json()["execution_id"]
    assert f"execution {plan} is being cancelled" in said(
        shared, "executions", "cancel", plan, "--reason", "nobody comes"
    )
    assert f"execution {plan} was cancelled before" in said(shared, "executions", "cancel", plan)
    found = until(lambda: _cancelled(shared, plan), "the plan is cancelled")
    assert "nobody comes" in found["detail"]


def _cancelled(platform: Platform, plan: str) -> dict[str, Any] | None:
    one = told(platform, "executions", plan)
    return one if one["status"] == "cancelled" else None
