"""The doors of our own protocol: tasks for an agent by name, pushes, events of a system."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from reveille.contracts.common.v1.common_pb2 import Priority
from reveille.kernel.signals import content_of

if TYPE_CHECKING:
    from tests.integration.ingress.conftest import House, Open

AGENT = "/webhook/trigger/cursor-ide-agent"
BEFORE, AFTER = "a" * 40, "b" * 40
PUSH = {"repository": "acme/app", "ref": "refs/heads/main", "before": BEFORE, "after": AFTER}


async def test_a_task_names_its_agent_and_its_priority(house: House) -> None:
    answer = await house.client.post(AGENT, json={"type": "task", "priority": "critical", "payload": {"title": "look"}})
    (signal,) = await house.signals()
    assert answer.status_code == 202
    assert (signal.source, signal.kind, signal.means) == ("trigger", "task", "task.requested")
    assert (signal.target, signal.priority) == ("cursor-ide-agent", Priority.PRIORITY_CRITICAL)
    assert json.loads(content_of(signal).payload) == {"title": "look"}
    assert not signal.verified


@pytest.mark.parametrize("how", ["id", "header"])
async def test_a_task_with_a_name_of_its_own_is_taken_once(house: House, how: str) -> None:
    body = {"payload": {}, **({"id": "t-1"} if how == "id" else {})}
    headers = {"idempotency-key": "t-1"} if how == "header" else {}
    answers = [await house.client.post(AGENT, json=body, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 200]


async def test_the_bodys_id_goes_before_the_header(house: House) -> None:
    for key in ("one", "two"):
        answer = await house.client.post(AGENT, json={"id": "t-1"}, headers={"idempotency-key": key})
    assert answer.status_code == 200


async def test_a_task_without_a_name_is_new_each_time(house: House) -> None:
    answers = [await house.client.post(AGENT, json={"payload": {}}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]


async def test_all_that_is_wrong_with_a_push_or_a_task_is_named_at_once(house: House) -> None:
    push = (await house.client.post("/webhook/git", json={"repository": "acme/app", "after": "main"})).json()
    assert [one["path"] for one in push["errors"]] == ["ref", "before", "after"]
    task = (await house.client.post(AGENT, json={"type": "chat", "priority": "urgent", "payload": []})).json()
    assert [one["path"] for one in task["errors"]] == ["type", "priority", "payload"]
    assert await house.signals() == []


async def test_a_task_for_an_agent_that_the_fleet_has_not_is_not_found(house: House) -> None:
    answer = await house.client.post("/webhook/trigger/nobody", json={"payload": {}})
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_agent")


@pytest.mark.parametrize(
    ("body", "path", "expected"),
    [
        ({"type": "chat"}, "type", "task"),
        ({"type": ["task"]}, "type", "task"),
        ({"priority": "urgent"}, "priority", "critical, high, medium, low"),
        ({"payload": [1]}, "payload", "an object"),
        ({"id": 7}, "id", "a text"),
    ],
)
async def test_a_wrong_field_of_a_task_is_named_with_what_was_expected(
    house: House, body: dict[str, Any], path: str, expected: str
) -> None:
    answer = await house.client.post(AGENT, json=body)
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["path"] == path
    assert expected in error["message"]


async def test_a_push_is_known_by_its_range_of_commits(house: House) -> None:
    answers = [await house.client.post("/webhook/git", json=PUSH) for _ in range(2)]
    (signal,) = await house.signals()
    content = content_of(signal)
    assert [answer.status_code for answer in answers] == [202, 200]
    assert (signal.source, signal.kind, signal.means) == ("git", "push", "code.pushed")
    assert (content.before, content.after, content.paths_known) == (BEFORE, AFTER, False)


async def test_an_idempotency_key_goes_before_the_range_of_commits(house: House) -> None:
    for key in ("one", "two"):
        answer = await house.client.post("/webhook/git", json=PUSH, headers={"idempotency-key": key})
    assert answer.status_code == 202


@pytest.mark.parametrize(
    ("changed", "path"),
    [
        ({"before": "--output=x"}, "before"),
        ({"after": "abc"}, "after"),
        ({"repository": ""}, "repository"),
        ({"ref": None}, "ref"),
        ({"actor": 7}, "actor"),
        ({"path": "relative/clone"}, "path"),
    ],
)
async def test_a_wrong_field_of_a_push_is_named(house: House, changed: dict[str, Any], path: str) -> None:
    answer = await house.client.post("/webhook/git", json={**PUSH, **changed})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"] == path


def git(clone: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "init.defaultBranch=main")
    done = subprocess.run(["git", "-C", clone, *identity, *arguments], check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Two commits: the second one adds src/new.py and removes old.txt."""
    folder = tmp_path / "repos" / "app"
    (folder / "src").mkdir(parents=True)
    git(folder, "init", "-q")
    (folder / "old.txt").write_text("old")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "first")
    (folder / "old.txt").unlink()
    (folder / "src" / "naïve file.py").write_text("new")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "second")
    return folder


async def post_clone(house: House, clone: Path, **changed: str) -> Any:
    push = {
        **PUSH,
        "path": str(clone),
        "before": git(clone, "rev-parse", "HEAD~1"),
        "after": git(clone, "rev-parse", "HEAD"),
    }
    return await house.client.post("/webhook/git", json={**push, **changed})


async def test_with_a_clone_the_changed_files_are_known(open_house: Open, clone: Path) -> None:
    house = await open_house(repos=(clone.parent,))
    assert (await post_clone(house, clone)).status_code == 202
    content = content_of((await house.signals())[0])
    assert (content.clone, content.paths_known) == (str(clone), True)
    assert list(content.paths) == ["old.txt", "src/naïve file.py"]


async def test_a_new_branch_changed_what_it_has_above_the_one_that_is_checked_out(
    open_house: Open, clone: Path
) -> None:
    house = await open_house(repos=(clone.parent,))
    git(clone, "checkout", "-q", "-b", "topic")
    (clone / "topic.py").write_text("topic")
    git(clone, "add", ".")
    git(clone, "commit", "-qm", "topic")
    after = git(clone, "rev-parse", "HEAD")
    git(clone, "checkout", "-q", "main")
    await post_clone(house, clone, before="0" * 40, after=after)
    assert list(content_of((await house.signals())[0]).paths) == ["topic.py"]


async def test_the_first_branch_of_all_changed_every_file(open_house: Open, clone: Path) -> None:
    house = await open_house(repos=(clone.parent,))
    await post_clone(house, clone, before="0" * 40)
    assert list(content_of((await house.signals())[0]).paths) == ["src/naïve file.py"]


async def test_commits_that_the_clone_has_not_leave_the_files_unknown(open_house: Open, clone: Path) -> None:
    house = await open_house(repos=(clone.parent,))
    assert (await post_clone(house, clone, before=BEFORE)).status_code == 202
    assert not content_of((await house.signals())[0]).paths_known


async def test_a_clones_own_settings_start_no_program(open_house: Open, clone: Path) -> None:
    house = await open_house(repos=(clone.parent,))
    witness = clone.parent / "witness"
    for setting in ("core.fsmonitor", "diff.external", "core.pager"):
        git(clone, "config", setting, f"touch {witness}")
    assert (await post_clone(house, clone)).status_code == 202
    assert not witness.exists()


async def test_a_clone_outside_the_allowed_folders_is_refused(open_house: Open, clone: Path, tmp_path: Path) -> None:
    house = await open_house(repos=(tmp_path / "others",))
    answer = await post_clone(house, clone)
    assert (answer.status_code, answer.json()["code"]) == (403, "clone_not_allowed")


async def test_a_link_does_not_lead_out_of_the_allowed_folders(open_house: Open, clone: Path, tmp_path: Path) -> None:
    allowed = tmp_path / "allowed"
    allowed.mkdir()
    (allowed / "app").symlink_to(clone)
    house = await open_house(repos=(allowed,))
    answer = await house.client.post("/webhook/git", json={**PUSH, "path": str(allowed / "app")})
    assert (answer.status_code, answer.json()["code"]) == (403, "clone_not_allowed")


async def test_a_folder_that_is_no_clone_is_refused(open_house: Open, tmp_path: Path) -> None:
    house = await open_house(repos=(tmp_path,))
    answer = await house.client.post("/webhook/git", json={**PUSH, "path": str(tmp_path)})
    assert answer.status_code == 422


async def test_a_systems_event_is_kept_with_its_payload(house: House) -> None:
    answer = await house.client.post("/webhook/system/backup.finished", json={"severity": "info", "files": 3})
    (signal,) = await house.signals()
    content = content_of(signal)
    assert answer.status_code == 202
    assert (signal.source, signal.kind, signal.means) == ("system", "backup.finished", "system.event")
    assert (content.severity, json.loads(content.payload)) == ("info", {"severity": "info", "files": 3})


async def test_a_systems_event_needs_no_body(house: House) -> None:
    assert (await house.client.post("/webhook/system/disk-full")).status_code == 202


@pytest.mark.parametrize("event", ["Backup", "a" * 65, "a b", ".a"])
async def test_a_name_that_is_none_is_refused(house: House, event: str) -> None:
    answer = await house.client.post(f"/webhook/system/{event}", json={})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_event")


@pytest.mark.parametrize("path", [AGENT, "/webhook/git", "/webhook/system/boot"])
async def test_off_loopback_the_doors_are_closed_to_whoever_shows_nothing(open_house: Open, path: str) -> None:
    house = await open_house(host="0.0.0.0")
    answer = await house.client.post(path, json=PUSH)
    assert (answer.status_code, answer.json()["code"]) == (401, "missing_credential")


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"host": "attacker.example"}, "foreign_host"),
        ({"host": "127.0.0.1.attacker.example"}, "foreign_host"),
        ({"origin": "https://attacker.example"}, "foreign_origin"),
        ({"origin": "null"}, "foreign_origin"),
        ({"origin": "http://localhost:9999"}, "foreign_origin"),
    ],
)
async def test_a_page_of_somebody_else_in_a_browser_cannot_wake(
    house: House, headers: dict[str, str], code: str
) -> None:
    answer = await house.client.post(AGENT, json={}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, code)
    assert await house.signals() == []


@pytest.mark.parametrize(
    "headers",
    [{"host": "127.0.0.1:3004"}, {"host": "[::1]:3004"}, {"origin": "http://localhost:3004"}],
)
async def test_this_machines_own_pages_may(house: House, headers: dict[str, str]) -> None:
    assert (await house.client.post(AGENT, json={}, headers=headers)).status_code == 202
