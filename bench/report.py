"""The figures for people, as a table, and for programs, as a file."""

import json
import pstats
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bench.figure import Figure

PROFILE_ROWS: Final = 40
# Of a file's path what is above its package: every service has a handling.py.
_BEFORE_PACKAGE: Final = re.compile(r".*/(src|site-packages|lib/python[0-9.]+)/")


def show(figures: Sequence[Figure], machine: dict[str, Any], console: Console, *, mode: str) -> None:
    table = Table(title=f"Reveille, {mode}", box=box.SIMPLE_HEAD)
    table.add_column("figure", no_wrap=True)
    for heading in ("median", "min", "max", "unit", "target", "floor", "ratio"):
        table.add_column(heading, justify="left" if heading == "unit" else "right", no_wrap=True)
    for figure in figures:
        table.add_row(*_row(figure))
    console.print(table)
    if measured := [figure for figure in figures if figure.cpu]:
        console.print(_cpu_table(measured))
    for figure in figures:
        console.print(f"[bold]{figure.name}[/]: {figure.title}{_floors(figure)}", highlight=False)
    console.print(
        "[bold]machine[/]: " + ", ".join(f"{name} {value}" for name, value in machine.items()), highlight=False
    )


def write(
    file: Path, figures: Sequence[Figure], machine: dict[str, Any], *, mode: str, quick: bool, failed: dict[str, str]
) -> None:
    """failed: by figure, why there is none."""
    file.parent.mkdir(parents=True, exist_ok=True)
    document = {
        "machine": machine,
        "quick": quick,
        "figures": [figure.as_json(mode) for figure in figures],
        "failed": failed,
    }
    file.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")


def show_profile(kind: str, files: Sequence[Path], console: Console) -> None:
    """kind: of what the profiles are. The functions with the most time of their own, over all files together."""
    stats: Any = pstats.Stats(*map(str, files))
    rows = sorted(stats.stats.items(), key=lambda row: -row[1][2])[:PROFILE_ROWS]
    table = Table(title=f"{kind}: {stats.total_calls:,} calls in {stats.total_tt:.2f} s", box=box.SIMPLE_HEAD)
    for heading in ("calls", "own s", "share", "µs a call", "with callees s"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("function", overflow="fold")
    for (file, line, name), (_, calls, own, cumulated, _) in rows:
        where = f"{_BEFORE_PACKAGE.sub('', file)}:{line} {name}" if line else name
        share, each = f"{own / stats.total_tt:.1%}", f"{own / calls * 1e6:.1f}"
        table.add_row(f"{calls:,}", f"{own:.3f}", share, each, f"{cumulated:.3f}", escape(where))
    console.print(table)


def _cpu_table(figures: Sequence[Figure]) -> Table:
    names = list(dict.fromkeys(name for figure in figures for name in figure.cpu))
    table = Table(title="CPU seconds for 1,000 (that is milliseconds for one)", box=box.SIMPLE_HEAD)
    table.add_column("figure", no_wrap=True)
    for name in (*names, "all"):
        table.add_column(name, justify="right", no_wrap=True)
    for figure in figures:
        used = [f"{figure.cpu[name]:.2f}" if name in figure.cpu else "" for name in names]
        table.add_row(figure.name, *used, f"{sum(figure.cpu.values()):.2f}")
    return table


def _row(figure: Figure) -> list[str]:
    colour = {True: "green", False: "red", None: "default"}[figure.reached]
    return [
        figure.name,
        f"[{colour}]{_number(figure.median)}[/]",
        _number(min(figure.values)),
        _number(max(figure.values)),
        figure.unit,
        "" if figure.target is None else str(figure.target),
        "" if figure.floor is None else _number(figure.floor),
        "" if figure.ratio is None else f"{figure.ratio:.2f}",
    ]


def _floors(figure: Figure) -> str:
    told = f"; floor: {figure.floor_is}" if figure.floor_is else ""
    return told + "".join(f"; {name}: {_number(value)}" for name, value in figure.beside.items())


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"
