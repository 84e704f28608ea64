"""Fleet files: what this version takes, and how it names a mistake."""

import json
from importlib.resources import files
from typing import Any

import jsonschema
import pytest
import yaml

from reveille.contracts.ingress.v1.events_pb2 import Limits, PathsUnknown, WhenSpent
from reveille.ingress.application.fleet_document import FleetFileInvalid
from reveille.ingress.application.fleet_file import default_fleet, read_fleet
from reveille.ingress.bootstrap import fleet_from
from reveille.ingress.domain.fleet import WantedFleet

SCHEMA = json.loads(files("reveille.ingress.schemas").joinpath("fleet.schema.json").read_text())
SMALL = """version: 1
agents:
  a: {skill: m:f}
"""


def read(text: str) -> WantedFleet:
    return read_fleet(text, file="fleet.yaml", check_where=lambda _: None, check_paths=lambda _: None)


def mistakes(text: str) -> list[str]:
    with pytest.raises(FleetFileInvalid) as caught:
        read(text)
    return list(caught.value.errors)


def test_the_fleet_that_ships_is_valid() -> None:
    wanted = fleet_from(default_fleet(), file="default.yaml")
    assert [agent.name for agent in wanted.agents] == ["cursor-ide-agent"]
    assert [rule.name for rule in wanted.rules] == ["review-pull-requests", "review-pushes"]
    assert wanted.limits == Limits(
        tenant_tokens=200_000, execution_tokens=20_000, currency="USD", per_million_tokens=10.0
    )
    # Editors read YAML 1.2, in which `on` is a text; this library reads 1.1, in which it is true.
    jsonschema.validate(yaml.safe_load(default_fleet().replace(" on:", ' "on":')), SCHEMA)


def test_an_agent_has_what_it_says_then_what_the_defaults_say_then_what_is_built_in() -> None:
    wanted = read(
        """version: 1
tenant: acme
defaults: {model: auto, timeout: 2m, budget: {tokens: "70_000", per: day}}
agents:
  a: {skill: m:f, timeout: 500ms, budget: {when_spent: drop}, instances: {max: 4}, identities: ["a[bot]"]}
  b: {skill: m.n:g, budget: {tokens: 900}}
"""
    )
    a, b = wanted.agents
    assert wanted.tenant == "acme"
    assert (a.model, a.timeout_ms, a.max_instances, list(a.identities)) == ("auto", 500, 4, ["a[bot]"])
    assert (a.budget.tokens, a.budget.per_run, a.budget.when_spent) == (70_000, 4_000, WhenSpent.WHEN_SPENT_DROP)
    assert (a.attempts, a.backoff_ms, a.max_hops, a.title) == (3, 2_000, 3, "a")
    assert (b.timeout_ms, b.budget.per_run, b.budget.when_spent) == (120_000, 900, WhenSpent.WHEN_SPENT_DEFER)


def test_a_rule_takes_one_name_or_several() -> None:
    rules = """
rules:
  - {name: one, on: {source: github, kind: [issues.opened, push], means: code.pushed}, wake: a, paths: "src/**"}
  - {name: two, on: {means: [alert.firing]}, wake: a, priority: low, paths_unknown: skip}
"""
    one, two = read(SMALL + rules).rules
    assert (list(one.sources), list(one.kinds)) == (["github"], ["issues.opened", "push", "code.pushed"])
    assert (list(one.paths), one.order, two.order) == (["src/**"], 0, 1)
    assert two.paths_unknown == PathsUnknown.PATHS_UNKNOWN_SKIP


RULE = "rules:\n  - {name: r, on: {source: github}, wake: a%s}\n"


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("version: 2\nagents: {}", "fleet.yaml:1: version: it is '2', expected one of 1"),
        ("version: 1", "fleet.yaml:1: `agents` is missing"),
        (SMALL + "rulez: []", "fleet.yaml:4: rulez: unknown key `rulez` (did you mean `rules`?); known here: version"),
        (SMALL + "blueprints: []", "fleet.yaml:4: blueprints: `blueprints` is not supported by this version"),
        (SMALL + "version: 1", "fleet.yaml:4: version: the key stands twice, first in line 1"),
        (SMALL + "tenant: ACME", "fleet.yaml:4: tenant: it is 'ACME', expected a name of at most 63 of a-z, 0-9 and _"),
        ("version: 1\nagents:\n  A: {skill: m:f}", "fleet.yaml:3: agents.A: it is 'A', expected a name"),
        ("version: 1\nagents:\n  a: {}", "fleet.yaml:3: agents.a: `skill` is missing"),
        ("version: 1\nagents:\n  a: {skill: review}", "agents.a.skill: it is 'review', expected an async function"),
        ("version: 1\nagents: [a]", "fleet.yaml:2: agents: it is a list, expected a mapping"),
        (
            "version: 1\nagents:\n  a: {skill: m:f, timeout: 30}",
            "fleet.yaml:3: agents.a.timeout: it is '30', expected a duration like 500ms, 30s, 15m or 24h",
        ),
        ("version: 1\nagents:\n  a: {skill: m:f, timeout: 0s}", "agents.a.timeout: it is '0s', expected a duration"),
        (
            "version: 1\nagents:\n  a:\n    skill: m:f\n    budget: {tokens: -1}",
            "fleet.yaml:5: agents.a.budget.tokens: it is '-1', expected a whole number",
        ),
        (
            "version: 1\nagents:\n  a: {skill: m:f, budget: {tokens: 10, per_run: 11}}",
            "fleet.yaml:3: agents.a.budget: per_run is 11, above tokens, which is 10",
        ),
        (
            "version: 1\nagents:\n  a: {skill: m:f, budget: {when_spent: ask}}",
            "agents.a.budget.when_spent: `ask` is not supported by this version",
        ),
        ("version: 1\nagents:\n  a: {skill: m:f, remote: true}", "agents.a.remote: `remote` is not supported"),
        ("version: 1\nagents:\n  a: {skill: m:f, instances: {min: 3, max: 2}}", "min is 3, above max, which is 2"),
        (SMALL + RULE % ", cooldown: 1s", "fleet.yaml:5: rules[0].cooldown: `cooldown` is not supported"),
        (SMALL + RULE % ", priority: hihg", "rules[0].priority: it is 'hihg' (did you mean `high`?), expected one of"),
        (SMALL + "rules:\n  - {name: r, on: {}, wake: a}", "rules[0].on: it is empty, expected at least one of"),
        (SMALL + "rules:\n  - {name: r, cron: x, wake: a}", "rules[0].cron: `cron` is not supported by this version"),
        (
            SMALL + "rules:\n  - name: r\n    on: {source: github}\n    wake: b",
            "fleet.yaml:7: rules[0].wake: agent 'b' is not in this file, expected one of a",
        ),
        (SMALL + RULE % "" + "  - {name: r, on: {kind: x}, wake: a}", "rule 'r' is there already, first in line 5"),
        (SMALL + "budgets: {tenant: {tokens: many}}", "budgets.tenant.tokens: it is 'many', expected a whole number"),
        (SMALL + "budgets: {price: {currency: USD}}", "budgets.price: `per_million_tokens` is missing"),
        (SMALL + "defaults: {cooldown: 3s}", "defaults.cooldown: `cooldown` is not supported by this version"),
        (
            "version: 1\nagents:\n  a: {skill: m:f, identities: [x]}\n  b: {skill: m:f, identities: [x]}",
            "agents.b.identities: 'x' is a's already",
        ),
        ("", "fleet.yaml:1: the file is empty"),
        ("version: [1", "this is no YAML"),
        ("a: &x 1\nb: *x", "fleet.yaml:2: `*x` is an alias, which a fleet file may not have"),
        ("a: " + "[" * 30 + "]" * 30, "nested deeper than 20 levels"),
        ("#" * (1024 * 1024 + 1), "the file has 1048577 bytes, at most 1048576 are read"),
        ("a: \x01", "this is no YAML"),
        ("? [a]\n: 1", "a key is a list, expected a text"),
    ],
)
def test_a_mistake_is_named_with_its_place_and_what_was_expected(text: str, mistake: str) -> None:
    assert mistake in "\n".join(mistakes(text))


def test_all_mistakes_are_named_at_once() -> None:
    assert len(mistakes(SMALL + "tenant: X\nrulez: []\nbudgets: {tenant: {tokens: x}}")) == 3


def test_what_stands_in_the_place_of_a_key_is_the_only_mistake_told() -> None:
    assert len(mistakes(SMALL + "rules:\n  - {name: r, cron: x, wake: a}")) == 1


@pytest.mark.parametrize("where", ["signal.nothing == 1", "1 +", "signal.title"])
def test_an_expression_that_cannot_be_is_named(where: str) -> None:
    text = SMALL + f"rules:\n  - {{name: r, on: {{source: github}}, wake: a, where: '{where}'}}\n"
    with pytest.raises(FleetFileInvalid, match=r"fleet.yaml:5: rules\[0\].where: .* is no expression: "):
        fleet_from(text, file="fleet.yaml")


@pytest.mark.parametrize(
    "changed",
    [{"cooldown": "1s"}, {"version": 2}, {"agents": {"a": {}}}, {"rules": [{"name": "r", "wake": "a"}]}],
)
def test_the_schema_refuses_what_the_reader_refuses(changed: dict[str, Any]) -> None:
    document = {**yaml.safe_load(SMALL), **changed}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, SCHEMA)
    mistakes(yaml.safe_dump(document))


def test_the_schema_knows_the_keys_that_the_reader_knows() -> None:
    known = {
        "": SCHEMA["properties"],
        "defaults": SCHEMA["properties"]["defaults"]["properties"],
        "agents.a": SCHEMA["$defs"]["agent"]["properties"],
        "rules[0]": SCHEMA["$defs"]["rule"]["properties"],
        "budgets": SCHEMA["properties"]["budgets"]["properties"],
    }
    text = "zz: 1\ndefaults: {zz: 1}\nagents: {a: {zz: 1}}\nrules: [{zz: 1}]\nbudgets: {zz: 1}"
    told = [mistake for mistake in mistakes(text) if "known here: " in mistake]
    assert len(told) == len(known)
    for mistake in told:
        path = mistake.split(": ")[1].removesuffix("zz").rstrip(".")
        assert set(mistake.partition("known here: ")[2].split(", ")) == set(known[path])
