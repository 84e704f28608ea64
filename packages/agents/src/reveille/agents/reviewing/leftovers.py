"""What was for the author's eyes alone: debug output, breakpoints, focused tests, conflict markers."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from reveille.agents.reviewing.code import code_added
from reveille.agents.reviewing.diff import FileDiff
from reveille.agents.reviewing.finding import Finding
from reveille.agents.reviewing.languages import is_generated, is_prose, is_script, is_test, language_of


@dataclass(frozen=True, slots=True)
class _Leftover:
    """printing: harmless in a script, where breakpoints are not."""

    pattern: re.Pattern[str]
    what: str
    severity: str
    printing: bool = False


def _stops(pattern: str, what: str) -> _Leftover:
    return _Leftover(re.compile(pattern), what, "medium")


def _prints(pattern: str, what: str) -> _Leftover:
    return _Leftover(re.compile(pattern), what, "low", printing=True)


_JAVASCRIPT: Final = (
    _stops(r"(^|[\s;{}])debugger\s*(;|$)", "debugger"),
    _prints(r"\bconsole\.(log|debug|dir|trace|table)\s*\(", "console output"),
)
_LEFTOVERS: Final = {
    "python": (
        _stops(r"(^|[\s;:])(breakpoint|i?pdb\.set_trace|pudb\.set_trace)\s*\(", "a breakpoint"),
        _stops(r"^\s*(import|from)\s+(i?pdb|pudb)\b", "an import of a debugger"),
        _prints(r"(^|[\s;:])p?print\s*\(", "print"),
    ),
    "javascript": _JAVASCRIPT,
    "typescript": _JAVASCRIPT,
    "go": (
        _prints(r"\bfmt\.Print(ln|f)?\s*\(", "fmt.Print"),
        _stops(r"\bspew\.Dump\s*\(|\bruntime\.Breakpoint\s*\(", "a debugging call"),
    ),
    "rust": (_stops(r"\bdbg!\s*[\(\[{]", "dbg!"), _prints(r"\be?println!\s*[\(\[{]", "println!")),
    "java": (
        _prints(r"\bSystem\.(out|err)\.print", "System.out"),
        _prints(r"\.printStackTrace\s*\(", "printStackTrace"),
    ),
    "kotlin": (_prints(r"(^|[\s;{])println\s*\(", "println"),),
    "ruby": (_stops(r"\bbinding\.(pry|irb)\b|\bbyebug\b", "a breakpoint"),),
    "php": (_prints(r"\b(var_dump|print_r|dd)\s*\(", "debug output"),),
    "csharp": (
        _stops(r"\bDebugger\.(Break|Launch)\s*\(", "a breakpoint"),
        _prints(r"\bConsole\.Write(Line)?\s*\(", "Console.Write"),
    ),
    "elixir": (_stops(r"\bIEx\.pry\b", "a breakpoint"), _prints(r"\bIO\.inspect\b", "IO.inspect")),
}
_FOCUSED: Final = re.compile(r"\b(describe|context|it|test|suite)\.only\s*\(|^\s*f(describe|it|context)\s*\(")
_OURS: Final = re.compile(r"<{7}( |$)")
_THEIRS: Final = re.compile(r">{7}( |$)")


def debug_leftovers(file: FileDiff) -> Iterator[Finding]:
    language = language_of(file.path)
    if language is None or is_test(file.path) or is_generated(file.path):
        return
    kinds = [kind for kind in _LEFTOVERS.get(language.name, ()) if not (kind.printing and is_script(file.path))]
    for line, code in code_added(file, language):
        found = next((kind for kind in kinds if kind.pattern.search(code)), None)
        if found:
            message = f"{found.what} is left from debugging"
            yield Finding(
                rule="debug-leftover", severity=found.severity, path=file.path, line=line.new, message=message
            )


def focused_tests(file: FileDiff) -> Iterator[Finding]:
    language = language_of(file.path)
    if language is None or language.family != "javascript" or not is_test(file.path):
        return
    for line, code in code_added(file, language):
        if _FOCUSED.search(code):
            message = "a focused test keeps all others from running"
            yield Finding(rule="focused-test", severity="medium", path=file.path, line=line.new, message=message)


def conflict_markers(file: FileDiff) -> Iterator[Finding]:
    starts = [line for line in file.added if _OURS.match(line.text)]
    ends = [line for line in file.added if _THEIRS.match(line.text)]
    # In prose a row of seven may quote; there only a pair is a conflict.
    if is_prose(file.path) and not (starts and ends):
        return
    for line in starts or ends:
        message = "a merge conflict is left unresolved"
        yield Finding(rule="conflict-marker", severity="high", path=file.path, line=line.new, message=message)
