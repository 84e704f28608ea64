"""Code that changes without a test that changes with it."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Final

from reveille.agents.reviewing.code import code_added
from reveille.agents.reviewing.diff import Diff, FileDiff
from reveille.agents.reviewing.finding import Finding
from reveille.agents.reviewing.languages import is_product_code, is_script, is_test, language_of, stem

# A new constant or a corrected word needs no test of its own.
_LEAST_LINES: Final = 3
_MARKS: Final = re.compile(r"^test_?|[._-]?(tests?|spec|IT)$", re.IGNORECASE)
_EXAMPLE: Final = {"python": "test_{}.py", "go": "{}_test.go", "javascript": "{}.test", "ruby": "{}_spec.rb"}
_NEEDS_NONE: Final = frozenset({"__init__", "conftest", "setup", "settings", "config", "version", "index.d"})
_MIGRATIONS: Final = frozenset({"migrations", "versions", "migrate"})


def missing_tests(diff: Diff) -> Iterator[Finding]:
    tests = [file.path for file in diff.files if is_test(file.path) and file.status != "deleted"]
    for file in diff.files:
        if not _needs_test(file) or any(_covers(test, file.path) for test in tests):
            continue
        language = language_of(file.path)
        example = _EXAMPLE.get(language.family if language else "", "a test of {}").format(stem(file.path))
        others = "; the tests that did change are of other files" if tests else ""
        yield Finding(
            rule="missing-tests",
            severity="low" if tests else "medium",
            path=file.path,
            line=file.first_line,
            message=f"the code changed and no test of it did, expected a change in something like {example}{others}",
        )


def _needs_test(file: FileDiff) -> bool:
    language = language_of(file.path)
    if language is None or file.status == "deleted" or not is_product_code(file.path) or is_script(file.path):
        return False
    if stem(file.path) in _NEEDS_NONE or not _MIGRATIONS.isdisjoint(PurePosixPath(file.path).parts):
        return False
    if file.unread:
        return True
    # Rust keeps its unit tests in the file itself.
    if language.name == "rust" and any("#[test]" in line.text or "#[cfg(test)]" in line.text for line in file.lines):
        return False
    return sum(1 for _ in code_added(file, language)) >= _LEAST_LINES


def _covers(test: str, path: str) -> bool:
    ours, theirs = language_of(path), language_of(test)
    if ours is None or theirs is None or ours.family != theirs.family:
        return False
    if ours.name == "go" and PurePosixPath(test).parent == PurePosixPath(path).parent:
        return True
    wanted = _plain(stem(path))
    tested = _plain(_MARKS.sub("", stem(test)))
    if tested == wanted or (len(wanted) > 3 and wanted in tested):
        return True
    # A file named for its folder's role is tested under the folder's name: orders/service.py in test_orders.py.
    folder = _plain(PurePosixPath(path).parent.name)
    return bool(folder) and tested in (folder, folder + wanted)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
