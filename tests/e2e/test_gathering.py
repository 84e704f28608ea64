"""What waits for a time when the process is killed comes when it is back: windows, cooldowns, silences and counts."""

from dataclasses import dataclass
from typing import Any

import pytest

from reveille.kernel.events import Recorded
from tests.e2e import github
from tests.e2e.conftest import Make
from tests.e2e.logged import named
from tests.e2e.running import Platform, until

# Long enough to be open still when the process is killed, on a machine that is busy with other things too.
FLEET = """
version: 1
agents:
  batching: {skill: "effectful:count_signals"}
  cooling: {skill: "effectful:count_signals"}
  counting: {skill: "effectful:count_signals"}
  missing: {skill: "effectful:count_signals"}
rules:
  - name: gather
    on: {source: github, kind: issues.opened}
    wake: batching
    batch: {by: repository, window: 8s, max: 20}
  - name: cool
    on: {source: github, kind: issue_comment.created}
    wake: cooling
    cooldown: {by: "repository, number", for: 8s}
  - name: count
    pattern: {on: {source: github, kind: issues.closed}, count: 3, within: 1h, by: repository}
    wake: counting
  - {name: silence, absence: {of: {source: github, kind: push}, for: 8s}, wake: missing}
"""
Receipt = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What was sent, what was explained before the kill and after everything woke, and the log in the end."""

    opened: list[Receipt]
    commented: list[Receipt]
    closed: list[Receipt]
    pushed: Receipt
    open_before: list[dict[str, Any]]
    cooling_before: dict[str, Any]
    opened_after: list[dict[str, Any]]
    commented_after: list[dict[str, Any]]
    killed_at: int
    log: list[Recorded]

    def of(self, name: str, agent: str = "") -> list[Recorded]:
        found = [event for event in self.log if event.type.endswith(f".{name}")]
        return [event for event in found if agent in ("", getattr(event.msg, "agent", ""))]


def issue(action: str) -> dict[str, Any]:
    return {**github.issue_comment("ada", ""), "action": action, "comment": None}


def send(platform: Platform, payload: dict[str, Any], event: str = "issues") -> Receipt:
    return github.accepted(platform.http, payload, event=event)


@pytest.fixture(scope="module")
def story(make_for_module: Make, tmp_path_factory: pytest.TempPathFactory) -> Story:
    folder = tmp_path_factory.mktemp("gathering")
    (folder / "fleet.yaml").write_text(FLEET)
    platform: Platform = make_for_module(folder, fleet=folder / "fleet.yaml").start()
    # A silence is counted from then on; a signal that came before would not set it anew.
    until(lambda: named(platform.log(), "PatternArmed"), "the rules are armed")
    closed = [send(platform, issue("closed")) for _ in range(2)]
    commented = [send(platform, github.issue_comment("ada", "look"), "issue_comment")]
    pushed = send(platform, github.push("src/app.py"), "push")
    opened = [send(platform, issue("opened")) for _ in range(3)]
    commented += [send(platform, github.issue_comment("ada", "and here"), "issue_comment") for _ in range(2)]
    platform.ended(commented[0], agent="cooling")
    open_before = [platform.explain(one, "batching") for one in opened]
    cooling_before = platform.explain(commented[-1], "cooling")
    platform.explain(pushed, "missing")
    killed_at = platform.log()[-1].position
    platform.kill()
    platform.start()
    closed.append(send(platform, issue("closed")))
    platform.ended(opened[0], agent="batching")
    platform.ended(commented[1], agent="cooling")
    platform.ended(closed[0], agent="counting")
    until(lambda: platform.get("/api/v1/executions", agent="missing", status="completed")["items"], "silence woke")
    opened_after = [platform.explain(one, "batching") for one in opened]
    commented_after = [platform.explain(one, "cooling") for one in commented]
    until(lambda: platform.is_in_views() and _is_asleep(platform), "all agents sleep")
    assert platform.stop() == 0
    return Story(
        opened=opened,
        commented=commented,
        closed=closed,
        pushed=pushed,
        open_before=open_before,
        cooling_before=cooling_before,
        opened_after=opened_after,
        commented_after=commented_after,
        killed_at=killed_at,
        log=platform.recorded(),
    )


def _is_asleep(platform: Platform) -> bool:
    return all(agent["state"] == "dormant" for agent in platform.get("/api/v1/agents")["items"])


def told(event: Recorded) -> Any:
    return event.msg


def ids(receipts: list[Receipt]) -> list[str]:
    return [one["signal_id"] for one in receipts]


def test_a_window_that_was_open_at_the_kill_wakes_once_with_every_signal(story: Story) -> None:
    (fired,) = story.of("TriggerFired", "batching")
    assert list(told(fired).signal_ids) == ids(story.opened)
    assert fired.position > story.killed_at
    (woken,) = [one for one in story.of("AgentWoken") if told(one).work.agent == "batching"]
    assert woken.position > fired.position


def test_it_closes_when_it_was_to_close_and_not_before(story: Story) -> None:
    (fired,) = story.of("TriggerFired", "batching")
    closes = {told(one).ready_at.ToMicroseconds() for one in story.of("TriggerGathered", "batching")}
    assert len(closes) == 1
    assert fired.meta.time >= closes.pop()


def test_explain_says_that_a_signal_is_batched_while_the_window_is_open_and_afterwards(story: Story) -> None:
    assert [(one["woke"], one["reason"]) for one in story.open_before] == [(False, "batched")] * 3
    (until_when,) = {one["until"] for one in story.open_before}
    assert until_when is not None
    first, *others = story.opened_after
    assert (first["woke"], first["reason"]) == (True, "woke")
    assert [(one["woke"], one["reason"]) for one in others] == [(True, "batched")] * 2
    assert {one["execution_id"] for one in others} == {first["execution_id"]}


def test_what_a_cooldown_held_at_the_kill_wakes_together_when_it_has_ended(story: Story) -> None:
    assert (story.cooling_before["woke"], story.cooling_before["reason"]) == (False, "cooldown")
    assert story.cooling_before["until"] is not None
    at_once, later = story.of("TriggerFired", "cooling")
    assert list(told(at_once).signal_ids) == ids(story.commented[:1])
    assert list(told(later).signal_ids) == ids(story.commented[1:])
    assert later.position > story.killed_at
    assert later.meta.time >= told(at_once).cooldown_until.ToMicroseconds()
    assert [one["woke"] for one in story.commented_after] == [True] * 3


def test_a_silence_is_counted_from_the_last_signal_on_through_the_kill(story: Story) -> None:
    (armed,) = [one for one in story.of("PatternArmed") if told(one).signal_id == story.pushed["signal_id"]]
    detected = [one for one in story.of("PatternDetected") if told(one).due == told(armed).due]
    assert len(detected) == 1
    assert detected[0].position > story.killed_at
    assert detected[0].meta.time >= told(armed).due.ToMicroseconds()
    woken = [one for one in story.of("TriggerFired", "missing") if one.position > story.killed_at]
    assert [told(one).trigger_id for one in woken] == [told(detected[0]).trigger_id]


def test_what_a_pattern_has_counted_is_not_forgotten(story: Story) -> None:
    (fired,) = story.of("TriggerFired", "counting")
    assert list(told(fired).signal_ids) == ids(story.closed)
