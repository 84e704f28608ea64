"""The fleet over HTTP: what is in force, what a file would change, and putting it in force."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from reveille.ingress.application.agent_catalogue import CATALOGUE
from reveille.ingress.application.fleet_document import MAX_BYTES
from tests.integration.ingress.conftest import House, Open

FLEET = """version: 1
agents:
  a: {skill: "m:f"}
rules:
  - {name: r, on: {source: github}, wake: a}
sources:
  ci: {scheme: token, header: X-Token}
"""
YAML = "application/yaml"


async def send(
    house: House, text: str | bytes, path: str = "", *, media_type: str = YAML, **headers: str
) -> httpx.Response:
    return await house.client.post(
        f"/api/v1/fleet{path}", content=text, headers={"content-type": media_type, **headers}
    )


async def revision(house: House) -> int:
    answer = await house.client.get("/api/v1/fleet")
    told: int = answer.json()["revision"]
    assert answer.headers["etag"] == f'"{told}"'
    return told


async def test_a_fleet_is_put_in_force_at_once_and_only_once(house: House) -> None:
    before = await revision(house)
    answer = await send(house, FLEET)
    applied = answer.json()
    assert answer.status_code == 202
    assert applied["revision"] > before
    assert applied["events"] == len(
        [event for event in await house.events() if event.revision > before and "fleet" in event.stream]
    )
    assert applied["position"] == await house.head()
    fleet = (await house.client.get("/api/v1/fleet")).json()
    assert {one["name"] for one in fleet["agents"]} == {"a", *CATALOGUE}
    assert [[one["name"] for one in fleet[kind]] for kind in ("sources", "blueprints")] == [
        ["ci"],
        ["party", "film-scene"],
    ]
    again = await send(house, FLEET)
    assert (again.status_code, again.json()) == (
        202,
        {"revision": applied["revision"], "events": 0, "position": None},
    )


async def test_json_is_taken_too_with_whatever_letters(house: House) -> None:
    fleet = {"version": 1, "agents": {"a": {"skill": "m:f", "title": 'a "lead" \\ \U0001f680 é'}}}
    assert (await send(house, json.dumps(fleet), media_type="application/json; charset=utf-8")).status_code == 202
    told = (await house.client.get("/api/v1/fleet")).json()
    (title,) = [one["title"] for one in told["agents"] if one["name"] == "a"]
    assert title == 'a "lead" \\ \U0001f680 é'


async def test_a_dry_run_says_what_would_change_and_changes_nothing(house: House) -> None:
    head = await house.head()
    answer = await send(house, FLEET, "?dry_run=true")
    changes = [(one["kind"], one["name"], one["change"]) for one in answer.json()["changes"]]
    assert answer.status_code == 200
    assert ("agent", "a", "added") in changes
    assert ("agent", "cursor-ide-agent", "removed") in changes
    assert ("source", "ci", "added") in changes
    assert ("limits", "limits", "changed") in changes
    assert await house.head() == head


async def test_a_diff_shows_before_and_after_and_says_where_nobody_knows_what_would_have_been(house: House) -> None:
    await send(house, FLEET)
    answer = (await send(house, FLEET.replace("m:f", "m:g"), "/diff")).json()
    (change,) = answer["changes"]
    assert (change["name"], change["change"]) == ("a", "changed")
    assert (change["before"]["skill"], change["after"]["skill"]) == ("m:f", "m:g")
    assert answer["revision"] == await revision(house)
    assert (answer["what_if"], answer["note"]) == (None, "analyzer cannot answer now")


async def test_every_mistake_is_named_with_its_line(house: House) -> None:
    answer = await send(house, FLEET.replace("m:f", "mf").replace("wake: a", "wake: 1 2"))
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, "invalid_fleet")
    assert [error["path"] for error in problem["errors"]] == ["agents.a.skill", "rules[0].wake"]
    assert [error["message"].partition(":")[0] for error in problem["errors"]] == ["line 3", "line 5"]


async def test_who_has_seen_another_revision_changes_nothing(house: House) -> None:
    seen = await revision(house)
    assert (await send(house, FLEET, **{"if-match": f'"{seen}"'})).status_code == 202
    for path in ("", "?dry_run=true"):
        answer = await send(house, FLEET.replace("m:f", "m:g"), path, **{"if-match": f'"{seen}"'})
        assert (answer.status_code, answer.json()["code"]) == (412, "fleet_moved")
    assert (await send(house, FLEET, **{"if-match": "*"})).status_code == 202
    assert (await send(house, FLEET, **{"if-match": "W/abc"})).json()["code"] == "invalid_if_match"
    assert (await send(house, FLEET, **{"if-match": str(await revision(house))})).status_code == 202


async def test_of_many_who_saw_the_same_revision_one_succeeds(house: House) -> None:
    seen = {"if-match": f'"{await revision(house)}"'}
    answers = await asyncio.gather(*(send(house, FLEET.replace("m:f", f"m:f{i}"), **seen) for i in range(5)))
    assert sorted(answer.status_code for answer in answers) == [202, 412, 412, 412, 412]


@pytest.mark.parametrize(
    ("text", "headers", "status", "code"),
    [
        (FLEET, {"content-type": "text/plain"}, 415, "unsupported_media_type"),
        (FLEET, {"content-type": ""}, 415, "unsupported_media_type"),
        (b"\xff\xfe", {}, 400, "malformed_body"),
        ("", {}, 422, "invalid_fleet"),
        ("[" * 100_000, {}, 422, "invalid_fleet"),
        ("version: 1\ntenant: other\nagents: {}", {}, 422, "invalid_fleet"),
        (b"#" * (MAX_BYTES + 1), {}, 413, "body_too_large"),
        (FLEET, {"origin": "https://evil.example"}, 403, "foreign_origin"),
    ],
)
@pytest.mark.parametrize("path", ["", "/diff"])
async def test_what_is_no_fleet_is_refused(
    house: House, text: str | bytes, headers: dict[str, str], status: int, code: str, path: str
) -> None:
    head = await house.head()
    answer = await house.client.post(f"/api/v1/fleet{path}", content=text, headers={"content-type": YAML, **headers})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert await house.head() == head


async def test_a_body_in_parts_is_not_read_beyond_the_limit(house: House) -> None:
    async def endless() -> Any:
        for _ in range(64):
            yield b"#" * 65_536

    answer = await house.client.post("/api/v1/fleet", content=endless(), headers={"content-type": YAML})
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


async def test_where_there_are_tokens_any_of_them_opens(open_house: Open) -> None:
    house = await open_house(host="10.0.0.1", fleet_tokens=(b"old", b"new"))
    for wrong in ({}, {"authorization": "Bearer olds"}, {"authorization": "old"}, {"authorization": "Basic old"}):
        answer = await send(house, FLEET, **wrong)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
    for token in ("old", "new"):
        assert (await send(house, FLEET, authorization=f"Bearer {token}")).status_code == 202
    assert (await send(house, FLEET, "/diff")).status_code == 401


async def test_the_fleet_is_in_the_description_of_the_api(house: House) -> None:
    paths = (await house.client.get("/openapi.json")).json()["paths"]
    assert set(paths["/api/v1/fleet"]) == {"get", "post"}
    assert "application/yaml" in paths["/api/v1/fleet"]["post"]["requestBody"]["content"]
    assert set(paths["/api/v1/fleet/diff"]) == {"post"}
