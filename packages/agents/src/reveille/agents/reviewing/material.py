"""What a signal's payload offers to review: a diff, a list of patched files, or a pull request's own words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from reveille.agents.reviewing.quoting import quote
from reveille.agents.task import Signal

# Where the senders keep what they say of a change: GitHub, GitLab, a task by hand.
_HOMES: Final = ("pull_request", "merge_request", "object_attributes", "payload", "task", "inputs")
# What a model needs to know the intent; some bodies hold whole changelogs.
_MAX_TITLE: Final = 200
_MAX_BODY: Final = 1_000
_MAX_LABELS: Final = 10
_MARKERS: Final = ("diff --git ", "@@ -", "--- ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What a pull request says of itself; None where it does not. read: whether its diff was to be had."""

    title: str
    body: str | None
    draft: bool
    labels: tuple[str, ...]
    read: bool
    changed_files: int | None
    additions: int | None
    deletions: int | None


def diff_in(payload: Mapping[str, Any]) -> str:
    """The unified diff that the payload carries, or ""."""
    for home in _homes(payload):
        for key in ("diff", "patch"):
            text = home.get(key)
            if isinstance(text, str) and any(marker in text for marker in _MARKERS):
                return text
        if text := _unified(home.get("files")) or _unified(home.get("changes")):
            return text
    return ""


def description_in(signal: Signal, *, read: bool) -> Description | None:
    for home in _homes(signal.payload):
        if not isinstance(home.get("title"), str):
            continue
        body = home.get("body", home.get("description"))
        return Description(
            title=home["title"][:_MAX_TITLE],
            body=body[:_MAX_BODY] if isinstance(body, str) else "" if {"body", "description"} & home.keys() else None,
            draft=signal.draft,
            labels=tuple(sorted(signal.labels)[:_MAX_LABELS]),
            read=read,
            changed_files=_count(home.get("changed_files")),
            additions=_count(home.get("additions")),
            deletions=_count(home.get("deletions")),
        )
    return None


def diff_of_paths(paths: Sequence[str]) -> str:
    """A diff that says of each file that it changed and not how."""
    return "".join(_header(path, path) for path in paths)


def _homes(payload: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield payload
    for name in _HOMES:
        home = payload.get(name)
        if isinstance(home, Mapping):
            yield home
            if name == "payload":
                yield from (inner for key in _HOMES if isinstance(inner := home.get(key), Mapping))


def _unified(files: object) -> str:
    """GitHub's list of files, or GitLab's of changes, as one diff; "" for anything else."""
    if not isinstance(files, Sequence) or isinstance(files, str | bytes):
        return ""
    return "".join(_patch(file) for file in files if isinstance(file, Mapping))


def _patch(file: Mapping[str, Any]) -> str:
    path = file.get("filename") or file.get("new_path")
    if not isinstance(path, str):
        return ""
    old = file.get("previous_filename") or file.get("old_path")
    old = old if isinstance(old, str) and old else path
    patch = file.get("patch", file.get("diff"))
    head = _header(old, path)
    removed = file.get("status") == "removed" or file.get("deleted_file") is True
    if removed:
        head += "deleted file mode 100644\n"
    if not isinstance(patch, str) or not patch:
        return head
    added = file.get("status") == "added" or file.get("new_file") is True
    before = "/dev/null" if added else quote(f"a/{old}")
    after = "/dev/null" if removed else quote(f"b/{path}")
    return f"{head}--- {before}\n+++ {after}\n{patch.rstrip(chr(10))}\n"


def _header(old: str, path: str) -> str:
    head = f"diff --git {quote(f'a/{old}')} {quote(f'b/{path}')}\n"
    return head if old == path else f"{head}rename from {quote(old)}\nrename to {quote(path)}\n"


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
