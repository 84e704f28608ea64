"""The blueprints of a fleet: written in its file, in files beside it, and those that ship, which every fleet has."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from yaml.nodes import MappingNode, Node

from reveille.ingress.application.blueprint_file import (
    SHIPPED,
    Draft,
    blueprint,
    blueprint_document,
    named_by,
    read_draft,
    shipped_blueprint,
)
from reveille.ingress.application.fleet_document import FleetDocument, Read, Wrong, at, shown
from reveille.ingress.application.fleet_rules import Checks
from reveille.ingress.application.fleet_values import text

MAX_BLUEPRINTS: Final = 100
# No part of it begins with a dot: it leads nowhere else.
FILE: Final = text(
    r"(?=.{1,200}$)[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*",
    "a blueprint, or the name of a file in the folder of the fleet file like party.yaml",
)


@dataclass(frozen=True, slots=True)
class Beside:
    """A file that a fleet file names. file: what mistakes call it."""

    file: str
    text: str


# What stands in the folder of a fleet file; None: nothing of this name. Raises Wrong for what cannot be read.
Nearby = Callable[[str], Beside | None]


def blueprints(document: FleetDocument, checks: Checks, nearby: Nearby | None) -> Read:
    """nearby: None where the fleet has no folder, as one that was sent."""
    inline = blueprint(document, checks)

    def read(node: Node, path: str) -> Draft | None:
        if isinstance(node, MappingNode):
            draft: Draft | None = inline(node, path)
            return draft
        name: str = FILE(node, path)
        found = nearby(name) if nearby is not None else None
        if found is not None:
            return read_draft(_sharing(document, found.file), found.text, checks)
        if (source := shipped_blueprint(named_by(name))) is not None:
            return read_draft(_sharing(document, name), source, checks)
        if nearby is None:
            told = f"it is {shown(node)}, and a fleet that was sent has no files beside it"
        else:
            told = f"no file {name!r} stands beside the fleet file, and no such blueprint ships"
        raise Wrong(f"{told}, expected a blueprint, or one of {', '.join(SHIPPED)}")

    return read


def with_shipped(document: FleetDocument, root: Node, own: Sequence[Draft], checks: Checks) -> list[Draft]:
    """The fleet's own take the place of those that ship."""
    seen: dict[str, int] = {}
    for index, draft in enumerate(own):
        node = at(root, "blueprints", index)
        if (name := draft.blueprint.name) in seen:
            told = f"blueprint {name!r} is there already, first in line {seen[name]}"
            document.wrong(node, f"blueprints[{index}]", told)
        seen.setdefault(name, node.start_mark.line + 1)
    if len(own) > MAX_BLUEPRINTS:
        document.wrong(at(root, "blueprints"), "blueprints", f"it has {len(own)}, at most {MAX_BLUEPRINTS} are taken")
    found = list(own)
    for name in SHIPPED:
        if name not in seen:
            source = shipped_blueprint(name) or ""
            shipped = read_draft(_sharing(document, f"{name}.yaml"), source, checks)
            found += [shipped] if shipped else []
    return found


def _sharing(document: FleetDocument, file: str) -> FleetDocument:
    """Mistakes of its file are the fleet's too."""
    return replace(blueprint_document(file), mistakes=document.mistakes)
