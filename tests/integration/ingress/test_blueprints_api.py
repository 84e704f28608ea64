"""Blueprints over HTTP: those of the fleet in force, and fleets that bring their own."""

from dataclasses import replace

import httpx

from reveille.cli.fleet_files import put_in_force
from reveille.ingress.application.agent_catalogue import CATALOGUE
from reveille.ingress.application.fleet_file import default_fleet
from reveille.ingress.bootstrap import fleet_from
from tests.integration.ingress.conftest import House

FLEET = """version: 1
agents:
  a: {skill: "m:f"}
rules:
  - {name: r, on: {source: github}, start: {blueprint: release, prompt: Write the notes}}
blueprints:
  - party.yaml
  - blueprint: release
    title: A release
    steps:
      notes: {agent: a, always: true, reads: [version]}
      news: {agent: a, category: {words: [blog, news]}, needs: [notes], optional: true}
    facts: [version]
"""


async def apply(house: House, fleet: str = FLEET) -> httpx.Response:
    return await house.client.post("/api/v1/fleet", content=fleet, headers={"content-type": "application/yaml"})


async def test_what_ships_is_there_before_anybody_has_named_it(house: House) -> None:
    answer = (await house.client.get("/api/v1/blueprints")).json()
    assert answer == {
        "items": [
            {
                "name": "film-scene",
                "title": "Write a scene",
                "steps": [],
                "required": [],
                "categories": [],
                "facts": [],
                "orchestrator": "scene-orchestrator",
                "departments": ["story", "character", "visual"],
                "approvals": ["complete"],
                "autopilot": "assisted",
            },
            {
                "name": "party",
                "title": "Party plan",
                "steps": ["theme", "venue", "cake", "catering", "vendor"],
                "required": ["theme", "venue", "cake", "catering", "vendor"],
                "categories": ["theme", "venue", "cake", "catering", "vendor"],
                "facts": ["guests", "budget", "date", "city", "age", "diet"],
                "orchestrator": "",
                "departments": [],
                "approvals": [],
                "autopilot": "assisted",
            },
        ],
        "next": None,
    }


async def test_a_fleet_that_is_sent_brings_its_own(house: House) -> None:
    assert (await apply(house)).status_code == 202
    _, *items = (await house.client.get("/api/v1/blueprints")).json()["items"]
    assert [(one["name"], one["steps"], one["required"], one["categories"]) for one in items] == [
        ("party", [*items[0]["steps"]], [*items[0]["required"]], [*items[0]["categories"]]),
        ("release", ["notes", "news"], [], ["news"]),
    ]
    (rule,) = (await house.client.get("/api/v1/fleet")).json()["rules"]
    assert (rule["wake"], rule["start"]) == ("", {"blueprint": "release", "prompt": "Write the notes"})


async def test_a_fleet_from_before_something_shipped_has_it_after_the_next_start_and_is_else_as_it_was(
    house: House,
) -> None:
    fleets, tenant = house.ingress.fleets, house.ingress.settings.tenant
    shipped = replace(fleet_from(default_fleet(), file="default.yaml"), tenant=tenant)
    own = replace(fleet_from(FLEET.replace("{blueprint: release", "{blueprint: party"), file="fleet"), tenant=tenant)
    old = replace(own, agents=own.agents[:1], blueprints=())
    await fleets.apply(old)
    await put_in_force(fleets, shipped, named=False)
    fleet = fleets.in_force(tenant).fleet
    assert (list(fleet.blueprints), set(fleet.agents)) == (["party", "film-scene"], {"a", *CATALOGUE})
    assert (list(fleet.rules.values()), fleet.limits) == (list(old.rules), old.limits)
    await put_in_force(fleets, shipped, named=False)
    assert fleets.in_force(tenant).fleet.revision == fleet.revision


async def test_one_blueprint_is_told_whole_with_the_revision_that_brought_it(house: House) -> None:
    revision = (await apply(house)).json()["revision"]
    one = (await house.client.get("/api/v1/blueprints/release")).json()
    assert (one["name"], one["title"], one["fleet_revision"]) == ("release", "A release", revision)
    notes, news = one["steps"]
    assert (notes["always"], notes["category"], notes["reads"]) == (True, None, ["version"])
    assert (news["category"], news["needs"], news["optional"]) == (
        {"words": ["blog", "news"], "every": False},
        ["notes"],
        True,
    )


async def test_a_hierarchy_is_told_whole_with_its_departments_and_its_steps(house: House) -> None:
    film = (await house.client.get("/api/v1/blueprints/film-scene")).json()
    assert [(one["name"], one["head"], one["specialists"]) for one in film["departments"]] == [
        ("story", "story-head", ["plot-writer", "dialogue-writer"]),
        ("character", "character-head", ["character-designer", "motivation-writer"]),
        ("visual", "visual-head", ["storyboarder", "lighting-designer"]),
    ]
    assert (film["orchestrator"], film["autopilot"]) == ("scene-orchestrator", "assisted")
    assert (film["min_relevance"], film["min_quality"], film["max_revisions"]) == (0.3, 70, 2)
    assert [(one["before"], one["ask"], one["otherwise"]) for one in film["gates"]] == [
        ("complete", "Release the scene?", "reject")
    ]
    steps = {one["name"]: (one["agent"], one["department"], one["role"], one["round"]) for one in film["steps"]}
    assert len(steps) == 32
    assert steps["story/plot-writer/2"] == ("plot-writer", "story", "draft", 2)
    assert steps["orchestrate"] == ("scene-orchestrator", "", "orchestrate", 0)


async def test_a_blueprint_that_is_not_there_is_not_found(house: House) -> None:
    answer = await house.client.get("/api/v1/blueprints/wedding")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert answer.json()["detail"] == "no blueprint wedding"


async def test_a_mistake_in_a_blueprint_is_told_with_the_path_to_its_key(house: House) -> None:
    fleet = FLEET.replace("agent: a, always: true, reads", "agent: nobody, always: true, after: [news], reads")
    answer = await apply(house, fleet)
    assert answer.status_code == 422
    assert [(one["path"], one["message"]) for one in answer.json()["errors"]] == [
        ("blueprints[1].steps.notes.after", "line 11: notes -> news -> notes")
    ]
    answer = await apply(house, FLEET.replace("agent: a, always", "agent: nobody, always"))
    (error,) = answer.json()["errors"]
    assert error["path"] == "blueprints[1].steps.notes.agent"
    assert error["message"].startswith("line 11: agent 'nobody' is neither in the fleet nor built in")
    answer = await apply(house, FLEET.replace("party.yaml", "wedding.yaml"))
    (error,) = answer.json()["errors"]
    assert error["message"].startswith("line 7: it is 'wedding.yaml', and a fleet that was sent has no files beside it")


async def test_a_blueprint_that_goes_takes_what_it_alone_brought_with_it(house: House) -> None:
    steps = "steps: {s: {agent: a, always: true}}"
    own = f"blueprints: [{{blueprint: party, {steps}}}, {{blueprint: film-scene, {steps}}}]\n"
    assert (await apply(house, 'version: 1\nagents: {a: {skill: "m:f"}}\n' + own)).status_code == 202
    fleet = (await house.client.get("/api/v1/fleet")).json()
    assert {one["name"] for one in fleet["agents"]} == {"a", "input-classifier"}
    assert (await apply(house)).status_code == 202
    fleet = (await house.client.get("/api/v1/fleet")).json()
    assert {one["name"] for one in fleet["agents"]} == {"a", *CATALOGUE}
