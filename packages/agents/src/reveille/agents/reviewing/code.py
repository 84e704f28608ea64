"""What of a line is code: comments, docstrings and the insides of strings are not."""

import re
from collections.abc import Iterator
from typing import Final

from reveille.agents.reviewing.diff import FileDiff, Line
from reveille.agents.reviewing.languages import Language

_STRING: Final = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'|`(?:[^`\\]|\\.)*`')
# Nobody writes longer lines by hand, and an odd quote in one makes the pattern above slow.
_LONGEST: Final = 500
_TRIPLE: Final = re.compile(r'"""|\'\'\'')


def code_of(text: str, language: Language) -> str:
    """The line with empty strings and without its comment."""
    code = _STRING.sub('""', text)
    if code.lstrip().startswith(("*", "/*")) and language.comment == "//":
        return ""
    return code.partition(language.comment)[0]


def code_added(file: FileDiff, language: Language) -> Iterator[tuple[Line, str]]:
    """The added lines with the code of each, where they hold any."""
    for hunk in file.hunks:
        # A hunk may begin inside a docstring; nothing in it says so, and most do not.
        quoted = ""
        for line in hunk:
            if line.sign == "-":
                continue
            inside, quoted = quoted, _after(line.text, quoted) if language.name == "python" else ""
            code = "" if inside else code_of(_TRIPLE.split(line.text[:_LONGEST])[0], language)
            if line.sign == "+" and code.strip():
                yield line, code


def _after(text: str, quoted: str) -> str:
    for mark in _TRIPLE.findall(text):
        if not quoted:
            quoted = mark
        elif mark == quoted:
            quoted = ""
    return quoted
