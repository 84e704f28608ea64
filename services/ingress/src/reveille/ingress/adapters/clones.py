"""Local clones of git repositories: which may be named, and which files changed in one."""

import asyncio
import os
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from reveille.ingress.domain.refusals import Forbidden, invalid_field

SECONDS: Final = 5.0
MAX_OUTPUT: Final = 1024 * 1024
# Before the first commit there is this tree, in every repository.
EMPTY_TREE: Final = {
    40: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    64: "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
}
# A clone is data here: its own settings must start no program.
SAFE: Final = (
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "core.quotePath=false",
    "--no-pager",
)
ENVIRONMENT: Final = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "LC_ALL": "C",
}


class GitClones:
    def __init__(self, roots: Sequence[Path]) -> None:
        self._roots = [root.resolve() for root in roots]

    async def resolve(self, path: str) -> str:
        """The clone's real path. Raises Refusal where it is not below an allowed root, or no clone."""
        return await asyncio.to_thread(self._resolve, path)

    async def changed_paths(self, clone: str, before: str, after: str) -> list[str] | None:
        """None where git cannot tell: a commit that the clone has not, or too much to read."""
        if not after.strip("0"):  # the branch was deleted
            return []
        base = before if before.strip("0") else await self._fork_point(clone, after)
        output = await _git(
            clone, "diff", "--name-only", "-z", "--no-ext-diff", "--no-textconv", "--no-renames", base, after, "--"
        )
        return None if output is None else [path for path in output.decode(errors="replace").split("\0") if path]

    async def _fork_point(self, clone: str, after: str) -> str:
        """Where a new branch left the one that is checked out; for the first branch of all, the beginning."""
        found = await _git(clone, "merge-base", "HEAD", after)
        base = found.decode().strip() if found else ""
        return base if base and base != after else EMPTY_TREE[len(after)]

    def _resolve(self, path: str) -> str:
        if "\0" in path or not os.path.isabs(path):
            raise invalid_field("path", "it is not absolute, expected the full path of a local clone")
        if not self._roots:
            raise Forbidden("clone_not_allowed", "path: no folder of clones is allowed; --repos names one")
        real = Path(path).resolve()
        if not any(real.is_relative_to(root) for root in self._roots):
            raise Forbidden("clone_not_allowed", "path: it is not below a folder that --repos allows")
        if not (real / ".git").exists() and not ((real / "objects").is_dir() and (real / "HEAD").is_file()):
            raise invalid_field("path", "there is no git repository, expected a local clone")
        return str(real)


async def _git(clone: str, *arguments: str) -> bytes | None:
    """None where git fails, takes too long or tells too much."""
    environment = {"PATH": os.environ.get("PATH", os.defpath), **ENVIRONMENT}
    command = ("git", "-C", clone, "-c", f"safe.directory={clone}", *SAFE, *arguments)
    process = await asyncio.create_subprocess_exec(
        *command, stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL, limit=MAX_OUTPUT, env=environment
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(SECONDS):
            output = b""
            while chunk := await process.stdout.read(MAX_OUTPUT):
                output += chunk
                if len(output) > MAX_OUTPUT:
                    return None
            return output if await process.wait() == 0 else None
    except TimeoutError:
        return None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
