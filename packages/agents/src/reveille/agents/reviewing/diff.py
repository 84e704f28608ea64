"""A unified diff, parsed; whatever is malformed is passed over, nothing raises."""

import re
from dataclasses import dataclass, replace
from typing import Final

from reveille.agents.reviewing.quoting import split_pair, unquote

# Rules look at this much of a line; minified bundles have lines of megabytes.
MAX_LINE: Final = 4_000
# Nine digits: Python refuses to read numbers of thousands of digits.
_HUNK: Final = re.compile(r"@@ -([0-9]{1,9})(?:,([0-9]{1,9}))? \+([0-9]{1,9})(?:,([0-9]{1,9}))? @@")


@dataclass(frozen=True, slots=True)
class Line:
    """sign: "+", "-" or " ". new: the line's number in the new file; None for a removed one."""

    sign: str
    new: int | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileDiff:
    """status: modified, added, deleted, renamed or copied. text: the file's part of the diff as it came."""

    path: str
    old_path: str
    status: str = "modified"
    binary: bool = False
    old_mode: str = ""
    new_mode: str = ""
    hunks: tuple[tuple[Line, ...], ...] = ()
    text: str = ""

    @property
    def lines(self) -> tuple[Line, ...]:
        return tuple(line for hunk in self.hunks for line in hunk)

    @property
    def added(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.sign == "+")

    @property
    def removed(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.sign == "-")

    @property
    def first_line(self) -> int | None:
        """Where to point for a remark about the whole file."""
        shown = [line.new for line in self.lines if line.new is not None]
        return next((line.new for line in self.added), shown[0] if shown else None)

    @property
    def unread(self) -> bool:
        """The diff says that the file changed and not how."""
        return self.status in ("modified", "added") and not self.hunks and not self.binary and not self.new_mode


@dataclass(frozen=True, slots=True)
class Diff:
    files: tuple[FileDiff, ...] = ()

    @property
    def additions(self) -> int:
        return sum(len(file.added) for file in self.files)

    @property
    def deletions(self) -> int:
        return sum(len(file.removed) for file in self.files)


def parse(text: str) -> Diff:
    # JSON may bring lone surrogates, which nothing behind can write as UTF-8.
    text = text.encode("utf-8", "replace").decode()
    # Not splitlines(): it also splits at form feeds and at U+2028, which are content.
    rows = text.split("\n")
    files = []
    start = _next_file(rows, 0)
    while start < len(rows):
        end = _end_of_file(rows, start)
        if file := _parse_file(rows[start:end]):
            files.append(file)
        start = _next_file(rows, end)
    return Diff(tuple(files))


def _starts_file(rows: list[str], at: int) -> bool:
    if rows[at].startswith("diff --git "):
        return True
    return rows[at].startswith("--- ") and at + 1 < len(rows) and rows[at + 1].startswith("+++ ")


def _next_file(rows: list[str], at: int) -> int:
    while at < len(rows) and not _starts_file(rows, at):
        at += 1
    return at


def _end_of_file(rows: list[str], start: int) -> int:
    at = start + 1
    # The two name lines of a git diff are its own and start no other file.
    named = rows[start].startswith("diff --git ")
    while at < len(rows):
        if hunk := _HUNK.match(rows[at]):
            at = _end_of_hunk(rows, at, hunk)
            named = False
            continue
        if rows[at].startswith("diff --git ") or (_starts_file(rows, at) and not named):
            return at
        named = named and not rows[at].startswith("+++ ")
        at += 1
    return at


def _counts(hunk: re.Match[str]) -> tuple[int, int]:
    return int(hunk[2] or 1), int(hunk[4] or 1)


def _end_of_hunk(rows: list[str], at: int, hunk: re.Match[str]) -> int:
    old, new = _counts(hunk)
    at += 1
    while at < len(rows) and (old > 0 or new > 0):
        sign = _sign(rows, at)
        if not sign:
            break
        old -= sign in " -"
        new -= sign in " +"
        at += 1
    return at


def _sign(rows: list[str], at: int) -> str:
    """The row's sign within a hunk, "\\" for a remark on the line before, "" for a row that is none of a hunk's."""
    row = rows[at]
    if row in ("", "\r"):
        # Mailers and editors strip the one space of an empty context line; the last row is only the text's end.
        return " " if at + 1 < len(rows) else ""
    return row[0] if row[0] in "+- \\" else ""


def _parse_file(rows: list[str]) -> FileDiff | None:
    file = FileDiff(path="", old_path="")
    if rows[0].startswith("diff --git "):
        old, new = split_pair(rows[0].removeprefix("diff --git ").rstrip("\r"))
        file = replace(file, old_path=old, path=new)
    hunks: list[tuple[Line, ...]] = []
    at = 0
    while at < len(rows):
        if hunk := _HUNK.match(rows[at]):
            end = _end_of_hunk(rows, at, hunk)
            # `+0,0` stands for no lines; one that is there all the same is the first.
            hunks.append(_parse_hunk(rows, at + 1, end, max(1, int(hunk[3]))))
            at = end
            continue
        if not hunks:
            file = _parse_header(file, rows[at].rstrip("\r"))
        at += 1
    if not file.path:
        return None
    return replace(file, hunks=tuple(hunk for hunk in hunks if hunk), text="\n".join(rows).rstrip("\n") + "\n")


def _parse_hunk(rows: list[str], start: int, end: int, number: int) -> tuple[Line, ...]:
    lines = []
    for at in range(start, end):
        sign = _sign(rows, at)
        if sign not in (" ", "+", "-"):
            continue
        lines.append(Line(sign, None if sign == "-" else number, rows[at][1:].removesuffix("\r")[:MAX_LINE]))
        number += sign != "-"
    return tuple(lines)


def _parse_header(file: FileDiff, row: str) -> FileDiff:
    word, _, rest = row.partition(" ")
    match word:
        case "---" if rest:
            name = unquote(rest, "a/")
            return replace(file, old_path=name or file.old_path, status=file.status if name else "added")
        case "+++" if rest:
            name = unquote(rest, "b/")
            # A deleted file keeps its old name: it is what there is to speak of.
            return replace(file, path=name or file.old_path, status=file.status if name else "deleted")
        case "rename" | "copy":
            side, _, name = rest.partition(" ")
            status = "renamed" if word == "rename" else "copied"
            if side == "from":
                return replace(file, old_path=unquote(name), status=status)
            return replace(file, path=unquote(name) or file.path, status=status)
        case "new" | "old" | "deleted":
            return _parse_mode(file, word, rest)
        case "Binary" | "GIT":
            return replace(file, binary=True)
    return file


def _parse_mode(file: FileDiff, word: str, rest: str) -> FileDiff:
    mode = rest.rpartition(" ")[2]
    if rest.startswith("file mode "):
        return replace(file, status="added" if word == "new" else "deleted", new_mode=mode if word == "new" else "")
    return replace(file, new_mode=mode) if word == "new" else replace(file, old_mode=mode)
