"""Reading what outsiders wrote: what is missing or of another type reads as nothing, and nothing is without bound."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from reveille.ingress.domain.refusals import Malformed, invalid_field

MAX_LINE: Final = 500
MAX_TEXT: Final = 2_000
MAX_LABELS: Final = 100
MAX_LABEL: Final = 100
MAX_LABELS_BYTES: Final = 32 * 1024
# Together they stay well below the 256 KiB that an event may have.
MAX_PATHS_BYTES: Final = 96 * 1024

Document = Mapping[str, Any]


def object_of(document: object) -> Document:
    if not isinstance(document, dict):
        raise Malformed("not_an_object", f"the body is a JSON {_kind(document)}, expected an object")
    return document


def at(document: object, *path: str) -> object:
    for key in path:
        if not isinstance(document, dict):
            return None
        document = document.get(key)
    return document


def text(document: object, *path: str, limit: int = MAX_LINE) -> str:
    for key in path:  # not by `at`: this is asked a dozen times for every signal
        if not isinstance(document, dict):
            return ""
        document = document.get(key)
    return document[:limit] if isinstance(document, str) else ""


def number(document: object, *path: str) -> int:
    value = at(document, *path)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 63 else 0


def flag(document: object, *path: str) -> bool:
    return at(document, *path) is True


def objects(document: object, *path: str) -> list[Document] | None:
    """None: there is no list. What is no object in it is left out."""
    value = at(document, *path)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else None


def plain(value: object, *, limit: int = MAX_LINE) -> str:
    """A text, number or truth as text; "" for anything else."""
    match value:
        case str():
            return value[:limit]
        case bool():
            return "true" if value else "false"
        case int() if -(1 << 63) <= value < 1 << 64:  # the digits of a huge one take quadratic time
            return str(value)
        case float():
            return repr(value)
    return ""


def labels_of(value: object) -> dict[str, str]:
    """From `{name: value}`, from a list of names, or from a list of objects with a `name` or a `title`."""
    labels: dict[str, str] = {}
    size = 0
    for name, told in _labels(value):
        size += len(name.encode()) + len(told.encode())
        if len(labels) == MAX_LABELS or size > MAX_LABELS_BYTES:
            break
        if name:
            labels[name] = told
    return labels


def _labels(value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, told in value.items():
            yield name[:MAX_LABEL], plain(told)
    elif isinstance(value, list):
        for one in value:
            name = one if isinstance(one, str) else text(one, "name") or text(one, "title")
            yield name[:MAX_LABEL], "true"


def first_line(message: str) -> str:
    return message.partition("\n")[0].rstrip("\r")


def repository_of(url: str) -> str:
    """The name by which hosts of git call what is at an address: `git@host:acme/app.git` → `acme/app`."""
    _, scheme, rest = url.partition("://")
    path = rest.partition("/")[2] if scheme else url.rpartition(":")[2]
    return path.strip("/").removesuffix(".git")


def known_paths(found: Iterable[object]) -> list[str] | None:
    """Each path once, sorted; None where they are too many to keep, or not all are paths."""
    paths: set[str] = set()
    size = 0
    for path in found:
        if not isinstance(path, str):
            return None
        if path not in paths:
            paths.add(path)
            size += len(path.encode()) + 3
            if size > MAX_PATHS_BYTES:
                return None
    return sorted(paths)


def required_text(document: Document, name: str, *, limit: int = MAX_LINE) -> str:
    value = document.get(name)
    if not isinstance(value, str) or not value:
        raise invalid_field(name, f"it is {_shown(value)}, expected a text that is not empty")
    if len(value) > limit:
        raise invalid_field(name, f"it has {len(value)} characters, at most {limit} are taken")
    return value


def optional_text(document: Document, name: str, *, limit: int = MAX_LINE) -> str:
    return required_text(document, name, limit=limit) if document.get(name) is not None else ""


def _shown(value: object) -> str:
    return "missing" if value is None else f"a JSON {_kind(value)}" if not isinstance(value, str) else "empty"


def _kind(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case str():
            return "text"
        case int() | float():
            return "number"
        case list():
            return "list"
    return "object"
