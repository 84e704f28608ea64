"""Blueprint files: what this version takes, and how it names a mistake."""

import json
from importlib.resources import files
from typing import Any

import jsonschema
import pytest
import yaml

from reveille.contracts.ingress.v1.events_pb2 import Autopilot, Blueprint, BlueprintStep, Category, Gate, Role
from reveille.ingress.application.blueprint_file import SHIPPED, shipped_blueprint
from reveille.ingress.application.fleet_document import FleetFileInvalid
from reveille.ingress.bootstrap import blueprint_from

SCHEMAS = files("reveille.ingress.schemas")
SCHEMA = json.loads(SCHEMAS.joinpath("blueprint.schema.json").read_text())
FLEET_SCHEMA = json.loads(SCHEMAS.joinpath("fleet.schema.json").read_text())
EVERYTHING = """blueprint: everything
title: All that a blueprint can say
required: [first, last]
steps:
  last:
    agent: closer
    title: The last one
    priority: 3
    after: [first]
    needs: [listed]
    reads: [guests]
    when: '"guests" in facts && facts.guests > 10 && "first" in categories'
    optional: false
    timeout: 90s
    retries: {attempts: 2, backoff: 500ms}
    compensate: undoer
    ask: What else?
  first:
    agent: opener
    category: {words: [begin, "first thing", no]}
  listed: {agent: lister, needs: [first], for_each: first.list}
  tagged: {agent: opener, category: {}, for_each: inputs, optional: true}
  steady: {agent: opener, always: true}
money: {from: [last, listed]}
facts: [guests, colour]
approvals: []
"""
SMALL = """blueprint: small
steps:
  a: {agent: x, always: true}
"""
APPROVAL = "{before: complete, ask: Really?}"


def read(text: str) -> Blueprint:
    return blueprint_from(text, file="b.yaml")


def mistakes(text: str) -> list[str]:
    with pytest.raises(FleetFileInvalid) as caught:
        read(text)
    return list(map(str, caught.value.mistakes))


def step(said: str) -> str:
    """A blueprint whose step `a` says this too."""
    a, c = f"{{agent: x, always: true, {said}}}", "{agent: x, category: {}}"
    return f"blueprint: b\nfacts: [guests]\nsteps:\n  a: {a}\n  c: {c}\n"


def test_a_blueprint_with_every_key_is_taken_whole() -> None:
    blueprint = read(EVERYTHING)
    first, listed, last, tagged, steady = blueprint.steps
    assert (blueprint.name, blueprint.title) == ("everything", "All that a blueprint can say")
    assert (list(blueprint.required), list(blueprint.money_from)) == (["first", "last"], ["last", "listed"])
    assert list(blueprint.facts) == ["guests", "colour"]
    assert last == BlueprintStep(
        name="last",
        title="The last one",
        agent="closer",
        priority=3,
        after=["first"],
        needs=["listed"],
        reads=["guests"],
        when='"guests" in facts && facts.guests > 10 && "first" in categories',
        timeout_ms=90_000,
        attempts=2,
        backoff_ms=500,
        compensate="undoer",
        ask="What else?",
    )
    assert first == BlueprintStep(
        name="first", title="first", agent="opener", category=Category(words=["begin", "first thing", "no"])
    )
    assert (listed.for_each, list(listed.needs)) == ("first.list", ["first"])
    assert (tagged.HasField("category"), list(tagged.category.words), tagged.for_each) == (True, [], "inputs")
    assert (tagged.optional, steady.always, steady.HasField("category")) == (True, True, False)


def test_a_blueprint_that_says_little_has_what_is_expected() -> None:
    assert read(SMALL) == Blueprint(
        name="small",
        title="small",
        steps=[BlueprintStep(name="a", title="a", agent="x", always=True)],
    )


def test_an_approval_says_when_and_what_no_answer_means() -> None:
    said = "{before: complete, ask: Release it?, within: 90m, otherwise: approve, risk: low}"
    blueprint = read(SMALL + f"approvals: [{said}]\nautopilot: manual")
    gate = Gate(before="complete", ask="Release it?", within_ms=5_400_000, otherwise="approve", risk="low")
    assert (list(blueprint.gates), blueprint.autopilot) == ([gate], Autopilot.AUTOPILOT_MANUAL)


def test_an_approval_that_says_little_is_refused_after_a_day_and_asked_with_assistance() -> None:
    blueprint = read(SMALL + f"approvals: [{APPROVAL}]")
    gate = Gate(before="complete", ask="Really?", within_ms=86_400_000, otherwise="reject", risk="medium")
    assert (list(blueprint.gates), blueprint.autopilot) == ([gate], Autopilot.AUTOPILOT_ASSISTED)


def test_a_step_may_be_called_complete_where_nobody_is_asked_before_it() -> None:
    assert [one.name for one in read(SMALL + "  complete: {agent: x, always: true}\n").steps] == ["a", "complete"]


def test_steps_come_out_behind_those_they_wait_for_and_else_as_in_the_file() -> None:
    text = """blueprint: b
steps:
  e: {agent: x, always: true, after: [d]}
  a: {agent: x, always: true}
  d: {agent: x, always: true, needs: [c]}
  b: {agent: x, always: true}
  c: {agent: x}
"""
    assert [one.name for one in read(text).steps] == ["a", "b", "c", "d", "e"]


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("", "b.yaml:1: the file is empty, expected a mapping with `blueprint` and `steps` or"),
        ("a: &x 1\nb: *x", "b.yaml:2: `*x` is an alias, which a blueprint file may not have"),
        ("steps: {a: {agent: x, always: true}}", "b.yaml:1: `blueprint` is missing"),
        ("blueprint: b", "b.yaml:1: `steps` is missing, or `orchestrator` and `departments`"),
        ("blueprint: B\nsteps: {a: {agent: x, always: true}}", "b.yaml:1: blueprint: it is 'B', expected a name"),
        ("blueprint: b\nsteps: {}", "b.yaml:2: steps: it has 0 steps, expected 1 to 100"),
        (
            "blueprint: b\nsteps:" + "".join(f"\n  s{n}: {{agent: x, always: true}}" for n in range(101)),
            "b.yaml:3: steps: it has 101 steps, expected 1 to 100",
        ),
        ("blueprint: b\nsteps:\n  a: {always: true}", "b.yaml:3: steps.a: `agent` is missing"),
        (SMALL + "  a: {agent: y}", "b.yaml:4: steps.a: the key stands twice, first in line 3"),
        (SMALL + "stepz: 1", "b.yaml:4: stepz: unknown key `stepz` (did you mean `steps`?); known here: blueprint"),
        (SMALL + "approvals: [{ask: Really?}]", "b.yaml:4: approvals[0]: `before` is missing"),
        (SMALL + "approvals: [{before: complete}]", "b.yaml:4: approvals[0]: `ask` is missing"),
        (SMALL + "approvals: {before: complete}", "b.yaml:4: approvals: it is a mapping, expected a list"),
        (
            SMALL + "approvals: [{before: a, ask: Really?}]",
            "b.yaml:4: approvals[0].before: it is 'a', expected one of complete",
        ),
        (
            SMALL + f"approvals: [{APPROVAL}, {APPROVAL}]",
            "b.yaml:4: approvals: it has 2 approvals, at most 1 is asked for: before `complete`",
        ),
        (
            SMALL + "approvals: [{before: complete, ask: Really?, otherwise: wait}]",
            "approvals[0].otherwise: it is 'wait', expected one of reject, approve",
        ),
        (
            SMALL + "approvals: [{before: complete, ask: Really?, within: 31d}]",
            "approvals[0].within: it is '31d', expected a duration from 1s to 30d",
        ),
        (
            SMALL + "approvals: [{before: complete, ask: Really?, risk: hihg}]",
            "approvals[0].risk: it is 'hihg' (did you mean `high`?), expected one of low, medium, high",
        ),
        (
            SMALL + "approvals: [{before: complete, ask: Really?, withn: 1h}]",
            "approvals[0].withn: unknown key `withn` (did you mean `within`?); known here: before, ask, within",
        ),
        (
            SMALL + f"  complete: {{agent: x, always: true}}\napprovals: [{APPROVAL}]",
            "b.yaml:4: steps.complete: an approval stands before `complete`, expected another name",
        ),
        (
            SMALL + "autopilot: automatic",
            "b.yaml:4: autopilot: it is 'automatic' (did you mean `auto`?), expected one of manual, assisted, auto",
        ),
        (
            SMALL + f"facts: [{', '.join(f'f{n}' for n in range(51))}]",
            "b.yaml:4: facts: it has 51 facts, at most 50 are looked for",
        ),
        (SMALL + "required: [b]", "b.yaml:4: required[0]: step 'b' is not in this blueprint, expected one of a"),
        (SMALL + "required: [a, a]", "b.yaml:4: required[1]: 'a' stands in it twice, expected each step once"),
        (SMALL + "money: {from: [b]}", "b.yaml:4: money.from[0]: step 'b' is not in this blueprint, expected one of a"),
        (SMALL + "money: {}", "b.yaml:4: money: `from` is missing"),
        (SMALL + "facts: [guests, guests]", "b.yaml:4: facts[1]: 'guests' stands in it twice"),
        (SMALL + "facts: [Guests]", "b.yaml:4: facts[0]: it is 'Guests', expected a fact's name"),
        (step("after: [d]"), "b.yaml:4: steps.a.after[0]: step 'd' is not in this blueprint, expected one of a, c"),
        (step("needs: [d]"), "b.yaml:4: steps.a.needs[0]: step 'd' is not in this blueprint, expected one of a, c"),
        (
            step("after: [c], needs: [c]"),
            "b.yaml:4: steps.a.needs[0]: 'c' stands in `after` too, expected one of the two",
        ),
        (step("reads: [gests]"), "steps.a.reads[0]: fact 'gests' is not in this blueprint (did you mean `guests`?)"),
        (step("when: 'facts.'"), "b.yaml:4: steps.a.when: 'facts.' is no condition: 1:"),
        (step("when: 'facts.gests > 1'"), "is no condition: the blueprint has no fact gests; it has guests"),
        (step("when: '\"a\" in categories'"), "is no condition: no step 'a' has a category; c have one"),
        (step("when: 'size(categories)'"), "is no condition: it is of type int and not true or false"),
        (step("when: 'signal.draft'"), "is no condition: 1:7: undeclared reference to 'signal.draft'"),
        (step("for_each: inputs"), "steps.a.for_each: `inputs` are those of the step's category, and it has none"),
        (
            step("for_each: c.list"),
            "b.yaml:4: steps.a.for_each: step 'c' is not among those that it waits for, expected one of inputs",
        ),
        (
            step("after: [c], for_each: d.list"),
            "step 'd' is not among those that it waits for, expected one of c, inputs",
        ),
        (
            step("after: [c], for_each: c"),
            "steps.a.for_each: it is 'c', expected `inputs`, or a step and",
        ),
        (step("priority: 0"), "steps.a.priority: it is 0, expected a whole number from 1 to 1000"),
        (step("timeout: 31d"), "steps.a.timeout: it is '31d', expected a duration from 1ms to 30d"),
        (step("retries: {attempts: 21}"), "steps.a.retries.attempts: it is 21, expected a whole number from 1 to 20"),
        (step("optional: maybe"), "steps.a.optional: it is 'maybe', expected one of true, false"),
        ("required: [a]\n" + step("optional: true"), "steps.a.optional: the step is `required`, so that it cannot be"),
        (step("category: {words: [x, X]}"), "steps.a.category.words: 'X' stands in it twice"),
        (step("category: {words: ['-']}"), "steps.a.category.words[0]: it is '-', expected a word or phrase"),
        (step(f"category: {{words: [{'x' * 81}]}}"), "expected a word or phrase of at most 80 characters"),
        (
            step(f"category: {{words: [{', '.join(f'w{n}' for n in range(201))}]}}"),
            "steps.a.category.words: it has 201 words, at most 200 are looked for",
        ),
        (
            "blueprint: b\nsteps:\n  a: {agent: x}\n  c: {agent: x, always: true, after: [a]}",
            "b.yaml:3: steps.a: nothing brings the step in, expected `category`, `when`, `always: true`, or a",
        ),
        (
            "blueprint: b\nsteps:\n  theme: {agent: x, always: true, after: [cake]}\n"
            "  cake:\n    agent: x\n    category: {}\n    after: [theme]",
            "b.yaml:3: steps.theme.after: theme -> cake -> theme",
        ),
        (
            "blueprint: b\nsteps:\n  o: {agent: x, always: true, after: [c]}\n"
            "  a: {agent: x, always: true, needs: [b]}\n"
            "  b: {agent: x, after: [c]}\n  c: {agent: x, always: true, after: [b, a]}",
            "b.yaml:4: steps.a.needs: a -> b -> c -> a",
        ),
        (step("needs: [a]"), "b.yaml:4: steps.a.needs: a -> a"),
    ],
)
def test_a_mistake_is_named_with_its_place_and_what_was_expected(text: str, mistake: str) -> None:
    assert mistake in "\n".join(mistakes(text))


def test_all_mistakes_are_named_at_once() -> None:
    text = step("after: [d], reads: [z], for_each: inputs") + "required: [q]\nmoney: {from: [q]}"
    assert len(mistakes(text)) == 5


def test_a_blueprint_that_no_event_could_hold_is_refused() -> None:
    steps = "".join(
        f"\n  s{number}: {{agent: x, category: {{words: [{', '.join(f'{word:080}' for word in range(200))}]}}}}"
        for number in range(10)
    )
    (mistake,) = mistakes("blueprint: b\nsteps:" + steps)
    assert mistake.startswith("b.yaml:1: the blueprint has 1")
    assert mistake.endswith(" bytes when recorded, at most 131072 are kept")


def test_a_blueprint_may_be_written_as_json() -> None:
    assert read(json.dumps(yaml.load(EVERYTHING, Loader=yaml.BaseLoader))) == read(EVERYTHING)


@pytest.mark.parametrize("name", SHIPPED)
def test_what_ships_is_right_and_asks_for_whatever_is_missing(name: str) -> None:
    text = shipped_blueprint(name) or ""
    blueprint = read(text)
    assert blueprint.name == name
    jsonschema.validate(yaml.safe_load(text), SCHEMA)
    # Only these can be missing: reviews and the whole come with the departments that are woken.
    asked = [one for one in blueprint.steps if not one.department and one.role != Role.ROLE_COMPOSE]
    assert [one.name for one in asked if one.name in blueprint.required and not one.ask] == []
    assert [one.name for one in blueprint.steps if one.title == one.name] == []


def test_the_party_is_the_one_that_was_agreed_on() -> None:
    party = read(shipped_blueprint("party") or "")
    assert list(party.required) == ["theme", "venue", "cake", "catering", "vendor"]
    assert {one.name: (list(one.after), list(one.reads)) for one in party.steps} == {
        "theme": ([], ["age", "guests"]),
        "venue": (["theme"], ["guests", "city", "date", "budget"]),
        "cake": (["theme"], ["guests", "diet", "budget"]),
        "catering": (["venue"], ["guests", "diet", "budget"]),
        "vendor": (["theme"], ["city", "date", "budget"]),
    }
    assert list(party.facts) == ["guests", "budget", "date", "city", "age", "diet"]
    assert all("space" in one.category.words for one in party.steps if one.name in ("theme", "venue"))


@pytest.mark.parametrize("text", [SMALL, EVERYTHING])
def test_the_schema_takes_what_the_reader_takes(text: str) -> None:
    jsonschema.validate(yaml.safe_load(text.replace(", no]", ', "no"]')), SCHEMA)


@pytest.mark.parametrize(
    "changed",
    [
        {"blueprint": "B"},
        {"steps": {}},
        {"steps": {"a": {"always": True}}},
        {"steps": {"a": {"agent": "x", "always": True, "priority": 0}}},
        {"steps": {"a": {"agent": "x", "always": True, "for_each": "c"}}},
        {"steps": {"a": {"agent": "x", "category": {"words": [" x"]}}}},
        {"steps": {"a": {"agent": "x", "category": {"wordz": []}}}},
        {"required": ["a", "a"]},
        {"facts": ["Guests"]},
        {"money": {}},
        {"approvals": [{}]},
        {"approvals": [{"before": "complete", "ask": "Really?"}] * 2},
        {"approvals": [{"before": "a", "ask": "Really?"}]},
        {"approvals": [{"before": "complete", "ask": "Really?", "risk": "none"}]},
        {"autopilot": "on"},
        {"departments": {}},
        {"orchestrator": "x"},
        {"review": {}},
    ],
)
def test_the_schema_refuses_what_the_reader_refuses(changed: dict[str, Any]) -> None:
    document = {**yaml.safe_load(SMALL), **changed}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, SCHEMA)
    mistakes(yaml.safe_dump(document))


def test_the_schema_knows_the_keys_that_the_reader_knows() -> None:
    text = "zz: 1\nmoney: {zz: 1}\nsteps: {a: {zz: 1, category: {zz: 1}, retries: {zz: 1}}}\napprovals: [{zz: 1}]\n"
    told = mistakes(text + "select: {zz: 1}\nreview: {zz: 1}\ndepartments: {d: {zz: 1, relevance: {zz: 1}}}")
    known = {
        one.split(": ")[1]: set(one.partition("known here: ")[2].split(", ")) for one in told if "known here" in one
    }
    names = ("blueprint", "step", "retries", "department", "approval")
    of = {name: set(SCHEMA["$defs"][name]["properties"]) for name in names}
    blueprint = SCHEMA["$defs"]["blueprint"]["properties"]
    assert known == {
        "zz": of["blueprint"],
        "money.zz": set(blueprint["money"]["properties"]),
        "approvals[0].zz": of["approval"],
        "select.zz": set(blueprint["select"]["properties"]),
        "review.zz": set(blueprint["review"]["properties"]),
        "departments.d.zz": of["department"],
        "departments.d.relevance.zz": set(SCHEMA["$defs"]["department"]["properties"]["relevance"]["properties"]),
        "steps.a.zz": of["step"],
        "steps.a.category.zz": set(SCHEMA["$defs"]["step"]["properties"]["category"]["properties"]),
        "steps.a.retries.zz": of["retries"],
    }


def test_a_blueprint_is_the_same_in_a_file_of_its_own_and_in_a_fleet_file() -> None:
    assert {name: FLEET_SCHEMA["$defs"][name] for name in SCHEMA["$defs"]} == SCHEMA["$defs"]
