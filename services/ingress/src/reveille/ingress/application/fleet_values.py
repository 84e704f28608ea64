"""The readers of a fleet file's single values."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from yaml.nodes import Node, ScalarNode, SequenceNode

from reveille.ingress.application.fleet_document import FleetDocument, Read, Wrong, meant, shown

MAX_TOKENS: Final = 1 << 53
SECOND_MS: Final = 1000
DAY_MS: Final = 86_400_000
UNITS_MS: Final = {"ms": 1, "s": SECOND_MS, "m": 60_000, "h": 3_600_000, "d": DAY_MS}
# Whatever lasts longer is a mistake, or more than a signed number of 64 bits can say in microseconds.
LONGEST_MS: Final = 366 * DAY_MS
_WHOLE: Final = re.compile(r"[0-9][0-9_]{0,20}")
_DURATION: Final = re.compile(r"([0-9]{1,12})(ms|s|m|h|d)")
_AMOUNT: Final = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")


def text(pattern: str, expected: str) -> Read:
    matches = re.compile(pattern).fullmatch

    def read(node: Node, path: str) -> str:
        if not isinstance(node, ScalarNode) or not matches(node.value):
            raise Wrong(f"it is {shown(node)}, expected {expected}")
        return str(node.value)

    return read


NAME: Final = text(r"[a-z0-9][a-z0-9_-]{0,62}", "a name of at most 63 of a-z, 0-9, _ and -")
TITLE: Final = text(r"[^\n]{1,200}", "a line of at most 200 characters")
TENANT: Final = text(r"[a-z0-9_]{1,63}", "a name of at most 63 of a-z, 0-9 and _")
KIND: Final = text(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*", "a kind or a meaning like pull_request.opened or code.pushed")
MODEL: Final = text(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}", "the name of a model, or offline or auto")


def choice(choices: Mapping[str, Any]) -> Read:
    def read(node: Node, path: str) -> Any:
        if not isinstance(node, ScalarNode) or node.value not in choices:
            close = meant(node.value, choices) if isinstance(node, ScalarNode) else ""
            raise Wrong(f"it is {shown(node)}{close}, expected one of {', '.join(choices)}")
        return choices[node.value]

    return read


TRUTH: Final = choice({"true": True, "false": False})


def whole(least: int, most: int = MAX_TOKENS) -> Read:
    """A whole number, which may be written with underscores, in quotes or not."""

    def read(node: Node, path: str) -> int:
        if not isinstance(node, ScalarNode) or not _WHOLE.fullmatch(node.value):
            raise Wrong(f"it is {shown(node)}, expected a whole number")
        value = int(node.value.replace("_", ""))
        if not least <= value <= most:
            raise Wrong(f"it is {value}, expected a whole number from {least} to {most}")
        return value

    return read


def duration(least: int = 1, most: int = LONGEST_MS) -> Read:
    """In milliseconds, as are the bounds."""

    def read(node: Node, path: str) -> int:
        found = _DURATION.fullmatch(node.value) if isinstance(node, ScalarNode) else None
        if found is None or (least and not int(found[1])):
            raise Wrong(f"it is {shown(node)}, expected a duration like 500ms, 30s, 15m or 24h")
        value = int(found[1]) * UNITS_MS[found[2]]
        if not least <= value <= most:
            raise Wrong(f"it is {shown(node)}, expected a duration from {written(least)} to {written(most)}")
        return value

    return read


def amount(node: Node, path: str) -> float:
    if not isinstance(node, ScalarNode) or not _AMOUNT.fullmatch(node.value):
        raise Wrong(f"it is {shown(node)}, expected a number that is not below 0")
    return float(node.value)


def parts(document: FleetDocument) -> Read:
    """Parts of a whole, each once and in rising order."""

    def part(node: Node, path: str) -> float:
        value = float(node.value) if isinstance(node, ScalarNode) and _AMOUNT.fullmatch(node.value) else 0.0
        if not 0 < value <= 1:
            raise Wrong(f"it is {shown(node)}, expected a number above 0 and at most 1")
        return value

    read_list = document.several(part)

    def read(node: Node, path: str) -> list[float]:
        found: list[float] = read_list(node, path)
        if found != sorted(set(found)):
            raise Wrong("its numbers do not rise, expected each once, the smallest first")
        return found

    return read


def names_of(document: FleetDocument, known: Sequence[str]) -> Read:
    """Some of these names: a list, or a text in which commas part them."""
    choices = dict.fromkeys(known)

    def name(node: Node, path: str) -> str:
        if not isinstance(node, ScalarNode):
            raise Wrong(f"it is {shown(node)}, expected one of {', '.join(known)}")
        return _known(node.value)

    def _known(value: str) -> str:
        if value not in choices:
            raise Wrong(f"a signal has no {value[:60]!r}{meant(value, choices)} to go by; it has {', '.join(known)}")
        return value

    several = document.several(name)

    def read(node: Node, path: str) -> list[str]:
        if isinstance(node, SequenceNode):
            found: list[str] = several(node, path)
        elif isinstance(node, ScalarNode):
            found = [_known(part.strip()) for part in node.value.split(",")]
        else:
            raise Wrong(f"it is {shown(node)}, expected names of a signal's fields")
        if len(set(found)) != len(found):
            raise Wrong(f"it is {', '.join(found)}, expected each name once")
        return found

    return read


def named(document: FleetDocument, read: Read) -> Read:
    """A mapping from names that the file makes up."""

    def read_named(node: Node, path: str) -> dict[str, Any]:
        found = {}
        for name, key, value in document.entries(node, path):
            if document.value(key, f"{path}.{name}", NAME) is not None:
                found[name] = document.value(value, f"{path}.{name}", read)
        return found

    return read_named


def written(milliseconds: int) -> str:
    for unit, size in reversed(UNITS_MS.items()):
        if milliseconds >= size and milliseconds % size == 0:
            return f"{milliseconds // size}{unit}"
    return "0s"
