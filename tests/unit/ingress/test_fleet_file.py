"""Fleet files: what this version takes, and how it names a mistake."""

import json
import re
from importlib.resources import files
from typing import Any

import jsonschema
import pytest
import yaml

from reveille.agents import load_skill
from reveille.contracts.ingress.v1.events_pb2 import (
    Absence,
    Agent,
    Batch,
    Cooldown,
    Cron,
    LabelValues,
    Limits,
    ModelPrice,
    PathsUnknown,
    Pattern,
    Selector,
    Source,
    SourceScheme,
    Start,
    WhenSpent,
)
from reveille.ingress.application.agent_catalogue import CATALOGUE
from reveille.ingress.application.fleet_document import FleetFileInvalid
from reveille.ingress.application.fleet_file import default_fleet
from reveille.ingress.bootstrap import fleet_from
from reveille.ingress.domain.fleet import WantedFleet

SCHEMA = json.loads(files("reveille.ingress.schemas").joinpath("fleet.schema.json").read_text())
EVERYTHING = """version: 1
tenant: default
time_zone: Europe/Berlin
defaults:
  cooldown: 30s
  health: {every: 15s}
  budget: {tokens: 50_000, per: day, per_run: 4_000, when_spent: defer, warn_at: [0.5, 0.75]}
agents:
  lead:
    skill: m:f
    cooldown: 0s
    instances: {min: 1, max: 4}
    budget: {when_spent: ask, answer: 30m}
  far: {remote: true, health: {every: 5s}}
rules:
  - name: plain
    on: {source: github, kind: pull_request.opened}
    labels: {any: "*", one: x, two: [x, y]}
    cooldown: {by: "repository, number", for: 60s}
    batch: {by: [repository], window: 10s, max: 20}
    wake: lead
    priority: high
  - name: counted
    pattern: {on: {means: pipeline.failed}, count: 3, within: 15m, by: repository}
    cooldown: {for: 1h}
    wake: lead
  - name: steps
    pattern: {sequence: [{source: ci}, {means: pipeline.failed}], within: 1h}
    where: 'signal.verified'
    wake: far
  - name: gone
    absence: {of: {source: custom, kind: backup.finished}, for: 26h}
    wake: far
  - {name: early, cron: "0 7 * * 1-5", wake: lead, priority: low}
  - {name: late, cron: "0 7 * * 1-5", time_zone: UTC, wake: lead}
  - {name: planning, cron: "0 7 1 5 *", start: {blueprint: party, prompt: Plan the summer party}}
sources:
  backup:
    scheme: hmac
    header: X-Signature
    fields: {kind: =backup.finished, title: /job/name, number: "=7"}
  svix: {scheme: standard}
blueprints:
  - party.yaml
  - blueprint: release
    steps: {notes: {agent: lead, always: true}}
budgets:
  tenant: {tokens: 200_000, per: day, warn_at: [0.5, 1]}
  execution: {tokens: 20_000}
  price: {currency: EUR, per_million_tokens: 10.0, models: {big/one: {input: 3, output: 15.5}}}
baseline: {poll_every: 15s, tokens_per_poll: 150}
"""
SMALL = """version: 1
agents:
  a: {skill: m:f}
"""


def read(text: str) -> WantedFleet:
    return fleet_from(text, file="fleet.yaml")


def own(wanted: WantedFleet) -> list[Agent]:
    """Those of the file itself."""
    return [agent for agent in wanted.agents if agent.name not in CATALOGUE]


def as_editors_read_it(text: str) -> Any:
    """Editors read YAML 1.2, in which `on` is a text; this library reads 1.1, in which it is true."""
    return yaml.safe_load(re.sub(r"([{ ])on:", r'\1"on":', text))


def mistakes(text: str) -> list[str]:
    with pytest.raises(FleetFileInvalid) as caught:
        read(text)
    return list(map(str, caught.value.mistakes))


def test_the_fleet_that_ships_is_valid_and_its_skills_are_there() -> None:
    wanted = fleet_from(default_fleet(), file="default.yaml")
    of_its_own = {agent.name for agent in wanted.agents} - set(CATALOGUE)
    assert of_its_own == {"claude-code-cli", "claude-desktop-agent", "cursor-ide-agent"}
    assert all(callable(load_skill(agent.skill)) for agent in wanted.agents)
    watches = {name for rule in wanted.rules for name in ("pattern", "absence", "cron", "batch") if rule.HasField(name)}
    assert watches == {"pattern", "absence", "cron", "batch"}
    assert wanted.limits.tenant_tokens == 200_000
    jsonschema.validate(as_editors_read_it(default_fleet()), SCHEMA)


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
    a, b = own(wanted)
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


WATCHING = "rules:\n  - {name: r, wake: a%s}\n"
PATTERN = ", pattern: {on: {means: pipeline.failed}, %s}"
SEQUENCE = ", pattern: {within: 1h, sequence: [%s]}"
SOURCE = "sources:\n  ci: {scheme: token, header: X-Token, fields: {%s}}\n"
RULE = "rules:\n  - {name: r, on: {source: github}, wake: a%s}\n"


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("version: 2\nagents: {}", "fleet.yaml:1: version: it is '2', expected one of 1"),
        ("version: 1", "fleet.yaml:1: `agents` is missing"),
        (SMALL + "rulez: []", "fleet.yaml:4: rulez: unknown key `rulez` (did you mean `rules`?); known here: version"),
        (SMALL + "models: {}", "fleet.yaml:4: models: `models` is not supported by this version"),
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
        ("version: 1\nagents:\n  a: {skill: m:f, instances: {min: 3, max: 2}}", "min is 3, above max, which is 2"),
        (SMALL + RULE % ", priority: hihg", "rules[0].priority: it is 'hihg' (did you mean `high`?), expected one of"),
        (SMALL + "rules:\n  - {name: r, on: {}, wake: a}", "rules[0].on: it is empty, expected at least one of"),
        (
            SMALL + "rules:\n  - name: r\n    on: {source: github}\n    wake: b",
            "fleet.yaml:7: rules[0].wake: agent 'b' is not in this file, expected one of a",
        ),
        (SMALL + RULE % "" + "  - {name: r, on: {kind: x}, wake: a}", "rule 'r' is there already, first in line 5"),
        (SMALL + "budgets: {tenant: {tokens: many}}", "budgets.tenant.tokens: it is 'many', expected a whole number"),
        (SMALL + "budgets: {price: {currency: USD}}", "budgets.price: `per_million_tokens` is missing"),
        (
            "version: 1\nagents:\n  a: {skill: m:f, identities: [x]}\n  b: {skill: m:f, identities: [x]}",
            "agents.b.identities: 'x' is a's already",
        ),
        (
            "version: 1\nagents:\n  a: {skill: m:f, identities: [claude]}\n  b: {skill: m:f, identities: [Claude]}",
            "agents.b.identities: 'Claude' is a's already",
        ),
        (
            SMALL + "rules:\n  - {name: r, on: {source: githb}, wake: a}",
            "rules[0].on.source: it is 'githb' (did you mean `github`?), expected one of github, gitlab",
        ),
        (
            "version: 1\nagents:\n  a: {skill: m:f, budget: {per_run: 300}}\nbudgets: {execution: {tokens: 200}}",
            "agents.a.budget: per_run is 300, above budgets.execution.tokens, which is 200: it could never run",
        ),
        ("version: 1\nagents:\n  a: {skill: m:f, remote: true}", "it has `skill` and is `remote`, expected one of"),
        ("version: 1\nagents:\n  a: {remote: false}", "`skill` is missing, or `remote: true` in its place"),
        ("version: 1\nagents:\n  a: {skill: m:f, health: {every: 5s}}", "`health` asks a remote agent"),
        (
            "version: 1\nagents:\n  a: {remote: true, health: {every: 5d}}",
            "it is '5d', expected a duration from 1s to 1h",
        ),
        ("version: 1\nagents:\n  a: {skill: m:f, cooldown: 31d}", "it is '31d', expected a duration from 0s to 30d"),
        ("version: 1\nagents:\n  a: {skill: m:f, timeout: 999999999999d}", "expected a duration from 1ms to 30d"),
        (
            "version: 1\nagents:\n  a:\n    skill: m:f\n    budget: {answer: 1h}",
            "fleet.yaml:5: agents.a.budget: `answer` is how long a person has; it goes with `when_spent: ask` alone",
        ),
        ("version: 1\nagents:\n  a: {skill: m:f, budget: {warn_at: [0.8, 0.5]}}", "its numbers do not rise"),
        ("version: 1\nagents:\n  a: {skill: m:f, budget: {warn_at: [1.5]}}", "it is '1.5', expected a number above 0"),
        (SMALL + "time_zone: Mars/Olympus", "fleet.yaml:4: time_zone: 'Mars/Olympus' is no time zone"),
        (SMALL + "time_zone: ../../etc/passwd", "expected a time zone like Europe/Berlin"),
        (
            SMALL + WATCHING % "",
            "fleet.yaml:5: rules[0]: `on` is missing, expected exactly one of on, pattern, absence, cron",
        ),
        (
            SMALL + WATCHING % ", on: {source: ci}, cron: 0 7 * * *",
            "rules[0]: on and cron stand side by side, expected exactly one of",
        ),
        (SMALL + WATCHING % ", cron: 0 7 * *", "fleet.yaml:5: rules[0].cron: '0 7 * *' is no cron expression"),
        (SMALL + WATCHING % ", cron: 0 0 30 2 *", "rules[0].cron: '0 0 30 2 *' is no cron expression"),
        (SMALL + WATCHING % ", cron: 0 7 * * *, time_zone: Nowhere", "rules[0].time_zone: 'Nowhere' is no time zone"),
        (SMALL + WATCHING % ", cron: 0 7 * * *, where: 'true'", "rules[0].where: it does not go with `cron`"),
        (SMALL + RULE % ", time_zone: UTC", "rules[0].time_zone: it does not go with `on`: only cron has times"),
        (SMALL + RULE % ", cooldown: 1s", "fleet.yaml:5: rules[0].cooldown: it is '1s', expected a mapping"),
        (SMALL + RULE % ", cooldown: {for: 0s}", "rules[0].cooldown.for: it is '0s', expected a duration like"),
        (SMALL + RULE % ", cooldown: {by: repository}", "rules[0].cooldown: `for` is missing"),
        (
            SMALL + RULE % ", cooldown: {by: 'repository, nmber', for: 1s}",
            "rules[0].cooldown.by: a signal has no 'nmber' (did you mean `number`?) to go by; it has source, kind",
        ),
        (SMALL + RULE % ", batch: {by: [paths], window: 1s}", "rules[0].batch.by[0]: a signal has no 'paths'"),
        (SMALL + RULE % ", batch: {by: 'ref, ref', window: 1s}", "it is ref, ref, expected each name once"),
        (SMALL + RULE % ", batch: {window: 0s}", "rules[0].batch.window: it is '0s', expected a duration like"),
        (
            SMALL + RULE % ", batch: {window: 8d}",
            "rules[0].batch.window: it is '8d', expected a duration from 1ms to 7d",
        ),
        (
            SMALL + RULE % ", batch: {window: 1s, max: 501}",
            "rules[0].batch.max: it is 501, expected a whole number from 1",
        ),
        (SMALL + RULE % ", batch: {window: 1s, max: 0}", "rules[0].batch.max: it is 0, expected a whole number from 1"),
        (SMALL + RULE % ", labels: {env: ['*', x]}", "expected a value, a list of values, or '*' for any"),
        (SMALL + RULE % ", labels: {env: []}", "rules[0].labels.env: it is a list, expected a value"),
        (SMALL + RULE % ", paths: ['!src/**']", "rules[0].paths: every pattern takes paths out"),
        (SMALL + RULE % ", paths: '!'", "rules[0].paths: '!' is no pattern"),
        (SMALL + WATCHING % ", on: {means: code.pusht}", "it is 'code.pusht' (did you mean `code.pushed`?)"),
        (
            SMALL + WATCHING % PATTERN % "count: 1, within: 1h",
            "rules[0].pattern.count: it is 1, expected a whole number",
        ),
        (SMALL + WATCHING % PATTERN % "count: 1001, within: 1h", "it is 1001, expected a whole number from 2 to 1000"),
        (SMALL + WATCHING % PATTERN % "within: 1h", "`count` is missing: how many signals of `on` make the pattern"),
        (SMALL + WATCHING % PATTERN % "count: 3", "rules[0].pattern: `within` is missing"),
        (SMALL + WATCHING % PATTERN % "count: 3, within: 31d", "it is '31d', expected a duration from 1ms to 30d"),
        (
            SMALL + WATCHING % PATTERN % "count: 3, within: 1h, by: nothing",
            "rules[0].pattern.by: a signal has no 'nothing'",
        ),
        (SMALL + WATCHING % SEQUENCE % "{source: ci}", "its sequence has 1 steps, expected 2 to 10"),
        (SMALL + WATCHING % SEQUENCE % ", ".join(["{source: ci}"] * 11), "its sequence has 11 steps, expected 2 to 10"),
        (
            SMALL + WATCHING % SEQUENCE % "{source: ci}, {}",
            "rules[0].pattern.sequence[1]: it is empty, expected at least",
        ),
        (SMALL + WATCHING % ", pattern: {within: 1h}", "neither or both of `on` and `sequence`"),
        (
            SMALL + WATCHING % (PATTERN % "count: 3, within: 1h" + ", batch: {window: 1s}"),
            "rules[0].batch: it does not go with `pattern`: a pattern gathers its signals itself",
        ),
        (
            SMALL + WATCHING % (PATTERN % "count: 3, within: 1h" + ", cooldown: {by: ref, for: 1h}"),
            "rules[0].cooldown: `by` does not go with `pattern`, expected `for` alone",
        ),
        (SMALL + WATCHING % ", absence: {of: {source: ci}, for: 0h}", "rules[0].absence.for: it is '0h', expected"),
        (SMALL + WATCHING % ", absence: {of: {source: ci}}", "rules[0].absence: `for` is missing"),
        (
            SMALL + "rules:\n  - {name: r, on: {source: ci}, start: {blueprint: party}}",
            "fleet.yaml:5: rules[0].start: `prompt` is missing",
        ),
        (
            SMALL + "rules:\n  - {name: r, on: {source: ci}, wake: a, start: {blueprint: party, prompt: hello}}",
            "fleet.yaml:5: rules[0]: `wake` and `start` stand side by side, expected the agent that wakes, or",
        ),
        (SMALL + "rules:\n  - {name: r, on: {source: ci}}", "fleet.yaml:5: rules[0]: `wake` is missing, expected"),
        (
            SMALL + "rules:\n  - {name: r, on: {source: ci}, start: {blueprint: party, prompt: ' '}}",
            "fleet.yaml:5: rules[0].start.prompt: it is ' ', expected a text of at most 4000 characters",
        ),
        (
            SMALL + "rules:\n  - name: r\n    on: {source: ci}\n    start:\n      prompt: x\n      blueprint: prty",
            "fleet.yaml:9: rules[0].start.blueprint: blueprint 'prty' is not in this fleet (did you mean `party`?), "
            "expected one of party",
        ),
        (
            SMALL + "rules:\n  - {name: r, on: {source: ci}, wake: cake-agent}",
            "rules[0].wake: agent 'cake-agent' is not in this file, expected one of a",
        ),
        (SMALL + "baseline: {poll_every: 15s}", "baseline: `tokens_per_poll` is missing"),
        (
            SMALL + "budgets: {price: {currency: USD, models: {m: {input: 1}}}}",
            "budgets.price.models.m: `output` is missing",
        ),
        (SMALL + "sources:\n  ci: {}", "fleet.yaml:5: sources.ci: `scheme` is missing"),
        (SMALL + "sources:\n  ci: {scheme: hmac}", "fleet.yaml:5: sources.ci: `header` is missing"),
        (SMALL + "sources:\n  ci: {scheme: standard, header: X-A}", "`header` does not go with the scheme standard"),
        (SMALL + SOURCE % "nunber: /n", "sources.ci.fields.nunber: a signal has no 'nunber' (did you mean `number`?)"),
        (SMALL + SOURCE % "means: '=pipeline.faild'", "it is '=pipeline.faild' (did you mean `=pipeline.failed`?)"),
        (SMALL + SOURCE % "kind: '=A b'", "sources.ci.fields.kind: it is 'A b', expected a kind"),
        (SMALL + SOURCE % "title: build/title", "it is 'build/title', expected a JSON pointer like /build/status"),
        (SMALL + SOURCE % "title: /a~b", "it is '/a~b', expected a JSON pointer"),
        (SMALL + SOURCE % "id: '=1'", "expected a JSON pointer: id cannot be the same of every delivery"),
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


def test_a_fleet_with_every_key_is_taken_whole() -> None:
    wanted = read(EVERYTHING)
    lead, far = own(wanted)
    assert (lead.cooldown_ms, lead.budget.when_spent, lead.budget.answer_ms) == (0, WhenSpent.WHEN_SPENT_ASK, 1_800_000)
    assert (far.cooldown_ms, far.budget.when_spent, far.budget.answer_ms) == (30_000, WhenSpent.WHEN_SPENT_DEFER, 0)
    assert (lead.remote, lead.skill, far.remote, far.skill) == (False, "m:f", True, "")
    assert (lead.heartbeat_ms, far.heartbeat_ms, list(lead.budget.warn_at)) == (15_000, 5_000, [0.5, 0.75])
    assert wanted.limits == Limits(
        tenant_tokens=200_000,
        warn_at=[0.5, 1.0],
        execution_tokens=20_000,
        currency="EUR",
        per_million_tokens=10.0,
        models=[ModelPrice(model="big/one", input=3.0, output=15.5)],
        time_zone="Europe/Berlin",
        poll_every_ms=15_000,
        tokens_per_poll=150,
    )
    plain, counted, steps, gone, early, late, planning = wanted.rules
    assert (planning.wake, planning.start) == ("", Start(blueprint="party", prompt="Plan the summer party"))
    assert plain.cooldown == Cooldown(by=["repository", "number"], for_ms=60_000)
    assert plain.batch == Batch(by=["repository"], window_ms=10_000, max=20)
    assert dict(plain.labels) == {
        "any": LabelValues(),
        "one": LabelValues(values=["x"]),
        "two": LabelValues(values=["x", "y"]),
    }
    failed = Selector(kinds=["pipeline.failed"])
    assert counted.pattern == Pattern(steps=[failed], count=3, within_ms=900_000, by=["repository"])
    assert counted.cooldown == Cooldown(for_ms=3_600_000)
    assert steps.pattern == Pattern(steps=[Selector(sources=["ci"]), failed], within_ms=3_600_000)
    assert gone.absence == Absence(of=Selector(sources=["custom"], kinds=["backup.finished"]), for_ms=93_600_000)
    assert early.cron == Cron(expression="0 7 * * 1-5", time_zone="Europe/Berlin")
    assert late.cron == Cron(expression="0 7 * * 1-5", time_zone="UTC")
    assert [rule.order for rule in wanted.rules] == list(range(7))
    assert list(wanted.sources) == [
        Source(
            name="backup",
            scheme=SourceScheme.SOURCE_SCHEME_HMAC,
            header="x-signature",
            fields={"kind": "=backup.finished", "title": "/job/name", "number": "=7"},
        ),
        Source(name="svix", scheme=SourceScheme.SOURCE_SCHEME_STANDARD),
    ]


def test_a_fleet_may_be_written_as_json() -> None:
    assert read(json.dumps(as_editors_read_it(EVERYTHING))) == read(EVERYTHING)


def test_what_stands_in_the_place_of_a_key_is_the_only_mistake_told() -> None:
    assert len(mistakes(SMALL + "rules:\n  - {name: r, on: {source: ci}, start: {blueprint: party}}")) == 1


@pytest.mark.parametrize("where", ["signal.nothing == 1", "1 +", "signal.title"])
def test_an_expression_that_cannot_be_is_named(where: str) -> None:
    text = SMALL + f"rules:\n  - {{name: r, on: {{source: github}}, wake: a, where: '{where}'}}\n"
    with pytest.raises(FleetFileInvalid, match=r"fleet.yaml:5: rules\[0\].where: .* is no expression: "):
        fleet_from(text, file="fleet.yaml")


@pytest.mark.parametrize("text", [SMALL, EVERYTHING, default_fleet()])
def test_the_schema_takes_what_the_reader_takes(text: str) -> None:
    read(text)
    jsonschema.validate(as_editors_read_it(text), SCHEMA)


@pytest.mark.parametrize(
    "changed",
    [
        {"cooldown": "1s"},
        {"version": 2},
        {"agents": {"a": {}}},
        {"agents": {"a": {"skill": "m:f", "remote": True}}},
        {"agents": {"a": {"skill": "m:f", "health": {"every": "1s"}}}},
        {"rules": [{"name": "r", "wake": "a"}]},
        {"rules": [{"name": "r", "on": {"source": "ci"}}]},
        {"rules": [{"name": "r", "on": {"source": "ci"}, "wake": "a", "start": {"blueprint": "party", "prompt": "x"}}]},
        {"rules": [{"name": "r", "on": {"source": "ci"}, "start": {"blueprint": "party"}}]},
        {"blueprints": {"party": {}}},
        {"blueprints": ["../party.yaml"]},
        {"blueprints": [{"blueprint": "b", "steps": {}}]},
        {"blueprints": [{"blueprint": "b", "steps": {"s": {"agent": "a", "always": True, "zz": 1}}}]},
        {"rules": [{"name": "r", "wake": "a", "on": {"source": "x"}, "cron": "0 7 * * *"}]},
        {"rules": [{"name": "r", "wake": "a", "cron": "0 7 * * *", "where": "true"}]},
        {"rules": [{"name": "r", "wake": "a", "on": {"means": "code.pusht"}}]},
        {"rules": [{"name": "r", "wake": "a", "on": {"source": "x"}, "batch": {"window": "1s", "by": ["paths"]}}]},
        {"rules": [{"name": "r", "wake": "a", "on": {"source": "x"}, "labels": {"a": ["*", "b"]}}]},
        {"rules": [{"name": "r", "wake": "a", "pattern": {"within": "1h", "on": {"source": "x"}}}]},
        {"rules": [{"name": "r", "wake": "a", "absence": {"of": {"source": "x"}}}]},
        {"sources": {"ci": {"scheme": "token"}}},
        {"sources": {"ci": {"scheme": "standard", "fields": {"nothing": "/a"}}}},
        {"baseline": {"poll_every": "15s"}},
        {"budgets": {"price": {"currency": "USD"}}},
    ],
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
        "rules[0].start": SCHEMA["$defs"]["rule"]["properties"]["start"]["properties"],
        "blueprints[0]": SCHEMA["$defs"]["blueprint"]["properties"],
        "rules[0].pattern": SCHEMA["$defs"]["pattern"]["properties"],
        "rules[0].batch": SCHEMA["$defs"]["batch"]["properties"],
        "sources.s": SCHEMA["$defs"]["custom"]["properties"],
        "budgets": SCHEMA["properties"]["budgets"]["properties"],
        "budgets.price": SCHEMA["properties"]["budgets"]["properties"]["price"]["properties"],
        "baseline": SCHEMA["properties"]["baseline"]["properties"],
    }
    text = (
        "zz: 1\ndefaults: {zz: 1}\nagents: {a: {zz: 1}}\n"
        "rules: [{zz: 1, pattern: {zz: 1}, batch: {zz: 1}, start: {zz: 1}}]\n"
        "blueprints: [{zz: 1}]\n"
        "sources: {s: {zz: 1}}\nbudgets: {zz: 1, price: {zz: 1}}\nbaseline: {zz: 1}"
    )
    told = [mistake for mistake in mistakes(text) if "known here: " in mistake]
    assert len(told) == len(known)
    for mistake in told:
        path = mistake.split(": ")[1].removesuffix("zz").rstrip(".")
        assert set(mistake.partition("known here: ")[2].split(", ")) == set(known[path])
