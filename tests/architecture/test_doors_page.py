"""The page about the doors: it names them all, and every test that it names is there."""

import ast
import re
from pathlib import Path

from reveille.ingress.domain.delivery import MEANS
from reveille.ingress.entrypoints.http.described import DOORS

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/doors.md").read_text(encoding="utf-8")
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", PAGE)


def test_every_test_that_the_page_names_is_there() -> None:
    assert len(NAMED) > 30
    defined: dict[str, set[str]] = {}
    for file in {file for file, _ in NAMED}:
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        functions = (node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
        defined[file] = {function.name for function in functions}
    assert [f"{file}::{name}" for file, name in NAMED if name not in defined[file]] == []


def test_every_door_that_is_described_stands_in_the_table_with_its_tests() -> None:
    rows = {row.split("`")[1].removeprefix("POST "): row for row in PAGE.splitlines() if row.startswith("| `POST ")}
    assert set(rows) == set(DOORS)
    assert [path for path, row in rows.items() if "::test_" not in row] == []


def test_every_meaning_that_a_door_can_give_is_spoken_of() -> None:
    # Timers are the platform's own.
    assert [word for word in sorted(MEANS - {"timer.fired"}) if f"`{word}`" not in PAGE] == []
