"""Plans by blueprints of one's own: lists, conditions, failures, late results, undoing, rules, models."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Make
from tests.e2e.parties import Party, accepted
from tests.e2e.provider import Provider
from tests.e2e.running import Platform, until

FLEET = """
version: 1
defaults: {budget: {tokens: 100_000, per_run: 100}, retries: {attempts: 2, backoff: 50ms}}
agents:
  teller: {skill: "planned:tell", instances: {max: 10}}
  lister: {skill: "planned:list_words"}
  failing: {skill: "planned:fail"}
  waiting: {skill: "planned:wait_for_file", instances: {max: 5}}
  undoer: {skill: "planned:undo"}
blueprints:
  - blueprint: shop
    title: A shop
    required: [shelves, sum]
    facts: [guests, budget]
    money: {from: [shelves]}
    steps:
      shelves: {agent: lister, category: {words: [shelves]}, compensate: undoer}
      each: {agent: teller, needs: [shelves], for_each: shelves.words}
      sum: {agent: teller, always: true, needs: [each], compensate: undoer}
      crowd: {agent: teller, when: "has(facts.guests) && facts.guests > 10", reads: [guests]}
  - blueprint: kitchen
    title: A kitchen
    required: [bread, soup]
    facts: []
    steps:
      bread: {agent: failing, category: {words: [bread]}, retries: {attempts: 3, backoff: 50ms}}
      sandwich: {agent: teller, category: {words: [sandwich]}, needs: [bread]}
      salad: {agent: teller, category: {words: [salad]}, after: [bread]}
      soup: {agent: waiting, category: {words: [soup]}}
      toast: {agent: failing, category: {words: [toast]}, optional: true}
      spoon: {agent: teller, category: {words: [spoon]}, after: [soup]}
rules:
  - {name: alarms, on: {source: custom, kind: shop.opened}, start: {blueprint: shop, prompt: "shelves: first second"}}
sources:
  shop: {scheme: token, header: X-Token, fields: {kind: "=shop.opened"}}
"""


@pytest.fixture(scope="module")
def platform(make_for_module: Make, tmp_path_factory: pytest.TempPathFactory) -> Platform:
    folder = tmp_path_factory.mktemp("plans")
    (folder / "fleet.yaml").write_text(FLEET)
    running: Platform = make_for_module(folder, fleet=folder / "fleet.yaml")
    return running.start()


class Plan(Party):
    """The general API over any blueprint."""

    def begin(self, blueprint: str, *texts: str, **more: Any) -> "Plan":
        inputs = [{"content": text, "input_id": f"i{number}"} for number, text in enumerate(texts)]
        body = {"blueprint": blueprint, "execution_id": self.id, "inputs": inputs, **more}
        accepted(self.post("/api/v1/executions", body))
        return self

    def settled(self) -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            execution = self.execution()
            return execution if execution["settled"] else None

        return until(look, f"plan {self.id} settles")

    def steps(self) -> dict[str, dict[str, Any]]:
        return {step["name"]: step for step in self.settled()["steps"]}


def test_a_list_is_done_each_by_itself_and_only_what_is_new_runs(platform: Platform) -> None:
    plan = Plan(platform).begin("shop", "shelves: red green")
    steps = plan.steps()
    assert plan.ran() == {"shelves": 1, "each[red]": 1, "each[green]": 1, "sum": 1}
    assert steps["each[red]"]["result"]["item"] == "red"
    assert [one["item"] for one in steps["sum"]["result"]["results"]["each"]] == ["red", "green"]
    accepted(plan.change(add=[{"content": "shelves: red blue"}], remove=["i0"]))
    steps = plan.steps()
    assert plan.ran() == {"shelves": 1, "each[blue]": 1, "sum": 1}
    assert steps["each[green]"]["status"] == "removed"
    assert [one["item"] for one in steps["sum"]["result"]["results"]["each"]] == ["red", "blue"]


def test_a_condition_brings_a_step_in_and_takes_it_out(platform: Platform) -> None:
    plan = Plan(platform).begin("shop", "shelves: red", parameters={"guests": 12})
    assert plan.steps()["crowd"]["result"]["facts"] == {"guests": 12}
    accepted(plan.change(add=[{"content": "only 5 guests", "input_id": "few"}]))
    assert plan.steps()["crowd"]["status"] == "removed"
    accepted(plan.change(remove=["few"]))
    assert plan.steps()["crowd"]["status"] == "done"


def test_an_agent_that_fails_is_tried_again_then_told_with_what_it_blocks_and_the_rest_goes_on(
    platform: Platform, tmp_path: Path
) -> None:
    (tmp_path / "go").touch()
    wishes = ("bread", "sandwich", "salad", f"soup: {tmp_path / 'go'}", "toast")
    plan = Plan(platform).begin("kitchen", *wishes)
    execution = plan.settled()
    steps = plan.steps()
    statuses = {name: step["status"] for name, step in steps.items()}
    assert statuses == {
        "bread": "failed",
        "sandwich": "skipped",
        "salad": "done",
        "soup": "done",
        "toast": "failed",
    }
    assert (steps["bread"]["attempt"], steps["toast"]["attempt"]) == (3, 2)
    assert execution["status"] == "failed"
    failures = {one["step"]: one for one in execution["plan"]["failures"]}
    assert failures["bread"]["blocks"] == ["sandwich"]
    assert "the oven is broken" in failures["bread"]["reason"]
    assert steps["salad"]["result"]["results"] == {}
    accepted(plan.change(remove=["i0", "i1"]))
    assert plan.settled()["status"] == "waiting"


def test_a_late_result_is_recorded_and_never_used(platform: Platform, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    before = len(platform.effects("began", "soup"))
    plan = Plan(platform).begin("kitchen", f"soup: {first}", "spoon")
    until(lambda: len(platform.effects("began", "soup")) == before + 1, "the soup is cooked")
    accepted(plan.change(add=[{"content": f"soup: {second}"}], remove=["i0"]))
    until(lambda: len(platform.effects("began", "soup")) == before + 2, "another soup is cooked")
    first.touch()
    second.touch()
    steps = plan.steps()
    assert steps["soup"]["result"] == {"file": str(second)}
    assert steps["spoon"]["result"]["results"] == {"soup": {"file": str(second)}}
    assert steps["spoon"]["attempt"] == 1
    types = [event["type"].rpartition(".")[2] for event in plan.events()]
    assert types.count("StepRevoked") == 1
    # Its agent had been told to stop; what its run came to is in the log, and is not the step's.
    until(lambda: "ResultDiscarded" in [one["type"].rpartition(".")[2] for one in plan.events()], "it has ended")


def test_what_was_done_is_undone_when_its_plan_is_cancelled(platform: Platform) -> None:
    plan = Plan(platform).begin("shop", "shelves: red")
    done = plan.steps()
    answer = platform.http.post(f"{platform.url}/api/v1/executions/{plan.id}/cancel", json={"reason": "closed"})
    assert answer.status_code == 202
    until(lambda: plan.execution()["status"] == "cancelled", "it is cancelled")
    undone = [one["undoes"] for one in platform.effects("undone") if one["run"] in _runs(plan)]
    assert undone == [done["sum"]["result"], done["shelves"]["result"]]


def test_a_rule_begins_a_plan_and_people_go_on_with_it(platform: Platform) -> None:
    body, headers = json.dumps({"x": 1}), {"content-type": "application/json"}
    answer = platform.http.post(f"{platform.url}/webhooks/custom/shop", content=body, headers=headers)
    assert answer.status_code == 202, answer.text
    (found,) = until(
        lambda: platform.get("/api/v1/executions", signal_id=answer.json()["signal_id"])["items"], "it has begun"
    )
    plan = Plan(platform, id=found["id"])
    execution = plan.settled()
    assert (execution["blueprint"], execution["cause"]["rule"]) == ("shop", "alarms")
    assert set(plan.ran()) == {"shelves", "each[first]", "each[second]", "sum"}
    (prompt,) = execution["inputs"]
    accepted(plan.change(add=[{"content": "shelves: third"}], remove=[prompt["input_id"]]))
    assert {"each[third]"} <= {name for name, step in plan.steps().items() if step["status"] == "done"}
    assert plan.steps()["each[first]"]["status"] == "removed"


def test_a_plan_of_an_unknown_blueprint_or_with_unknown_facts_is_refused(platform: Platform) -> None:
    plan = Plan(platform)
    answer = plan.post("/api/v1/executions", {"blueprint": "shop", "parameters": {"colour": "red"}})
    assert answer.status_code == 422
    assert plan.post("/api/v1/executions", {"blueprint": "nowhere"}).status_code == 404


def _runs(plan: Plan) -> set[str]:
    return {step["run_id"] for step in plan.execution()["steps"]}


@pytest.fixture
def provider() -> Iterator[Provider]:
    one = Provider()
    yield one
    one.close()


def test_a_model_is_asked_about_what_is_not_clear_and_its_tokens_are_settled(
    make: Make, provider: Provider, tmp_path: Path
) -> None:
    provider.answer = json.dumps({"1": [{"category": "vendor", "confidence": 0.9}]})
    fleet = tmp_path / "asking.yaml"
    fleet.write_text(
        "version: 1\nagents:\n"
        "  input-classifier: {skill: 'reveille.agents.classifying:classify', model: auto,"
        " budget: {tokens: 50_000, per_run: 3_000}}\n"
    )
    platform = make(tmp_path, fleet=fleet, settings={"OPENAI_BASE_URL": f"{provider.url}/v1"}).start()
    party = Party(platform)
    accepted(party.start("somebody who swallows swords"))
    until(lambda: "vendor_agent" in party.settled()["agent_results"], "the vendor is found")
    assert len(provider.asked) == 1
    (one,) = party.settled()["inputs"]
    assert one["categories"] == ["vendor"]
    accounts: list[Mapping[str, Any]] = platform.get("/api/v1/budgets")["items"]
    assert next(one["used"] for one in accounts if one["scope"] == "agent:input-classifier") > 0
