"""What `reveille executions <id>` shows of a plan."""

import io
from typing import Any

from rich.console import Console

from reveille.cli.plans import plan_of

PLAN: dict[str, Any] = {
    "id": "ada-7",
    "blueprint": "party",
    "status": "waiting",
    "settled": True,
    "tokens_used": 1_200,
    "detail": None,
    "facts": {"guests": 75, "diet": {"vegan": 2, "nut allergy": None}},
    "inputs": [],
    "steps": [],
    "plan": {"completion_percent": 40, "next_steps": ["Which cake [if any]?"]},
    "budget": {"by_step": {}, "total_budget": {"min": 0, "max": 0}, "limit": None, "over_by": 0, "driver": None},
}


def shown(width: int = 200, **fields: Any) -> list[str]:
    out = io.StringIO()
    console = Console(file=out, width=width, highlight=False)
    for part in plan_of({**PLAN, **fields}):
        console.print(part, soft_wrap=isinstance(part, str))
    return [" ".join(line.split()) for line in out.getvalue().splitlines() if line.strip()]


def step(name: str, **fields: Any) -> dict[str, Any]:
    empty = {"agent": f"{name}-agent", "status": "done", "attempt": 1, "money": None, "result": None, "error": None}
    return {"name": name, **empty, "changed": [], **fields}


def test_a_plan_says_how_it_stands_what_it_knows_and_what_it_asks() -> None:
    assert shown() == [
        "plan ada-7 of party: waiting, 40 % complete, 1,200 tokens",
        "facts: guests 75, diet (vegan 2, nut allergy)",
        "next: Which cake [if any]?",
    ]


def test_a_plan_that_goes_on_or_was_cancelled_says_so() -> None:
    assert shown(settled=False)[0].endswith("40 % complete, and goes on, 1,200 tokens")
    assert shown(status="cancelled", detail="the plan was cancelled: rain")[1] == "the plan was cancelled: rain"


def test_a_plan_that_the_planner_has_not_heard_of_is_shown() -> None:
    assert shown(plan=None, status="planned", facts=None, budget=None) == ["plan ada-7 of party: planned, 1,200 tokens"]


def test_an_input_is_shown_with_its_id_and_what_it_was_taken_for() -> None:
    one = {"input_id": "i-1", "content": "cake [big]", "tags": ["cake"], "added_by": "Ben", "categories": ["cake"]}
    two = {**one, "input_id": "i-2", "tags": [], "added_by": "", "categories": None}
    assert shown(inputs=[one, two])[3:5] == ["i-1 cake Ben cake [big] cake", "i-2 not read yet cake [big]"]


def test_a_step_is_shown_with_what_it_came_to_or_why_it_did_not() -> None:
    lines = shown(
        steps=[
            step("venue", result={"summary": "a barn"}, money={"min": 280, "max": 1500.5}),
            step("cake", status="failed", error="error: no oven"),
            step("music", status="ready", changed=["fact guests"]),
            step("list", result={"items": [1]}),
            step("gone", status="removed"),
        ]
    )
    assert [line for line in lines if "-agent" in line] == [
        "venue venue-agent done 1 280 to 1,500.50 a barn",
        "cake cake-agent failed 1 error: no oven",
        "music music-agent ready 1 again, for another fact guests",
        "list list-agent done 1",
    ]


def test_money_is_held_against_the_budget() -> None:
    counted = {"by_step": {"venue": {}}, "total_budget": {"min": 280, "max": 500}, "driver": "venue"}
    assert "costs 280 to 500" in shown(budget={**counted, "limit": None, "over_by": 0})
    assert "costs 280 to 500, within the budget of 800" in shown(budget={**counted, "limit": 800, "over_by": 0})
    told = "costs 280 to 500; over the budget of 400 by up to 100, most of all for venue"
    assert told in shown(budget={**counted, "limit": 400, "over_by": 100})


def draft(agent: str, **fields: Any) -> dict[str, Any]:
    placed = {"agent": agent, "department": "story", "role": "draft", "round": 1, "review": None}
    return {**step(f"story/{agent}"), **placed, **fields}


STORY: dict[str, Any] = {"name": "story", "relevance": 0.5, "status": "partial", "quality_score": 80, "started_at": "x"}
APPROVED: dict[str, Any] = {"status": "approved", "score": 80}
DRAFTS: list[dict[str, Any]] = [
    draft("plot-writer", result={"summary": "a night at sea " * 8}),
    draft("plot-writer", round=2, review=APPROVED, result={"summary": "a night on the rocks, told from the end"}),
    draft("dialogue-writer", status="failed", error="error: no words"),
]


def test_a_department_is_shown_with_the_latest_work_of_its_specialists() -> None:
    assert shown(departments=[STORY], steps=DRAFTS)[4:6] == [
        "story 50% partial 80 plot-writer 2 approved 80 a night on the rocks, told from the end",
        "dialogue-writer 1 failed error: no words",
    ]


def test_in_a_narrow_terminal_the_work_of_a_department_stands_by_itself() -> None:
    lines = shown(80, departments=[STORY], steps=DRAFTS)
    assert "story 50% partial 80 plot-writer 2 approved 80" in lines
    assert "plot-writer a night on the rocks, told from the end" in lines
    assert "dialogue-writer error: no words" in lines
