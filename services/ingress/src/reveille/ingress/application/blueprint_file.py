"""Reading a blueprint, as a file of its own or inside a fleet file: every mistake is named with its line."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from reveille.contracts.ingress.v1.events_pb2 import Blueprint, BlueprintStep, Category
from reveille.ingress.application.blueprint_graph import check_graph, in_order
from reveille.ingress.application.fleet_document import FleetDocument, FleetFileInvalid, Read, Wrong, at, keys_of, meant
from reveille.ingress.application.fleet_rules import Checks
from reveille.ingress.application.fleet_values import DAY_MS, NAME, TITLE, TRUTH, duration, named, text, whole

MAX_STEPS: Final = 100
MAX_WORDS: Final = 200
MAX_FACTS: Final = 50
# One event holds it, and an event of 256 KiB is refused.
MAX_RECORDED: Final = 128 * 1024
FACT: Final = text(r"[a-z][a-z0-9_]{0,62}", "a fact's name of at most 63 of a-z, 0-9 and _")
WORD: Final = text(
    r"(?=[^\n]*\w)\S([^\n]{0,78}\S)?", "a word or phrase of at most 80 characters, without blanks around it"
)
FOR_EACH: Final = text(
    r"inputs|[a-z0-9][a-z0-9_-]{0,62}\.[A-Za-z_][A-Za-z0-9_]{0,62}",
    "`inputs`, or a step and a list of its result like theme.activities",
)
EXPRESSION: Final = text(r"(?s).{1,2000}", "an expression of at most 2000 characters")
# Blueprints that ship with the package, and those that the next versions will ship.
SHIPPED: Final = ("party",)
COMING: Final = ("film-scene",)
# Keys of those.
LATER: Final = ("orchestrator", "departments", "select", "review", "autopilot")
SUFFIXES: Final = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Draft:
    """A blueprint with where it stands, for what can only be told beside the rest of its fleet."""

    blueprint: Blueprint
    document: FleetDocument
    node: Node
    path: str

    def wrong(self, what: str, *place: str) -> None:
        path = ".".join(part for part in (self.path, *place) if part)
        self.document.wrong(at(self.node, *place), path, what)

    def check_agents(self, known: Iterable[str]) -> None:
        known = list(known)
        for step in self.blueprint.steps:
            for key, name in (("agent", step.agent), ("compensate", step.compensate)):
                if name and name not in known:
                    told = f"agent {name!r} is neither in the fleet nor built in{meant(name, known)}"
                    self.wrong(f"{told}, expected one of {', '.join(known)}", "steps", step.name, key)


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
    return FleetDocument(file, kind="blueprint file", first="`blueprint` and `steps`")


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
            "steps": _steps(document),
            "money": document.section({"from": document.several(NAME)}, needed=("from",)),
            "facts": document.several(FACT),
            "approvals": _no_approvals,
        },
        later=LATER,
        needed=("blueprint", "steps"),
    )

    def read(node: Node, path: str) -> Draft | None:
        before = len(document.mistakes)
        name = keys_of(node).get("blueprint")
        if isinstance(name, ScalarNode) and name.value in COMING:
            place = f"{path}.blueprint" if path else "blueprint"
            document.wrong(name, place, f"blueprint {name.value!r} is not supported by this version")
            return None
        found: dict[str, Any] = section(node, path)
        if len(document.mistakes) > before:
            return None
        check_graph(document, node, path, found, checks.condition)
        if len(document.mistakes) > before:
            return None
        draft = Draft(_as_blueprint(found), document, node, path)
        if (size := draft.blueprint.ByteSize()) > MAX_RECORDED:
            draft.wrong(f"the blueprint has {size} bytes when recorded, at most {MAX_RECORDED} are kept")
        return draft

    return read


def _steps(document: FleetDocument) -> Read:
    names = document.several(NAME)
    step = document.section(
        {
            "agent": NAME,
            "title": TITLE,
            "priority": whole(1, 1000),
            "after": names,
            "needs": names,
            "reads": document.several(FACT),
            "always": TRUTH,
            "when": EXPRESSION,
            "category": document.section({"words": _words(document)}),
            "for_each": FOR_EACH,
            "optional": TRUTH,
            "timeout": duration(1, 30 * DAY_MS),
            "retries": document.section({"attempts": whole(1, 20), "backoff": duration(1, 30 * DAY_MS)}),
            "compensate": NAME,
            "ask": TITLE,
        },
        needed=("agent",),
    )
    steps = named(document, step)

    def read(node: Node, path: str) -> dict[str, Any]:
        if isinstance(node, MappingNode) and not 1 <= len(node.value) <= MAX_STEPS:
            raise Wrong(f"it has {len(node.value)} steps, expected 1 to {MAX_STEPS}")
        found: dict[str, Any] = steps(node, path)
        return found

    return read


def _words(document: FleetDocument) -> Read:
    words = document.several(WORD)

    def read(node: Node, path: str) -> list[str]:
        if isinstance(node, SequenceNode) and len(node.value) > MAX_WORDS:
            raise Wrong(f"it has {len(node.value)} words, at most {MAX_WORDS} are looked for")
        found: list[str] = words(node, path)
        folded = [word.casefold() for word in found]
        for index, word in enumerate(folded):
            if word in folded[:index]:
                raise Wrong(f"{found[index]!r} stands in it twice, expected each word once, in capitals or not")
        return found

    return read


def _no_approvals(node: Node, path: str) -> tuple[()]:
    empty = isinstance(node, SequenceNode) and not node.value
    if not empty and not (isinstance(node, ScalarNode) and not node.value):
        raise Wrong("`approvals` of a blueprint are not supported by this version, expected an empty list")
    return ()


def _as_blueprint(found: Mapping[str, Any]) -> Blueprint:
    steps: dict[str, Any] = found["steps"]
    waits = {name: [*one.get("after", []), *one.get("needs", [])] for name, one in steps.items()}
    return Blueprint(
        name=found["blueprint"],
        title=found.get("title", found["blueprint"]),
        steps=[_as_step(name, steps[name]) for name in in_order(waits)],
        required=found.get("required", []),
        money_from=found.get("money", {}).get("from", []),
        facts=found.get("facts", []),
    )


def _as_step(name: str, one: Mapping[str, Any]) -> BlueprintStep:
    retries = one.get("retries", {})
    category = one.get("category")
    return BlueprintStep(
        name=name,
        title=one.get("title", name),
        agent=one["agent"],
        priority=one.get("priority", 0),
        after=one.get("after", []),
        needs=one.get("needs", []),
        reads=one.get("reads", []),
        always=one.get("always", False),
        when=one.get("when", ""),
        category=None if category is None else Category(words=category.get("words", [])),
        for_each=one.get("for_each", ""),
        optional=one.get("optional", False),
        timeout_ms=one.get("timeout", 0),
        attempts=retries.get("attempts", 0),
        backoff_ms=retries.get("backoff", 0),
        compensate=one.get("compensate", ""),
        ask=one.get("ask", ""),
    )
