"""What a `where` expression asks of single fields of a signal, as far as its text alone tells it for certain."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

# Fields whose value is text, for which `==` is the equality of Python's.
TEXTS: Final = frozenset(
    {
        "source", "kind", "means", "actor", "repository", "ref", "base_ref", "title", "conclusion", "severity",
        "summary", "url",
    }
)  # fmt: skip
LABELS: Final = "labels."

_TOKEN: Final = re.compile(
    r"""\s*(?:(?P<text>"[^"\\\n\r]*"|'[^'\\\n\r]*')|(?P<name>[A-Za-z_]\w*)|(?P<sign>&&|\|\||==|//|.))""", re.DOTALL
)
_OPENING: Final = frozenset("([{")
_CLOSING: Final = frozenset(")]}")


@dataclass(frozen=True, slots=True)
class Equality:
    """The expression is true only where this field has one of these values."""

    field: str
    values: frozenset[str]


@lru_cache(maxsize=20_000)
def equalities(where: str) -> tuple[Equality, ...]:
    """All that stand at the top of the expression, joined by `&&`; () also where its text is not understood.

    Sound, not complete: who leaves out the rules whose equality does not hold leaves out no rule that matches.
    """
    tokens = _tokens(where)
    if tokens is None:
        return ()
    found = (_equality(part) for part in _conjuncts(tokens))
    return tuple(one for one in found if one is not None)


def _tokens(where: str) -> list[str] | None:
    """None: it holds what this does not read (escapes, raw and triple quotes, comments)."""
    tokens: list[str] = []
    position, text_ended = 0, -1
    name_ended = -1
    where = where.rstrip()
    while position < len(where):
        match = _TOKEN.match(where, position)
        assert match is not None  # a sign is any character
        position = match.end()
        if match["text"] is not None:
            # Beside another text it is a triple quote, beside a name that name is its prefix.
            if match.start("text") in (text_ended, name_ended):
                return None
            text_ended = position
        elif match["name"] is not None:
            name_ended = position
        elif match["sign"] in ('"', "'", "\\", "//"):
            return None
        tokens.append(match[match.lastgroup or "sign"])
    return tokens


def _conjuncts(tokens: Sequence[str]) -> Iterator[list[str]]:
    depth, part, parts = 0, list[str](), list[list[str]]()
    for token in tokens:
        if token in _OPENING:
            depth += 1
        elif token in _CLOSING:
            depth -= 1
        if depth == 0 and token in ("||", "?", ":"):
            return
        if depth == 0 and token == "&&":
            parts.append(part)
            part = []
        else:
            part.append(token)
    yield from (*parts, part)


def _equality(tokens: Sequence[str]) -> Equality | None:
    match tokens:
        case [*left, "==", text] if _is_text(text) and (field := _field(left)):
            return Equality(field, frozenset({text[1:-1]}))
        case [text, "==", *right] if _is_text(text) and (field := _field(right)):
            return Equality(field, frozenset({text[1:-1]}))
    if "in" in tokens and tokens[-1] == "]":
        at = tokens.index("in")
        field, items = _field(tokens[:at]), tokens[at + 2 : -1]
        if field and tokens[at + 1] == "[" and _is_list(items):
            return Equality(field, frozenset(item[1:-1] for item in items[::2]))
    return None


def _field(tokens: Sequence[str]) -> str:
    """ "" where it is none, or none whose value is text."""
    match tokens:
        case ["signal", ".", name] if name in TEXTS:
            return name
        case ["signal", ".", "labels", ".", name] if name.isidentifier():
            return LABELS + name
        case ["signal", ".", "labels", "[", name, "]"] if _is_text(name):
            return LABELS + name[1:-1]
    return ""


def _is_list(items: Sequence[str]) -> bool:
    return bool(items) and all(_is_text(item) if at % 2 == 0 else item == "," for at, item in enumerate(items))


def _is_text(token: str) -> bool:
    return token[:1] in ("'", '"')
