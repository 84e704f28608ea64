"""Servers for the fault run alone: they are killed."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rich.console import Console

from deploy.native.places import temporary_folder
from deploy.native.servers import Servers
from tests.chaos.alone import AloneScenario, run_alone
from tests.chaos.apart import may_be_apart, run_apart
from tests.chaos.disk import may_mount
from tests.chaos.running import Scenario, run
from tests.chaos.scenarios import ALL
from tests.chaos.story import Story, table_of
from tests.chaos.verdict import Verdict

# Runs a scenario by its name, with a seed and for so many seconds.
Faults = Callable[[str, int, float], Verdict]


@pytest.fixture(scope="session")
def killed_servers() -> Iterator[Servers]:
    folder = temporary_folder("reveille-chaos-")
    with Servers(folder) as servers:
        yield servers
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def faults(killed_servers: Servers, tmp_path: Path) -> Faults:
    """What it tells is shown where the test fails."""
    console = Console(width=160)

    def run_one(name: str, seed: int, seconds: float) -> Verdict:
        scenario = ALL[name]
        assert isinstance(scenario, Scenario)
        verdict = run(scenario, killed_servers, tmp_path, seed=seed, seconds=seconds, story=Story(console))
        console.print(table_of([verdict]))
        return verdict

    return run_one


@pytest.fixture
def faults_alone(tmp_path: Path) -> Faults:
    """The same where the platform is one process."""
    console = Console(width=160)

    def run_one(name: str, seed: int, seconds: float) -> Verdict:
        scenario = ALL[name]
        assert isinstance(scenario, AloneScenario)
        if scenario.megabytes and not may_mount(tmp_path / "mounted"):
            if not may_be_apart():
                pytest.skip("needs root, or a machine where users may have namespaces, to mount a small disk")
            return run_apart(scenario.name, tmp_path, seed=seed, seconds=seconds)
        verdict = run_alone(scenario, tmp_path, seed=seed, seconds=seconds, story=Story(console))
        console.print(table_of([verdict]))
        return verdict

    return run_one
