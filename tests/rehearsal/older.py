"""The version before: taken out of the repository as it was, and run by the programs and libraries that are here."""

import io
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy.native.places import PROJECT
from reveille.adapters.migrations import USABLE_FROM
from reveille.kernel.errors import Misconfigured

MEMBERS: Final = ("packages", "services")
MIGRATIONS: Final = "packages/adapters/src/reveille/adapters/migrations.py"
VERSIONS: Final = ":(glob)services/*/src/reveille/*/adapters/sql/migrations/versions/0*.py"
# Prints where each part of the platform is imported from.
WHERE: Final = """
from importlib.util import find_spec
for part in "kernel contracts adapters agents cli ingress analyzer planner budget agent_runner".split():
    print(find_spec(f"reveille.{part}").submodule_search_locations[0])
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Older:
    """python_path: its sources, which come before all else that is installed.

    starts_on_newer_schemas: it is of after that could be said of a schema.
    """

    revision: str
    python_path: str
    starts_on_newer_schemas: bool


def check_out(folder: Path, revision: str = "") -> Older:
    """revision: "" is the one before the newest step of any schema. Raises Misconfigured."""
    commit = _git("rev-parse", "--short", f"{revision or _before_the_newest_schema()}^{{commit}}").decode().strip()
    with tarfile.open(fileobj=io.BytesIO(_git("archive", commit, *MEMBERS))) as archive:
        archive.extractall(folder, filter="data")
    sources = sorted(str(source) for member in MEMBERS for source in (folder / member).glob("*/src"))
    starts = USABLE_FROM in (folder / MIGRATIONS).read_text()
    older = Older(revision=commit, python_path=":".join(sources), starts_on_newer_schemas=starts)
    _expect_it_is_used(older, folder)
    return older


def _before_the_newest_schema() -> str:
    """So that an upgrade from it has something to migrate."""
    if _git("status", "--porcelain", "--", VERSIONS):
        return "HEAD"
    newest = _git("log", "-1", "--format=%H", "--diff-filter=A", "--", VERSIONS).decode().strip()
    if not newest:
        raise Misconfigured("no commit here has changed a schema, expected the whole history, or --from REVISION")
    return f"{newest}^"


def _expect_it_is_used(older: Older, folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WHERE], env={"PYTHONPATH": older.python_path}, capture_output=True, text=True, check=True
    )
    for where in done.stdout.splitlines():
        if not Path(where).is_relative_to(folder):
            raise Misconfigured(f"the older version would use {where}, expected what is in {folder}")


def _git(*arguments: str) -> bytes:
    done = subprocess.run(["git", "--no-optional-locks", *arguments], cwd=PROJECT, capture_output=True, check=False)
    if done.returncode:
        raise Misconfigured(
            f"git {' '.join(arguments)} says {done.stderr.decode().strip()!r}, expected a repository that has it"
        )
    return done.stdout
