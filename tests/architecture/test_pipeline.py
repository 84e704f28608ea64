"""The pipeline of a public CI service, as far as it can be checked without one."""

import re
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

ROOT: Final = Path(__file__).parents[2]
WORKFLOWS: Final = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
_USED: Final = re.compile(r"^\s*-?\s*uses: (\S+)(.*)$", re.MULTILINE)
_PINNED: Final = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")
_VERSION: Final = re.compile(r" # v\d+\.\d+\.\d+")
# What may be done with the repository's own token.
READ_ONLY: Final = {"contents": "read"}


def workflow(path: Path) -> dict[Any, Any]:
    read: dict[Any, Any] = yaml.safe_load(path.read_text())
    return read


def commands(path: Path) -> list[str]:
    jobs = workflow(path)["jobs"].values()
    return [line for job in jobs for step in job["steps"] for line in str(step.get("run", "")).splitlines()]


def test_there_are_the_two_workflows() -> None:
    assert [path.name for path in WORKFLOWS] == ["ci.yml", "release.yml"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_action_is_pinned_to_a_commit_and_says_its_version(path: Path) -> None:
    used = _USED.findall(path.read_text())
    assert used
    assert [name for name, said in used if not (_PINNED.fullmatch(name) and _VERSION.fullmatch(said))] == []


def test_an_action_has_one_version_everywhere() -> None:
    by_name: dict[str, set[str]] = {}
    for path in WORKFLOWS:
        for used, said in _USED.findall(path.read_text()):
            name, _, commit = used.partition("@")
            by_name.setdefault(name, set()).add(commit + said)
    assert {name: pins for name, pins in by_name.items() if len(pins) > 1} == {}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_job_may_write_only_where_it_says_so_and_none_runs_for_ever(path: Path) -> None:
    read = workflow(path)
    assert read["permissions"] == READ_ONLY
    for name, job in read["jobs"].items():
        assert job.get("timeout-minutes") or job.get("needs"), name
        checkouts = [step for step in job["steps"] if str(step.get("uses", "")).startswith("actions/checkout@")]
        assert all(step["with"]["persist-credentials"] is False for step in checkouts), name


def test_nothing_of_a_pull_request_is_run_with_more_than_reading() -> None:
    for path in WORKFLOWS:
        read = workflow(path)
        triggers = read[True]  # what YAML makes of `on`
        assert "pull_request_target" not in triggers
        if "pull_request" in triggers:
            assert [name for name, job in read["jobs"].items() if job.get("permissions", READ_ONLY) != READ_ONLY] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_no_text_from_outside_is_pasted_into_a_command(path: Path) -> None:
    """A title or a branch with `$(…)` in it would be run: what a command needs comes as a variable."""
    assert [line for line in commands(path) if "${{" in line] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_target_that_it_makes_is_in_the_makefile(path: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    made = [word for line in commands(path) for word in _targets(line)]
    assert set(made) <= targets
    for script in (line.split()[-1] for line in commands(path) if ".ci/" in line):
        assert (ROOT / script).stat().st_mode & 0o100


def _targets(line: str) -> list[str]:
    words = line.split()
    if words[:1] != ["make"]:
        return []
    return [word for word in words[1:] if "=" not in word]


def test_everything_that_is_released_is_scanned_signed_and_described() -> None:
    text = (ROOT / ".github" / "workflows" / "release.yml").read_text()
    read = workflow(ROOT / ".github" / "workflows" / "release.yml")["jobs"]
    assert ".ci/run" in text
    assert "attestations: true" in text
    assert {"image", "wheels", "chart"} <= set(read)
    for name in ("image", "chart"):
        ran = "\n".join(str(step.get("run", "")) for step in read[name]["steps"])
        assert "cosign sign --yes" in ran, name
        assert read[name]["permissions"]["id-token"] == "write"
    image = [str(step.get("uses", "")).partition("@")[0] for step in read["image"]["steps"]]
    pushed = next(step for step in read["image"]["steps"] if step.get("id") == "push")
    scanned = image.index("aquasecurity/trivy-action")
    assert scanned < read["image"]["steps"].index(pushed) < image.index("sigstore/cosign-installer")
    assert (pushed["with"]["sbom"], pushed["with"]["provenance"]) == (True, "mode=max")


def test_what_cannot_be_taken_back_is_published_last_and_all_of_it_can_be_fetched_from_the_tag() -> None:
    jobs = workflow(ROOT / ".github" / "workflows" / "release.yml")["jobs"]
    assert set(jobs["wheels"]["needs"]) == set(jobs) - {"wheels", "page"}
    assert jobs["page"]["needs"] == "wheels"
    [command] = [step["run"] for step in jobs["page"]["steps"] if "run" in step]
    assert "dist/*" in command


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_pipe_whose_first_part_fails_fails(path: Path) -> None:
    """Without being named, the shell of a step goes on where a part of a pipe fails."""
    steps = [step for job in workflow(path)["jobs"].values() for step in job["steps"]]
    assert [step["run"] for step in steps if " | " in step.get("run", "") and step.get("shell") != "bash"] == []


def test_what_is_told_of_an_installation_is_what_the_image_has() -> None:
    described, installed = (
        set(re.findall(r"(reveille_\w+)-\*\.whl\)\[(.+?)\]", (ROOT / file).read_text()))
        for file in ("Makefile", "deploy/Dockerfile")
    )
    assert {name for name, _ in installed} == {"reveille_adapters", "reveille_agents"}
    assert described == installed


def test_the_shell_of_ci_is_shell() -> None:
    subprocess.run(["bash", "-n", str(ROOT / ".ci" / "run")], check=True)
