"""The index finds the rules that one finds by asking each."""

import json
from collections.abc import Callable, Sequence
from typing import Any, Final

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from reveille.adapters import cel
from reveille.analyzer.domain.conjuncts import equalities
from reveille.analyzer.domain.rules import RuleIndex, once
from reveille.contracts.common.v1.common_pb2 import SignalContent
from reveille.contracts.ingress.v1.events_pb2 import (
    PATHS_UNKNOWN_SKIP,
    LabelValues,
    PathsUnknown,
    Pattern,
    Rule,
    Selector,
)
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
    assert [found.rule.name for found in RuleIndex(shuffled).matching(one, content_of(one))] == expected


# Texts that look like what an expression is made of.
TEXTS: Final = ("a", "a", "a", "b", "", "a && b", 'a" || "b', "a'b", "//", "x ? y : z", "a\\b", ")", "signal.ref")
# What an expression asks of a field, whatever that does to what stands around it.
LITERALS: Final = st.sampled_from(TEXTS).flatmap(
    lambda text: st.sampled_from(
        [
            json.dumps(text),
            "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'",
            f'"""{text} """',
            f"r{json.dumps('a')}",
        ]
    )
)
FIELDS: Final = st.sampled_from(["signal.repository", "signal.ref", "signal.labels.team", 'signal.labels["team"]'])
ATOMS: Final = st.one_of(
    st.tuples(FIELDS, st.sampled_from(["==", "!=", " ==\n"]), LITERALS).map("".join),
    st.tuples(LITERALS, FIELDS).map(" == ".join),
    st.tuples(FIELDS, st.lists(LITERALS, max_size=3)).map(lambda pair: f"{pair[0]} in [{', '.join(pair[1])}]"),
    st.sampled_from(["true", "signal.draft", "!signal.draft", 'signal.labels["none"] == "x"', "signal.number > 5"]),
)
EXPRESSIONS: Final = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" && ", "&&", " || ", " && // ? ||\n"]), inner).map("".join),
        inner.map(lambda one: f"({one})"),
        inner.map(lambda one: f"!({one})"),
        st.tuples(inner, inner, inner).map(lambda three: f"{three[0]} ? {three[1]} : {three[2]}"),
        st.tuples(inner, inner).map(lambda two: f"[{two[0]}, {two[1]}] == [true, true]"),
    ),
    max_leaves=5,
)
OF_TEXTS: Final[st.SearchStrategy[dict[str, Any]]] = st.builds(
    dict,
    draft=st.booleans(),
    number=st.integers(0, 10),
    repository=st.sampled_from(TEXTS),
    ref=st.sampled_from(TEXTS),
    labels=st.one_of(st.just({}), st.sampled_from(TEXTS).map(lambda text: {"team": text})),
)
SELECTORS: Final = st.builds(
    lambda sources, kinds: Selector(sources=sources, kinds=kinds), some_of(SOURCES), some_of((*KINDS, *MEANS))
)
LABELS: Final[st.SearchStrategy[dict[str, LabelValues]]] = st.one_of(
    st.just({}), some_of(TEXTS).map(lambda values: {"team": LabelValues(values=values)})
)


@given(
    wheres=st.lists(EXPRESSIONS, max_size=8),
    told=OF_TEXTS,
    labels=st.lists(LABELS, min_size=8, max_size=8),
    steps=st.lists(st.lists(SELECTORS, max_size=3), min_size=8, max_size=8),
)
@settings(max_examples=600)
def test_whatever_an_expression_says_the_index_finds_what_it_finds_by_asking_each_rule(
    wheres: list[str], told: dict[str, Any], labels: list[dict[str, LabelValues]], steps: list[list[Selector]]
) -> None:
    """Also of rules that watch for a pattern."""
    fleet = [
        compiled(
            Rule(
                name=f"r{number}",
                order=number,
                wake="a",
                where=where if _is_expression(where) else "",
                labels=labels[number],
                pattern=Pattern(steps=steps[number]) if steps[number] else None,
            )
        )
        for number, where in enumerate(wheres)
    ]
    one = signal(**told)
    content = content_of(one)
    asked = [each.rule.name for each in fleet if each.verdict(one, content, once(one, content)) == "matches"]
    assert [found.rule.name for found in RuleIndex(fleet).matching(one, content)] == asked


@given(where=EXPRESSIONS, told=OF_TEXTS)
@settings(max_examples=1500)
def test_an_expression_is_never_true_where_what_it_is_filed_under_is_not(where: str, told: dict[str, Any]) -> None:
    assume(_is_expression(where))
    one = signal(**told)
    content = content_of(one)
    if cel.where(where)(once(one, content)()):
        for known in equalities(where):
            value = content.labels.get("team") if known.field == "labels.team" else getattr(content, known.field)
            assert value in known.values


@pytest.mark.parametrize(
    ("where", "known"),
    [
        ('signal.repository == "a/b"', [("repository", {"a/b"})]),
        ("'a' == signal.ref && !signal.draft", [("ref", {"a"})]),
        ('signal.draft && signal.labels.team in ["a", "b"]', [("labels.team", {"a", "b"})]),
        ('signal.labels["my team"] == "a"', [("labels.my team", {"a"})]),
        ('signal.url == "https://a/b?c&&d"', [("url", {"https://a/b?c&&d"})]),
        ('(signal.ref == "a" || signal.ref == "b") && signal.actor == "c"', [("actor", {"c"})]),
        ('signal.ref == "a" || signal.ref == "b"', []),
        ('signal.ref == "a" && signal.draft || signal.ref == "b"', []),
        ('signal.draft ? signal.ref == "a" : true', []),
        ('signal.number == "5"', []),
        ('signal.ref == "a" // " && ', []),
        ('signal.ref == r"a"', []),
        ('signal.ref == """a"""', []),
        ('signal.ref == "a\\"b"', []),
        ('signal.ref == "a" + "b"', []),
        ('!(signal.ref == "a")', []),
        ('signal.ref != "a"', []),
        ("", []),
        # What looks like a conjunct stands inside a text.
        ('""" " && signal.ref == \'a\' && " """ == signal.title', []),
        ('"\\" && signal.ref == \'a\' && \\"" == signal.title', []),
        ('r"\\" && signal.ref == \'a\' && "x" == signal.title', []),
        ("true // \" \n && signal.ref == 'a'", []),
    ],
)
def test_what_an_expression_asks_of_a_field_is_read_from_its_text(
    where: str, known: list[tuple[str, set[str]]]
) -> None:
    assert [(one.field, set(one.values)) for one in equalities(where)] == known


def _is_expression(where: str) -> bool:
    try:
        cel.where(where)
    except ValueError:
        return False
    return True


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
