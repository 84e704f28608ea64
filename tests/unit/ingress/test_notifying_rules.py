"""Which events a notification is about, what an answer means, and when to try again."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reveille.contracts.agent_runner.v1.events_pb2 import (
    FAILURE_CANCELLED,
    AgentThinking,
    RunCompleted,
    RunFailed,
    RunStarted,
    ToolCalled,
    Work,
)
from reveille.contracts.ingress.v1.events_pb2 import Notification
from reveille.contracts.planner.v1.events_pb2 import (
    DepartmentCompleted,
    ExecutionStarted,
    PlanUpdated,
    QualityChecked,
    WorkReviewed,
)
from reveille.ingress.domain.live.moments import TYPES
from reveille.ingress.domain.notifying import (
    DEFAULT_TYPES,
    LONGEST_PAUSE,
    WATCHED,
    Told,
    Verdict,
    asked_pause,
    matches,
    may_match,
    pause,
    verdict,
)
from reveille.ingress.domain.webhook_signing import signature
from tests.unit.manual_clock import NOON

ENDED = Told(type="agent-complete", agent="a", department="story", blueprint="film-scene", status="failed")


def wanting(**fields: Any) -> Notification:
    return Notification(name="n", url="http://h", **fields)


def test_every_live_event_can_be_told() -> None:
    assert set(WATCHED.values()) == set(TYPES)
    assert set(TYPES) - DEFAULT_TYPES == {"agent-thinking"}


def test_a_notification_that_names_nothing_is_about_all_but_thoughts() -> None:
    assert matches(wanting(), ENDED)
    assert not matches(wanting(), Told(type="agent-thinking", agent="", department="", blueprint="", status=""))
    assert not may_match(wanting(), AgentThinking(run_id="r"))
    assert may_match(wanting(types=["agent-thinking"]), AgentThinking(run_id="r"))


FITTING: dict[str, list[str]] = {
    "types": ["tool-call", "agent-complete"],
    "agents": ["b", "a"],
    "departments": ["story"],
    "blueprints": ["film-scene"],
    "statuses": ["cancelled", "failed"],
}


@pytest.mark.parametrize("key", FITTING)
def test_everything_that_is_named_must_fit(key: str) -> None:
    assert matches(wanting(**FITTING), ENDED)
    assert matches(wanting(**{key: FITTING[key]}), ENDED)
    assert not matches(wanting(**{**FITTING, key: ["other"]}), ENDED)


WORK = Work(run_id="r", execution_id="e", agent="a")


@pytest.mark.parametrize(
    ("fields", "event", "may"),
    [
        ({"agents": ["a"]}, RunStarted(work=WORK), True),
        ({"agents": ["b"]}, RunStarted(work=WORK), False),
        ({"statuses": ["failed"]}, RunCompleted(work=WORK), False),
        ({"statuses": ["completed"]}, RunCompleted(work=WORK), True),
        ({"statuses": ["cancelled"]}, RunFailed(work=WORK, reason=FAILURE_CANCELLED), True),
        ({"statuses": ["completed"]}, RunFailed(work=WORK), False),
        ({"blueprints": ["party"]}, ExecutionStarted(blueprint="party"), True),
        ({"blueprints": ["party"]}, ExecutionStarted(), False),
        # It does not say whose it is: that is looked up.
        ({"agents": ["b"], "blueprints": ["party"]}, ToolCalled(run_id="r"), True),
        ({"departments": ["story"]}, QualityChecked(department="visual"), False),
        ({"statuses": ["partial"]}, DepartmentCompleted(department="story", status="partial"), True),
        ({"statuses": ["revise"]}, WorkReviewed(department="story", status="approved"), False),
        ({}, PlanUpdated(status="failed"), True),
        ({}, PlanUpdated(status="running"), False),
    ],
)
def test_what_an_event_says_itself_is_enough_to_leave_it_out(fields: Any, event: Any, may: bool) -> None:
    assert may_match(wanting(**fields), event) is may


@pytest.mark.parametrize(
    ("status", "means"),
    [
        *((status, Verdict.DELIVERED) for status in (200, 202, 204, 299)),
        *((status, Verdict.AGAIN) for status in (0, 408, 425, 429, 500, 502, 599)),
        *((status, Verdict.REFUSED) for status in (301, 304, 400, 401, 404, 410, 422)),
    ],
)
def test_an_answer_says_whether_to_try_again(status: int, means: Verdict) -> None:
    assert verdict(status) is means


@given(st.uuids(), st.integers(1, 20), st.integers(1, 3_600_000), st.floats(0, 1e9))
def test_a_pause_is_about_twice_the_one_before_and_never_longer_than_the_longest(
    id: Any, attempts: int, backoff_ms: int, asked: float
) -> None:
    base = backoff_ms / 1000 * 2 ** (attempts - 1)
    waits = pause(str(id), attempts, backoff_ms, 0)
    assert min(base, LONGEST_PAUSE) <= waits <= min(base * 1.5, LONGEST_PAUSE)
    assert waits == pause(str(id), attempts, backoff_ms, 0)
    assert pause(str(id), attempts, backoff_ms, asked) == min(max(waits, asked), LONGEST_PAUSE)


def test_what_has_failed_together_is_not_tried_together() -> None:
    assert len({pause(f"id-{number}", 1, 5_000, 0) for number in range(100)}) > 90


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("", 0),
        ("120", 120),
        (" 7 ", 7),
        ("-1", 0),
        ("soon", 0),
        ("99999999999", 0),
        ("Sat, 21 Nov 2026 12:01:00 GMT", 60),
        ("Sat, 21 Nov 2026 11:00:00 GMT", 0),
    ],
)
def test_a_receiver_may_say_when_to_come_again(told: str, seconds: float) -> None:
    assert datetime.fromtimestamp(NOON / 1e6, UTC).isoformat() == "2026-11-21T12:00:00+00:00"
    assert asked_pause(told, NOON) == seconds


def test_a_webhook_is_signed_as_the_specification_has_it() -> None:
    """Its own example."""
    import base64

    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    told = signature([key], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert told == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert signature([key, b"other"], "i", 1, b"").count("v1,") == 2
    assert signature([], "i", 1, b"") == ""
