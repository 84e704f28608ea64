"""What becomes of runs that fail: tried again, timed out, given up, and always told why."""

import pytest

from tests.e2e.running import Platform


def test_a_skill_that_raises_is_tried_again(shared: Platform) -> None:
    execution = shared.run("unlucky", {"failures": 2, "name": "third time lucky"})
    assert execution["status"] == "completed"
    assert execution["result"] == {"attempt": 3}
    assert [effect["attempt"] for effect in shared.effects("tried", "third time lucky")] == [1, 2, 3]


def test_a_skill_that_always_raises_fails_with_its_error(shared: Platform) -> None:
    execution = shared.run("unlucky", {"failures": 99, "name": "never lucky"})
    (step,) = execution["steps"]
    assert (execution["status"], step["status"], step["attempt"]) == ("failed", "failed", 3)
    assert step["error"] == "error: RuntimeError: attempt 3 was not to be"
    assert len(shared.effects("tried", "never lucky")) == 3


def test_a_run_ends_with_its_time(shared: Platform) -> None:
    execution = shared.run("endless", {"name": "too long"})
    assert execution["status"] == "failed"
    assert execution["steps"][0]["error"] == "timeout: no result within 0.1 s"
    assert len(shared.effects("began", "too long")) == 2


@pytest.mark.parametrize(
    ("agent", "attempts", "said"),
    [
        ("strange", 1, "the skill's result is not JSON: Object of type object is not JSON serializable"),
        ("lost", 1, "skill 'effectful:no_such_skill': module 'effectful' has no function 'no_such_skill'"),
    ],
)
def test_what_no_further_attempt_mends_is_not_tried_again(
    shared: Platform, agent: str, attempts: int, said: str
) -> None:
    (step,) = shared.run(agent)["steps"]
    assert (step["status"], step["attempt"]) == ("failed", attempts)
    assert said in step["error"]


def test_failed_attempts_hold_no_tokens(shared: Platform) -> None:
    shared.run("unlucky", {"failures": 99})
    later = shared.run("worker")
    accounts = {account["scope"]: account for account in shared.get("/api/v1/budgets")["items"]}
    assert later["status"] == "completed"
    assert accounts["agent:unlucky"]["reserved"] == 0
