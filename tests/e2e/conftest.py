"""Platforms for journeys: one to a test, or one that all tests share which leave it as it is."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.github import SECRET
from tests.e2e.running import Platform

# Makes a platform in a folder of its own; it runs only after its `start`.
Make = Callable[..., Platform]


@pytest.fixture
def make(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Make]:
    """What it makes ends with the test."""
    made: list[Platform] = []

    def make_one(folder: Path | None = None, **given: Any) -> Platform:
        platform = Platform(folder or tmp_path_factory.mktemp("platform"), **given)
        made.append(platform)
        return platform

    yield make_one
    for platform in made:
        platform.close()


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """With GitHub's secret set and a folder of clones, `shared.repos`."""
    folder = tmp_path_factory.mktemp("shared")
    repos = folder / "repos"
    repos.mkdir()
    platform = Platform(folder, options=["--repos", str(repos)], settings={"REVEILLE_GITHUB_SECRET": SECRET})
    yield platform.start()
    platform.close()
