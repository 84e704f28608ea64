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
                "name": "party",
                "title": "Party plan",
                "steps": ["theme", "venue", "cake", "catering", "vendor"],
                "required": ["theme", "venue", "cake", "catering", "vendor"],
                "categories": ["theme", "venue", "cake", "catering", "vendor"],
                "facts": ["guests", "budget", "date", "city", "age", "diet"],
            }
        ],
        "next": None,
    }


async def test_a_fleet_that_is_sent_brings_its_own(house: House) -> None:
    assert (await apply(house)).status_code == 202
    items = (await house.client.get("/api/v1/blueprints")).json()["items"]
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
    assert (list(fleet.blueprints), set(fleet.agents)) == (["party"], {"a", *CATALOGUE})
    assert (list(fleet.rules.values()), fleet.limits) == (list(old.rules), old.limits)
    await put_in_force(fleets, shipped, named=False)
    assert fleets.in_force(tenant).fleet.revision == fleet.revision


async def test_one_blueprint_is_told_whole_with_the_revision_that_brought_it(house: House) -> None:
    revision = (await apply(house)).json()["revision"]
    one = (await house.client.get("/api/v1/blueprints/release")).json()
    assert (one["name"], one["title"], one["fleet_revision"]) == ("release", "A release", revision)
    notes, news = one["steps"]
    assert (notes["always"], notes["category"], notes["reads"]) == (True, None, ["version"])
    assert (news["category"], news["needs"], news["optional"]) == ({"words": ["blog", "news"]}, ["notes"], True)


async def test_a_blueprint_that_is_not_there_is_not_found(house: House) -> None:
    answer = await house.client.get("/api/v1/blueprints/film-scene")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert answer.json()["detail"] == "no blueprint film-scene"


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
    answer = await apply(house, FLEET.replace("party.yaml", "film-scene.yaml"))
    (error,) = answer.json()["errors"]
    assert error["message"].startswith("line 7: blueprint 'film-scene' is not supported by this version")


async def test_a_blueprint_that_goes_takes_what_it_alone_brought_with_it(house: House) -> None:
    own = "blueprints: [{blueprint: party, steps: {s: {agent: a, always: true}}}]\n"
    assert (await apply(house, 'version: 1\nagents: {a: {skill: "m:f"}}\n' + own)).status_code == 202
    fleet = (await house.client.get("/api/v1/fleet")).json()
    assert {one["name"] for one in fleet["agents"]} == {"a", "input-classifier"}
    assert (await apply(house)).status_code == 202
    fleet = (await house.client.get("/api/v1/fleet")).json()
    assert {one["name"] for one in fleet["agents"]} == {"a", *CATALOGUE}
