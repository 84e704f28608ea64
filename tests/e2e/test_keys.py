"""Keys and the record of acts by command, on a platform where everybody has to say who he is."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.e2e.embedded import Embedded
from tests.e2e.running import reveille

ADMIN: Final = "the-key-that-issues-the-first-ones-0123456789"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    settings = {"REVEILLE_AUTH": "on", "REVEILLE_ADMIN_KEY": ADMIN, "REVEILLE_LOG_LEVEL": "debug"}
    platform = Embedded(tmp_path_factory.mktemp("guarded"), settings=settings)
    try:
        yield platform.start()
    finally:
        platform.close()


def said(platform: Embedded, *arguments: str, token: str = ADMIN) -> str:
    ended = reveille(*arguments, REVEILLE_URL=platform.url, REVEILLE_TOKEN=token)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def told(platform: Embedded, *arguments: str, token: str = ADMIN) -> Any:
    return json.loads(said(platform, *arguments, "--json", token=token))


def refused(platform: Embedded, *arguments: str, token: str = "") -> str:
    ended = reveille(*arguments, REVEILLE_URL=platform.url, REVEILLE_TOKEN=token)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.count("\n") == 1
    return ended.stderr


def test_a_key_is_created_used_listed_and_revoked_by_command(guarded: Embedded) -> None:
    assert "401" in refused(guarded, "status")
    key = said(guarded, "keys", "create", "ci", "--role", "viewer", "--expires", "90d").strip()
    assert key.startswith("rvl_default.")
    assert said(guarded, "status", token=key).startswith("ok")
    assert "403" in refused(guarded, "keys", token=key)
    (row,) = [line for line in said(guarded, "keys").splitlines() if " ci " in line]
    assert "viewer" in row
    assert key.rpartition(".")[2] not in said(guarded, "keys", "list", "--status", "all", "--json")
    key_id = key.split(".")[1]
    assert key_id in said(guarded, "keys", "revoke", key_id)
    assert "401" in refused(guarded, "status", token=key)
    assert key_id not in said(guarded, "keys")
    assert [one["status"] for one in told(guarded, "keys", "list", "--status", "revoked")["items"]] == ["revoked"]


def issued(platform: Embedded, name: str, *roles: str) -> Any:
    body = {"name": name, "roles": roles}
    answer = platform.http.post("/api/v1/keys", json=body, headers={"authorization": f"Bearer {ADMIN}"})
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_the_record_says_who_did_what_and_who_was_refused(guarded: Embedded) -> None:
    operator, viewer = issued(guarded, "bob", "operator"), issued(guarded, "eve", "viewer")
    said(guarded, "fleet", "apply", str(guarded.fleet), "--yes", token=operator["key"])
    assert "403" in refused(guarded, "fleet", "apply", str(guarded.fleet), "--yes", token=viewer["key"])
    acts = told(guarded, "audit")["items"]
    seen = {(one["by"], one["key_id"], one["act"], one["status"]) for one in acts}
    assert ("eve", viewer["key_id"], "POST /api/v1/fleet/diff", 403) in seen
    assert ("admin", None, "POST /api/v1/keys", 201) in seen
    assert any(one["by"] == "bob" and one["act"].startswith("POST /api/v1/fleet") for one in acts)
    (row,) = said(guarded, "audit", "--by", "eve", "--since", "1h").splitlines()[2:]
    assert viewer["key_id"] in row
    assert "403" in row


def test_a_secret_stands_nowhere_in_what_the_platform_keeps_and_says(guarded: Embedded) -> None:
    key = issued(guarded, "searched", "admin")["key"]
    with connect(f"{guarded.url.replace('http', 'ws', 1)}/ws/events?token={key}") as socket:
        socket.send('{"type": "ping"}')
        assert json.loads(socket.recv())["type"] == "pong"
    with pytest.raises(InvalidStatus):
        connect(f"{guarded.url.replace('http', 'ws', 1)}/ws/events?token={key}x")
    files = [file for file in guarded.data.rglob("*") if file.is_file()]
    assert {"log.db", "ingress.db"} <= {file.name for file in files}
    for needle in (key.rpartition(".")[2], ADMIN):
        assert [file for file in files if needle.encode() in file.read_bytes()] == []
        assert needle not in guarded.errors


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({}, "REVEILLE_ADMIN_KEY"),
        ({"REVEILLE_AUTH": "off"}, "REVEILLE_AUTH"),
        ({"REVEILLE_ADMIN_KEY": "short"}, "REVEILLE_ADMIN_KEY"),
        ({"REVEILLE_JWT_JWKS": "https://id.example/keys"}, "REVEILLE_JWT_ISSUER"),
    ],
)
def test_another_address_does_not_start_where_everybody_or_nobody_could_come_in(
    tmp_path: Path, settings: dict[str, str], named: str
) -> None:
    ended = reveille("up", "--data", str(tmp_path), "--host", "0.0.0.0", "--port", "0", **settings)
    assert ended.returncode == 2
    assert named in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_what_a_header_says_of_the_sender_is_not_believed_of_anybody_but_a_proxy(guarded: Embedded) -> None:
    headers = {"authorization": f"Bearer {ADMIN}", "x-forwarded-for": "203.0.113.9"}
    assert guarded.http.post("/api/v1/keys", json={"name": "far", "roles": ["viewer"]}, headers=headers).is_success
    assert {one["address"] for one in told(guarded, "audit")["items"]} == {"127.0.0.1"}
