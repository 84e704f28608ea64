"""Which rules a signal matches, and why it does not match the others."""

from typing import Any

import pytest

from reveille.analyzer.domain.rules import CompiledRule, RuleIndex, once
from reveille.contracts.common.v1.common_pb2 import Signal
from reveille.contracts.ingress.v1.events_pb2 import (
    PATHS_UNKNOWN_SKIP,
    PATHS_UNKNOWN_WAKE,
    Cron,
    LabelValues,
    Pattern,
    Rule,
    Selector,
)
from reveille.kernel.signals import content_of
from tests.unit.analyzer.signalling import compiled, compiled_all, rule, signal, with_paths


def verdict(one: Rule, of: Signal) -> str:
    content = content_of(of)
    return compiled(one).verdict(of, content, once(of, content))


def matching(of: Signal, *rules: Rule) -> list[str]:
    return [one.rule.name for one in RuleIndex(compiled_all(rules)).matching(of, content_of(of))]


def test_a_rule_that_asks_for_nothing_matches_everything() -> None:
    assert verdict(rule(), signal()) == "matches"


@pytest.mark.parametrize(
    "fields",
    [
        {"sources": ["github"]},
        {"sources": ["gitlab", "github"]},
        {"kinds": ["pull_request.opened"]},
        {"kinds": ["change.opened"]},
        {"kinds": ["push", "change.opened"], "sources": ["github"]},
    ],
)
def test_a_rule_matches_its_sources_and_kinds_and_what_they_mean(fields: dict[str, Any]) -> None:
    assert verdict(rule(**fields), signal()) == "matches"


@pytest.mark.parametrize(
    "fields",
    [
        {"sources": ["gitlab"]},
        {"kinds": ["issues.opened"]},
        {"kinds": ["pull_request"]},
        {"sources": ["gitlab"], "kinds": ["pull_request.opened"]},
    ],
)
def test_a_rule_for_other_signals_does_not_match_for_its_kind(fields: dict[str, Any]) -> None:
    assert verdict(rule(**fields), signal()) == "kind"


def test_a_rule_matches_where_its_expression_is_true() -> None:
    assert verdict(rule(where='signal.base_ref == "main"'), signal(base_ref="main")) == "matches"


@pytest.mark.parametrize(
    "where",
    ['signal.base_ref == "main"', 'signal.labels["none"] == "x"', "signal.number", "!signal.verified && signal.draft"],
)
def test_a_rule_does_not_match_where_its_expression_is_not_true(where: str) -> None:
    assert verdict(rule(where=where), signal(base_ref="other")) == "where"


def test_a_rule_matches_where_any_path_matches_its_patterns() -> None:
    assert verdict(rule(paths=["src/**"]), with_paths("README.md", "src/a.py")) == "matches"


def test_the_last_pattern_decides() -> None:
    assert verdict(rule(paths=["src/**", "!src/generated/**"]), with_paths("src/generated/a.py")) == "paths"


def test_a_signal_that_touched_no_file_matches_no_pattern() -> None:
    assert verdict(rule(paths=["**"]), with_paths()) == "paths"


@pytest.mark.parametrize(
    ("unknown", "expected"), [(PATHS_UNKNOWN_WAKE, "matches"), (PATHS_UNKNOWN_SKIP, "paths"), (0, "matches")]
)
def test_a_rule_says_what_unknown_paths_are_to_it(unknown: Any, expected: str) -> None:
    assert verdict(rule(paths=["src/**"], paths_unknown=unknown), signal()) == expected


def test_unknown_paths_do_not_matter_to_a_rule_without_patterns() -> None:
    assert verdict(rule(paths_unknown=PATHS_UNKNOWN_SKIP), signal()) == "matches"


def test_the_first_reason_is_given() -> None:
    one = rule(sources=["gitlab"], where="false", paths=["none"])
    assert verdict(one, with_paths("a")) == "kind"


def test_matching_rules_come_in_the_order_of_the_fleet() -> None:
    rules = [
        rule("third", order=3, kinds=["change.opened"]),
        rule("first", order=1),
        rule("second", order=2, sources=["github"], kinds=["pull_request.opened"]),
        rule("other", order=0, sources=["gitlab"]),
    ]
    assert matching(signal(), *rules) == ["first", "second", "third"]


def test_a_rule_that_matches_by_kind_and_by_meaning_matches_once() -> None:
    assert matching(signal(), rule(kinds=["pull_request.opened", "change.opened"])) == ["rule"]


def test_nothing_matches_an_empty_fleet() -> None:
    assert matching(signal()) == []


@pytest.mark.parametrize(
    ("wanted", "labels", "expected"),
    [
        ({"bug": []}, {"bug": "true"}, "matches"),
        ({"bug": []}, {}, "labels"),
        ({"severity": ["critical", "page"]}, {"severity": "page"}, "matches"),
        ({"severity": ["critical", "page"]}, {"severity": "low"}, "labels"),
        ({"severity": ["critical"]}, {}, "labels"),
        ({"severity": [""]}, {}, "labels"),
        ({"severity": ["critical"], "bug": []}, {"severity": "critical"}, "labels"),
    ],
)
def test_a_rule_matches_signals_with_each_of_its_labels(
    wanted: dict[str, list[str]], labels: dict[str, str], expected: str
) -> None:
    one = rule(labels={name: LabelValues(values=values) for name, values in wanted.items()})
    of = signal(labels=labels)
    assert verdict(one, of) == expected
    assert matching(of, one) == (["rule"] if expected == "matches" else [])


def test_labels_are_looked_at_before_an_expression() -> None:
    assert verdict(rule(labels={"bug": LabelValues()}, where="signal.draft"), signal()) == "labels"


def test_rules_for_another_repository_are_not_even_asked() -> None:
    asked: list[str] = []

    def ask(name: str) -> bool:
        asked.append(name)
        return True

    def asking(one: Rule) -> CompiledRule:
        return CompiledRule(rule=one, where=lambda variables: ask(one.name), paths=None)

    rules = [rule(f"r{at}", order=at, where=f'!signal.draft && signal.repository == "r{at}"') for at in range(100)]
    of = signal(repository="r42")
    found = RuleIndex(map(asking, rules)).matching(of, content_of(of))
    assert ([one.rule.name for one in found], asked) == (["r42"], ["r42"])


def test_a_rule_that_watches_time_matches_the_signals_of_each_of_its_steps() -> None:
    steps = [Selector(kinds=["pull_request.opened"]), Selector(kinds=["push"]), Selector(sources=["github"])]
    (found,) = RuleIndex([compiled(rule(pattern=Pattern(steps=steps)))]).matching(signal(), content_of(signal()))
    assert found.steps(signal()) == [0, 2]


def test_no_signal_matches_a_rule_of_a_time_of_day() -> None:
    assert matching(signal(), rule(cron=Cron(expression="0 7 * * *"))) == []
