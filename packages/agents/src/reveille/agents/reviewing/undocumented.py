"""Public names without a word about them, and public interfaces that change without a note."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from reveille.agents.reviewing.diff import Diff, FileDiff, Line
from reveille.agents.reviewing.finding import Finding
from reveille.agents.reviewing.languages import is_product_code, is_prose, is_script, language_of

_JAVASCRIPT: Final = re.compile(
    r"^export\s+(?:default\s+)?(?:abstract\s+)?(?:async\s+)?(?:function\*?|class|interface|type|enum|const)\s+([A-Za-z]\w*)"
)
_PUBLIC: Final = {
    "python": re.compile(r"^(?:async\s+def|def|class)\s+([A-Za-z]\w*)|^ {4}(?:async\s+)?def\s+([A-Za-z]\w*)"),
    "javascript": _JAVASCRIPT,
    "typescript": _JAVASCRIPT,
    "go": re.compile(r"^(?:func\s+(?:\([^)]{1,80}\)\s*)?|type\s+)([A-Z]\w*)"),
    "rust": re.compile(r"^\s*pub\s+(?:async\s+|unsafe\s+|const\s+)*(?:fn|struct|enum|trait|type)\s+([A-Za-z]\w*)"),
}
_COMMENT: Final = re.compile(r"^\s*(//|/\*|\*|#(?!\[)|///)")
_ATTRIBUTE: Final = re.compile(r"^\s*(#\[|@)")
_DOCSTRING: Final = re.compile(r"^\s*[rR]?(\"\"\"|''')")
# More of the same about one file helps nobody.
_MOST: Final = 10


def missing_docs(file: FileDiff) -> Iterator[Finding]:
    language = language_of(file.path)
    public = _PUBLIC.get(language.name) if language else None
    if language is None or public is None or not is_product_code(file.path) or is_script(file.path):
        return
    documented = _python_documented if language.name == "python" else _commented
    found = 0
    for hunk in file.hunks:
        lines = [line for line in hunk if line.sign != "-"]
        for at, line in enumerate(lines):
            match = public.match(line.text) if line.sign == "+" else None
            if match is None or documented(lines, at) is not False or (found := found + 1) > _MOST:
                continue
            name = next(group for group in match.groups() if group)
            message = f"public {name!r} is new and has no {'docstring' if language.name == 'python' else 'comment'}"
            yield Finding(rule="missing-docs", severity="low", path=file.path, line=line.new, message=message)


def _python_documented(lines: Sequence[Line], at: int) -> bool | None:
    """None where the diff does not show the body."""
    for line in lines[at:]:
        code = line.text.partition("#")[0].rstrip()
        # A protocol's or an overload's one-line body is a shape and not a function.
        if code.endswith(": ..."):
            return None
        if code.endswith(":"):
            body = lines[lines.index(line) + 1 :]
            return bool(_DOCSTRING.match(body[0].text)) if body else None
    return None


def _commented(lines: Sequence[Line], at: int) -> bool | None:
    """None where the diff does not show what stands above."""
    above = at - 1
    while above >= 0 and _ATTRIBUTE.match(lines[above].text):
        above -= 1
    if above >= 0:
        return bool(_COMMENT.match(lines[above].text))
    return None if (lines[0].new or 1) > 1 else False


def undocumented_change(diff: Diff) -> Iterator[Finding]:
    """A public name that went or looks different now, while no prose changed: one remark for the whole change."""
    if any(is_prose(file.path) for file in diff.files):
        return
    changed = [(file, name) for file in diff.files for name in _changed_names(file)]
    if not changed:
        return
    file, name = changed[0]
    more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
    yield Finding(
        rule="undocumented-change",
        severity="low",
        path=file.path,
        line=file.first_line,
        message=f"public {name!r}{more} changed or went away, and no changelog, readme or documentation says so",
    )


def _changed_names(file: FileDiff) -> Iterator[str]:
    language = language_of(file.path)
    public = _PUBLIC.get(language.name) if language else None
    if public is None or not is_product_code(file.path) or is_script(file.path):
        return
    kept = {line.text.strip() for line in file.added}
    for line in file.removed:
        match = public.match(line.text)
        # The same line elsewhere in the file was only moved.
        if match and line.text.strip() not in kept:
            yield next(group for group in match.groups() if group)
