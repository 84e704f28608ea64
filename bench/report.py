"""The figures for people, as a table, and for programs, as a file."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from bench.figure import Figure


def show(figures: Sequence[Figure], machine: dict[str, Any], console: Console) -> None:
    table = Table(title="Reveille, embedded", box=box.SIMPLE_HEAD)
    table.add_column("figure", no_wrap=True)
    for heading in ("median", "min", "max", "unit", "target", "floor", "ratio"):
        table.add_column(heading, justify="left" if heading == "unit" else "right", no_wrap=True)
    for figure in figures:
        table.add_row(*_row(figure))
    console.print(table)
    for figure in figures:
        console.print(f"[bold]{figure.name}[/]: {figure.title}{_floors(figure)}", highlight=False)
    console.print(
        "[bold]machine[/]: " + ", ".join(f"{name} {value}" for name, value in machine.items()), highlight=False
    )


def write(file: Path, figures: Sequence[Figure], machine: dict[str, Any], *, quick: bool) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    document = {"machine": machine, "quick": quick, "figures": [figure.as_json() for figure in figures]}
    file.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")


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
