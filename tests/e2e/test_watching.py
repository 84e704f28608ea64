"""`reveille up --watch`: files that change below a folder, as signals, over a crash."""

from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Make
from tests.e2e.kinds import only
from tests.e2e.running import Platform, reveille, until


def paths(platform: Platform) -> list[Any]:
    items = platform.get("/api/v1/signals", source="files")["items"]
    return sorted(path for signal in items for path in signal["paths"])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "notes"
    found.mkdir()
    (found / "old.md").write_text("old")
    return found


@only("embedded", reason="no service of a cluster sees its clients' files")
def test_changes_are_signals_also_those_of_while_it_was_down(make: Make, folder: Path) -> None:
    platform = make(settings={"REVEILLE_WATCH": str(folder)}).start()
    (folder / "one.md").write_text("1")
    until(lambda: paths(platform) == ["one.md"], "the first change is a signal")
    platform.kill()
    (folder / "two.md").write_text("2")
    (folder / ".git").mkdir()
    (folder / ".git" / "index").write_text("nobody's business")
    platform.start()
    until(lambda: paths(platform) == ["one.md", "two.md"], "what changed meanwhile is a signal, and nothing twice")


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    ended = reveille("up", "--data", str(tmp_path / "data"), "--port", "0", "--watch", str(tmp_path / "none"))
    assert ended.returncode == 2
    assert "--watch names" in ended.stderr
    assert "expected a folder that is there" in ended.stderr
