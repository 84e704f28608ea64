"""What an expression may cost at each evaluation, told before it is ever evaluated.

The engine itself stops after 10,000 elements of `exists`, `map` and their like, and 32 levels of nesting. It compiles a
regular expression anew each time that it comes to `matches`, so that one that is large, or made of what a signal says,
took minutes over a thousand paths.
"""

import re
from collections.abc import Callable
from typing import Final

# Instructions of RE2's program: 50 µs to compile 200 of them, and below a macro it is done for every element.
MAX_PROGRAM: Final = 5_000
MAX_PROGRAM_IN_MACRO: Final = 200
# Of texts of 2,000 characters, for every element: what `map` gathers is kept until the end.
MAX_SUMS: Final = 10
_RAW: Final = r"""[bB]?[rR][bB]?(?:\"{3}[\s\S]*?\"{3}|'{3}[\s\S]*?'{3}|"[^"\n]*"|'[^'\n]*')"""
_ESCAPED: Final = (
    r"""[bB]?(?:\"{3}(?:[^\\]|\\.)*?\"{3}|'{3}(?:[^\\]|\\.)*?'{3}|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')"""
)
_LITERAL: Final = re.compile(rf"//[^\n]*|(?P<text>{_RAW}|{_ESCAPED})", re.DOTALL)
_MACRO: Final = re.compile(r"\.\s*(?:all|exists|exists_one|map|filter)\s*\(")
_MATCHES: Final = re.compile(r"\bmatches\b")
_ONE_LITERAL: Final = re.compile(r'\s*\(\s*"(\d+)"\s*\)')


def check_cost(expression: str, read: Callable[[str], str]) -> str | None:
    """What of it costs too much; None: nothing does. read: what a literal stands for, its escapes taken as they are."""
    shape, literals = _shape(expression)
    if shape.count('"') != 2 * len(literals) or "'" in shape or "\\" in shape:
        return "its quotes cannot be told apart"
    if (sums := shape.count("+")) > MAX_SUMS:
        return f"it has {sums} of `+`, at most {MAX_SUMS} are taken"
    most = MAX_PROGRAM_IN_MACRO if _MACRO.search(shape) else MAX_PROGRAM
    size = 0
    for found in _MATCHES.finditer(shape):
        literal = _ONE_LITERAL.match(shape, found.end())
        if literal is None:
            return "`matches` is not followed by one text in quotes, expected a pattern that is always the same"
        try:
            size += _program(read(literals[int(literal[1])]))
        except ValueError as error:
            return f"invalid regular expression: {error}"
    if size > most:
        where = "where a macro goes through a list" if most == MAX_PROGRAM_IN_MACRO else "in one expression"
        return f"its regular expressions have {size} instructions, at most {most} are taken {where}"
    return None


def _shape(expression: str) -> tuple[str, list[str]]:
    """The expression with a number in place of each literal, and without comments; and the literals."""
    literals: list[str] = []

    def number(found: "re.Match[str]") -> str:
        if found["text"] is None:
            return ""
        literals.append(found["text"])
        return f'"{len(literals) - 1}"'

    return _LITERAL.sub(number, expression), literals


def _program(pattern: str) -> int:
    """Raises ValueError."""
    import re2  # type: ignore[import-untyped]

    options = re2.Options()
    options.log_errors = False
    try:
        size: int = re2.compile(pattern, options).programsize
    except re2.error as error:
        raise ValueError(error.args[0].decode() if isinstance(error.args[0], bytes) else str(error)) from error
    return size
