"""A pull request names no files: GitHub is asked, and rules with `paths` are decided on what it said."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e import github
from tests.e2e.conftest import Make
from tests.e2e.running import Platform, until
from tests.integration.ingress.provider_api import ProviderApi, Said, provider_api

TOKEN = "tell-nobody-of-this"


@pytest.fixture
def api() -> Iterator[ProviderApi]:
    with provider_api(lambda *_: Said(404)) as api:
        yield api


@pytest.fixture
def platform(make: Make, api: ProviderApi) -> Platform:
    settings = {"REVEILLE_GITHUB_SECRET": github.SECRET, "REVEILLE_GITHUB_API": api.url, "REVEILLE_GITHUB_TOKEN": TOKEN}
    platform: Platform = make(settings=settings)
    return platform.start()


def files(*names: str) -> Said:
    return Said(document=[{"filename": name} for name in names])


def enriched(platform: Platform, receipt: dict[str, Any]) -> Any:
    """The signal, once its provider has been asked."""

    def look() -> Any:
        kinds = [event.type for event in platform.log() if event.stream.startswith("default.signal-")]
        return kinds.count("reveille.ingress.v1.SignalEnriched") or None

    until(look, "the provider was asked")
    return platform.get(f"/api/v1/signals/{receipt['signal_id']}", wait_for=platform.log()[-1].position)


def test_what_the_provider_names_decides_who_wakes(platform: Platform, api: ProviderApi) -> None:
    api.answers = lambda *_: files("src/parser.py", "docs/parser.md")
    receipt = github.accepted(platform.http, github.pull_request())
    assert platform.ended(receipt, agent="reviewer")["status"] == "completed"
    assert platform.ended(receipt, agent="careful")["status"] == "completed"
    assert platform.get(f"/api/v1/signals/{receipt['signal_id']}")["paths"] == ["docs/parser.md", "src/parser.py"]
    assert platform.explain(receipt, "reviewer")["woke"] is True
    assert api.asked[0].headers["authorization"] == f"Bearer {TOKEN}"
    assert TOKEN not in platform.errors


def test_files_that_no_rule_looks_at_wake_nobody(platform: Platform, api: ProviderApi) -> None:
    api.answers = lambda *_: files("docs/parser.md")
    receipt = github.accepted(platform.http, github.pull_request())
    enriched(platform, receipt)
    for agent in ("reviewer", "careful"):
        told = until(
            lambda agent=agent: (found := platform.explain(receipt, agent))["reason"] == "paths" and found,  # type: ignore[misc]
            f"it is decided on for {agent}",
        )
        assert told["woke"] is False
    assert platform.executions(receipt) == []


def test_where_the_provider_does_not_tell_the_rule_says_what_unknown_means(platform: Platform) -> None:
    receipt = github.accepted(platform.http, github.pull_request())
    assert platform.ended(receipt, agent="reviewer")["status"] == "completed"
    assert platform.explain(receipt, "careful")["reason"] == "paths"
    assert enriched(platform, receipt)["enrichment"] == "github answered 404"


def test_a_signal_that_was_being_asked_about_at_a_kill_is_asked_about_again_and_wakes_once(
    platform: Platform, api: ProviderApi
) -> None:
    asked = threading.Event()

    def silent(path: str, before: int) -> Said:
        asked.set()
        return Said(never=True)

    api.answers = silent
    receipt = github.accepted(platform.http, github.pull_request())
    assert asked.wait(60)
    assert platform.executions(receipt) == []
    platform.kill()
    api.answers = lambda *_: files("src/parser.py")
    platform.start()
    assert platform.ended(receipt, agent="reviewer")["status"] == "completed"
    enriched(platform, receipt)
    assert len(platform.executions(receipt, agent="reviewer")) == 1
    types = [event.type for event in platform.log()]
    assert types.count("reveille.ingress.v1.SignalEnriched") == 1
