"""Whether a change is small enough to be reviewed well."""

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Final

from reveille.agents.reviewing.diff import Diff
from reveille.agents.reviewing.finding import Finding
from reveille.agents.reviewing.languages import is_generated

# Reviewers find fewer and fewer of the defects above 200 to 400 lines (SmartBear's study of 2,500 reviews at Cisco).
_LINES: Final = ((1_000, "medium"), (400, "low"))
_FILES: Final = ((60, "medium"), (25, "low"))
_FOLDERS: Final = 12


def size(diff: Diff) -> Iterator[Finding]:
    files = [file for file in diff.files if not is_generated(file.path)]
    if not files:
        return
    largest = max(files, key=lambda file: (len(file.added) + len(file.removed), file.path))
    lines = sum(len(file.added) + len(file.removed) for file in files)
    yield from judge_size(largest.path, lines=lines, files=len(files))
    spread = {PurePosixPath(file.path).parent for file in files}
    if len(spread) > _FOLDERS:
        yield Finding(
            rule="wide-change",
            severity="low",
            path=largest.path,
            line=None,
            message=f"the change spreads over {len(spread)} folders, above {_FOLDERS} it is hard to hold in mind",
        )


def judge_size(path: str, *, lines: int, files: int) -> Iterator[Finding]:
    for count, steps, noun in ((lines, _LINES, "lines"), (files, _FILES, "files")):
        for limit, severity in steps:
            if count > limit:
                message = f"the change has {count} {noun}, above {limit} a reviewer misses much: split it"
                yield Finding(rule="large-change", severity=severity, path=path, line=None, message=message)
                break


def unread(diff: Diff) -> Iterator[Finding]:
    for file in diff.files:
        if file.unread:
            message = "the file changed, but how was not to be seen: its lines were not reviewed"
            yield Finding(rule="not-read", severity="info", path=file.path, line=None, message=message)
