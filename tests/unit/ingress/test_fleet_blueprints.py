"""The blueprints of a fleet: in its file, beside it, and shipped; and the agents that they bring."""

from typing import Any

import pytest

from reveille.contracts.ingress.v1.events_pb2 import AgentDefined, BlueprintDefined, BlueprintRemoved, WhenSpent
from reveille.ingress.application.agent_catalogue import CATALOGUE, named_agents
from reveille.ingress.application.fleet_blueprints import Beside, Nearby
from reveille.ingress.application.fleet_document import FleetFileInvalid, Wrong
from reveille.ingress.application.fleet_sending import self_contained
from reveille.ingress.bootstrap import fleet_from
from reveille.ingress.domain.fleet import WantedFleet, changes, differences
from reveille.kernel.fleet import Fleet, fold

SMALL = "version: 1\nagents:\n  a: {skill: m:f}\n"
PLAN = "blueprint: plan\nsteps:\n  s: {agent: a, always: true}\n"


def folder(**texts: str) -> Nearby:
    """Of the fleet file: by name, without the ending."""

    def nearby(name: str) -> Beside | None:
        if name == "broken.yaml":
            raise Wrong("it cannot be read, expected a file that can")
        text = texts.get(name.removesuffix(".yaml"))
        return None if text is None else Beside(f"here/{name}", text)

    return nearby


def read(text: str, nearby: Nearby | None = None) -> WantedFleet:
    return fleet_from(text, file="here/fleet.yaml", nearby=nearby)


def mistakes(text: str, nearby: Nearby | None = None) -> list[str]:
    with pytest.raises(FleetFileInvalid) as caught:
        read(text, nearby)
    return list(map(str, caught.value.mistakes))


def names(wanted: WantedFleet) -> list[str]:
    return [one.name for one in wanted.blueprints]


def agents(wanted: WantedFleet) -> dict[str, Any]:
    return {one.name: one for one in wanted.agents}


def in_force(wanted: WantedFleet) -> Fleet:
    return fold(Fleet(), [(event, revision) for revision, event in enumerate(changes(Fleet(), wanted))])


def test_what_ships_is_in_every_fleet_and_brings_its_agents() -> None:
    wanted = read(SMALL)
    assert names(wanted) == ["party", "film-scene"]
    assert list(agents(wanted)) == ["a", *CATALOGUE]


@pytest.mark.parametrize("listed", ["[party]", "[party.yaml]", "[party.yml]", "[]"])
def test_what_ships_may_be_named_where_no_such_file_stands_beside(listed: str) -> None:
    assert read(f"{SMALL}blueprints: {listed}\n", folder()) == read(SMALL)


def test_a_file_beside_the_fleet_is_read_and_one_inside_it_too() -> None:
    inside = "blueprints:\n  - plan.yaml\n  - {blueprint: other, steps: {t: {agent: a, always: true}}}\n"
    wanted = read(SMALL + inside, folder(plan=PLAN))
    assert names(wanted) == ["plan", "other", "party", "film-scene"]
    assert [one.name for one in wanted.blueprints[0].steps] == ["s"]


def test_a_blueprint_of_its_own_takes_the_place_of_the_one_that_ships() -> None:
    own = PLAN.replace("plan", "party")
    for wanted in (
        read(SMALL + "blueprints: [party.yaml]\n", folder(party=own)),
        read(SMALL + "blueprints: [{blueprint: party, steps: {s: {agent: a, always: true}}}]\n"),
    ):
        party, film = wanted.blueprints
        assert [one.name for one in party.steps] == ["s"]
        assert list(agents(wanted)) == ["a", *named_agents(film), "input-classifier"]


def test_an_agent_of_the_file_takes_the_place_of_the_built_in_one() -> None:
    wanted = read(SMALL + "  theme-agent: {skill: my.themes:plan, instances: {max: 2}}\n")
    theme = agents(wanted)["theme-agent"]
    assert (theme.skill, theme.max_instances, theme.budget.per_run) == ("my.themes:plan", 2, 4_000)
    assert agents(wanted)["cake-agent"].skill == "reveille.agents.party.cake:find_cake"


def test_built_in_agents_have_the_defaults_of_the_file_and_reserve_nothing_while_they_are_offline() -> None:
    defaults = "defaults: {timeout: 9s, retries: {attempts: 5, backoff: 1s}, budget: {tokens: 700, when_spent: drop}}\n"
    cake = agents(read(SMALL + defaults))["cake-agent"]
    assert (cake.timeout_ms, cake.attempts, cake.backoff_ms, cake.max_instances) == (9_000, 5, 1_000, 16)
    assert (cake.budget.tokens, cake.budget.per_run) == (700, 0)
    assert cake.budget.when_spent == WhenSpent.WHEN_SPENT_DROP
    assert (cake.model, bool(cake.title), bool(cake.capabilities)) == ("offline", True, True)


@pytest.mark.parametrize(
    ("said", "per_run"),
    [
        ("", 4_000),
        ("budgets: {execution: {tokens: 900}}\n", 900),
        ("budgets: {tenant: {tokens: 800}, execution: {tokens: 900}}\n", 800),
    ],
)
def test_with_a_model_they_reserve_what_the_limits_let_a_run_have(said: str, per_run: int) -> None:
    fleet = SMALL.replace("skill: m:f", "skill: m:f, budget: {per_run: 10}")
    wanted = read(fleet + "defaults: {model: auto}\n" + said)
    assert {one.budget.per_run for name, one in agents(wanted).items() if name in CATALOGUE} == {per_run}


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("blueprints: party", "here/fleet.yaml:4: blueprints: it is 'party', expected a list"),
        (
            "blueprints: [../party.yaml]",
            "here/fleet.yaml:4: blueprints[0]: it is '../party.yaml', expected a blueprint",
        ),
        ("blueprints: [/etc/party.yaml]", "blueprints[0]: it is '/etc/party.yaml', expected a blueprint, or the name"),
        ("blueprints: [a/../../b.yaml]", "blueprints[0]: it is 'a/../../b.yaml', expected a blueprint"),
        ("blueprints: [.hidden]", "blueprints[0]: it is '.hidden', expected a blueprint"),
        ("blueprints: [[party]]", "blueprints[0]: it is a list, expected a blueprint"),
        (
            "blueprints: [wedding.yaml]",
            "here/fleet.yaml:4: blueprints[0]: no file 'wedding.yaml' stands beside the fleet file, and no such "
            "blueprint ships, expected a blueprint, or one of party, film-scene",
        ),
        ("blueprints: [broken.yaml]", "here/fleet.yaml:4: blueprints[0]: it cannot be read, expected a file that can"),
        ("blueprints: [typo.yaml]", "here/typo.yaml:3: steps.s.agnet: unknown key `agnet` (did you mean `agent`?)"),
        ("blueprints: [typo.yaml]", "here/typo.yaml:3: steps.s: `agent` is missing"),
        ("blueprints: [nothing.yaml]", "here/nothing.yaml:1: the file is empty, expected a mapping with `blueprint`"),
        (
            "blueprints: [stranger.yaml]",
            "here/stranger.yaml:3: steps.s.agent: agent 'theme-agnt' is neither in the fleet nor built in "
            "(did you mean `theme-agent`?), expected one of a, theme-agent,",
        ),
        (
            "blueprints:\n  - blueprint: b\n    steps:\n      s:\n        agent: a\n        always: true\n"
            "        compensate: nobody",
            "here/fleet.yaml:10: blueprints[0].steps.s.compensate: agent 'nobody' is neither in the fleet nor built in",
        ),
        (
            "blueprints:\n  - blueprint: b\n    steps:\n      s:\n        agent: a\n        always: true\n"
            "        after: [s]",
            "here/fleet.yaml:10: blueprints[0].steps.s.after: s -> s",
        ),
        (
            "blueprints:\n  - party\n  - party.yaml",
            "here/fleet.yaml:6: blueprints[1]: blueprint 'party' is there already",
        ),
    ],
)
def test_a_mistake_is_named_with_the_file_that_it_is_in(text: str, mistake: str) -> None:
    beside = folder(
        typo=PLAN.replace("agent", "agnet"), nothing="", stranger=PLAN.replace("agent: a", "agent: theme-agnt")
    )
    assert mistake in "\n".join(mistakes(SMALL + text, beside))


def test_mistakes_of_all_files_are_named_at_once() -> None:
    told = mistakes(
        SMALL + "tenant: X\nblueprints: [one.yaml, two.yaml]", folder(one="blueprint: 1", two=PLAN + "facts: [A]")
    )
    assert sorted(one.split(":")[0] for one in told) == ["here/fleet.yaml", "here/one.yaml", "here/two.yaml"]


def test_a_fleet_that_was_sent_has_no_files_beside_it() -> None:
    told = mistakes(SMALL + "blueprints: [wedding.yaml]")
    assert "blueprints[0]: it is 'wedding.yaml', and a fleet that was sent has no files beside it" in told[0]
    assert names(read(SMALL + "blueprints: [party.yaml]")) == ["party", "film-scene"]


def test_a_fleet_is_sent_with_its_files_in_it() -> None:
    text = """version: 1
agents:   # not for the way
  a: {skill: m:f, title: "yes: it is, 'really' \\U0001f680 é"}
  'no': {skill: m:f}
rules:
  - name: r
    on: {source: github, kind: [push]}
    wake: a
    where: >-
      signal.title ==
      "x # y"
blueprints:
  - plan.yaml
  - party.yaml
  - {blueprint: other, steps: {t: {agent: a, always: true, timeout: 1s}}}
budgets: {tenant: {tokens: 50_000}}
"""
    beside = folder(
        plan=PLAN.replace("always: true", "when: '\"x\" == \"y\"', category: {words: [no, 'on', 0x1F, 1e3]}")
    )
    sent = self_contained(text, file="here/fleet.yaml", nearby=beside)
    assert "plan.yaml" not in sent
    assert read(sent) == read(text, beside)
    assert names(read(sent)) == ["plan", "party", "other", "film-scene"]


@pytest.mark.parametrize("blueprints", ["", "blueprints: [party.yaml]", "blueprints: []"])
def test_a_fleet_that_names_no_file_is_sent_as_it_is_written(blueprints: str) -> None:
    text = f"# a comment\n{SMALL}{blueprints}"
    assert self_contained(text, file="here/fleet.yaml", nearby=folder()) == text


def test_a_blueprint_that_changes_is_recorded_alone() -> None:
    before = read(SMALL + "blueprints: [plan.yaml]", folder(plan=PLAN))
    after = read(SMALL + "blueprints: [plan.yaml]", folder(plan=PLAN + "  t: {agent: a, always: true}\n"))
    fleet = in_force(before)
    assert {type(event) for event in changes(Fleet(), before)} >= {AgentDefined, BlueprintDefined}
    assert [event.DESCRIPTOR.name for event in changes(fleet, after)] == ["BlueprintDefined", "FleetApplied"]
    assert [(one.kind, one.name, one.change) for one in differences(fleet, after)] == [("blueprint", "plan", "changed")]
    gone, *_ = changes(fleet, read(SMALL))
    assert gone == BlueprintRemoved(name="plan")
    assert changes(fleet, before) == []
