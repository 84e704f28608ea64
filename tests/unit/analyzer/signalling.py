"""Signals and rules with everything that does not matter left out."""

from collections.abc import Sequence
from typing import Any

from reveille.adapters import cel, patterns
from reveille.analyzer.domain.rules import CompiledRule
from reveille.contracts.common.v1.common_pb2 import Sealed, Signal, SignalContent
from reveille.contracts.ingress.v1.events_pb2 import Rule

CONTENT_FIELDS = frozenset(SignalContent.DESCRIPTOR.fields_by_name)


def signal(**fields: Any) -> Signal:
    """A pull request on GitHub, unless said otherwise; what the sender wrote is put where it belongs."""
    content = SignalContent(**{name: value for name, value in fields.items() if name in CONTENT_FIELDS})
    told: dict[str, Any] = {"id": "s", "source": "github", "kind": "pull_request.opened", "means": "change.opened"}
    told |= {name: value for name, value in fields.items() if name not in CONTENT_FIELDS}
    return Signal(**told, content=Sealed(data=content.SerializeToString()))


def with_paths(*paths: str, **fields: Any) -> Signal:
    return signal(paths=paths, paths_known=True, **fields)


def rule(name: str = "rule", **fields: Any) -> Rule:
    return Rule(name=name, **{"wake": "a", **fields})


def compiled(rule: Rule) -> CompiledRule:
    return CompiledRule(
        rule=rule,
        where=cel.where(rule.where) if rule.where else None,
        paths=patterns.paths(tuple(rule.paths)) if rule.paths else None,
    )


def compiled_all(rules: Sequence[Rule]) -> list[CompiledRule]:
    return [compiled(one) for one in rules]
