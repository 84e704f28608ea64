"""An agent as people see it."""

import pytest

from reveille.agent_runner.application.telling import told
from reveille.contracts.ingress.v1.events_pb2 import Agent
from tests.unit.manual_clock import NOON

AGENT = Agent(name="a", title="Reviewer", capabilities=["review"])


@pytest.mark.parametrize(
    ("row", "state"),
    [
        ({}, "dormant"),
        ({"running": 0, "queued": 0}, "dormant"),
        ({"running": 0, "queued": 1}, "dormant"),
        ({"running": 1, "started": 0}, "active"),
        ({"running": 2, "started": 1, "queued": 1}, "processing"),
        ({"running": 0, "started": 0, "hibernates": "budget"}, "hibernating"),
        ({"running": 1, "started": 1, "hibernates": "budget"}, "processing"),
    ],
)
def test_an_agents_state_follows_from_what_it_does(row: dict[str, int], state: str) -> None:
    assert told(AGENT, row).state == state


def test_an_agent_that_never_woke_has_no_last_wake() -> None:
    assert not told(AGENT, {}).HasField("last_wake")


def test_an_agent_says_when_and_for_what_it_woke_last() -> None:
    view = told(AGENT, {"last_wake": NOON + 5, "why": "e", "wakes": 3, "tokens_used": 70})
    assert (view.last_wake.ToMicroseconds(), view.why, view.wakes, view.tokens_used) == (NOON + 5, "e", 3, 70)


def test_an_agent_is_what_its_fleet_says() -> None:
    view = told(AGENT, {})
    assert (view.id, view.title, list(view.capabilities)) == ("a", "Reviewer", ["review"])


def test_work_that_waits_for_a_connection_is_seen() -> None:
    view = told(Agent(name="a", remote=True), {"queued": 3, "connections": 0})
    assert (view.remote, view.queued, view.connections) == (True, 3, 0)


def test_an_agent_that_hibernates_says_why_and_until_when() -> None:
    view = told(AGENT, {"hibernates": "budget", "until": NOON})
    assert (view.hibernates, view.until.ToMicroseconds()) == ("budget", NOON)
