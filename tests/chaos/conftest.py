"""Servers for the fault run alone: they are killed."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rich.console import Console

from deploy.native.places import temporary_folder
from deploy.native.servers import Servers
from tests.chaos.running import run
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
        verdict = run(ALL[name], killed_servers, tmp_path, seed=seed, seconds=seconds, story=Story(console))
        console.print(table_of([verdict]))
        return verdict

    return run_one
