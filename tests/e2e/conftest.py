"""Platforms for journeys, of either kind: one to a test, or one that all tests share which leave it as it is."""

import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser

from tests.e2e.github import SECRET
from tests.e2e.kinds import KINDS
from tests.e2e.page_browser import opened_browser
from tests.e2e.running import Platform

PAGE_FLEET: Final = Path(__file__).parent / "page_fleet.yaml"
# An agent may say as much as it likes: long executions are made of thoughts.
PAGE_SETTINGS: Final = {"REVEILLE_THINKING_RATE": "100000/second"}

# Makes a platform in a folder of its own; it runs only after its `start`.
Make = Callable[..., Any]


@pytest.fixture(scope="session", autouse=True)
def end_what_was_started() -> Iterator[None]:
    """Whoever ends the tests by SIGTERM ends their platforms too, as ctrl-c does."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture(scope="session", params=list(KINDS))
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def make(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Make]:
    """What it makes ends with the test."""
    with ExitStack() as stack:
        yield _maker(kind, tmp_path_factory, stack)


@pytest.fixture(scope="module")
def make_for_module(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Make]:
    """What it makes ends with the module's tests of that kind."""
    with ExitStack() as stack:
        yield _maker(kind, tmp_path_factory, stack)


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Platform]]:
    """By kind, the one that tests share. In whatever order they come, it is started once."""
    with ExitStack() as stack:
        started: dict[str, Platform] = {}

        def one(kind: str) -> Platform:
            if kind not in started:
                folder = tmp_path_factory.mktemp(f"shared-{kind}")
                (folder / "repos").mkdir()
                settings = {"REVEILLE_GITHUB_SECRET": SECRET, "REVEILLE_REPOS": str(folder / "repos")}
                platform = _maker(kind, tmp_path_factory, stack)(folder, settings=settings)
                started[kind] = platform.start()
            return started[kind]

        yield one


@pytest.fixture(scope="session")
def shared(kind: str, running: Callable[[str], Platform]) -> Platform:
    """With GitHub's secret set and a folder of clones, `repos`."""
    return running(kind)


@pytest.fixture(scope="session")
def looked_at(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """The one that tests of the page share: they may kill it, and whatever they do to it they bring back."""
    with ExitStack() as stack:
        platform = _maker(kind, tmp_path_factory, stack)(fleet=PAGE_FLEET, settings=PAGE_SETTINGS)
        yield platform.start()


@pytest.fixture(scope="module")
def browser(looked_at: Platform) -> Iterator[Browser]:
    """Of one module: while it is open no test can begin an event loop, and other modules have tests that do."""
    with opened_browser() as browser:
        yield browser


def _maker(kind: str, folders: pytest.TempPathFactory, stack: ExitStack) -> Make:
    def make_one(folder: Path | None = None, **given: Any) -> Platform:
        platform = KINDS[kind](folder or folders.mktemp(kind), **given)
        stack.callback(platform.close)
        return platform

    return make_one
