"""How the steps of a blueprint hang together: what they name is there, each can come in, none waits for itself."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from yaml.nodes import MappingNode, Node

from reveille.ingress.application.fleet_document import FleetDocument, at, meant

# What is wrong with an expression over these facts and categories; None: nothing.
Condition = Callable[[str, Collection[str], Collection[str]], str | None]
Steps = Mapping[str, Mapping[str, Any]]
# The way to a value in a file: by key, or by number in a list.
Place = tuple[str | int, ...]
INPUTS: Final = "inputs"


def wrong_in(document: FleetDocument, node: Node, path: str) -> Callable[..., None]:
    """Says what is wrong at a place under the node; key: with its key, and not with what stands behind it."""

    def wrong(what: str, *place: str | int, key: bool = False) -> None:
        document.wrong(_key_at(node, place) if key else at(node, *place), joined(path, place), what)

    return wrong


def check_graph(document: FleetDocument, node: Node, path: str, found: Mapping[str, Any], condition: Condition) -> None:
    """found: what the file says, by its keys; each key for itself is right."""
    wrong = wrong_in(document, node, path)
    steps: Steps = found["steps"]
    facts: Sequence[str] = found.get("facts", [])
    _check_names(wrong, found, steps, facts)
    categories = [name for name, one in steps.items() if "category" in one]
    for name, one in steps.items():
        if "when" in one and (told := condition(one["when"], facts, categories)):
            wrong(f"{one['when'][:60]!r} is no condition: {told}", "steps", name, "when")
        if each := one.get("for_each"):
            _check_for_each(wrong, name, one, each)
        if not _is_brought_in(name, one, steps):
            told = "nothing brings the step in, expected `category`, `when`, `always: true`, or a step that needs it"
            wrong(told, "steps", name)
    for circle in cycles({name: [*one.get("after", []), *one.get("needs", [])] for name, one in steps.items()}):
        first = steps[circle[0]]
        key = "after" if circle[1] in first.get("after", []) else "needs"
        wrong(" -> ".join(circle), "steps", circle[0], key)


def in_order(waits: Mapping[str, Sequence[str]]) -> list[str]:
    """Each behind those that it waits for; of those that could come next, the first in the file."""
    left, ordered = dict.fromkeys(waits), dict[str, None]()
    while left:
        following = next(name for name in left if all(one in ordered for one in waits[name]))
        ordered[following] = left.pop(following)
    return list(ordered)


def cycles(waits: Mapping[str, Sequence[str]]) -> Iterator[list[str]]:
    """Ways from a step back to itself, each from its step that stands first; each that waits for itself is in one."""
    told: set[str] = set()
    for start in waits:
        if start not in told and (way := _way_back(start, waits)):
            told.update(way)
            yield way


def _way_back(start: str, waits: Mapping[str, Sequence[str]]) -> list[str] | None:
    """The shortest one."""
    ways, seen = [[start]], set[str]()
    for way in ways:
        for following in waits.get(way[-1], ()):
            if following == start:
                return [*way, start]
            if following not in seen:
                seen.add(following)
                ways.append([*way, following])
    return None


def _check_names(wrong: Callable[..., None], found: Mapping[str, Any], steps: Steps, facts: Sequence[str]) -> None:
    def check(names: Sequence[str], known: Collection[str], what: str, *place: str) -> None:
        for index, name in enumerate(names):
            if name not in known:
                told = f"{what} {name!r} is not in this blueprint{meant(name, known)}"
                wrong(f"{told}, expected one of {', '.join(known) or 'none'}", *place, index)
            elif name in names[:index]:
                wrong(f"{name!r} stands in it twice, expected each {what} once", *place, index)

    check(found.get("required", []), steps, "step", "required")
    check(found.get("money", {}).get("from", []), steps, "step", "money", "from")
    check(facts, facts, "fact", "facts")
    for name in found.get("required", []):
        if steps.get(name, {}).get("optional"):
            wrong("the step is `required`, so that it cannot be optional", "steps", name, "optional")
    for name, one in steps.items():
        for key in ("after", "needs"):
            check(one.get(key, []), steps, "step", "steps", name, key)
        check(one.get("reads", []), facts, "fact", "steps", name, "reads")
        for index, other in enumerate(one.get("needs", [])):
            if other in one.get("after", []):
                told = f"{other!r} stands in `after` too, expected one of the two: what it needs it waits for"
                wrong(told, "steps", name, "needs", index)


def _check_for_each(wrong: Callable[..., None], name: str, one: Mapping[str, Any], each: str) -> None:
    if each == INPUTS:
        if "category" not in one:
            wrong("`inputs` are those of the step's category, and it has none", "steps", name, "for_each")
        return
    of = each.partition(".")[0]
    waited = [*one.get("after", []), *one.get("needs", [])]
    if of not in waited:
        told = f"step {of!r} is not among those that it waits for{meant(of, waited)}"
        wrong(f"{told}, expected one of {', '.join([*waited, INPUTS])}", "steps", name, "for_each")


def _is_brought_in(name: str, one: Mapping[str, Any], steps: Steps) -> bool:
    if one.get("always") or "when" in one or "category" in one:
        return True
    return any(name in other.get("needs", []) for key, other in steps.items() if key != name)


def _key_at(node: Node, place: Place) -> Node:
    within = at(node, *place[:-1])
    keys = [key for key, _ in within.value if key.value == place[-1]] if isinstance(within, MappingNode) else []
    return keys[0] if keys else within


def joined(path: str, place: Sequence[str | int]) -> str:
    found = path
    for part in place:
        found += f"[{part}]" if isinstance(part, int) else f".{part}" if found else part
    return found
