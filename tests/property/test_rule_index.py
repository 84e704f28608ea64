"""The index finds the rules that one finds by asking each."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from hypothesis import given, settings
from hypothesis import strategies as st

from reveille.analyzer.domain.rules import RuleIndex
from reveille.contracts.common.v1.common_pb2 import SignalContent
from reveille.contracts.ingress.v1.events_pb2 import PATHS_UNKNOWN_SKIP, PathsUnknown, Rule
from reveille.kernel.signals import content_of
from tests.unit.analyzer.signalling import compiled, signal

SOURCES: Final = ("github", "gitlab", "prometheus")
KINDS: Final = ("pull_request.opened", "issues.opened", "alert.firing")
MEANS: Final = ("change.opened", "issue.opened", "alert.firing", "other")
PATHS: Final = ("src/a.py", "src/generated/b.py", "docs/c.md", "README.md")

# Each expression and each pattern beside what it says, in Python.
WHERE: Final[dict[str, Callable[[SignalContent], bool]]] = {
    "": lambda content: True,
    "signal.draft": lambda content: content.draft,
    '!signal.draft && signal.base_ref == "main"': lambda content: not content.draft and content.base_ref == "main",
    '"team" in signal.labels && signal.labels.team == "core"': lambda content: content.labels.get("team") == "core",
    "signal.number > 5": lambda content: content.number > 5,
}
PATTERNS: Final[dict[tuple[str, ...], Callable[[str], bool]]] = {
    (): lambda path: True,
    ("src/**",): lambda path: path.startswith("src/"),
    ("src/**", "!src/generated/**"): lambda path: path.startswith("src/") and not path.startswith("src/generated/"),
    ("*.md",): lambda path: path.endswith(".md"),
}


def some_of(names: Sequence[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(names), max_size=2, unique=True)


RULES: Final[st.SearchStrategy[list[dict[str, Any]]]] = st.lists(
    st.builds(
        dict,
        sources=some_of(SOURCES),
        kinds=some_of((*KINDS, *MEANS)),
        where=st.sampled_from(list(WHERE)),
        paths=st.sampled_from(list(PATTERNS)),
        paths_unknown=st.sampled_from(PathsUnknown.values()),
    ),
    max_size=12,
)
SIGNALS: Final[st.SearchStrategy[dict[str, Any]]] = st.builds(
    dict,
    source=st.sampled_from(SOURCES),
    kind=st.sampled_from(KINDS),
    means=st.sampled_from(MEANS),
    draft=st.booleans(),
    base_ref=st.sampled_from(["main", "next"]),
    number=st.integers(0, 10),
    labels=st.sampled_from([{}, {"team": "core"}, {"team": "web"}]),
    paths=some_of(PATHS),
    paths_known=st.booleans(),
)


@given(rules=RULES, told=SIGNALS, order=st.randoms(use_true_random=False))
@settings(max_examples=400)
def test_the_index_finds_what_one_finds_by_asking_each_rule(
    rules: list[dict[str, Any]], told: dict[str, Any], order: Any
) -> None:
    fleet = [Rule(name=f"r{number}", order=number, wake="a", **fields) for number, fields in enumerate(rules)]
    if not told["paths_known"]:
        told = {**told, "paths": []}
    one = signal(**told)
    expected = [rule.name for rule in fleet if _matches(rule, one.source, one.kind, one.means, content_of(one))]
    shuffled = [compiled(rule) for rule in fleet]
    order.shuffle(shuffled)
    assert [rule.name for rule in RuleIndex(shuffled).matching(one, content_of(one))] == expected


def _matches(rule: Rule, source: str, kind: str, means: str, content: SignalContent) -> bool:
    return (
        (not rule.sources or source in rule.sources)
        and (not rule.kinds or bool({kind, means} & set(rule.kinds)))
        and WHERE[rule.where](content)
        and _touches(rule, content.paths, content.paths_known)
    )


def _touches(rule: Rule, paths: Sequence[str], known: bool) -> bool:
    if not rule.paths:
        return True
    if not known:
        return rule.paths_unknown != PATHS_UNKNOWN_SKIP
    return any(PATTERNS[tuple(rule.paths)](path) for path in paths)
