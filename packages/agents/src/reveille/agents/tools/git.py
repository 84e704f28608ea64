"""Read-only git on a local clone: the diff and the log of a range of commits."""

from typing import Any, Final

from reveille.agents.tool import ToolFailed
from reveille.agents.tools.git_process import Clone

MAX_DIFF_BYTES: Final = 1_000_000
MAX_LOG_BYTES: Final = 200_000
_DIFF: Final = (
    "diff",
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    "--no-relative",
    "--find-renames",
    "--unified=3",
    "--submodule=short",
    "--src-prefix=a/",
    "--dst-prefix=b/",
)
# Hash, author, time, subject, body. An author's address is nobody's business here.
_LOG_FORMAT: Final = "--format=%H%x1f%an%x1f%aI%x1f%s%x1f%b"
_USUAL_BRANCHES: Final = ("main", "master", "trunk", "develop")


async def diff(
    *, clone: str, after: str, before: str = "", ref: str = "", base_ref: str = "", max_bytes: int = MAX_DIFF_BYTES
) -> dict[str, Any]:
    """What `after` changed since it left `before`, as a unified diff: `{diff, truncated, base, head}`.

    A `before` of zeros, or none, is a new branch: the range then starts where it left `base_ref`, without one where it
    left the repository's main branch, without one at the empty tree. An `after` of zeros is a deleted branch: nothing.
    """
    repository = Clone(clone)
    if after and _is_nothing(after):
        return {"diff": "", "truncated": False, "base": "", "head": ""}
    base, head = await _range(repository, before=before, after=after, ref=ref, base_ref=base_ref)
    text, truncated = await repository.run(*_DIFF, base, head, "--", max_bytes=_bound(max_bytes, MAX_DIFF_BYTES))
    return {"diff": text, "truncated": truncated, "base": base, "head": head}


async def log(
    *, clone: str, after: str, before: str = "", ref: str = "", base_ref: str = "", limit: int = 50
) -> dict[str, Any]:
    """The commits of the same range, newest first: `{commits: [{id, author, at, subject, body}], truncated}`."""
    repository = Clone(clone)
    if after and _is_nothing(after):
        return {"commits": [], "truncated": False}
    base, head = await _range(repository, before=before, after=after, ref=ref, base_ref=base_ref)
    tree = await repository.empty_tree()
    span = head if base == tree else f"{base}..{head}"
    options = ("--no-show-signature", "--no-color", "-z", f"--max-count={_bound(limit, 1000) + 1}", _LOG_FORMAT)
    text, truncated = await repository.run("log", *options, span, "--", max_bytes=MAX_LOG_BYTES)
    rows = [row.split("\x1f", 4) for row in text.split("\0")]
    commits = [
        {"id": row[0], "author": row[1], "at": row[2], "subject": row[3], "body": row[4].strip()}
        for row in rows
        if len(row) == 5
    ]
    return {"commits": commits[:limit], "truncated": truncated or len(commits) > limit}


async def _range(repository: Clone, *, before: str, after: str, ref: str, base_ref: str) -> tuple[str, str]:
    head = await repository.commit(after)
    if not _is_nothing(before):
        start = await repository.commit(before)
        # A pull request's base goes on without it, a forced push leaves commits behind: neither is this change's doing.
        return await repository.merge_base(start, head) or start, head
    branches = await repository.branches()
    if base_ref:
        wanted = _short(base_ref)
        start = _find(branches, wanted)
        if not start:
            raise ToolFailed(f"clone {repository.path} has no branch {base_ref!r} to compare {after} with")
        return await repository.merge_base(start, head) or await repository.empty_tree(), head
    own = _short(ref)
    for name in (*await repository.main_branches(), *_USUAL_BRANCHES):
        start = _find(branches, name)
        # Without a ref of its own, a branch with this very commit may be the one that was pushed.
        if not start or name == own or (not own and start == head):
            continue
        if base := await repository.merge_base(start, head):
            return base, head
    return await repository.empty_tree(), head


def _find(branches: dict[str, str], name: str) -> str:
    return branches.get(f"refs/heads/{name}") or branches.get(f"refs/remotes/origin/{name}") or ""


def _short(ref: str) -> str:
    for prefix in ("refs/heads/", "refs/remotes/origin/", "origin/"):
        ref = ref.removeprefix(prefix)
    return ref


def _is_nothing(commit: str) -> bool:
    return isinstance(commit, str) and not commit.strip("0")


def _bound(value: object, highest: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= highest:
        raise ToolFailed(f"a bound is {value!r}, expected a whole number from 1 to {highest}")
    return value
