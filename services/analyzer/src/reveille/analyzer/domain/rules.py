"""Which rules a signal matches, and of those that it does not match: why not."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from reveille.analyzer.domain.conjuncts import LABELS, Equality, equalities
from reveille.contracts.common.v1.common_pb2 import Signal, SignalContent
from reveille.contracts.ingress.v1.events_pb2 import PATHS_UNKNOWN_SKIP, Rule, Selector
from reveille.kernel.signals import variables_of

ANY: Final = "*"
# No agent can be called so.
BLUEPRINT: Final = "blueprint:"

Where = Callable[[Mapping[str, Any]], bool]
Paths = Callable[[Sequence[str]], bool]
Verdict = Literal["matches", "kind", "labels", "where", "paths"]
# What `where` may speak of, made when the first expression asks for it.
Variables = Callable[[], Mapping[str, Any]]


def watcher_of(rule: Rule) -> str:
    """Whose stream `watch-<…>` decides on what the rule matches: the agent's that wakes, or the plan's that begins."""
    return BLUEPRINT + rule.start.blueprint if rule.HasField("start") else rule.wake


def watches_time(rule: Rule) -> bool:
    """It wakes by what its own stream detects, and no signal matches it directly."""
    return rule.HasField("pattern") or rule.HasField("absence") or rule.HasField("cron")


def selectors_of(rule: Rule) -> Sequence[Selector]:
    """Which signals it looks at, by one of these; a cron rule looks at none."""
    if rule.HasField("pattern"):
        return rule.pattern.steps
    if rule.HasField("absence"):
        return (rule.absence.of,)
    if rule.HasField("cron"):
        return ()
    return (Selector(sources=rule.sources, kinds=rule.kinds),)


class CompiledRule:
    """A rule whose expression and patterns are ready to be asked; None: it has none."""

    __slots__ = ("_labels", "_selectors", "paths", "rule", "where")

    def __init__(self, *, rule: Rule, where: Where | None, paths: Paths | None) -> None:
        self.rule = rule
        self.where = where
        self.paths = paths
        self._selectors = [(frozenset(one.sources), frozenset(one.kinds)) for one in selectors_of(rule)]
        self._labels = [(name, frozenset(wanted.values)) for name, wanted in rule.labels.items()]

    def steps(self, signal: Signal) -> list[int]:
        """Which of its selectors are for such a signal, from 0."""
        return [
            step
            for step, (sources, kinds) in enumerate(self._selectors)
            if (not sources or signal.source in sources)
            and (not kinds or signal.kind in kinds or signal.means in kinds)
        ]

    def verdict(self, signal: Signal, content: SignalContent, variables: Variables) -> Verdict:
        if not self.steps(signal):
            return "kind"
        labels = content.labels
        for name, wanted in self._labels:
            if name not in labels or (wanted and labels[name] not in wanted):
                return "labels"
        if self.where is not None and not self.where(variables()):
            return "where"
        if self.paths is None:
            return "matches"
        if not content.paths_known:
            return "paths" if self.rule.paths_unknown == PATHS_UNKNOWN_SKIP else "matches"
        return "matches" if self.paths(content.paths) else "paths"

    def key(self) -> Equality | None:
        """What a signal must have for it to match, the most telling of what its text says; None: nothing is known."""
        known = [Equality(LABELS + name, wanted) for name, wanted in self._labels if wanted]
        known += equalities(self.rule.where)
        return min(known, key=lambda one: (one.field != "repository", len(one.values)), default=None)


@dataclass(slots=True)
class _Bucket:
    """Rules of one source and kind, by the field and the value that a signal must have for them."""

    unkeyed: list[CompiledRule] = field(default_factory=list)
    keyed: dict[str, dict[str, list[CompiledRule]]] = field(default_factory=dict)

    def add(self, compiled: CompiledRule, key: Equality | None) -> None:
        if key is None:
            self.unkeyed.append(compiled)
            return
        by_value = self.keyed.setdefault(key.field, {})
        for value in key.values:
            by_value.setdefault(value, []).append(compiled)

    def candidates(self, signal: Signal, content: SignalContent) -> Iterator[CompiledRule]:
        yield from self.unkeyed
        for name, by_value in self.keyed.items():
            yield from by_value.get(_value(name, signal, content), ())


class RuleIndex:
    """A fleet's rules by source, kind and what their text asks of a field: those that cannot match cost nothing."""

    def __init__(self, rules: Iterable[CompiledRule]) -> None:
        self.rules = sorted(rules, key=lambda compiled: compiled.rule.order)
        self._buckets: dict[tuple[str, str], _Bucket] = {}
        for compiled in self.rules:
            self._file(compiled)

    def _file(self, compiled: CompiledRule) -> None:
        key = compiled.key()
        places = {
            (source, kind)
            for selector in selectors_of(compiled.rule)
            for source in selector.sources or (ANY,)
            for kind in selector.kinds or (ANY,)
        }
        for place in places:
            bucket = self._buckets.get(place)
            if bucket is None:
                bucket = self._buckets[place] = _Bucket()
            bucket.add(compiled, key)

    def matching(self, signal: Signal, content: SignalContent) -> list[CompiledRule]:
        """In the fleet's order, rules that watch time among them."""
        found = {id(compiled): compiled for compiled in self._candidates(signal, content)}
        if not found:
            return []
        variables = once(signal, content)
        matching = [one for one in found.values() if one.verdict(signal, content, variables) == "matches"]
        return sorted(matching, key=lambda compiled: compiled.rule.order)

    def _candidates(self, signal: Signal, content: SignalContent) -> Iterator[CompiledRule]:
        for source in (signal.source, ANY):
            for kind in dict.fromkeys((signal.kind, signal.means, ANY)):
                bucket = self._buckets.get((source, kind))
                if bucket is not None:
                    yield from bucket.candidates(signal, content)


def once(signal: Signal, content: SignalContent) -> Variables:
    made: list[Mapping[str, Any]] = []

    def variables() -> Mapping[str, Any]:
        if not made:
            made.append(variables_of(signal, content))
        return made[0]

    return variables


def _value(name: str, signal: Signal, content: SignalContent) -> str:
    if name.startswith(LABELS):
        return content.labels.get(name.removeprefix(LABELS), "")
    value: str = getattr(signal if name in _OF_SIGNAL else content, name)
    return value


_OF_SIGNAL: Final = frozenset({"source", "kind", "means"})
