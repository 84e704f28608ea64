"""One git command at a time on a clone that may be hostile: no shell, bounded time and output."""

import asyncio
import os
import re
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

from reveille.agents.tool import ToolFailed

TIMEOUT: Final = 30.0
_STDERR_BYTES: Final = 4_000
_REVISION: Final = re.compile(r"[0-9A-Za-z_][0-9A-Za-z_./+-]{0,254}", re.ASCII)
# A clone's own configuration may name programs; these are all that the commands used here would start.
_SAFE: Final = (
    "--no-pager",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "protocol.allow=never",
    "-c",
    "core.quotePath=true",
)


class Clone:
    def __init__(self, path: str, *, timeout: float = TIMEOUT) -> None:
        if not isinstance(path, str) or not Path(path).is_absolute():
            raise ToolFailed(f"clone is {path!r}, expected the absolute path of a git repository")
        if not Path(path).is_dir():
            raise ToolFailed(f"clone {path} is no folder, expected a git repository")
        self.path = path
        self._timeout = timeout

    async def commit(self, revision: str) -> str:
        """The full id of the commit that an id or a branch names."""
        _check_revision(revision)
        code, out, _, _ = await self._git(
            "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}", max_bytes=200
        )
        if code:
            raise ToolFailed(f"clone {self.path} has no commit {revision!r}")
        return out.strip()

    async def merge_base(self, one: str, other: str) -> str:
        """The id of the best common ancestor, or "" for unrelated histories."""
        code, out, error, _ = await self._git("merge-base", one, other, max_bytes=200)
        if code not in (0, 1):
            raise ToolFailed(f"git merge-base failed in {self.path}: {error}")
        return out.strip() if code == 0 else ""

    async def branches(self) -> dict[str, str]:
        text, _ = await self.run(
            "for-each-ref",
            "--format=%(refname) %(objectname)",
            "refs/heads",
            "refs/remotes/origin",
            max_bytes=1_000_000,
        )
        return {name: commit for name, _, commit in (line.partition(" ") for line in text.splitlines())}

    async def main_branches(self) -> list[str]:
        """The branches that the origin and the repository itself call theirs."""
        names = []
        for head, prefix in (("refs/remotes/origin/HEAD", "refs/remotes/origin/"), ("HEAD", "refs/heads/")):
            code, out, _, _ = await self._git("symbolic-ref", "--quiet", head, max_bytes=1_000)
            if code == 0:
                names.append(out.strip().removeprefix(prefix))
        return names

    async def empty_tree(self) -> str:
        # Asked and not known by heart: it differs in repositories that hash with SHA-256.
        text, _ = await self.run("hash-object", "-t", "tree", "--stdin", max_bytes=200)
        return text.strip()

    async def run(self, *arguments: str, max_bytes: int) -> tuple[str, bool]:
        """The output, cut at the last whole line below the bound, and whether it was cut."""
        code, out, error, cut = await self._git(*arguments, max_bytes=max_bytes)
        if code and not cut:
            raise ToolFailed(f"git {arguments[0]} failed in {self.path}: {error}")
        return (out[: out.rfind("\n") + 1] if cut else out), cut

    async def _git(self, *arguments: str, max_bytes: int) -> tuple[int, str, str, bool]:
        command = ("git", *_SAFE, "-C", self.path, *arguments)
        try:
            async with asyncio.timeout(self._timeout), _started(command, _environment(self.path)) as process:
                assert process.stdout is not None
                assert process.stderr is not None
                async with asyncio.TaskGroup() as group:
                    errors = group.create_task(_first(process.stderr, _STDERR_BYTES))
                    out = await _read(process.stdout, max_bytes + 1)
                    cut = len(out) > max_bytes
                    if cut:
                        _kill(process)
                    await _first(process.stdout, 0)
                code = await process.wait()
        except TimeoutError as error:
            raise ToolFailed(f"git {arguments[0]} took longer than {self._timeout:g} s in {self.path}") from error
        return code, _text(out[:max_bytes]), _text(errors.result()).strip(), cut


def _check_revision(revision: str) -> None:
    if not isinstance(revision, str) or not _REVISION.fullmatch(revision) or ".." in revision:
        raise ToolFailed(f"revision {str(revision)[:80]!r} is none, expected a commit id or the name of a branch")


def _environment(clone: str) -> Mapping[str, str]:
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        # A folder inside a repository is not that repository.
        "GIT_CEILING_DIRECTORIES": str(Path(clone).resolve().parent),
    }


@asynccontextmanager
async def _started(
    command: tuple[str, ...], environment: Mapping[str, str]
) -> AsyncIterator[asyncio.subprocess.Process]:
    pipe, devnull = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=devnull, stdout=pipe, stderr=pipe, env=dict(environment), start_new_session=True
        )
    except OSError as error:
        raise ToolFailed(f"git cannot be started: {error.strerror or error}") from error
    try:
        yield process
    finally:
        if process.returncode is None:
            await _end(process)


def _kill(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


async def _end(process: asyncio.subprocess.Process) -> None:
    _kill(process)
    # An unread pipe keeps the exit from being noticed.
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            await _first(stream, 0)
    await process.wait()


async def _read(stream: asyncio.StreamReader, limit: int) -> bytes:
    parts: list[bytes] = []
    while limit > 0 and (part := await stream.read(min(limit, 65_536))):
        parts.append(part)
        limit -= len(part)
    return b"".join(parts)


async def _first(stream: asyncio.StreamReader, limit: int) -> bytes:
    """Reads to the end, so that the writer is never blocked, and keeps the beginning."""
    kept = b""
    while part := await stream.read(65_536):
        kept += part[: max(0, limit - len(kept))]
    return kept


def _text(data: bytes) -> str:
    return data.decode("utf-8", errors="replace")
