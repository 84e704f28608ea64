"""The figures of /status and /metrics, reckoned from what the owners say."""

from reveille.contracts.agent_runner.v1.queries_pb2 import AgentView, ListAgentsResponse
from reveille.contracts.budget.v1.queries_pb2 import AccountView, ListAccountsResponse
from reveille.contracts.ingress.v1.events_pb2 import Agent, AgentBudget, Limits
from reveille.ingress.entrypoints.http.status import Figures
from reveille.kernel.fleet import Fleet

TODAY, BEFORE = "2026-11-21", "2026-11-20"
FLEET = Fleet(
    revision=1,
    agents={name: Agent(name=name, budget=AgentBudget(tokens=1000)) for name in ("a", "b")},
    limits=Limits(currency="USD", per_million_tokens=10.0),
)
AGENTS = ListAgentsResponse(
    items=[
        AgentView(id="a", state="processing", tokens_used=300, queued=2, why="e1"),
        AgentView(id="b", state="dormant", tokens_used=20),
    ]
)
ACCOUNTS = ListAccountsResponse(
    items=[
        AccountView(scope="tenant", period=BEFORE, limit=5000, used=200, left=4800),
        AccountView(scope="tenant", period=TODAY, limit=5000, used=120, left=4880),
        AccountView(scope="agent:a", period=TODAY, limit=1000, used=100, left=900),
        AccountView(scope="agent:b", period=BEFORE, limit=1000, used=900, left=100),
    ],
    waiting=1,
)


def figures(agents: object = AGENTS, accounts: object = ACCOUNTS, fleet: Fleet = FLEET) -> Figures:
    return Figures(agents=agents, accounts=accounts, fleet=fleet, today=TODAY, uptime=1.5)


def test_tokens_left_are_todays_and_a_new_day_begins_full() -> None:
    assert [agent["tokensLeft"] for agent in figures().of_agents()] == [900, 1000]


def test_states_are_counted_and_those_without_an_agent_are_nought() -> None:
    assert figures().by_state() == {"active": 0, "dormant": 1, "processing": 1, "hibernating": 0}


def test_pending_are_runs_in_a_queue_and_reservations_that_wait() -> None:
    assert figures().pending == 3


def test_the_cost_is_what_was_used_today_at_the_fleets_price() -> None:
    assert figures().daily_cost == 0.0012


def test_without_a_price_there_is_no_cost() -> None:
    assert figures(fleet=Fleet()).daily_cost is None


def test_what_cannot_be_asked_is_not_known() -> None:
    silent = figures(agents=None, accounts=None)
    assert (silent.of_agents(), silent.tokens_used, silent.pending, silent.daily_cost) == ([], None, None, None)
    assert [agent["tokensLeft"] for agent in figures(accounts=None).of_agents()] == [None, None]


def test_prometheus_gets_base_units_and_bounded_labels() -> None:
    text = figures().as_prometheus({("github", 202): 7})
    assert 'reveille_http_requests_total{door="github",status="202"} 7' in text
    assert 'reveille_agents{state="processing"} 1' in text
    assert 'reveille_agent_tokens_total{agent="a"} 300' in text
    assert "reveille_pending_triggers 3" in text
