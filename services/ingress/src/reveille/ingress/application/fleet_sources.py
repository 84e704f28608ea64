"""The sources of a fleet file: doors for whoever speaks a format of his own, and where his payload says what."""

import re
from collections.abc import Mapping
from typing import Any, Final

from yaml.nodes import Node, ScalarNode

from reveille.contracts.ingress.v1.events_pb2 import Source, SourceScheme
from reveille.ingress.application.fleet_document import FleetDocument, Read, Wrong, keys_of, meant, shown
from reveille.ingress.application.fleet_values import KIND, choice, text
from reveille.ingress.domain.custom import FIELDS
from reveille.ingress.domain.delivery import MEANS

SCHEMES: Final = {
    "standard": SourceScheme.SOURCE_SCHEME_STANDARD,
    "hmac": SourceScheme.SOURCE_SCHEME_HMAC,
    "token": SourceScheme.SOURCE_SCHEME_TOKEN,
}
# https://www.rfc-editor.org/rfc/rfc6901
_POINTER: Final = re.compile(r"(/([^/~]|~[01])*)+")
_MEANING: Final = choice({f"={word}": word for word in sorted(MEANS)})


def source(document: FleetDocument) -> Read:
    section = document.section(
        {
            "scheme": choice(SCHEMES),
            "header": text(r"[A-Za-z0-9][A-Za-z0-9-]{0,99}", "the name of a header like X-Signature-256"),
            "fields": _fields(document),
        },
        needed=("scheme",),
    )

    def read(node: Node, path: str) -> dict[str, Any]:
        found: dict[str, Any] = section(node, path)
        scheme, header = found.get("scheme"), "header" in keys_of(node)
        if scheme == SourceScheme.SOURCE_SCHEME_STANDARD and header:
            raise Wrong("`header` does not go with the scheme standard, whose headers are fixed")
        if scheme in (SourceScheme.SOURCE_SCHEME_HMAC, SourceScheme.SOURCE_SCHEME_TOKEN) and not header:
            raise Wrong("`header` is missing: where the sender puts what proves him")
        return found

    return read


def as_source(name: str, one: Mapping[str, Any]) -> Source:
    """Names of headers are in small letters, as HTTP/2 and ASGI have them."""
    return Source(name=name, scheme=one["scheme"], header=one.get("header", "").lower(), fields=one.get("fields", {}))


def _fields(document: FleetDocument) -> Read:
    known = dict.fromkeys(sorted(FIELDS))

    def place(node: Node, path: str) -> str:
        value = node.value if isinstance(node, ScalarNode) else ""
        if len(value) > 500 or not (value.startswith("=") or _POINTER.fullmatch(value)):
            raise Wrong(f"it is {shown(node)}, expected a JSON pointer like /build/status, or = and a value")
        return str(value)

    def read(node: Node, path: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for name, key, value in document.entries(node, path):
            where = f"{path}.{name}"
            if name not in known:
                document.wrong(
                    key, where, f"a signal has no {name[:60]!r}{meant(name, known)}; it has {', '.join(known)}"
                )
                continue
            told = document.value(value, where, place)
            if told is None:
                continue
            if told.startswith("="):
                document.value(value, where, _literal(name))
            found[name] = told
        return found

    return read


def _literal(field: str) -> Read:
    match field:
        case "means":
            return _MEANING
        case "kind":
            return _after_equals(KIND)
        case "number":
            return text(r"=[0-9]{1,18}", "= and a whole number")
        case "draft":
            return choice({"=true": True, "=false": False})
        case "id" | "labels":
            return _never(field)
    return text(r"=[^\n]{1,500}", "= and a line of at most 500 characters")


def _after_equals(read: Read) -> Read:
    def read_rest(node: Node, path: str) -> Any:
        rest = ScalarNode(node.tag, node.value[1:], node.start_mark, node.end_mark)
        return read(rest, path)

    return read_rest


def _never(field: str) -> Read:
    def read(node: Node, path: str) -> Any:
        raise Wrong(f"it is {shown(node)}, expected a JSON pointer: {field} cannot be the same of every delivery")

    return read
