"""What happens, as it happens, and how it ended: for whoever watches."""

import time
from collections.abc import Callable, Sequence
from typing import Final

from rich.console import Console
from rich.table import Table

from tests.chaos.verdict import Verdict

SHOWN: Final = 5


class Story:
    """One line for each thing that happened, with what was accepted so far and how much of it is not done yet."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._began = time.monotonic()
        self._figures: Callable[[], tuple[int, int]] = lambda: (0, 0)

    def begin(self, name: str, what: str) -> None:
        self._began = time.monotonic()
        self._console.rule(f"[bold]{name}[/bold]: {what}")

    def counting(self, figures: Callable[[], tuple[int, int]]) -> None:
        """figures: accepted, and of that completed."""
        self._figures = figures

    def tell(self, line: str) -> None:
        accepted, completed = self._figures()
        after = time.monotonic() - self._began
        self._console.print(
            f"[dim]{after:6.1f} s  accepted {accepted:5}  backlog {accepted - completed:4}[/dim]  {line}",
            highlight=False,
        )

    def end(self, verdict: Verdict) -> None:
        for kind, lines in verdict.problems.items():
            for line in lines[:SHOWN]:
                self._console.print(f"[red]{kind}[/red]: {line}", highlight=False, markup=True)
            if len(lines) > SHOWN:
                self._console.print(f"[red]{kind}[/red]: and {len(lines) - SHOWN} more")


def table_of(verdicts: Sequence[Verdict]) -> Table:
    table = Table(title="the fault run", caption="superseded: effects of attempts that were cut off and tried again")
    columns = ("scenario", "faults", "accepted", "effects", "superseded", "lost", "doubled", "out of order")
    for column in (*columns, "unsettled", "parked", "sent twice", "backlog", "held"):
        table.add_column(column, justify="left" if column == "scenario" else "right")
    for one in verdicts:
        table.add_row(
            one.scenario,
            str(one.faults),
            str(one.accepted),
            str(one.effects),
            str(one.superseded),
            *(_red(len(one.problems.get(kind, []))) for kind in ("lost", "doubled", "out of order", "unsettled")),
            str(one.parked),
            str(one.repeated),
            f"{one.backlog_seconds:.1f} s",
            "[green]yes[/green]" if one.held else "[red]no[/red]",
        )
    return table


def _red(count: int) -> str:
    return f"[red]{count}[/red]" if count else "0"
