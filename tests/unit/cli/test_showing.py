"""What a table shows where the terminal is narrow, and what is not read as markup."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from reveille.cli.asking import cause_tree
from reveille.cli.showing import coloured, figure, moment, several, table

ID = "4b10b113-e9e1-5b14-95cf-3b8a83a2c9a8"


def shown(thing: object, *, width: int) -> str:
    out = io.StringIO()
    Console(file=out, width=width, highlight=False).print(thing)
    return out.getvalue()


@pytest.mark.parametrize("width", [80, 100, 200])
def test_an_id_a_status_and_a_time_are_whole_however_narrow_the_terminal(width: int) -> None:
    made = table("execution", "status", "agent", "why", "tokens", "at (UTC)")
    made.add_row(ID, coloured("completed"), "claude-desktop-agent", "review-pull-requests", "12,345", "19:08:51")
    (row,) = [line for line in shown(made, width=width).splitlines() if ID in line]
    assert all(word in row for word in ("completed", "12,345", "19:08:51"))


def test_prose_below_an_id_takes_lines_of_its_own() -> None:
    made = table("approval", "status")
    made.add_row(f"{ID}\nmay it exceed its budget just this once, and then never again?", "open")
    text = shown(made, width=60)
    assert ID in text
    assert " ".join(text.split()).endswith("again?")


def test_what_stands_in_an_event_is_no_markup() -> None:
    event = {
        "id": "1",
        "causation_id": "",
        "type": "reveille.ingress.v1.SignalReceived",
        "service": "ingress",
        "summary": "issues.opened by claude[bot] [/bold]",
        "at": "2026-11-21T19:08:51.000Z",
        "trace_id": "t",
    }
    assert "issues.opened by claude[bot] [/bold] +0 ms" in shown(cause_tree([event]), width=120)


def test_a_time_of_today_is_told_without_its_day() -> None:
    now = datetime.now(UTC)
    before = now - timedelta(days=2)
    assert moment(before.isoformat()) == before.strftime("%Y-%m-%d %H:%M:%S")
    assert moment(now.isoformat()) in (now.strftime("%H:%M:%S"), now.strftime("%Y-%m-%d %H:%M:%S"))
    assert moment(None, never="never") == "never"


def test_numbers_are_for_people() -> None:
    assert [figure(1_234_567), figure(None)] == ["1,234,567", "not known"]
    assert [several(1, "agent"), several(2, "agent"), several(0, "rule")] == ["1 agent", "2 agents", "0 rules"]
