"""Webhooks as their providers send them, with the fields that anybody reads."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from bench.tokens.running import MIDNIGHT

_HOST: Final = "https://github.example"


def time_of(at: float) -> str:
    return datetime.fromtimestamp(MIDNIGHT + int(at), UTC).isoformat().replace("+00:00", "Z")


def commit_id(*parts: object) -> str:
    return hashlib.sha1(repr(parts).encode(), usedforsecurity=False).hexdigest()


def _of(repository: str, sender: str) -> dict[str, Any]:
    owner, _, name = repository.partition("/")
    bot = sender.endswith("[bot]")
    return {
        "repository": {
            "name": name,
            "full_name": repository,
            "owner": {"login": owner},
            "html_url": f"{_HOST}/{repository}",
            "default_branch": "main",
        },
        "sender": {"login": sender, "type": "Bot" if bot else "User"},
    }


def push(repository: str, sender: str, *, at: float, ref: str, message: str, paths: Sequence[str]) -> dict[str, Any]:
    before, after = commit_id(repository, ref, at, 0), commit_id(repository, ref, at, 1)
    commit = {
        "id": after,
        "message": message,
        "timestamp": time_of(at),
        "author": {"username": sender},
        "added": [],
        "removed": [],
        "modified": list(paths),
    }
    return {
        "ref": f"refs/heads/{ref}",
        "before": before,
        "after": after,
        "compare": f"{_HOST}/{repository}/compare/{before[:12]}...{after[:12]}",
        "pusher": {"name": sender},
        "head_commit": commit,
        "commits": [commit],
        **_of(repository, sender),
    }


def pull_request(
    action: str,
    repository: str,
    sender: str,
    *,
    at: float,
    number: int,
    title: str,
    into: str,
    draft: bool,
    files: Sequence[dict[str, Any]],
) -> dict[str, Any]:
    """`files` are what its API answers for the files of a pull request; GitHub's own webhook leaves them out."""
    return {
        "action": action,
        "number": number,
        "pull_request": {
            "number": number,
            "title": title,
            "body": f"{title}.\n\nSee the issue for the reasons. Tests are with it; nothing else changes.",
            "html_url": f"{_HOST}/{repository}/pull/{number}",
            "user": {"login": sender},
            "draft": draft,
            "merged": action == "closed",
            "head": {"ref": f"change-{number}", "sha": commit_id(repository, number, at)},
            "base": {"ref": into, "sha": commit_id(repository, into)},
            "changed_files": len(files),
            "additions": sum(file["additions"] for file in files),
            "deletions": sum(file["deletions"] for file in files),
            "labels": [],
            "files": list(files),
        },
        **_of(repository, sender),
    }


def review(repository: str, sender: str, *, number: int, title: str, state: str) -> dict[str, Any]:
    return {
        "action": "submitted",
        "review": {
            "state": state,
            "body": "It does what it says.",
            "html_url": f"{_HOST}/{repository}/pull/{number}#r",
        },
        "pull_request": {
            "number": number,
            "title": title,
            "html_url": f"{_HOST}/{repository}/pull/{number}",
            "head": {"ref": f"change-{number}", "sha": commit_id(repository, number)},
            "base": {"ref": "main", "sha": commit_id(repository, "main")},
        },
        **_of(repository, sender),
    }


def issue(
    action: str, repository: str, sender: str, *, number: int, title: str, body: str, labels: Sequence[str] = ()
) -> dict[str, Any]:
    return {
        "action": action,
        "issue": {
            "number": number,
            "title": title,
            "body": body,
            "html_url": f"{_HOST}/{repository}/issues/{number}",
            "user": {"login": sender},
            "labels": [{"name": label} for label in labels],
        },
        **_of(repository, sender),
    }


def comment(repository: str, sender: str, *, number: int, title: str, body: str) -> dict[str, Any]:
    told = issue("created", repository, sender, number=number, title=title, body="")
    told["comment"] = {
        "body": body,
        "html_url": f"{_HOST}/{repository}/issues/{number}#c",
        "user": {"login": sender},
    }
    return told


def star(repository: str, sender: str, *, at: float) -> dict[str, Any]:
    return {"action": "created", "starred_at": time_of(at), **_of(repository, sender)}


def workflow_run(
    action: str, repository: str, sender: str, *, id: int, workflow: str, branch: str, commit: str, conclusion: str
) -> dict[str, Any]:
    return {
        "action": action,
        "workflow_run": {
            "id": id,
            "name": workflow,
            "display_title": workflow,
            "head_branch": branch,
            "head_sha": commit,
            "status": "completed" if conclusion else "in_progress",
            "conclusion": conclusion or None,
            "html_url": f"{_HOST}/{repository}/actions/runs/{id}",
            "head_commit": {"id": commit, "message": f"Work on {branch}"},
            "pull_requests": [],
        },
        **_of(repository, sender),
    }


def alert(name: str, *, status: str, severity: str, repository: str, said: str, began: float, at: float) -> Any:
    """A notification of Alertmanager with one alert in it."""
    labels = {"alertname": name, "severity": severity, "service": repository.rpartition("/")[2] or "platform"}
    if repository:
        labels["repository"] = repository
    one = {
        "status": status,
        "labels": labels,
        "annotations": {"summary": said, "description": f"{said}. The graph shows since when, and where."},
        "startsAt": time_of(began),
        "endsAt": time_of(at) if status == "resolved" else "0001-01-01T00:00:00Z",
        "generatorURL": f"https://prometheus.example/graph?g0.expr={name}",
        "fingerprint": commit_id(name, repository)[:16],
    }
    return {
        "version": "4",
        "groupKey": f'{{}}:{{alertname="{name}"}}',
        "status": status,
        "receiver": "reveille",
        "groupLabels": {"alertname": name},
        "commonLabels": labels,
        "commonAnnotations": one["annotations"],
        "externalURL": "https://alertmanager.example",
        "truncatedAlerts": 0,
        "alerts": [one],
    }
