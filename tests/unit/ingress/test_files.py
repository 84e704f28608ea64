"""Folders that are watched: what is told of them, and what is nobody's business."""

import os
from pathlib import Path

import pytest

from reveille.ingress.adapters.folders import WatchedFolder
from reveille.ingress.domain.files import Change, changed


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "app"
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "old.py").write_text("old")
    return folder


@pytest.fixture
def folder(root: Path, tmp_path: Path) -> WatchedFolder:
    return opened(root, tmp_path)


def opened(root: Path, tmp_path: Path) -> WatchedFolder:
    folder = WatchedFolder(root, memory=tmp_path / "memory", excluded=[root / "data"])
    folder.recall()
    return folder


def what(changes: dict[str, Change]) -> dict[str, str]:
    return {path: change.what for path, change in changes.items()}


def test_what_is_there_when_it_is_first_watched_is_no_change(folder: WatchedFolder) -> None:
    assert folder.changes() == {}


def test_files_are_added_modified_and_removed(root: Path, folder: WatchedFolder) -> None:
    (root / "new.txt").write_text("new")
    assert what(folder.changes()) == {"new.txt": "added"}
    folder.told(folder.changes())
    assert folder.changes() == {}
    (root / "new.txt").write_text("newer")
    (root / "src" / "old.py").unlink()
    assert what(folder.changes()) == {"new.txt": "modified", "src/old.py": "removed"}


def test_what_was_not_told_is_told_after_a_restart(root: Path, tmp_path: Path, folder: WatchedFolder) -> None:
    (root / "new.txt").write_text("new")
    before = changed(str(root), "app", folder.changes())
    again = opened(root, tmp_path)
    assert changed(str(root), "app", again.changes()).key == before.key
    again.told(again.changes())
    assert opened(root, tmp_path).changes() == {}


def test_a_look_at_one_place_finds_what_a_look_at_all_would(root: Path, folder: WatchedFolder) -> None:
    (root / "src" / "deep").mkdir()
    (root / "src" / "deep" / "a.py").write_text("a")
    (root / "b.py").write_text("b")
    assert what(folder.changes_at([str(root / "src")])) == {"src/deep/a.py": "added"}
    assert what(folder.changes_at([str(root / "b.py"), str(root / "none")])) == {"b.py": "added"}
    assert folder.changes_at([str(root)]) == folder.changes()
    folder.told(folder.changes())
    (root / "src").rename(root / "moved")
    places = [str(root / "src"), str(root / "moved")]
    assert what(folder.changes_at(places)) == {
        "src/old.py": "removed",
        "src/deep/a.py": "removed",
        "moved/old.py": "added",
        "moved/deep/a.py": "added",
    }


def test_a_folder_in_the_place_of_a_file_is_both(root: Path, folder: WatchedFolder) -> None:
    place = root / "src" / "old.py"
    place.unlink()
    place.mkdir()
    (place / "x").write_text("x")
    assert what(folder.changes_at([str(place)])) == {"src/old.py": "removed", "src/old.py/x": "added"}


@pytest.mark.parametrize(
    "path", [".git/index", "a/__pycache__/x.pyc", "web/node_modules/x/y.js", "data/log.db", "src/.old.py.swp", "notes~"]
)
def test_what_tools_write_for_themselves_is_left_out(root: Path, folder: WatchedFolder, path: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text("x")
    assert folder.changes() == {}
    assert folder.changes_at([str(root / path)]) == {}


def test_a_link_leads_nowhere(root: Path, tmp_path: Path, folder: WatchedFolder) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "secret").write_text("x")
    (root / "link").symlink_to(tmp_path / "elsewhere")
    assert folder.changes() == {}
    assert folder.changes_at([str(root / "link")]) == {}


def test_a_name_that_is_no_utf_8_is_a_name(root: Path, tmp_path: Path, folder: WatchedFolder) -> None:
    with open(os.fsencode(root) + b"/caf\xe9", "wb"):
        pass
    (name,) = folder.changes()
    folder.told(folder.changes())
    assert opened(root, tmp_path).changes() == {}
    assert name.startswith("caf")


@pytest.mark.parametrize("text", ["", "[]", '{"files": {"a": 1}}', "{"])
def test_a_memory_that_cannot_be_read_is_begun_anew(
    root: Path, tmp_path: Path, folder: WatchedFolder, text: str
) -> None:
    (root / "new.txt").write_text("new")
    (memory,) = (tmp_path / "memory").iterdir()
    memory.write_text(text)
    assert opened(root, tmp_path).changes() == {}


def test_changed_files_are_a_signal_of_their_folder() -> None:
    changes = {"b.py": Change(None, (1, 2)), "a.py": Change((1, 2), None), "c.py": Change((1, 1), (2, 1))}
    found = changed("/home/ada/app", "app", changes)
    assert (found.source, found.kind, found.means) == ("files", "files.changed", "files.changed")
    assert (found.content.repository, list(found.content.paths)) == ("app", ["a.py", "b.py", "c.py"])
    assert (found.content.title, found.content.paths_known) == ("3 files changed in app", True)
    assert found.content.summary == "removed a.py\nadded b.py\nmodified c.py"


def test_a_file_that_goes_a_second_time_is_another_delivery() -> None:
    keys = [changed("/x", "x", {"a": Change(before, None)}).key for before in ((1, 1), (2, 1), (1, 1))]
    assert keys[0] == keys[2] != keys[1]
    assert changed("/y/x", "x", {"a": Change((1, 1), None)}).key != keys[0]
