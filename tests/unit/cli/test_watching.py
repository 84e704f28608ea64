"""What `executions watch` makes of live events: lines, and how the agents are."""

from io import StringIO
from typing import Any

import pytest
from rich.console import Console
from rich.text import Text

from reveille.agents.live import TYPES, LiveEvent
from reveille.agents.live_event import event_of
from reveille.cli.showing import one_line
from reveille.cli.watching_lines import COLOURS, gist, lasted, line_of, summary_of
from reveille.cli.watching_states import MOST_ROWS, States


def event(type: str, sequence: int = 1, **fields: Any) -> LiveEvent:
    common = {"executionId": "e", "agentId": "writer", "department": "story", "timestamp": "2026-11-21T10:00:00Z"}
    return event_of({"type": type, "sequence": sequence, **common, **fields})


GISTS: dict[str, tuple[dict[str, Any], str]] = {
    "orchestration-start": (
        {"blueprint": "film-scene", "complexity": "simple", "userPrompt": "a\nletter"},
        "film-scene, simple, a letter",
    ),
    "orchestration-complete": (
        {
            "status": "completed",
            "result": {"summary": "a scene"},
            "metrics": {"executionTime": 5120.0, "tokensUsed": 4870, "runs": 12, "qualityScore": 79.5},
        },
        "completed, 5.1 s, 12 runs, 4,870 tokens, quality 79.5: a scene",
    ),
    "department-start": ({"relevance": 0.9}, "relevance 0.90"),
    "department-complete": (
        {"status": "approved", "qualityScore": 81.0, "executionTime": 231.0, "outputs": {"writer": {}}},
        "approved, quality 81, 1 outputs, 231 ms",
    ),
    "agent-start": (
        {"step": "story/writer/2", "role": "draft", "round": 2, "attempt": 2},
        "story/writer/2, draft, round 2, attempt 2",
    ),
    "agent-thinking": ({"text": "looking", "dropped": 1200}, "looking (1,200 before it were too many to keep)"),
    "agent-complete": (
        {"status": "failed", "error": "no bakery", "tokensUsed": 3, "executionTime": 4.0},
        "failed, 4 ms, 3 tokens: no bakery",
    ),
    "tool-call": (
        {"toolName": "git.log", "arguments": {"limit": 5, "paths": ["a", "b"]}},
        "git.log(limit: 5, paths: 2 items)",
    ),
    "tool-result": (
        {"toolName": "git.log", "executionTime": 12.0, "result": {"$ref": "/x", "bytes": 9000, "preview": "[{"}},
        "git.log, 12 ms: 9,000 bytes: [{",
    ),
    "quality-check": (
        {"score": 62.0, "passed": False, "step": "story/writer", "round": 1, "reasons": ["short", "flat"]},
        "story/writer, 62 of 100, not passed, round 1: short; flat",
    ),
    "review-status": (
        {"status": "revise", "round": 1, "notes": "more", "reviewerId": "head", "step": "story/writer"},
        "story/writer, revise, round 1, by head: more",
    ),
}


def test_every_type_has_a_line_and_a_colour() -> None:
    assert set(GISTS) == set(COLOURS) == set(TYPES)


@pytest.mark.parametrize("type", TYPES)
def test_a_line_says_what_matters_of_its_event(type: str) -> None:
    fields, said = GISTS[type]
    assert gist(event(type, **fields)) == said


@pytest.mark.parametrize("type", [*TYPES, "agent-asleep"])
def test_an_event_of_a_newer_or_older_platform_is_still_a_line(type: str) -> None:
    told = Text.from_markup(line_of(event(type))).plain
    assert told.startswith(f"10:00:00  writer              story       {type}")


def test_what_somebody_wrote_moves_no_cursor_and_makes_no_markup() -> None:
    told = line_of(event("agent-thinking", text="\x1b[2J[red]done[/red]\r\nnext\u202e"))
    console = Console(file=StringIO(), force_terminal=True, color_system=None, width=200)
    console.print(told)
    assert isinstance(console.file, StringIO)
    said = console.file.getvalue()
    assert "[2J[red]done[/red] next" in said
    assert not {"\x1b", "\r", "\u202e"} & set(said)


def test_long_texts_are_cut() -> None:
    assert one_line("x" * 300, 10) == "xxxxxxxxx…"
    assert one_line("  a \n b  ") == "a b"


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        (None, ""),
        ({"title": "The Second Tide", "beats": []}, "The Second Tide"),
        ({"summary": "", "count": 2}, "summary: , count: 2"),
        ([1, 2], "[1, 2]"),
        ("plain", "plain"),
    ],
)
def test_a_payload_is_told_by_what_it_says_of_itself(payload: Any, said: str) -> None:
    assert summary_of(payload) == said


@pytest.mark.parametrize(("milliseconds", "said"), [(None, ""), (0, ""), (12.4, "12 ms"), (1500, "1.5 s")])
def test_times_are_for_people(milliseconds: float | None, said: str) -> None:
    assert lasted(milliseconds) == said


def rows(states: States) -> list[list[str]]:
    made = states.table()
    return [list(row) for row in zip(*(map(str, column.cells) for column in made.columns), strict=True)]


def test_the_panel_shows_how_each_agent_is() -> None:
    states = States()
    for told in (
        event("orchestration-start", agentId="", userPrompt="a letter"),
        event("agent-start", step="story/writer"),
        event("agent-thinking", text="looking"),
        event("agent-start", agentId="head", step="story/review"),
        event("agent-complete", status="completed", tokensUsed=1200, output={"summary": "nine beats"}),
    ):
        states.take(told)
    assert [[row[0], row[2], row[3], row[4], row[5]] for row in rows(states)] == [
        ["head", "[cyan]running[/cyan]", "1", "0", "story/review"],
        ["writer", "[green]completed[/green]", "1", "1,200", "completed, 1,200 tokens: nine beats"],
    ]


def test_an_agent_with_another_run_under_way_runs() -> None:
    states = States()
    for told in ("agent-start", "agent-start", "agent-complete"):
        states.take(event(told, status="completed"))
    assert rows(states)[0][2:4] == ["[cyan]running[/cyan]", "2"]


def test_a_watch_that_begins_in_the_middle_counts_no_fewer_than_no_runs() -> None:
    states = States()
    for told in ("agent-complete", "agent-start"):
        states.take(event(told, status="completed"))
    assert rows(states)[0][2] == "[cyan]running[/cyan]"


def test_of_many_agents_the_panel_has_those_that_did_something_last() -> None:
    states = States()
    for number in range(MOST_ROWS + 5):
        states.take(event("agent-start", agentId=f"a{number}"))
    states.take(event("agent-thinking", agentId="a0", text="still here"))
    names = [row[0] for row in rows(states)]
    assert (len(names), names[-1]) == (MOST_ROWS, "a0")
