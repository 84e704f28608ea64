"""A fleet file as YAML with line numbers, and the readers of its values; every mistake is kept with its place."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Final

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from reveille.kernel.errors import Misconfigured

MAX_BYTES: Final = 1024 * 1024
MAX_DEPTH: Final = 20
MAX_TOKENS: Final = 1 << 53
UNITS_MS: Final = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_WHOLE: Final = re.compile(r"[0-9][0-9_]{0,20}")
_DURATION: Final = re.compile(r"([0-9]{1,12})(ms|s|m|h|d)")
_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class FleetFileInvalid(Misconfigured):
    """Every mistake of a fleet file, one to a line: `file:line: key: what is wrong, what was expected`."""

    def __init__(self, errors: Sequence[str]) -> None:
        super().__init__("\n".join(errors))
        self.errors = tuple(errors)


class Wrong(Exception):
    """What is wrong with one value."""


# A reader of one value; raises Wrong, or adds to the document's errors itself.
Read = Callable[[Node, str], Any]


@dataclass(slots=True)
class FleetDocument:
    """`later` are keys that the format has and this version has not."""

    file: str
    errors: list[str] = field(default_factory=list)

    def root(self, text: str) -> Node:
        size = len(text.encode())
        if size > MAX_BYTES:
            raise FleetFileInvalid([f"{self.file}:1: the file has {size} bytes, at most {MAX_BYTES} are read"])
        try:
            self._check_shape(text)
            root = yaml.compose(text, Loader=_LOADER)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise FleetFileInvalid([f"{self.file}:{line}: this is no YAML: {error.problem}"]) from error
        except yaml.YAMLError as error:
            raise FleetFileInvalid([f"{self.file}:1: this is no YAML: {' '.join(str(error).split())}"]) from error
        if root is None:
            raise FleetFileInvalid(
                [f"{self.file}:1: the file is empty, expected a mapping with `version` and `agents`"]
            )
        return root

    def wrong(self, node: Node, path: str, what: str) -> None:
        self.errors.append(f"{self.file}:{node.start_mark.line + 1}: {f'{path}: ' if path else ''}{what}")

    def value(self, node: Node, path: str, read: Read) -> Any:
        """None where the value is wrong; the mistake is kept."""
        try:
            return read(node, path)
        except Wrong as error:
            self.wrong(node, path, str(error))
            return None

    def section(self, known: Mapping[str, Read], *, later: Sequence[str] = (), needed: Sequence[str] = ()) -> Read:
        """A mapping of these keys; what is wrong or not there is not in the outcome."""

        def read(node: Node, path: str) -> dict[str, Any]:
            found: dict[str, Any] = {}
            entries = self.entries(node, path)
            for key, key_node, value in entries:
                place = f"{path}.{key}" if path else key
                if key in known:
                    if (outcome := self.value(value, place, known[key])) is not None:
                        found[key] = outcome
                elif key in later:
                    self.wrong(key_node, place, f"`{key}` is not supported by this version")
                else:
                    self.wrong(
                        key_node, place, f"unknown key `{key}`{_meant(key, known)}; known here: {', '.join(known)}"
                    )
            present = {key for key, _, _ in entries}
            # What comes later may stand in the place of what is needed now, as a rule's `cron` for its `on`.
            for key in () if present & set(later) else needed:
                if key not in present:
                    self.wrong(node, path, f"`{key}` is missing")
            return found

        return read

    def entries(self, node: Node, path: str) -> list[tuple[str, Node, Node]]:
        """The keys of a mapping with the nodes of key and value. Raises Wrong where it is none."""
        if not isinstance(node, MappingNode):
            raise Wrong(f"it is {shown(node)}, expected a mapping")
        found: dict[str, tuple[str, Node, Node]] = {}
        for key, value in node.value:
            if not isinstance(key, ScalarNode):
                self.wrong(key, path, f"a key is {shown(key)}, expected a text")
            elif key.value in found:
                first = found[key.value][1].start_mark.line + 1
                self.wrong(
                    key, f"{path}.{key.value}" if path else key.value, f"the key stands twice, first in line {first}"
                )
            else:
                found[key.value] = (key.value, key, value)
        return list(found.values())

    def several(self, read: Read) -> Read:
        """A list of values."""

        def read_list(node: Node, path: str) -> list[Any]:
            if not isinstance(node, SequenceNode):
                raise Wrong(f"it is {shown(node)}, expected a list")
            values = [self.value(item, f"{path}[{index}]", read) for index, item in enumerate(node.value)]
            return [value for value in values if value is not None]

        return read_list

    def one_or_several(self, read: Read) -> Read:
        several = self.several(read)

        def read_either(node: Node, path: str) -> list[Any]:
            if isinstance(node, SequenceNode):
                return several(node, path)  # type: ignore[no-any-return]
            return [read(node, path)]

        return read_either

    def _check_shape(self, text: str) -> None:
        """Before anything is built of it: an alias could make a small file huge, and depth could exhaust the stack."""
        depth = 0
        for event in yaml.parse(text, Loader=_LOADER):
            line = event.start_mark.line + 1 if event.start_mark else 1
            if isinstance(event, yaml.AliasEvent):
                raise FleetFileInvalid(
                    [f"{self.file}:{line}: `*{event.anchor}` is an alias, which a fleet file may not have"]
                )
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                if depth > MAX_DEPTH:
                    raise FleetFileInvalid([f"{self.file}:{line}: it is nested deeper than {MAX_DEPTH} levels"])
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1


def shown(node: Node) -> str:
    if isinstance(node, ScalarNode):
        return "empty" if not node.value else repr(node.value[:60])
    return "a mapping" if isinstance(node, MappingNode) else "a list"


def text(pattern: str, expected: str) -> Read:
    matches = re.compile(pattern).fullmatch

    def read(node: Node, path: str) -> str:
        if not isinstance(node, ScalarNode) or not matches(node.value):
            raise Wrong(f"it is {shown(node)}, expected {expected}")
        return str(node.value)

    return read


def choice(choices: Mapping[str, Any]) -> Read:
    def read(node: Node, path: str) -> Any:
        if not isinstance(node, ScalarNode) or node.value not in choices:
            meant = _meant(node.value, choices) if isinstance(node, ScalarNode) else ""
            raise Wrong(f"it is {shown(node)}{meant}, expected one of {', '.join(choices)}")
        return choices[node.value]

    return read


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


def duration_ms(node: Node, path: str) -> int:
    found = _DURATION.fullmatch(node.value) if isinstance(node, ScalarNode) else None
    if found is None or not int(found[1]):
        raise Wrong(f"it is {shown(node)}, expected a duration like 500ms, 30s, 15m or 24h")
    return int(found[1]) * UNITS_MS[found[2]]


def amount(node: Node, path: str) -> float:
    if not isinstance(node, ScalarNode) or not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", node.value):
        raise Wrong(f"it is {shown(node)}, expected a number that is not below 0")
    return float(node.value)


def _meant(word: str, known: Mapping[str, Any]) -> str:
    close = get_close_matches(word, known, n=1)
    return f" (did you mean `{close[0]}`?)" if close else ""
