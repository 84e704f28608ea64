"""The git tools, on real repositories."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from reveille.agents import ToolFailed
from reveille.agents.reviewing.diff import parse
from reveille.agents.tools.git import diff, log
from reveille.agents.tools.git_process import Clone

pytestmark = pytest.mark.asyncio
ZERO = "0" * 40


class Repository:
    def __init__(self, path: Path) -> None:
        self.path = str(path)
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str) -> str:
        identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false")
        command = ["git", *identity, "-C", self.path, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def commit(self, **files: str) -> str:
        for name, text in files.items():
            (Path(self.path) / f"{name}.py").write_text(text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", f"change {' '.join(files)}")
        return self.git("rev-parse", "HEAD")

    def sign(self, commit: str) -> str:
        """The same commit with a signature, which git has a program check where its configuration says so."""
        head, _, message = self.git("cat-file", "commit", commit).partition("\n\n")
        signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n AAAA\n -----END PGP SIGNATURE-----"
        command = ["git", "-C", self.path, "hash-object", "-t", "commit", "-w", "--stdin"]
        signed = f"{head}\n{signature}\n\n{message}\n"
        return subprocess.run(command, input=signed, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    path = tmp_path / "clone"
    path.mkdir()
    return Repository(path)


def paths(answer: dict[str, Any]) -> list[str]:
    return [file.path for file in parse(answer["diff"]).files]


async def test_a_range_shows_what_its_commits_changed(repository: Repository) -> None:
    before = repository.commit(a="1\n")
    after = repository.commit(b="2\n")
    answer = await diff(clone=repository.path, before=before, after=after)
    assert paths(answer) == ["b.py"]
    assert (answer["base"], answer["head"], answer["truncated"]) == (before, after, False)


async def test_what_happened_on_the_base_meanwhile_is_not_the_changes_doing(repository: Repository) -> None:
    repository.commit(a="1\n")
    repository.git("checkout", "--quiet", "-b", "feature")
    head = repository.commit(b="2\n")
    repository.git("checkout", "--quiet", "main")
    base = repository.commit(c="3\n")
    assert paths(await diff(clone=repository.path, before=base, after=head)) == ["b.py"]


async def test_a_new_branch_starts_where_it_left_its_base(repository: Repository) -> None:
    repository.commit(a="1\n")
    repository.git("checkout", "--quiet", "-b", "release")
    repository.commit(b="2\n")
    repository.git("checkout", "--quiet", "-b", "feature")
    after = repository.commit(c="3\n")
    answer = await diff(clone=repository.path, before=ZERO, after=after, ref="refs/heads/feature", base_ref="release")
    assert paths(answer) == ["c.py"]


async def test_a_new_branch_without_a_base_starts_where_it_left_the_main_branch(repository: Repository) -> None:
    repository.commit(a="1\n")
    repository.git("checkout", "--quiet", "-b", "feature")
    after = repository.commit(b="2\n")
    assert paths(await diff(clone=repository.path, before=ZERO, after=after, ref="refs/heads/feature")) == ["b.py"]


async def test_a_new_branch_without_commits_of_its_own_changes_nothing(repository: Repository) -> None:
    after = repository.commit(a="1\n")
    repository.git("branch", "feature")
    assert (await diff(clone=repository.path, before=ZERO, after=after, ref="refs/heads/feature"))["diff"] == ""


async def test_the_first_push_of_all_is_read_from_the_empty_tree(repository: Repository) -> None:
    repository.commit(a="1\n")
    after = repository.commit(b="2\n")
    answer = await diff(clone=repository.path, before=ZERO, after=after, ref="refs/heads/main")
    assert paths(answer) == ["a.py", "b.py"]


async def test_a_deleted_branch_has_nothing_to_see(repository: Repository) -> None:
    before = repository.commit(a="1\n")
    assert (await diff(clone=repository.path, before=before, after=ZERO))["diff"] == ""


async def test_a_large_diff_is_cut_at_a_line_and_says_so(repository: Repository) -> None:
    before = repository.commit(a="1\n")
    after = repository.commit(b="a line of some length\n" * 50_000)
    answer = await diff(clone=repository.path, before=before, after=after, max_bytes=10_000)
    assert answer["truncated"] is True
    assert answer["diff"].endswith("\n+a line of some length\n")
    assert 9_000 < len(answer["diff"]) <= 10_000


async def test_the_log_names_the_commits_of_the_range_newest_first(repository: Repository) -> None:
    before = repository.commit(a="1\n")
    repository.commit(b="2\n")
    after = repository.commit(c="3\n")
    answer = await log(clone=repository.path, before=before, after=after)
    assert [(commit["subject"], commit["author"]) for commit in answer["commits"]] == [
        ("change c", "Ada"),
        ("change b", "Ada"),
    ]
    assert answer["truncated"] is False


async def test_a_log_above_its_limit_is_cut_and_says_so(repository: Repository) -> None:
    before = repository.commit(a="1\n")
    repository.commit(b="2\n")
    after = repository.commit(c="3\n")
    answer = await log(clone=repository.path, before=before, after=after, limit=1)
    assert [commit["subject"] for commit in answer["commits"]] == ["change c"]
    assert answer["truncated"] is True


@pytest.mark.parametrize("revision", ["--output=stolen", "-p", "a..b", "a b", "", "HEAD:secret", "a\nb", "x" * 300])
async def test_what_is_no_revision_is_refused(repository: Repository, revision: str) -> None:
    repository.commit(a="1\n")
    with pytest.raises(ToolFailed, match="expected a commit id or the name of a branch"):
        await diff(clone=repository.path, after=revision)
    assert not (Path(repository.path) / "stolen").exists()


async def test_a_commit_that_the_clone_has_not_is_named(repository: Repository) -> None:
    after = repository.commit(a="1\n")
    with pytest.raises(ToolFailed, match=f"has no commit '{'a' * 40}'"):
        await diff(clone=repository.path, before="a" * 40, after=after)


async def test_a_base_that_the_clone_has_not_is_named(repository: Repository) -> None:
    after = repository.commit(a="1\n")
    with pytest.raises(ToolFailed, match="has no branch 'release'"):
        await diff(clone=repository.path, after=after, base_ref="release")


async def test_a_folder_inside_a_repository_is_not_that_repository(repository: Repository) -> None:
    after = repository.commit(a="1\n")
    inner = Path(repository.path) / "inner"
    inner.mkdir()
    with pytest.raises(ToolFailed):
        await diff(clone=str(inner), after=after)


@pytest.mark.parametrize("clone", ["relative/path", "/nowhere/at/all", ""])
async def test_what_is_no_clone_is_refused(clone: str) -> None:
    with pytest.raises(ToolFailed, match="expected"):
        await diff(clone=clone, after="a" * 40)


async def test_programs_that_the_clone_configures_are_not_started(repository: Repository, tmp_path: Path) -> None:
    program = tmp_path / "evil"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/started\n")
    program.chmod(0o755)
    (Path(repository.path) / ".gitattributes").write_text("*.py diff=evil\n")
    before = repository.commit(a="1\n")
    after = repository.sign(repository.commit(a="2\n"))
    names = ("diff.external", "diff.evil.command", "diff.evil.textconv", "core.fsmonitor", "core.pager", "gpg.program")
    for name in names:
        repository.git("config", name, str(program))
    repository.git("config", "log.showSignature", "true")
    await log(clone=repository.path, before=before, after=after)
    assert paths(await diff(clone=repository.path, before=before, after=after)) == ["a.py"]
    assert not (tmp_path / "started").exists()


async def test_prefixes_that_the_clone_configures_do_not_change_the_diff(repository: Repository) -> None:
    before = repository.commit(a="1\n")
    after = repository.commit(a="2\n")
    for name in ("diff.noprefix", "diff.mnemonicPrefix", "color.ui"):
        repository.git("config", name, "always" if name == "color.ui" else "true")
    assert (await diff(clone=repository.path, before=before, after=after))["diff"].startswith(
        "diff --git a/a.py b/a.py\n"
    )


async def test_git_that_takes_too_long_is_ended(repository: Repository) -> None:
    repository.commit(a="1\n")
    with pytest.raises(ToolFailed, match="took longer than"):
        await Clone(repository.path, timeout=0.0).commit("main")
