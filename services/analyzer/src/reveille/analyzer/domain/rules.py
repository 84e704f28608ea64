"""Which rules a signal matches, and of those that it does not match: why not."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from reveille.contracts.common.v1.common_pb2 import Signal, SignalContent
from reveille.contracts.ingress.v1.events_pb2 import PATHS_UNKNOWN_SKIP, Rule
from reveille.kernel.signals import variables_of

ANY: Final = "*"

Where = Callable[[Mapping[str, Any]], bool]
Paths = Callable[[Sequence[str]], bool]
Verdict = Literal["matches", "kind", "where", "paths"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledRule:
    """A rule whose expression and patterns are ready to be asked; None: it has none."""

    rule: Rule
    where: Where | None
    paths: Paths | None

    def verdict(self, signal: Signal, content: SignalContent, variables: Mapping[str, Any]) -> Verdict:
        rule = self.rule
        if rule.sources and signal.source not in rule.sources:
            return "kind"
        if rule.kinds and signal.kind not in rule.kinds and signal.means not in rule.kinds:
            return "kind"
        if self.where is not None and not self.where(variables):
            return "where"
        if self.paths is None:
            return "matches"
        if not content.paths_known:
            return "paths" if rule.paths_unknown == PATHS_UNKNOWN_SKIP else "matches"
        return "matches" if self.paths(content.paths) else "paths"


class RuleIndex:
    """A fleet's rules by source and kind: rules that cannot match a signal cost it nothing."""

    def __init__(self, rules: Iterable[CompiledRule]) -> None:
        self.rules = sorted(rules, key=lambda compiled: compiled.rule.order)
        self._by_key: dict[tuple[str, str], list[CompiledRule]] = {}
        for compiled in self.rules:
            for source in compiled.rule.sources or (ANY,):
                for kind in compiled.rule.kinds or (ANY,):
                    self._by_key.setdefault((source, kind), []).append(compiled)

    def matching(self, signal: Signal, content: SignalContent) -> list[Rule]:
        """In the fleet's order."""
        found = [
            compiled
            for source in (signal.source, ANY)
            for kind in dict.fromkeys((signal.kind, signal.means, ANY))
            for compiled in self._by_key.get((source, kind), ())
        ]
        if not found:
            return []
        variables = variables_of(signal, content)
        matching = {
            compiled.rule.order: compiled.rule
            for compiled in found
            if compiled.verdict(signal, content, variables) == "matches"
        }
        return [matching[order] for order in sorted(matching)]
