"""What rules that cannot match cost the matcher: the same signals with 10 rules and with 10,000, of which one matches.

In this process and without the platform around it, so that nothing hides what the matcher takes.
"""

import gc
import time
from collections.abc import Callable, Sequence
from typing import Final

from bench.figure import RATIO, Figure, Target
from bench.session import Session
from reveille.adapters import cel, patterns
from reveille.analyzer.domain.rules import CompiledRule, RuleIndex
from reveille.contracts.common.v1.common_pb2 import Signal, SignalContent
from reveille.contracts.ingress.v1.events_pb2 import Batch, Rule

FEW, MANY = 10, 10_000
# The design says "none"; what a larger table costs the processor's caches is allowed.
NONE = Target(of=RATIO, least=0.9)
KIND: Final = "pull_request.opened"

# How the rules that cannot match differ from the one that does.
OTHERS: Final[dict[str, tuple[str, Callable[[int], Rule]]]] = {
    "repository": (
        "of the same source and kind, for other repositories",
        lambda number: _rule(number, where=f'!signal.draft && signal.repository == "acme/{number}"'),
    ),
    "kind": ("for other kinds", lambda number: _rule(number, kind=f"custom.{number}", where="!signal.draft")),
}


def measure(session: Session) -> list[Figure]:
    signals = session.pick(50_000, 5_000)
    values: dict[str, list[float]] = {name: [] for name in OTHERS}
    floors: dict[str, list[float]] = {name: [] for name in OTHERS}
    indexes = {name: (_index(FEW, other), _index(MANY, other)) for name, (_, other) in OTHERS.items()}
    for _ in session.rounds("rules", 5, 2):
        for name, (few, many) in indexes.items():
            floors[name].append(_rate(few, signals))
            values[name].append(_rate(many, signals))
    return [
        Figure(
            name=f"rules-{name}",
            title=f"signals matched, one of {MANY:,} rules matches, the others are {title}",
            unit="signals/s",
            values=values[name],
            floors=floors[name],
            floor_is=f"the same with {FEW} rules",
            target=NONE,
        )
        for name, (title, _) in OTHERS.items()
    ]


def _rule(number: int, *, where: str, kind: str = KIND) -> Rule:
    batch = Batch(by=["repository"], window_ms=10_000, max=20)
    return Rule(
        name=f"r{number}", order=number, sources=["github"], kinds=[kind], where=where, paths=["src/**"], batch=batch
    )


def _index(count: int, other: Callable[[int], Rule]) -> RuleIndex:
    wanted = _rule(0, where='!signal.draft && signal.repository == "acme/wanted"')
    return RuleIndex(_compiled([wanted, *(other(number) for number in range(1, count))]))


def _compiled(rules: Sequence[Rule]) -> list[CompiledRule]:
    return [
        CompiledRule(rule=rule, where=cel.where(rule.where), paths=patterns.paths(tuple(rule.paths))) for rule in rules
    ]


def _rate(index: RuleIndex, count: int) -> float:
    content = SignalContent(repository="acme/wanted", number=7, paths=["src/a.py", "README.md"], paths_known=True)
    signal = Signal(id="s", source="github", kind=KIND, means="change.opened")
    assert [found.rule.name for found in index.matching(signal, content)] == ["r0"]
    gc.collect()
    began = time.perf_counter()
    for _ in range(count):
        index.matching(signal, content)
    return count / (time.perf_counter() - began)
