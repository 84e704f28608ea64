"""docs/faults.md names every scenario, and says truly which of them are in `make test`."""

import re
from pathlib import Path
from typing import Final

from tests.chaos.scenarios import ALL

ROOT: Final = Path(__file__).resolve().parents[2]
PAGE: Final = (ROOT / "docs/faults.md").read_text(encoding="utf-8")
TESTED: Final = set(re.findall(r'\bfaults\w*\("([a-z-]+)"', (ROOT / "tests/chaos/test_faults.py").read_text()))


def names(text: str) -> set[str]:
    return set(re.findall(r"`([a-z-]+)`", text))


def test_every_scenario_is_told_of() -> None:
    rows = [row.split("|")[1] for row in PAGE.partition("\n## ")[0].splitlines() if row.startswith("| `")]
    assert set().union(*map(names, rows)) == set(ALL)


def test_what_is_not_in_make_test_is_named() -> None:
    (exceptions,) = re.findall(r"a short form of each but (.+?) is in `make test`", PAGE)
    assert names(exceptions) == set(ALL) - TESTED
