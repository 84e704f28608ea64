"""The figures of /status and /metrics, reckoned from what the owners say."""

from dataclasses import replace
from typing import Any

from reveille.adapters.prometheus import text_of
from reveille.contracts.agent_runner.v1.queries_pb2 import (
    AgentView,
    ListAgentsResponse,
    ListUsageResponse,
    UsageView,
)
from reveille.contracts.budget.v1.queries_pb2 import AccountView, ListAccountsResponse
from reveille.contracts.ingress.v1.events_pb2 import (
    Agent,
    AgentBudget,
    Blueprint,
    BlueprintStep,
    Limits,
    ModelPrice,
    Rule,
)
from reveille.ingress.domain.efficiency import window, would_poll
from reveille.ingress.entrypoints.http.figures import Figures
from reveille.ingress.entrypoints.http.metrics import tenant_samples
from reveille.kernel.fleet import Fleet

TODAY, BEFORE = "2026-11-21", "2026-11-20"
FLEET = Fleet(
    revision=1,
    agents={name: Agent(name=name, budget=AgentBudget(tokens=1000)) for name in ("a", "b")},
    limits=Limits(
        currency="USD",
        per_million_tokens=10.0,
        models=[ModelPrice(model="big", input=3.0, output=15.0)],
        poll_every_ms=15_000,
        tokens_per_poll=150,
    ),
)
USAGE = ListUsageResponse(
    items=[
        UsageView(agent="a", model="big", input_tokens=1_000, output_tokens=200),
        UsageView(agent="a", model='od"d', input_tokens=50, output_tokens=50),
        UsageView(agent="b", other_tokens=300),
    ]
)
HOUR = 3_600_000_000
PLAN = Blueprint(name="plan", steps=[BlueprintStep(name="s", agent="a"), BlueprintStep(name="t", compensate="c")])
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


def figures(
    agents: object = AGENTS,
    accounts: object = ACCOUNTS,
    usage: object = USAGE,
    fleet: Fleet = FLEET,
    elapsed: int = HOUR,
) -> Figures:
    return Figures(agents=agents, accounts=accounts, usage=usage, fleet=fleet, today=TODAY, uptime=1.5, elapsed=elapsed)


def fleet_with(**limits: Any) -> Fleet:
    return replace(FLEET, limits=Limits(**limits))


def test_tokens_left_are_todays_and_a_new_day_begins_full() -> None:
    assert [agent["tokensLeft"] for agent in figures().of_agents()] == [900, 1000]


def test_states_are_counted_and_those_without_an_agent_are_nought() -> None:
    assert figures().by_state() == {"active": 0, "dormant": 1, "processing": 1, "hibernating": 0}


def test_pending_are_runs_in_a_queue_and_reservations_that_wait() -> None:
    assert figures().pending == 3


def test_the_cost_is_what_the_last_day_used_at_each_models_price_and_the_rest_at_the_common_one() -> None:
    big = (1_000 * 3.0 + 200 * 15.0) / 1_000_000
    assert figures().daily_cost == round(big + 400 * 10.0 / 1_000_000, 6)


def test_without_a_price_for_all_of_it_there_is_no_cost() -> None:
    assert figures(fleet=Fleet()).daily_cost is None
    models = [ModelPrice(model="big", input=3.0, output=15.0)]
    assert figures(fleet=fleet_with(currency="USD", models=models)).daily_cost is None
    only_big = ListUsageResponse(items=USAGE.items[:1])
    assert figures(fleet=fleet_with(currency="USD", models=models), usage=only_big).daily_cost == 0.006


def test_what_is_saved_is_what_polling_would_have_used_and_waking_has_not() -> None:
    """Two agents, 240 polls each, 150 tokens a poll: 72,000, of which 1,600 were used."""
    assert figures().saved_percentage == round(100 * (1 - 1_600 / 72_000), 2)


def test_whoever_used_more_than_polling_would_have_is_told_so() -> None:
    assert figures(elapsed=15_000_000).saved_percentage == round(100 * (1 - 1_600 / 300), 2)


def test_without_a_baseline_or_before_the_first_poll_nobody_can_say_what_is_saved() -> None:
    assert figures(fleet=fleet_with(currency="USD")).saved_percentage is None
    assert figures(elapsed=14_999_999).saved_percentage is None
    assert figures(fleet=replace(FLEET, agents={})).saved_percentage is None


def test_the_last_day_is_the_current_hour_and_the_23_before_it() -> None:
    assert window(100 * HOUR) == window(101 * HOUR - 1) == 77 * HOUR


def test_what_cannot_be_asked_is_not_known() -> None:
    silent = figures(agents=None, accounts=None, usage=None)
    assert silent.saved_percentage is None
    assert (silent.of_agents(), silent.tokens_used, silent.pending, silent.daily_cost) == ([], None, None, None)
    assert [agent["tokensLeft"] for agent in figures(accounts=None).of_agents()] == [None, None]


def test_prometheus_gets_base_units_and_bounded_labels() -> None:
    lines = text_of([("ingress", tenant_samples("t", figures()))]).splitlines()
    ours = 'service="ingress",tenant="t"'
    for line in (
        f'reveille_agents{{{ours},state="processing"}} 1',
        f'reveille_agents{{{ours},state="hibernating"}} 0',
        f'reveille_agent_tokens_total{{{ours},agent="a"}} 300',
        f"reveille_runs_queued{{{ours}}} 2",
        f"reveille_reservations_waiting{{{ours}}} 1",
        f"reveille_pending_triggers{{{ours}}} 3",
        f'reveille_agent_tokens_left{{{ours},agent="a"}} 900',
        f'reveille_last_day_tokens{{{ours},agent="a",model="big",part="output"}} 200',
        f'reveille_last_day_tokens{{{ours},agent="a",model="od\\"d",part="input"}} 50',
        f'reveille_last_day_tokens{{{ours},agent="b",model="unknown",part="other"}} 300',
        f"reveille_tokens_saved_ratio{{{ours}}} 0.9778",
    ):
        assert line in lines
    (cost,) = [line for line in lines if line.startswith(f'reveille_last_day_cost{{{ours},currency="USD"}}')]
    assert float(cost.rpartition(" ")[2]) == figures().daily_cost


def test_accounts_are_summed_by_kind_those_of_today_and_of_executions() -> None:
    accounts = ListAccountsResponse(
        items=[
            *ACCOUNTS.items,
            AccountView(scope="execution", limit=500, reserved=100, used=50, left=350),
            AccountView(scope="execution", reserved=7),
            AccountView(scope="agent:c", period=TODAY, limit=10, reserved=4, left=6),
        ]
    )
    lines = text_of([("ingress", tenant_samples("t", figures(accounts=accounts)))]).splitlines()
    told = [line.removeprefix("reveille_account_") for line in lines if line.startswith("reveille_account_")]
    wanted = {"tenant": (5000, 0, 120, 4880), "agent": (1010, 4, 100, 906), "execution": (500, 107, 50, 350)}
    assert sorted(told) == sorted(
        f'{part}_tokens{{service="ingress",tenant="t",account="{kind}"}} {value}'
        for kind, values in wanted.items()
        for part, value in zip(("limit", "reserved", "used", "left"), values, strict=True)
    )


def test_what_cannot_be_asked_has_no_sample() -> None:
    assert tenant_samples("t", figures(agents=None, accounts=None, usage=None)) == []


def test_agents_whom_plans_alone_give_work_would_not_have_polled() -> None:
    agents = {name: Agent(name=name) for name in ("a", "b", "c", "input-classifier")}
    assert would_poll(Fleet(agents=agents)) == 4
    assert would_poll(Fleet(agents=agents, blueprints={"plan": PLAN})) == 1
    woken = {"r": Rule(name="r", wake="c")}
    assert would_poll(Fleet(agents=agents, blueprints={"plan": PLAN}, rules=woken)) == 2
