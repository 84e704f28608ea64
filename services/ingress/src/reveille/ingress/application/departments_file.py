"""Reading a hierarchy out of a blueprint file: its orchestrator, its departments, and how their work is reviewed."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from yaml.nodes import MappingNode, Node, SequenceNode

from reveille.contracts.ingress.v1.events_pb2 import Department
from reveille.ingress.application.blueprint_graph import Place, wrong_in
from reveille.ingress.application.blueprint_words import words_of
from reveille.ingress.application.departments_compiling import COMPOSE, ORCHESTRATE, REVIEW, count
from reveille.ingress.application.fleet_document import FleetDocument, Read, Wrong
from reveille.ingress.application.fleet_values import NAME, TITLE, amount, named, whole

MAX_DEPARTMENTS: Final = 20
MAX_SPECIALISTS: Final = 10
MAX_REVISIONS: Final = 5
# Of a plan, with its rounds written out.
MAX_COMPILED: Final = 400
MIN_RELEVANCE: Final = 0.3
MIN_QUALITY: Final = 70
REVISIONS: Final = 2
KEYS: Final = ("orchestrator", "departments", "select", "review")


def readers(document: FleetDocument) -> Mapping[str, Read]:
    """By key."""
    return {
        "orchestrator": NAME,
        "departments": _departments(document),
        "select": document.section({"min_relevance": _relevance}),
        "review": document.section({"min_quality": whole(0, 100), "max_revisions": whole(0, MAX_REVISIONS)}),
    }


def departments_of(found: Mapping[str, Any]) -> list[Department]:
    """found: what the file says, by its keys; each is right."""
    return [
        Department(
            name=name,
            title=one.get("title", name),
            head=one["head"],
            specialists=one["specialists"],
            words=one["relevance"]["words"],
        )
        for name, one in found["departments"].items()
    ]


def revisions_of(found: Mapping[str, Any]) -> int:
    revisions: int = found.get("review", {}).get("max_revisions", REVISIONS)
    return revisions


def named_in(found: Mapping[str, Any]) -> list[tuple[str, Place]]:
    """The agents that the file names, each where it does."""
    named: list[tuple[str, Place]] = [(found["orchestrator"], ("orchestrator",))]
    for name, one in found["departments"].items():
        named.append((one["head"], ("departments", name, "head")))
        for index, specialist in enumerate(one["specialists"]):
            named.append((specialist, ("departments", name, "specialists", index)))
    return named


def check_departments(document: FleetDocument, node: Node, path: str, found: Mapping[str, Any]) -> None:
    wrong = wrong_in(document, node, path)
    departments: Mapping[str, Mapping[str, Any]] = found["departments"]
    for name, one in departments.items():
        if name in (ORCHESTRATE, COMPOSE):
            wrong(f"a step of every hierarchy is called {name!r}, expected another name", "departments", name, key=True)
        _check_specialists(wrong, name, one)
    revisions = revisions_of(found)
    if (steps := count(departments_of(found), revisions=revisions)) > MAX_COMPILED:
        told = f"with {revisions} revisions they come to {steps} steps, at most {MAX_COMPILED} are planned"
        wrong(f"{told}: expected fewer of them, of their specialists or of the revisions", "departments", key=True)


def _check_specialists(wrong: Callable[..., None], name: str, one: Mapping[str, Any]) -> None:
    specialists: list[str] = one["specialists"]
    for index, specialist in enumerate(specialists):
        place = ("departments", name, "specialists", index)
        if specialist in specialists[:index]:
            wrong(f"{specialist!r} stands in it twice, expected each specialist once", *place)
        if specialist == one["head"]:
            wrong(f"{specialist!r} is the head of the department too, who would review his own work", *place)
        if specialist == REVIEW:
            wrong(f"the head's step is called {REVIEW!r}, expected a specialist of another name", *place)


def _departments(document: FleetDocument) -> Read:
    department = document.section(
        {
            "title": TITLE,
            "head": NAME,
            "specialists": _specialists(document),
            "relevance": document.section({"words": _words(document)}, needed=("words",)),
        },
        needed=("head", "specialists", "relevance"),
    )
    departments = named(document, department)

    def read(node: Node, path: str) -> dict[str, Any]:
        if isinstance(node, MappingNode) and not 1 <= len(node.value) <= MAX_DEPARTMENTS:
            raise Wrong(f"it has {len(node.value)} departments, expected 1 to {MAX_DEPARTMENTS}")
        found: dict[str, Any] = departments(node, path)
        return found

    return read


def _specialists(document: FleetDocument) -> Read:
    names = document.several(NAME)

    def read(node: Node, path: str) -> list[str]:
        if isinstance(node, SequenceNode) and not 1 <= len(node.value) <= MAX_SPECIALISTS:
            raise Wrong(f"it has {len(node.value)} specialists, expected 1 to {MAX_SPECIALISTS}")
        found: list[str] = names(node, path)
        return found

    return read


def _words(document: FleetDocument) -> Read:
    words = words_of(document)

    def read(node: Node, path: str) -> list[str]:
        if isinstance(node, SequenceNode) and not node.value:
            raise Wrong("it has no words, expected what makes the department relevant")
        found: list[str] = words(node, path)
        return found

    return read


def _relevance(node: Node, path: str) -> float:
    value = amount(node, path)
    if value > 1:
        raise Wrong(f"it is {value:g}, expected a number from 0 to 1")
    return value
