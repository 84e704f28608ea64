"""Reading a blueprint, as a file of its own or inside a fleet file: every mistake is named with its line."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final

from yaml.nodes import MappingNode, Node

from reveille.contracts.ingress.v1.events_pb2 import Autopilot, Blueprint
from reveille.ingress.application import departments_file as hierarchy
from reveille.ingress.application.blueprint_gates import AUTOPILOT, COMPLETE, approvals, as_gate
from reveille.ingress.application.blueprint_graph import Place, check_graph, in_order, wrong_in
from reveille.ingress.application.blueprint_steps import as_step, facts, steps
from reveille.ingress.application.departments_compiling import compiled, required
from reveille.ingress.application.fleet_document import FleetDocument, FleetFileInvalid, Read, keys_of, meant, some
from reveille.ingress.application.fleet_rules import Checks
from reveille.ingress.application.fleet_values import NAME, TITLE

# One event holds it, and an event of 256 KiB is refused.
MAX_RECORDED: Final = 128 * 1024
# Blueprints that ship with the package.
SHIPPED: Final = ("party", "film-scene")
# Keys of a plan whose steps stand in the file, and whose departments do.
OF_STEPS: Final = ("steps", "required", "money", "facts")
OF_DEPARTMENTS: Final = hierarchy.KEYS
EITHER: Final = "expected either `steps`, or `orchestrator` and `departments`"
SUFFIXES: Final = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Draft:
    """A blueprint with where it stands, for what can only be told beside the rest of its fleet.

    agents: all that it names, each with where it does.
    """

    blueprint: Blueprint
    document: FleetDocument
    node: Node
    path: str
    agents: Sequence[tuple[str, Place]]

    def wrong(self, what: str, *place: str | int) -> None:
        wrong_in(self.document, self.node, self.path)(what, *place)

    def check_agents(self, known: Iterable[str]) -> None:
        known = list(known)
        for name, place in self.agents:
            if name not in known:
                told = f"agent {name!r} is neither in the fleet nor built in{meant(name, known)}"
                self.wrong(f"{told}, expected one of {some(known)}", *place)


def shipped_blueprint(name: str) -> str | None:
    """The text of a blueprint that ships with the package."""
    if name not in SHIPPED:
        return None
    return files("reveille.ingress.fleets").joinpath(f"{name}.yaml").read_text(encoding="utf-8")


def named_by(file: str) -> str:
    """`party.yaml` names the blueprint `party`, as `party` does."""
    return next((file.removesuffix(suffix) for suffix in SUFFIXES if file.endswith(suffix)), file)


def read_blueprint(source: str, *, file: str, checks: Checks) -> Blueprint:
    """Raises FleetFileInvalid with every mistake. Whether its agents are there, only its fleet can tell."""
    document = blueprint_document(file)
    draft = read_draft(document, source, checks)
    if document.mistakes or draft is None:
        raise FleetFileInvalid(document.mistakes)
    return draft.blueprint


def blueprint_document(file: str) -> FleetDocument:
    return FleetDocument(file, kind="blueprint file", first="`blueprint` and `steps` or `departments`")


def read_draft(document: FleetDocument, source: str, checks: Checks) -> Draft | None:
    """A whole file; its mistakes are the document's."""
    try:
        root = document.root(source)
    except FleetFileInvalid as error:
        document.mistakes += error.mistakes
        return None
    draft: Draft | None = document.value(root, "", blueprint(document, checks))
    return draft


def blueprint(document: FleetDocument, checks: Checks) -> Read:
    section = document.section(
        {
            "blueprint": NAME,
            "title": TITLE,
            "required": document.several(NAME),
            "steps": steps(document),
            "money": document.section({"from": document.several(NAME)}, needed=("from",)),
            "facts": facts(document),
            **hierarchy.readers(document),
            "approvals": approvals(document),
            "autopilot": AUTOPILOT,
        },
        needed=("blueprint",),
    )

    def read(node: Node, path: str) -> Draft | None:
        before = len(document.mistakes)
        found: dict[str, Any] = section(node, path)
        _check_kind(document, node, path)
        if len(document.mistakes) > before:
            return None
        if "steps" in found:
            check_graph(document, node, path, found, checks.condition)
        else:
            hierarchy.check_departments(document, node, path, found)
        _check_gates(document, node, path, found)
        if len(document.mistakes) > before:
            return None
        draft = Draft(_as_blueprint(found), document, node, path, _agents(found))
        if (size := draft.blueprint.ByteSize()) > MAX_RECORDED:
            draft.wrong(f"the blueprint has {size} bytes when recorded, at most {MAX_RECORDED} are kept")
        return draft

    return read


def _check_kind(document: FleetDocument, node: Node, path: str) -> None:
    """A file has steps, or departments of which they are made."""
    if not isinstance(node, MappingNode):
        return
    keys, wrong = keys_of(node), wrong_in(document, node, path)
    of_departments = [key for key in OF_DEPARTMENTS if key in keys]
    if not of_departments:
        if "steps" not in keys:
            wrong("`steps` is missing, or `orchestrator` and `departments`")
    elif "steps" in keys:
        for key in of_departments:
            wrong(f"`{key}` stands beside `steps`, {EITHER}", key, key=True)
    else:
        for needed in ("orchestrator", "departments"):
            if needed not in keys:
                wrong(f"`{needed}` is missing")
        for other in OF_STEPS:
            if other in keys:
                told = f"`{other}` goes with `steps` alone, and the steps of departments are made of them"
                wrong(told, other, key=True)


def _check_gates(document: FleetDocument, node: Node, path: str, found: Mapping[str, Any]) -> None:
    if not found.get("approvals"):
        return
    for key in ("steps", "departments"):
        if COMPLETE in found.get(key, ()):
            told = f"an approval stands before `{COMPLETE}`, expected another name for what is none"
            wrong_in(document, node, path)(told, key, COMPLETE, key=True)


def _as_blueprint(found: Mapping[str, Any]) -> Blueprint:
    gates = [as_gate(one) for one in found.get("approvals", [])]
    shared: dict[str, Any] = {
        "name": found["blueprint"],
        "title": found.get("title", found["blueprint"]),
        "gates": gates,
        "autopilot": found.get("autopilot", Autopilot.AUTOPILOT_ASSISTED if gates else None),
    }
    if "steps" in found:
        return _of_steps(found, shared)
    departments = hierarchy.departments_of(found)
    revisions = hierarchy.revisions_of(found)
    return Blueprint(
        **shared,
        steps=compiled(found["orchestrator"], departments, revisions=revisions),
        required=required(departments),
        departments=departments,
        min_relevance=found.get("select", {}).get("min_relevance", hierarchy.MIN_RELEVANCE),
        min_quality=found.get("review", {}).get("min_quality", hierarchy.MIN_QUALITY),
        max_revisions=revisions,
    )


def _of_steps(found: Mapping[str, Any], shared: Mapping[str, Any]) -> Blueprint:
    said: dict[str, Any] = found["steps"]
    waits = {name: [*one.get("after", []), *one.get("needs", [])] for name, one in said.items()}
    return Blueprint(
        **shared,
        steps=[as_step(name, said[name]) for name in in_order(waits)],
        required=found.get("required", []),
        money_from=found.get("money", {}).get("from", []),
        facts=found.get("facts", []),
    )


def _agents(found: Mapping[str, Any]) -> list[tuple[str, Place]]:
    if "steps" not in found:
        return hierarchy.named_in(found)
    return [
        (one[key], ("steps", name, key))
        for name, one in found["steps"].items()
        for key in ("agent", "compensate")
        if key in one
    ]
