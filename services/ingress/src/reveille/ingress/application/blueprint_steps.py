"""Reading the steps that a blueprint file writes out."""

from collections.abc import Mapping
from typing import Any, Final

from yaml.nodes import MappingNode, Node, SequenceNode

from reveille.contracts.ingress.v1.events_pb2 import BlueprintStep, Category
from reveille.ingress.application.blueprint_words import words_of
from reveille.ingress.application.fleet_document import FleetDocument, Read, Wrong
from reveille.ingress.application.fleet_values import DAY_MS, NAME, TITLE, TRUTH, duration, named, text, whole

MAX_STEPS: Final = 100
MAX_FACTS: Final = 50
FACT: Final = text(r"[a-z][a-z0-9_]{0,62}", "a fact's name of at most 63 of a-z, 0-9 and _")
FOR_EACH: Final = text(
    r"inputs|[a-z0-9][a-z0-9_-]{0,62}\.[A-Za-z_][A-Za-z0-9_]{0,62}",
    "`inputs`, or a step and a list of its result like theme.activities",
)
EXPRESSION: Final = text(r"(?s).{1,2000}", "an expression of at most 2000 characters")


def steps(document: FleetDocument) -> Read:
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
            "category": document.section({"words": words_of(document)}),
            "for_each": FOR_EACH,
            "optional": TRUTH,
            "timeout": duration(1, 30 * DAY_MS),
            "retries": document.section({"attempts": whole(1, 20), "backoff": duration(1, 30 * DAY_MS)}),
            "compensate": NAME,
            "ask": TITLE,
        },
        needed=("agent",),
    )
    several = named(document, step)

    def read(node: Node, path: str) -> dict[str, Any]:
        if isinstance(node, MappingNode) and not 1 <= len(node.value) <= MAX_STEPS:
            raise Wrong(f"it has {len(node.value)} steps, expected 1 to {MAX_STEPS}")
        found: dict[str, Any] = several(node, path)
        return found

    return read


def facts(document: FleetDocument) -> Read:
    names = document.several(FACT)

    def read(node: Node, path: str) -> list[str]:
        if isinstance(node, SequenceNode) and len(node.value) > MAX_FACTS:
            raise Wrong(f"it has {len(node.value)} facts, at most {MAX_FACTS} are looked for")
        found: list[str] = names(node, path)
        return found

    return read


def as_step(name: str, one: Mapping[str, Any]) -> BlueprintStep:
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
