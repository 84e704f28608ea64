"""An agent hands work on: the other one wakes once, with the note, the signals and one more hop."""

from typing import Any

import pytest

from tests.e2e.conftest import Make
from tests.e2e.running import Platform, until

FLEET = """
version: 1
defaults: {retries: {attempts: 2, backoff: 1ms}}
agents:
  giver: {skill: "effectful:hand_on", capabilities: [triage]}
  taker: {skill: "effectful:take_over", capabilities: [review]}
  shy: {skill: "effectful:take_over", max_hops: 0}
"""


@pytest.fixture(scope="module")
def platform(make_for_module: Make, tmp_path_factory: pytest.TempPathFactory) -> Platform:
    folder = tmp_path_factory.mktemp("handing-on")
    (folder / "fleet.yaml").write_text(FLEET)
    running: Platform = make_for_module(folder, fleet=folder / "fleet.yaml")
    return running.start()


def handed(platform: Platform, name: str, *, to: str = "taker", **more: Any) -> dict[str, Any]:
    receipt = platform.trigger("giver", {"name": name, "to": to, "note": "yours", **more})
    return {**receipt, "giver": platform.ended(receipt, agent="giver")}


def test_the_other_agent_wakes_with_the_note_and_the_signals(platform: Platform) -> None:
    told = handed(platform, "first")
    execution = platform.ended(told, agent="taker")
    assert execution["result"] == {
        "by": "giver", "note": "yours", "payload": {"name": "first"}, "priority": "high",
        "signals": [told["signal_id"]],
    }  # fmt: skip
    assert told["giver"]["result"]["agents"]["taker"] == ["review"]
    assert platform.explain(told, "taker")["woke"] is True


def test_a_retry_of_the_giver_wakes_the_other_one_once(platform: Platform) -> None:
    told = handed(platform, "retried", failures=1)
    assert told["giver"]["steps"][0]["attempt"] == 2
    platform.ended(told, agent="taker")
    again = handed(platform, "afterwards")
    platform.ended(again, agent="taker")
    assert len(platform.executions(told, agent="taker")) == 1
    assert len(platform.effects("took over", "retried")) == 1


def test_work_that_is_handed_on_is_one_hop_further(platform: Platform) -> None:
    told = handed(platform, "too far", to="shy")
    answer = until(lambda: _decided(platform, told), "it was decided")
    assert (answer["woke"], answer["reason"]) == (False, "loop")


def test_an_agent_that_the_fleet_has_not_cannot_be_given_work(platform: Platform) -> None:
    told = handed(platform, "nobody", to="nobody")
    assert told["giver"]["status"] == "failed"
    assert "work for 'nobody' cannot be handed on, expected one of" in told["giver"]["steps"][0]["error"]


def _decided(platform: Platform, told: dict[str, Any]) -> dict[str, Any] | None:
    answer = platform.explain(told, "shy")
    return answer if answer["reason"] == "loop" else None
