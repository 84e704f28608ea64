"""A fleet file made ready for sending: the blueprints of the files beside it stand in it."""

from typing import Any, Final

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from reveille.ingress.application.blueprint_file import blueprint_document
from reveille.ingress.application.fleet_blueprints import Nearby
from reveille.ingress.application.fleet_document import FleetDocument, keys_of

_DUMPER: Final[Any] = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
# No line is folded: nobody reads it.
_WIDTH: Final = 1 << 30


def self_contained(source: str, *, file: str, nearby: Nearby) -> str:
    """The same fleet, and the same text where it names no file that is there; the file was read without a mistake."""
    root = FleetDocument(file).root(source)
    listed = keys_of(root).get("blueprints")
    if not isinstance(listed, SequenceNode) or not isinstance(root, MappingNode):
        return source
    inlined = [_inlined(node, nearby) for node in listed.value]
    if inlined == listed.value:
        return source
    listed.value = inlined
    text: str = yaml.serialize(root, Dumper=_DUMPER, allow_unicode=True, width=_WIDTH)
    return text


def _inlined(node: Node, nearby: Nearby) -> Node:
    if not isinstance(node, ScalarNode):
        return node
    found = nearby(node.value)
    return node if found is None else blueprint_document(found.file).root(found.text)
