"""What a plan does not take: each field that is wrong is named, and nothing is written."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from reveille.ingress.domain.plan_fields import MAX_CHANGES, MAX_CONTENT, MAX_PARAMETERS, MAX_TAGS
from tests.integration.ingress.plan_house import EXECUTIONS, PARTIES, ToldPlanner

if TYPE_CHECKING:
    from httpx import Response

    from tests.integration.ingress.conftest import House, Open


@pytest.fixture
async def plan(open_house: Open) -> House:
    """With a plan `p` of one input `i0`."""
    house = await open_house(planner=ToldPlanner())
    body = {"blueprint": "party", "execution_id": "p", "inputs": [{"input_id": "i0", "content": "jungle theme"}]}
    assert (await house.client.post(EXECUTIONS, json=body)).status_code == 202
    return house


async def refused(house: House, answer: Response, status: int, code: str) -> dict[str, Any]:
    problem: dict[str, Any] = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(await house.events("InputsChanged")) == 1
    return problem


ONE_INPUT = [
    ({"content": ""}, "content"),
    ({"content": " \n\t "}, "content"),
    ({}, "content"),
    ({"content": None}, "content"),
    ({"content": 7}, "content"),
    ({"content": "x" * (MAX_CONTENT + 1)}, "content"),
    ({"content": "a\x00b"}, "content"),
    ({"content": "\x1b[31m"}, "content"),
    ({"content": "\u0085"}, "content"),
    ({"content": "\ufffe"}, "content"),
    ({"content": "cake", "tags": ["t"] * (MAX_TAGS + 1)}, "tags"),
    ({"content": "cake", "tags": ["a", "t" * 101]}, "tags[1]"),
    ({"content": "cake", "tags": [""]}, "tags[0]"),
    ({"content": "cake", "tags": ["a\nb"]}, "tags[0]"),
    ({"content": "cake", "tags": "theme"}, "tags"),
    ({"content": "cake", "tags": [{}]}, "tags[0]"),
    ({"content": "cake", "input_id": "a b"}, "input_id"),
    ({"content": "cake", "input_id": ""}, "input_id"),
    ({"content": "cake", "input_id": "x" * 101}, "input_id"),
    ({"content": "cake", "input_id": 3}, "input_id"),
    ({"content": "cake", "added_by": "x" * 101}, "added_by"),
    ({"content": "cake", "source_type": ["chat"]}, "source_type"),
    ({"content": "cake", "colour": "red"}, "colour"),
]


@pytest.mark.parametrize(("body", "path"), ONE_INPUT)
async def test_an_input_that_is_none_is_refused_by_the_name_of_its_field(
    plan: House, body: dict[str, Any], path: str
) -> None:
    answer = await plan.client.post(f"{EXECUTIONS}/p/inputs", json=body)
    problem = await refused(plan, answer, 422, "invalid_body")
    assert path in [error["path"] for error in problem["errors"]]
    answer = await plan.client.patch(f"{EXECUTIONS}/p/inputs", json={"add": [{"content": "ok"}, body]})
    problem = await refused(plan, answer, 422, "invalid_body")
    assert f"add[1].{path}" in [error["path"] for error in problem["errors"]]
    answer = await plan.client.post(f"{PARTIES}/input", json={"party_id": "p", **body})
    problem = await refused(plan, answer, 422, "invalid_body")
    assert path in [error["path"] for error in problem["errors"]]


@pytest.mark.parametrize(
    "body", [b'{"content": "\\ud800"}', b'{"content": "a\\udc00b"}', b'{"content": "\xed\xa0\x80"}']
)
async def test_half_of_a_surrogate_pair_is_refused_by_its_place(plan: House, body: bytes) -> None:
    headers = {"content-type": "application/json"}
    answer = await plan.client.post(f"{EXECUTIONS}/p/inputs", content=body, headers=headers)
    problem = await refused(plan, answer, 422, "invalid_body")
    assert [error["path"] for error in problem["errors"]] == ["content"]
    several = b'{"add": [{"content": "ok"}, ' + body + b"]}"
    answer = await plan.client.patch(f"{EXECUTIONS}/p/inputs", content=several, headers=headers)
    problem = await refused(plan, answer, 422, "invalid_body")
    assert [error["path"] for error in problem["errors"]] == ["add[1].content"]


async def test_all_that_is_wrong_is_named_at_once(plan: House) -> None:
    body = {"add": [{"content": ""}, {"content": "x", "tags": [1]}], "remove": [5, "i0", "i0"], "more": 1}
    problem = await refused(plan, await plan.client.patch(f"{EXECUTIONS}/p/inputs", json=body), 422, "invalid_body")
    assert [error["path"] for error in problem["errors"]] == [
        "more",
        "add[0].content",
        "add[1].tags[0]",
        "remove[0]",
        "remove[2]",
    ]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "add"),
        ({"add": [], "remove": []}, "add"),
        ({"add": {"content": "x"}}, "add"),
        ({"remove": "i0"}, "remove"),
        ({"add": ["cake"]}, "add[0]"),
        ({"add": [{"content": "x"}] * (MAX_CHANGES + 1)}, "add"),
        ({"add": [{"content": "x"}] * MAX_CHANGES, "remove": ["i0"]}, "add"),
        ({"add": [{"content": "x", "input_id": "a"}, {"content": "y", "input_id": "a"}]}, "add[1].input_id"),
        ({"add": [{"content": "x", "input_id": "i0"}], "remove": ["i0"]}, "add[0].input_id"),
    ],
)
async def test_changes_that_are_none_are_refused(plan: House, body: dict[str, Any], path: str) -> None:
    answer = await plan.client.patch(f"{EXECUTIONS}/p/inputs", json=body)
    problem = await refused(plan, answer, 422, "invalid_body")
    assert [error["path"] for error in problem["errors"]] == [path]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "blueprint"),
        ({"blueprint": ""}, "blueprint"),
        ({"blueprint": 7}, "blueprint"),
        ({"blueprint": "party", "autopilot": "Auto"}, "autopilot"),
        ({"blueprint": "party", "autopilot": ""}, "autopilot"),
        ({"blueprint": "party", "autopilot": True}, "autopilot"),
        ({"blueprint": "party", "colour": 1}, "colour"),
        ({"blueprint": "party", "prompt": ""}, "prompt"),
        ({"blueprint": "party", "prompt": "\x07"}, "prompt"),
        ({"blueprint": "party", "inputs": {}}, "inputs"),
        ({"blueprint": "party", "inputs": [{"content": "x"}] * (MAX_CHANGES + 1)}, "inputs"),
        ({"blueprint": "party", "inputs": [{"content": "x"}] * MAX_CHANGES, "prompt": "y"}, "inputs"),
        ({"blueprint": "party", "execution_id": "-x"}, "execution_id"),
        ({"blueprint": "party", "execution_id": "a/b"}, "execution_id"),
        ({"blueprint": "party", "execution_id": "x" * 101}, "execution_id"),
        ({"blueprint": "party", "execution_id": "x\n"}, "execution_id"),
        ({"blueprint": "party", "execution_id": "5d3c8f1e-0000-5000-8000-00000000000a"}, "execution_id"),
        ({"blueprint": "party", "execution_id": "5D3C8F1E-0000-5000-B000-00000000000A"}, "execution_id"),
        ({"blueprint": "party", "conversation_id": "what was said"}, "conversation_id"),
        ({"blueprint": "party", "parameters": [1]}, "parameters"),
        ({"blueprint": "party", "parameters": {"colour": "red"}}, "parameters.colour"),
        ({"blueprint": "party", "parameters": {"guests": None}}, "parameters.guests"),
        ({"blueprint": "party", "parameters": {"guests": True}}, "parameters.guests"),
        ({"blueprint": "party", "parameters": {"guests": [[[[[1]]]]]}}, "parameters.guests"),
        ({"blueprint": "party", "parameters": {"city": "\x00"}}, "parameters.city"),
        ({"blueprint": "party", "parameters": {"diet": {"a\x01": 1}}}, "parameters.diet"),
        ({"blueprint": "party", "parameters": {"city": "x" * MAX_PARAMETERS}}, "parameters"),
    ],
)
async def test_a_beginning_that_is_none_is_refused(plan: House, body: dict[str, Any], path: str) -> None:
    problem = await refused(plan, await plan.client.post(EXECUTIONS, json=body), 422, "invalid_body")
    assert [error["path"] for error in problem["errors"]] == [path]


@pytest.mark.parametrize("blueprint", ["nothing", "Party", "party ", "../party"])
async def test_an_unknown_blueprint_is_not_found(plan: House, blueprint: str) -> None:
    answer = await plan.client.post(EXECUTIONS, json={"blueprint": blueprint})
    problem = await refused(plan, answer, 404, "unknown_blueprint")
    assert blueprint in problem["detail"]


@pytest.mark.parametrize(
    ("content", "headers", "status", "code"),
    [
        (b"{", {}, 400, "malformed_json"),
        (b"\xff\xfe\x00", {}, 400, "malformed_json"),
        (b"", {}, 400, "malformed_json"),
        (b'{"content": "a", "content": "b"}', {}, 400, "malformed_json"),
        (b'{"content": 1e999}', {}, 400, "malformed_json"),
        (b'{"a":' * 100_000, {}, 400, "malformed_json"),
        (b"[]", {}, 400, "not_an_object"),
        (b"null", {}, 400, "not_an_object"),
        (b"{}", {"content-type": "text/plain"}, 415, "unsupported_media_type"),
        (b"{}", {"content-type": ""}, 415, "unsupported_media_type"),
        (b'{"content": "' + b"x" * 1_100_000 + b'"}', {}, 413, "body_too_large"),
        (b'{"content": "cake"}', {"idempotency-key": "two words"}, 400, "invalid_delivery_id"),
        (b'{"content": "cake"}', {"idempotency-key": "k" * 256}, 400, "invalid_delivery_id"),
    ],
)
@pytest.mark.parametrize("path", [EXECUTIONS, f"{EXECUTIONS}/p/inputs", f"{PARTIES}/start", f"{PARTIES}/input"])
async def test_a_body_that_cannot_be_read_is_refused(
    plan: House, content: bytes, headers: dict[str, str], status: int, code: str, path: str
) -> None:
    given = {"content-type": "application/json", **headers}
    await refused(plan, await plan.client.post(path, content=content, headers=given), status, code)


async def test_a_plan_has_room_for_so_many_inputs_and_no_more(open_house: Open) -> None:
    house = await open_house(planner=ToldPlanner())
    await house.client.post(EXECUTIONS, json={"blueprint": "party", "execution_id": "p"})
    for round in range(5):
        inputs = [{"input_id": f"i{round}-{number}", "content": "cake"} for number in range(100)]
        answer = await house.client.post(f"{EXECUTIONS}/p/inputs", json={"inputs": inputs})
        assert answer.status_code == 202
    head = await house.head()
    full = await house.client.post(f"{EXECUTIONS}/p/inputs", json={"content": "one more"})
    assert (full.status_code, full.json()["errors"][0]["path"]) == (422, "add")
    assert await house.head() == head
    swap = {"add": [{"content": "one more"}], "remove": ["i0-0"]}
    assert (await house.client.patch(f"{EXECUTIONS}/p/inputs", json=swap)).status_code == 202


async def test_a_plan_keeps_no_more_bytes_than_a_fork_can_take_over(plan: House) -> None:
    """300 times 4,000 letters of three bytes each are 3.4 MiB."""
    statuses = []
    for round in range(3):
        inputs = [{"content": "\u20ac" * 1_000 + str(number)} for number in range(100)]
        body = json.dumps({"inputs": inputs}, ensure_ascii=False).encode()
        headers = {"content-type": "application/json"}
        answer = await plan.client.post(f"{EXECUTIONS}/p/inputs", content=body, headers=headers)
        statuses.append((round, answer.status_code))
    assert statuses == [(0, 202), (1, 202), (2, 422)]
    assert (await plan.client.post(f"{EXECUTIONS}/p/fork")).status_code == 202


async def test_words_of_every_script_and_emoji_are_taken_as_they_are(plan: House) -> None:
    content = "Grüße 東京 👩‍👩‍👧 e\u0301\n\t\u0446\u0438\u0440\u043a \u202e ok"
    answer = await plan.client.post(f"{EXECUTIONS}/p/inputs", json={"content": content, "tags": ["größe", "東京"]})
    assert answer.status_code == 202
    shown = (await plan.client.get(f"{EXECUTIONS}/p")).json()["inputs"][-1]
    assert (shown["content"], shown["tags"]) == (content, ["größe", "東京"])
