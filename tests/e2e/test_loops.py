"""Two agents that answer each other's comments come to an end by themselves; a person is always heard."""

from typing import Any

import pytest

from tests.e2e import github
from tests.e2e.acts import until_at_rest
from tests.e2e.conftest import Make
from tests.e2e.running import Platform, until

FLEET = """
version: 1
defaults: {max_hops: 3, cooldown: 1ms}
agents:
  ping: {skill: "effectful:comment", identities: ["ping[bot]"]}
  pong: {skill: "effectful:comment", identities: ["pong[bot]"]}
rules:
  - name: answer-others-as-ping
    on: {means: comment.created}
    where: 'signal.actor != "ping[bot]"'
    wake: ping
  - name: answer-others-as-pong
    on: {means: comment.created}
    where: 'signal.actor != "pong[bot]"'
    wake: pong
"""


@pytest.fixture(scope="module")
def platform(make_for_module: Make, tmp_path_factory: pytest.TempPathFactory) -> Platform:
    folder = tmp_path_factory.mktemp("loops")
    (folder / "fleet.yaml").write_text(FLEET)
    running: Platform = make_for_module(folder, fleet=folder / "fleet.yaml").start()
    (folder / "url").write_text(running.url)
    return running


def suppressed(platform: Platform) -> list[Any]:
    return [event.message for event in platform.log() if event.name == "TriggerSuppressed"]


def comment_by_a_person(platform: Platform, *, ends: int) -> dict[str, Any]:
    """Returns when all that follows from it is over: each of the two chains that it begins ends by a suppression."""
    told = github.accepted(platform.http, github.issue_comment("ada", "look at this"), event="issue_comment")
    until(lambda: len(suppressed(platform)) >= ends, "both chains were broken")
    until_at_rest(platform)
    return told


def test_the_ping_pong_of_two_agents_ends_and_a_person_wakes_them_again(platform: Platform) -> None:
    first = comment_by_a_person(platform, ends=2)
    for agent in ("ping", "pong"):
        told = platform.explain(first, agent)
        assert (told["woke"], told["reason"]) == (True, "woke")
    signals = platform.get("/api/v1/signals", limit=100)["items"]
    hops = {signal["id"]: signal["hop"] for signal in signals}
    assert max(hops.values()) == 4
    assert {hops[one.signal_ids[0]] for one in suppressed(platform)} == {4}
    for one in suppressed(platform):
        receipt = {"signal_id": one.signal_ids[0], "position": platform.log()[-1].position}
        told = platform.explain(receipt, one.agent)
        assert (told["woke"], told["reason"]) == (False, "loop")
        assert "at most 3 wake" in told["detail"]
    acts = len(platform.effects("commented"))
    second = comment_by_a_person(platform, ends=4)
    assert platform.explain(second, "ping")["woke"] is True
    assert len(platform.effects("commented")) > acts
