"""How commands show what they were told: no id is cut short, numbers stand to the right, times are for people."""

import json
import os
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

from rich import box
from rich.console import Console, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

COLOURS: Final = {
    "completed": "green",
    "done": "green",
    "serving": "green",
    "approved": "green",
    "partial": "yellow",
    "revise": "yellow",
    "retried": "green",
    "running": "cyan",
    "processing": "cyan",
    "active": "cyan",
    "open": "yellow",
    "parked": "yellow",
    "waiting": "yellow",
    "waiting_tokens": "yellow",
    "waiting_approval": "yellow",
    "hibernating": "yellow",
    "expired": "red",
    "rejected": "red",
    "failed": "red",
    "moot": "dim",
    "dropped": "dim",
    "valid": "green",
    "revoked": "dim",
    "dormant": "dim",
    "asleep": "dim",
}
# Wide enough for what programs read line by line; a terminal says itself how wide it is.
PIPE_WIDTH: Final = 400
# Of what somebody wrote, in one line.
MOST_TEXT: Final = 240
# Columns of these are what somebody copies.
IDS: Final = ("execution", "approval", "signal", "dead letter", "input")
NUMBERS: Final = (
    "quality",
    "relevance",
    "round",
    "tokens",
    "tokens used",
    "left today",
    "running",
    "queued",
    "wakes",
    "attempt",
    "in force",
    "this file",
)
# Short, and worth nothing when cut.
WHOLE: Final = (
    "status",
    "state",
    "specialist",
    "review",
    "key",
    "at (UTC)",
    "expires (UTC)",
    "last wake (UTC)",
    "woke",
    "was",
    "would have been",
)
# The only ones that may take several lines.
PROSE: Final = ("error", "change", "what it says", "result")

console: Final = Console(
    highlight=False, width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else PIPE_WIDTH, emoji=False
)


def table(*columns: str) -> Table:
    """Where a terminal is too narrow, names are cut and prose is wrapped; ids, numbers and times are not touched."""
    made = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
    for column in columns:
        if column in IDS:
            made.add_column(column, overflow="fold", width=36)
        elif column in NUMBERS:
            made.add_column(column, justify="right", no_wrap=True)
        else:
            made.add_column(column, overflow="fold" if column in PROSE else "ellipsis", no_wrap=column in WHOLE)
    return made


def rows(made: Table, empty: str) -> None:
    """The table, or one line where it has nothing to show."""
    if made.row_count:
        console.print(made)
    else:
        say(empty)


def say(text: str) -> None:
    """One line, however long: what is copied from it stays whole. text: markup."""
    console.print(text, soft_wrap=True)


def show(parts: Iterable[RenderableType]) -> None:
    """Tables, and texts of one line each."""
    for part in parts:
        if isinstance(part, str):
            say(part)
        else:
            console.print(part)


def coloured(state: str) -> str:
    colour = COLOURS.get(state)
    return f"[{colour}]{escape(state)}[/{colour}]" if colour else escape(state)


def moment(at: str | None, *, never: str = "") -> str:
    """A time of the platform, in UTC; the day is left out where it is today."""
    if not at:
        return never
    told = datetime.fromisoformat(at).astimezone(UTC)
    return told.strftime("%H:%M:%S" if told.date() == datetime.now(UTC).date() else "%Y-%m-%d %H:%M:%S")


def figure(value: int | None) -> str:
    return "not known" if value is None else f"{value:,}"


def several(count: int, one: str) -> str:
    return f"{count:,} {one}" if count == 1 else f"{count:,} {one}s"


def one_line(text: Any, most: int = MOST_TEXT) -> str:
    """What agents and people write may hold anything, also what would move a terminal's cursor."""
    told = " ".join("".join(one if one.isprintable() else " " for one in str(text)).split())
    return told if len(told) <= most else f"{told[: most - 1]}…"


def cut(markup: str) -> Text:
    """A cell of one line: of a table it gives way first."""
    told = Text.from_markup(markup)
    told.no_wrap, told.overflow = True, "ellipsis"
    return told


def print_json(answer: Any) -> None:
    print(json.dumps(answer, indent=2, ensure_ascii=False))
