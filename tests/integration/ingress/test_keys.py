"""Keys over HTTP: issued and shown once, good for what they were issued for, and for nothing once they are revoked."""

import asyncio
import json
import logging
import time
from itertools import count
from typing import Any, Final

import httpx
import jwt
import pytest

from reveille.ingress.application.fleet_file import default_fleet
from reveille.ingress.application.keys import Keys
from reveille.ingress.domain.keys import wanted_key
from reveille.kernel.clock import SECOND
from reveille.kernel.ids import UuidV7Ids
from tests.integration.ingress.conftest import KEY, House, Open
from tests.unit.ingress.test_issuer_tokens import AUDIENCE, ISSUER, RSA, public
from tests.unit.manual_clock import ManualClock

# What differs between stores is what their contract is about.
pytestmark = pytest.mark.parametrize("open_house", ["embedded"], indirect=True)
ADMIN: Final = "admin-" + "x" * 40
ELSEWHERE: Final = {"host": "0.0.0.0", "admin_key": ADMIN.encode()}


def bearer(credential: str) -> dict[str, str]:
    return {"authorization": f"Bearer {credential}"}


async def issue(house: House, *roles: str, by: str = ADMIN, **wanted: Any) -> dict[str, Any]:
    body = {"name": "ann", "roles": roles, **wanted}
    answer = await house.client.post("/api/v1/keys", json=body, headers=bearer(by))
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def may_read(house: House, credential: str) -> int:
    return (await house.client.get("/api/v1/signals", headers=bearer(credential))).status_code


async def becomes(house: House, credential: str, status: int) -> None:
    async with asyncio.timeout(30):
        for _ in count():
            if await may_read(house, credential) == status:
                return
            await asyncio.sleep(0.02)


@pytest.fixture
async def elsewhere(open_house: Open) -> House:
    """Off loopback, where everybody has to say who he is."""
    return await open_house(**ELSEWHERE)


async def test_whoever_shows_nothing_or_something_wrong_is_told_how_and_nothing_else(elsewhere: House) -> None:
    key = (await issue(elsewhere, "viewer"))["key"]
    revoked = await issue(elsewhere, "viewer")
    await elsewhere.client.delete(f"/api/v1/keys/{revoked['key_id']}", headers=bearer(ADMIN))
    wrong = ["rvl_acme", key[:-1], f"{key[:-1]}{'A' if key[-1] != 'A' else 'B'}", revoked["key"], "x" * 9000, "é" * 9]
    problems = []
    for shown in wrong:
        answer = await elsewhere.client.get("/api/v1/signals", headers=[(b"authorization", f"Bearer {shown}".encode())])
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        problems.append({name: value for name, value in answer.json().items() if name != "trace_id"})
    assert all(problem == problems[0] for problem in problems)
    nothing = await elsewhere.client.get("/api/v1/signals")
    assert (nothing.status_code, nothing.json()["code"]) == (401, "missing_credential")
    twice = [("authorization", f"Bearer {key}"), ("authorization", "Bearer other")]
    assert (await elsewhere.client.get("/api/v1/signals", headers=twice)).status_code == 401


async def test_a_key_is_shown_once_and_is_good_until_it_is_revoked(elsewhere: House) -> None:
    issued = await issue(elsewhere, "viewer", "source")
    assert await may_read(elsewhere, issued["key"]) == 200
    listed = await elsewhere.client.get("/api/v1/keys", headers=bearer(ADMIN))
    (one,) = listed.json()["items"]
    assert (one["key_id"], one["name"], one["roles"], one["status"]) == (
        issued["key_id"],
        "ann",
        ["source", "viewer"],
        "valid",
    )
    assert issued["key"].rpartition(".")[2] not in listed.text
    assert one["issued_by"] == "admin"
    gone = await elsewhere.client.delete(f"/api/v1/keys/{one['key_id']}", headers=bearer(ADMIN))
    assert (gone.status_code, gone.content) == (204, b"")
    assert await may_read(elsewhere, issued["key"]) == 401
    again = await elsewhere.client.delete(f"/api/v1/keys/{one['key_id']}", headers=bearer(ADMIN))
    assert again.status_code == 204
    valid = await elsewhere.client.get("/api/v1/keys?status=valid", headers=bearer(ADMIN))
    assert valid.json()["items"] == []


async def test_who_shows_a_key_is_told_who_he_is_what_he_may_and_until_when(elsewhere: House) -> None:
    issued = await issue(elsewhere, "viewer", "source", expires_in=3600)
    me = (await elsewhere.client.get("/api/v1/me", headers=bearer(issued["key"]))).json()
    assert me == {
        "name": "ann",
        "tenant": "default",
        "roles": ["source", "viewer"],
        "permissions": ["read", "signal"],
        "key_id": issued["key_id"],
        "expires_at": issued["expires_at"],
    }
    admin = (await elsewhere.client.get("/api/v1/me", headers=bearer(ADMIN))).json()
    assert (admin["name"], admin["key_id"], admin["expires_at"]) == ("admin", "", None)


async def test_the_answer_with_a_key_in_it_is_kept_by_nobody_on_its_way(elsewhere: House) -> None:
    body = {"name": "ann", "roles": ["viewer"]}
    answer = await elsewhere.client.post("/api/v1/keys", json=body, headers=bearer(ADMIN))
    assert answer.headers["cache-control"] == "no-store"


async def test_another_replica_knows_a_key_and_that_it_is_revoked(open_house: Open) -> None:
    here, there = await open_house(**ELSEWHERE), await open_house(**ELSEWHERE)
    issued = await issue(here, "viewer")
    await becomes(there, issued["key"], 200)
    await here.client.delete(f"/api/v1/keys/{issued['key_id']}", headers=bearer(ADMIN))
    await becomes(there, issued["key"], 401)


async def test_an_expired_key_is_good_for_nothing(elsewhere: House) -> None:
    yesterday = ManualClock(int((time.time() - 86_400) * SECOND))
    before = Keys(store=elsewhere.store, clock=yesterday, ids=UuidV7Ids(), replica="x", key=KEY)
    wanted = wanted_key(name="old", roles=["viewer"], agents=[], sources=[], lasts=60)
    expired = await before.issue("default", wanted, by="x")
    await elsewhere.ingress.keys.load()
    assert expired.text is not None
    assert await may_read(elsewhere, expired.text) == 401
    listed = await elsewhere.client.get("/api/v1/keys?status=expired", headers=bearer(ADMIN))
    assert [one["name"] for one in listed.json()["items"]] == ["old"]


async def test_the_same_request_again_issues_no_second_key_and_shows_no_secret(elsewhere: House) -> None:
    headers, body = {**bearer(ADMIN), "idempotency-key": "once-1"}, {"name": "ann", "roles": ["viewer"]}
    first, again = [await elsewhere.client.post("/api/v1/keys", json=body, headers=headers) for _ in range(2)]
    assert (first.status_code, again.status_code) == (201, 200)
    assert (again.json()["key"], again.json()["duplicate"]) == (None, True)
    assert again.json()["key_id"] == first.json()["key_id"]
    other = await elsewhere.client.post("/api/v1/keys", json={**body, "roles": ["admin"]}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_pages_of_keys_follow_each_other(elsewhere: House) -> None:
    names = [(await issue(elsewhere, "viewer", name=f"ann {number}"))["name"] for number in range(3)]
    first = (await elsewhere.client.get("/api/v1/keys?limit=2", headers=bearer(ADMIN))).json()
    query = {"limit": 2, "cursor": first["next"]}
    last = (await elsewhere.client.get("/api/v1/keys", params=query, headers=bearer(ADMIN))).json()
    assert [one["name"] for one in first["items"] + last["items"]] == names[::-1]
    assert last["next"] is None


async def test_only_administrators_issue_see_and_revoke(elsewhere: House) -> None:
    issued = await issue(elsewhere, "operator", "approver", "source", "agent", "viewer")
    for method, path in (("GET", ""), ("POST", ""), ("DELETE", f"/{issued['key_id']}")):
        answer = await elsewhere.client.request(method, f"/api/v1/keys{path}", headers=bearer(issued["key"]))
        assert answer.status_code == 403
    administrator = await issue(elsewhere, "admin", name="bob")
    assert (await issue(elsewhere, "viewer", by=administrator["key"]))["issued_by"] == "bob"


async def test_keys_of_another_tenant_are_the_admin_keys_business_alone(elsewhere: House) -> None:
    theirs = await issue(elsewhere, "admin", tenant="acme", name="eve")
    assert theirs["key"].startswith("rvl_acme.")
    ours = await issue(elsewhere, "viewer")
    me = bearer(theirs["key"])
    body = {"name": "x", "roles": ["admin"], "tenant": "default"}
    assert (await elsewhere.client.post("/api/v1/keys", json=body, headers=me)).status_code == 403
    assert (await elsewhere.client.get("/api/v1/keys?tenant=default", headers=me)).status_code == 403
    foreign = await elsewhere.client.delete(f"/api/v1/keys/{ours['key_id']}", headers=me)
    unknown = await elsewhere.client.delete(f"/api/v1/keys/{'A' * 16}", headers=me)
    assert (foreign.status_code, unknown.status_code) == (404, 404)
    assert foreign.json()["detail"].replace(ours["key_id"], "") == unknown.json()["detail"].replace("A" * 16, "")
    assert [one["name"] for one in (await elsewhere.client.get("/api/v1/keys", headers=me)).json()["items"]] == ["eve"]
    listed = await elsewhere.client.get("/api/v1/keys?tenant=acme", headers=bearer(ADMIN))
    assert [one["name"] for one in listed.json()["items"]] == ["eve"]
    gone = await elsewhere.client.delete(f"/api/v1/keys/{theirs['key_id']}?tenant=acme", headers=bearer(ADMIN))
    assert gone.status_code == 204
    assert (await elsewhere.client.get("/api/v1/keys", headers=me)).status_code == 401


WRONG: Final = (
    (b"{", 400, ""),
    (b"[]", 400, ""),
    (b'{"roles": ["viewer"]}', 422, "name"),
    (b'{"name": "a", "roles": "viewer"}', 422, "roles"),
    (b'{"name": "a", "roles": [1]}', 422, "roles"),
    (b'{"name": "a", "roles": ["root"]}', 422, "roles"),
    (b'{"name": "a", "roles": ["viewer"], "expires": 60}', 422, "expires"),
    (b'{"name": "a", "roles": ["viewer"], "expires_in": 0}', 422, "expires_in"),
    (b'{"name": "a", "roles": ["viewer"], "expires_in": true}', 422, "expires_in"),
    (b'{"name": "a", "roles": ["viewer"], "expires_in": 1e99}', 422, "expires_in"),
    (b'{"name": "a", "roles": ["viewer"], "tenant": "../etc"}', 422, "tenant"),
    (b'{"name": "a", "roles": ["viewer"], "agents": ["x"]}', 422, "agents"),
)


async def test_what_no_key_can_be_is_refused_with_its_field(house: House) -> None:
    for body, status, named in WRONG:
        answer = await house.client.post("/api/v1/keys", content=body, headers={"content-type": "application/json"})
        assert answer.status_code == status, body
        assert [one["path"] for one in answer.json().get("errors", ())] == ([named] if named else []), body
    assert (await house.client.get("/api/v1/keys")).json()["items"] == []


async def test_a_body_of_another_type_is_not_read(house: House) -> None:
    answer = await house.client.post("/api/v1/keys", content=b"name=a", headers={"content-type": "text/plain"})
    assert answer.status_code == 415


async def test_on_loopback_the_owner_issues_and_whoever_shows_a_key_is_who_it_says(house: House) -> None:
    answer = await house.client.post("/api/v1/keys", json={"name": "ann", "roles": ["source"]})
    assert answer.json()["issued_by"] == "owner"
    key = answer.json()["key"]
    assert await may_read(house, key) == 403
    assert await may_read(house, f"{key[:-1]}{'A' if key[-1] != 'A' else 'B'}") == 401
    assert await may_read(house, "a token of something else") == 200


async def test_a_set_admin_key_guards_the_keys_on_loopback_too(open_house: Open) -> None:
    house = await open_house(admin_key=ADMIN.encode())
    assert (await house.client.get("/api/v1/keys")).status_code == 401
    assert (await house.client.get("/api/v1/signals")).status_code == 200
    assert (await house.client.get("/api/v1/keys", headers=bearer(ADMIN))).status_code == 200


async def test_auth_can_be_switched_on_on_loopback(open_house: Open) -> None:
    house = await open_house(auth=True, admin_key=ADMIN.encode())
    assert (await house.client.get("/api/v1/signals")).status_code == 401
    assert await may_read(house, ADMIN) == 200
    assert (await house.client.get("/healthz")).status_code == 200


async def test_tokens_of_the_settings_may_just_what_they_are_for(open_house: Open) -> None:
    house = await open_house(**ELSEWHERE, fleet_tokens=(b"fleet", b"both"), plan_tokens=(b"plan", b"both"))
    for credential, may_apply, may_plan in (("fleet", True, False), ("plan", False, True), ("both", True, True)):
        headers = {**bearer(credential), "content-type": "application/json"}
        applied = await house.client.post("/api/v1/fleet?dry_run=true", content=b"{}", headers=headers)
        planned = await house.client.post("/api/v1/executions", content=b"{}", headers=headers)
        assert [applied.status_code != 403, planned.status_code != 403] == [may_apply, may_plan]
        assert await may_read(house, credential) == 403


async def test_a_token_of_the_issuer_is_somebody(open_house: Open, tmp_path: Any) -> None:
    file = tmp_path / "keys.json"
    file.write_text(json.dumps({"keys": [public(RSA)]}))
    house = await open_house(host="0.0.0.0", jwt_jwks=str(file), jwt_issuer=ISSUER, jwt_audience=AUDIENCE)

    def token(**claims: Any) -> str:
        given = {"sub": "ann", "iss": ISSUER, "aud": AUDIENCE, "exp": time.time() + 600, "tenant": "acme", **claims}
        return jwt.encode(given, RSA, "RS256", headers={"kid": "one"})

    assert await may_read(house, token(roles=["viewer"])) == 200
    assert await may_read(house, token(roles=[])) == 403
    assert await may_read(house, token(roles=["viewer"], tenant="")) == 401
    assert await may_read(house, token(roles=["viewer"], exp=time.time() - 60)) == 401
    issued = await issue(house, "viewer", by=token(roles=["admin"]))
    assert (issued["issued_by"], issued["tenant"]) == ("ann", "acme")


async def test_the_secret_stands_in_no_log_line_and_in_no_error(
    elsewhere: House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    issued = await issue(elsewhere, "viewer")
    secret = issued["key"].rpartition(".")[2]
    texts = []
    for answer in (
        await elsewhere.client.delete(f"/api/v1/keys/{issued['key']}", headers=bearer(ADMIN)),
        await elsewhere.client.post("/api/v1/keys", json={}, headers=bearer(issued["key"])),
        await elsewhere.client.get("/api/v1/keys", headers=bearer(f"{issued['key']}x")),
    ):
        assert answer.is_error
        texts.append(json.dumps({**answer.json(), "instance": ""}))
    assert secret not in "".join(texts)
    lines = "".join(
        record.getMessage() for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))
    )
    assert secret not in lines.replace(f"/api/v1/keys/{issued['key']}", "")
    assert ADMIN not in lines


async def acts(house: House, **query: str) -> list[dict[str, Any]]:
    answer = await house.client.get("/api/v1/audit", params=query, headers=bearer(ADMIN))
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_who_did_what_is_on_record_when_it_is_answered(elsewhere: House) -> None:
    ann = await issue(elsewhere, "operator")
    fleet: httpx.Response = await elsewhere.client.post(
        "/api/v1/fleet?dry_run=true",
        content=default_fleet().encode(),
        headers={**bearer(ann["key"]), "content-type": "application/yaml"},
    )
    assert fleet.is_success, fleet.text
    found = await acts(elsewhere)
    assert [(one["by"], one["act"], one["status"]) for one in found] == [
        ("ann", "POST /api/v1/fleet", 200),
        ("admin", "POST /api/v1/keys", 201),
    ]
    assert (found[0]["key_id"], found[1]["key_id"]) == (ann["key_id"], None)
    assert {one["address"] for one in found} == {"127.0.0.1"}
    assert await acts(elsewhere, by="ann") == found[:1]
    assert await acts(elsewhere, since=found[0]["at"]) == found[:1]
    assert await acts(elsewhere, since="2126-01-01") == []


async def test_what_somebody_was_refused_is_on_record_too_and_what_was_wrong_is_not(elsewhere: House) -> None:
    ann = await issue(elsewhere, "viewer")
    await elsewhere.client.delete(f"/api/v1/keys/{ann['key_id']}?tenant=x", headers=bearer(ann["key"]))
    await elsewhere.client.post("/api/v1/keys", json={"name": ""}, headers=bearer(ADMIN))
    await elsewhere.client.get("/api/v1/signals", headers=bearer(ann["key"]))
    await elsewhere.client.get("/api/v1/signals", headers=bearer("nobody"))
    refused, issued = await acts(elsewhere)
    assert (refused["by"], refused["act"], refused["status"]) == ("ann", "DELETE /api/v1/keys/{key_id}", 403)
    assert refused["path"] == f"/api/v1/keys/{ann['key_id']}"
    assert issued["act"] == "POST /api/v1/keys"


async def test_each_tenant_reads_its_own_record_in_pages(elsewhere: House) -> None:
    theirs = await issue(elsewhere, "admin", tenant="acme", name="eve")
    for _ in range(3):
        await issue(elsewhere, "viewer", by=theirs["key"])
    me = bearer(theirs["key"])
    first = (await elsewhere.client.get("/api/v1/audit?limit=2", headers=me)).json()
    last = (await elsewhere.client.get("/api/v1/audit", params={"cursor": first["next"]}, headers=me)).json()
    assert [one["by"] for one in first["items"] + last["items"]] == ["eve"] * 3
    assert last["next"] is None
    assert [one["by"] for one in await acts(elsewhere)] == ["admin"]
    mine = (await elsewhere.client.get("/api/v1/audit", params={"cursor": first["next"]}, headers=bearer(ADMIN))).json()
    assert mine["code"] == "invalid_cursor"
