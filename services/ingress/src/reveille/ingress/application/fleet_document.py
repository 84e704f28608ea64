"""A fleet file as YAML with line numbers; every mistake is kept with its place. Blueprint files are read alike."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Final

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from reveille.kernel.errors import Misconfigured

MAX_BYTES: Final = 1024 * 1024
MAX_DEPTH: Final = 20
MAX_MISTAKES: Final = 200
MAX_KEY: Final = 200
# Of what is listed in a mistake.
MAX_NAMES: Final = 50
# Keys, values, lists and mappings: a rule has about twenty.
MAX_NODES: Final = 300_000
_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong in which line; path: the key's, "" where it is about the whole file."""

    file: str
    line: int
    path: str
    what: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {f'{self.path}: ' if self.path else ''}{self.what}"


class FleetFileInvalid(Misconfigured):
    """Every mistake of a fleet file, one to a line: `file:line: key: what is wrong, what was expected`."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        super().__init__("\n".join(map(str, mistakes)))
        self.mistakes = tuple(mistakes)


class Wrong(Exception):
    """What is wrong with one value."""


# A reader of one value; raises Wrong, or adds to the document's mistakes itself.
Read = Callable[[Node, str], Any]


@dataclass(slots=True)
class FleetDocument:
    """`later` are keys that the format has and this version has not. mistakes: files that belong together share them.

    kind: what is being read; first: the keys that it cannot do without.
    """

    file: str
    mistakes: list[Mistake] = field(default_factory=list)
    kind: str = "fleet file"
    first: str = "`version` and `agents`"

    def root(self, text: str) -> Node:
        size = len(text.encode())
        if size > MAX_BYTES:
            raise self._unreadable(1, f"the file has {size} bytes, at most {MAX_BYTES} are read")
        try:
            self._check_shape(text)
            root = yaml.compose(text, Loader=_LOADER)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise self._unreadable(line, f"this is no YAML: {error.problem}") from error
        except yaml.YAMLError as error:
            raise self._unreadable(1, f"this is no YAML: {' '.join(str(error).split())}") from error
        if root is None:
            raise self._unreadable(1, f"the file is empty, expected a mapping with {self.first}")
        return root

    def wrong(self, node: Node, path: str, what: str) -> None:
        """Raises FleetFileInvalid where there are so many that nobody reads them: to find each takes time."""
        self.mistakes.append(Mistake(self.file, node.start_mark.line + 1, path, what))
        if len(self.mistakes) > MAX_MISTAKES:
            raise FleetFileInvalid(self.mistakes[:MAX_MISTAKES])

    def _unreadable(self, line: int, what: str) -> FleetFileInvalid:
        return FleetFileInvalid([Mistake(self.file, line, "", what)])

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
                        key_node, place, f"unknown key `{key}`{meant(key, known)}; known here: {', '.join(known)}"
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
            elif len(key.value) > MAX_KEY:
                self.wrong(key, path, f"a key has {len(key.value)} characters, at most {MAX_KEY} are read")
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
        for nodes, event in enumerate(yaml.parse(text, Loader=_LOADER)):
            line = event.start_mark.line + 1 if event.start_mark else 1
            if nodes > MAX_NODES:
                raise self._unreadable(line, f"it has more than {MAX_NODES} keys and values")
            if isinstance(event, yaml.AliasEvent):
                raise self._unreadable(line, f"`*{event.anchor}` is an alias, which a {self.kind} may not have")
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                if depth > MAX_DEPTH:
                    raise self._unreadable(line, f"it is nested deeper than {MAX_DEPTH} levels")
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1


def at(node: Node, *path: str | int) -> Node:
    """The node at a path, or the last one on the way to it."""
    for step in path:
        following: Node | None = None
        if isinstance(node, MappingNode):
            following = next((value for key, value in node.value if key.value == step), None)
        elif isinstance(node, SequenceNode) and isinstance(step, int):
            following = node.value[step]
        if following is None:
            return node
        node = following
    return node


def keys_of(node: Node) -> dict[str, Node]:
    """The node of each key's value; {} where it is no mapping. It says nothing of mistakes."""
    if not isinstance(node, MappingNode):
        return {}
    return {key.value: value for key, value in node.value if isinstance(key, ScalarNode)}


def shown(node: Node) -> str:
    if isinstance(node, ScalarNode):
        return "empty" if not node.value else repr(node.value[:60])
    return "a mapping" if isinstance(node, MappingNode) else "a list"


def some(names: Iterable[str]) -> str:
    """The first of them, and how many there are beside."""
    listed = list(names)
    more = f" and {len(listed) - MAX_NAMES} more" if len(listed) > MAX_NAMES else ""
    return ", ".join(listed[:MAX_NAMES]) + more


def meant(word: str, known: Iterable[str]) -> str:
    close = get_close_matches(word, known, n=1)
    return f" (did you mean `{close[0]}`?)" if close else ""
