"""The rules of a fleet file: what each watches for, which signals count, and how often it may wake."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from yaml.nodes import MappingNode, Node, SequenceNode

from reveille.contracts.ingress.v1.events_pb2 import (
    Absence,
    Batch,
    Cooldown,
    Cron,
    LabelValues,
    PathsUnknown,
    Pattern,
    Rule,
    Selector,
    Start,
)
from reveille.ingress.application.fleet_document import FleetDocument, Read, Wrong, keys_of, shown
from reveille.ingress.application.fleet_values import (
    DAY_MS,
    KIND,
    NAME,
    TITLE,
    choice,
    duration,
    names_of,
    text,
    whole,
)
from reveille.ingress.domain.delivery import MEANS, SOURCES
from reveille.kernel.priorities import PRIORITIES
from reveille.kernel.signals import EXAMPLE

UNKNOWN: Final = {"wake": PathsUnknown.PATHS_UNKNOWN_WAKE, "skip": PathsUnknown.PATHS_UNKNOWN_SKIP}
# What a rule watches for: one of these.
WATCHES: Final = ("on", "pattern", "absence", "cron")
# What would do nothing beside it.
POINTLESS: Final[Mapping[str, Mapping[str, str]]] = {
    "on": {"time_zone": "only cron has times of its own"},
    "pattern": {
        "batch": "a pattern gathers its signals itself",
        "time_zone": "only cron has times of its own",
    },
    "absence": {
        "batch": "there are no signals to gather",
        "time_zone": "only cron has times of its own",
    },
    "cron": dict.fromkeys(("where", "paths", "paths_unknown", "labels", "batch"), "a time has no signal to look at"),
}
# By these a rule's signals are told apart; lists and maps are never equal enough.
GROUPING: Final = tuple(name for name, value in EXAMPLE.items() if isinstance(value, str | int))
WEEK_MS: Final = 7 * DAY_MS
MONTH_MS: Final = 30 * DAY_MS
MAX_BATCH: Final = 500
# They are one program that each path of a signal goes through.
MAX_PATTERNS: Final = 200
DEFAULT_BATCH: Final = 100
ANY_VALUE: Final = "*"
# As long as any input of a plan may be.
PROMPT: Final = text(r"(?=[\s\S]*\S)[^\x00-\x08\x0b-\x1f\x7f]{1,4000}", "a text of at most 4000 characters")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """What others know better: each says what is wrong, None where nothing is. cron: an expression and its zone.

    condition: an expression, and the facts and categories that it may speak of.
    """

    where: Callable[[str], str | None]
    condition: Callable[[str, Collection[str], Collection[str]], str | None]
    paths: Callable[[Sequence[str]], str | None]
    cron: Callable[[str, str], str | None]

    def zone(self, name: str) -> str | None:
        return self.cron("0 0 * * *", name)


def rule(document: FleetDocument, checks: Checks) -> Read:
    by = names_of(document, GROUPING)
    selector = _selector(document)
    section = document.section(
        {
            "name": NAME,
            "on": selector,
            "pattern": _pattern(document, selector, by),
            "absence": document.section({"of": selector, "for": duration()}, needed=("of", "for")),
            "cron": text(r"[^\n]{1,200}", "a cron expression of five fields like 0 7 * * 1-5"),
            "time_zone": time_zone(checks),
            "where": _where(checks),
            "paths": _paths(document, checks),
            "paths_unknown": choice(UNKNOWN),
            "labels": _labels(document),
            "wake": NAME,
            "start": document.section({"blueprint": NAME, "prompt": PROMPT}, needed=("blueprint", "prompt")),
            "priority": choice(PRIORITIES),
            "cooldown": document.section({"by": by, "for": duration(1, MONTH_MS)}, needed=("for",)),
            "batch": document.section(
                {"by": by, "window": duration(1, WEEK_MS), "max": whole(1, MAX_BATCH)}, needed=("window",)
            ),
        },
        needed=("name",),
    )

    def read(node: Node, path: str) -> dict[str, Any]:
        found: dict[str, Any] = section(node, path)
        watched = [key for key in WATCHES if key in keys_of(node)]
        if len(watched) != 1:
            told = f"{' and '.join(watched)} stand side by side" if watched else "`on` is missing"
            raise Wrong(f"{told}, expected exactly one of {', '.join(WATCHES)}")
        for key, reason in POINTLESS[watched[0]].items():
            if key in keys_of(node):
                document.wrong(keys_of(node)[key], f"{path}.{key}", f"it does not go with `{watched[0]}`: {reason}")
        if ("wake" in keys_of(node)) == ("start" in keys_of(node)):
            told = "`wake` and `start` stand side by side" if "wake" in keys_of(node) else "`wake` is missing"
            raise Wrong(f"{told}, expected the agent that wakes, or in its place the blueprint that starts")
        if watched[0] != "on" and found.get("cooldown", {}).get("by"):
            told = f"`by` does not go with `{watched[0]}`, expected `for` alone"
            document.wrong(keys_of(node)["cooldown"], f"{path}.cooldown", told)
        return found

    return read


def as_rule(order: int, one: Mapping[str, Any], *, zone: str) -> Rule:
    """zone: of cron rules that name none."""
    made = Rule(
        name=one["name"],
        order=order,
        where=one.get("where", ""),
        paths=one.get("paths", []),
        paths_unknown=one.get("paths_unknown", PathsUnknown.PATHS_UNKNOWN_WAKE),
        labels={name: LabelValues(values=values) for name, values in one.get("labels", {}).items()},
        wake=one.get("wake", ""),
        priority=one.get("priority", PRIORITIES["medium"]),
    )
    if start := one.get("start"):
        made.start.CopyFrom(Start(**start))
    if on := one.get("on"):
        made.sources[:], made.kinds[:] = on.sources, on.kinds
    if cooldown := one.get("cooldown"):
        made.cooldown.CopyFrom(Cooldown(by=cooldown.get("by", []), for_ms=cooldown["for"]))
    if batch := one.get("batch"):
        most = batch.get("max", DEFAULT_BATCH)
        made.batch.CopyFrom(Batch(by=batch.get("by", []), window_ms=batch["window"], max=most))
    if pattern := one.get("pattern"):
        steps = pattern["sequence"] if "sequence" in pattern else [pattern["on"]]
        counted = pattern.get("count", 0)
        by = pattern.get("by", [])
        made.pattern.CopyFrom(Pattern(steps=steps, count=counted, within_ms=pattern["within"], by=by))
    if absence := one.get("absence"):
        made.absence.CopyFrom(Absence(of=absence["of"], for_ms=absence["for"]))
    if expression := one.get("cron"):
        made.cron.CopyFrom(Cron(expression=expression, time_zone=one.get("time_zone", zone)))
    return made


def time_zone(checks: Checks) -> Read:
    name = text(r"[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*", "a time zone like Europe/Berlin")

    def read(node: Node, path: str) -> str:
        value: str = name(node, path)
        if checks.zone(value):
            raise Wrong(f"{shown(node)} is no time zone, expected one of the IANA database, such as Europe/Berlin")
        return value

    return read


def _selector(document: FleetDocument) -> Read:
    section = document.section(
        {
            "source": document.one_or_several(choice({name: name for name in SOURCES})),
            "kind": document.one_or_several(KIND),
            "means": document.one_or_several(choice({word: word for word in sorted(MEANS)})),
        }
    )

    def read(node: Node, path: str) -> Selector:
        if isinstance(node, MappingNode) and not node.value:
            raise Wrong("it is empty, expected at least one of source, kind, means")
        found = section(node, path)
        return Selector(sources=found.get("source", []), kinds=[*found.get("kind", []), *found.get("means", [])])

    return read


def _pattern(document: FleetDocument, selector: Read, by: Read) -> Read:
    section = document.section(
        {
            "on": selector,
            "count": whole(2, 1000),
            "sequence": document.several(selector),
            "within": duration(1, MONTH_MS),
            "by": by,
        },
        needed=("within",),
    )

    def read(node: Node, path: str) -> dict[str, Any]:
        found: dict[str, Any] = section(node, path)
        keys = keys_of(node)
        if ("on" in keys) == ("sequence" in keys):
            raise Wrong("it has neither or both of `on` and `sequence`, expected one of them")
        if "on" in keys and "count" not in keys:
            raise Wrong("`count` is missing: how many signals of `on` make the pattern")
        if "sequence" in keys:
            if "count" in keys:
                raise Wrong("`count` does not go with `sequence`, which has one signal for each step")
            steps = keys["sequence"]
            if isinstance(steps, SequenceNode) and not 2 <= len(steps.value) <= 10:
                raise Wrong(f"its sequence has {len(steps.value)} steps, expected 2 to 10")
        return found

    return read


def _where(checks: Checks) -> Read:
    expression = text(r"(?s).{1,2000}", "an expression of at most 2000 characters")

    def read(node: Node, path: str) -> str:
        value: str = expression(node, path)
        if wrong := checks.where(value):
            raise Wrong(f"{shown(node)} is no expression: {wrong}")
        return value

    return read


def _paths(document: FleetDocument, checks: Checks) -> Read:
    line = text(r"[^\n]{1,500}", "a pattern like src/**")

    def one(node: Node, path: str) -> str:
        value: str = line(node, path)
        if wrong := checks.paths([value]):
            raise Wrong(f"{shown(node)} is no pattern: {wrong}")
        return value

    several = document.one_or_several(one)

    def read(node: Node, path: str) -> list[str]:
        if isinstance(node, SequenceNode) and len(node.value) > MAX_PATTERNS:
            raise Wrong(f"it has {len(node.value)} patterns, at most {MAX_PATTERNS} are looked at")
        found: list[str] = several(node, path)
        if found and all(pattern.startswith("!") for pattern in found):
            raise Wrong("every pattern takes paths out, expected one that takes some in")
        if found and (wrong := checks.paths(found)):
            raise Wrong(wrong)
        return found

    return read


def _labels(document: FleetDocument) -> Read:
    values = document.one_or_several(TITLE)

    def label(node: Node, path: str) -> list[str]:
        """[] is any value."""
        found: list[str] = values(node, path)
        if found == [ANY_VALUE]:
            return []
        if not found or ANY_VALUE in found:
            raise Wrong(f"it is {shown(node)}, expected a value, a list of values, or {ANY_VALUE!r} for any")
        return found

    def read(node: Node, path: str) -> dict[str, list[str]]:
        labels: dict[str, list[str]] = {}
        for name, key, value in document.entries(node, path):
            if document.value(key, f"{path}.{name}", TITLE) is None:
                continue
            found = document.value(value, f"{path}.{name}", label)
            if found is not None:
                labels[name] = found
        return labels

    return read
