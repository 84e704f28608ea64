"""With `model: auto` the reviewer asks a real provider's protocol, and the ledger settles what the provider counted."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Make
from tests.e2e.figures import Figures
from tests.e2e.provider import INPUT_TOKENS, OUTPUT_TOKENS, Provider
from tests.e2e.repository import FLAWS, KEY, Repository
from tests.e2e.running import Platform, until

FLEET = """
version: 1
agents:
  reviewer: {skill: "reveille.agents.coding:review", model: auto, budget: {tokens: 50_000, per_run: 8_000}}
rules:
  - {name: review-pushes, on: {source: git}, wake: reviewer}
"""
FOUND = {
    "rule": "resource-leak",
    "severity": "medium",
    "path": "src/app/export.py",
    "line": 10,
    "message": "The size of a path that is not there raises.",
}
ELSEWHERE = {**FOUND, "rule": "made-up", "path": "src/app/invented.py"}
ANSWER = json.dumps({"findings": [FOUND, ELSEWHERE]})
KEY_OF_PROVIDER = "anthropic-key-of-a-test"
# Calls in a row without an answer, after which nobody asks for a while.
IN_A_ROW = 5
PATHS = {"openai": "/v1/chat/completions", "anthropic": "/v1/messages"}


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """A platform and the provider that its reviewer asks."""

    platform: Platform
    provider: Provider
    folder: Path

    def review(self) -> tuple[dict[str, Any], int]:
        """The execution of a push of its own, and the tokens that the reviewer's account has been charged for it."""
        before = self.used()
        self.provider.asked.clear()
        repository = Repository(self.folder / f"app-{len(list(self.folder.iterdir()))}")
        pushed = {**repository.pushed(), "repository": repository.folder.name}
        execution = self.platform.ended(self.platform.http.post("/webhook/git", json=pushed).json())
        return execution, self.used() - before

    def used(self) -> int:
        """By the reviewer, once nothing is reserved any more."""

        def account() -> dict[str, int]:
            items = self.platform.get("/api/v1/budgets")["items"]
            return next((item for item in items if item["scope"] == "agent:reviewer"), {"reserved": 0, "used": 0})

        until(lambda: account()["reserved"] == 0, "nothing is reserved")
        return account()["used"]


def _house(make: Make, folder: Path, settings: dict[str, str], provider: Provider) -> House:
    (folder / "fleet.yaml").write_text(FLEET)
    (folder / "repos").mkdir()
    given = {"REVEILLE_REPOS": str(folder / "repos"), **settings}
    platform = make(folder, fleet=folder / "fleet.yaml", settings=given)
    return House(platform=platform, provider=provider, folder=folder / "repos")


@pytest.fixture(scope="module")
def houses(make_for_module: Make, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, House]]:
    """By the protocol that the provider speaks."""
    with ExitStack() as stack:
        made = {}
        for protocol in ("openai", "anthropic"):
            provider = Provider()
            stack.callback(provider.close)
            settings = {"OPENAI_BASE_URL": f"{provider.url}/v1"}
            if protocol == "anthropic":
                settings = {"ANTHROPIC_BASE_URL": provider.url, "ANTHROPIC_API_KEY": KEY_OF_PROVIDER}
            made[protocol] = _house(make_for_module, tmp_path_factory.mktemp(protocol), settings, provider)
            made[protocol].platform.start()
        yield made


@pytest.fixture(params=["openai", "anthropic"])
def house(houses: dict[str, House], request: pytest.FixtureRequest) -> House:
    found = houses[request.param]
    found.provider.answer, found.provider.status = ANSWER, 200
    return found


def by_rules(execution: dict[str, Any]) -> bool:
    """Whether everything stands in the review that the rules find."""
    return {(one["rule"], one["path"], one["line"]) for one in execution["result"]["findings"]} >= FLAWS


def test_the_models_findings_join_those_of_the_rules_and_its_tokens_are_settled(house: House) -> None:
    execution, charged = house.review()
    findings = execution["result"]["findings"]
    assert FOUND in findings
    assert by_rules(execution)
    assert "made-up" not in {one["rule"] for one in findings}
    ((path, asked),) = house.provider.asked
    model, _, name = execution["result"]["model"].partition(":")
    assert (path, asked["model"]) == (PATHS[model], name)
    assert execution["tokens_used"] == charged == INPUT_TOKENS + OUTPUT_TOKENS


def test_what_looks_like_a_secret_does_not_leave_the_house(house: House) -> None:
    house.review()
    assert "breakpoint()" in str(house.provider.asked)
    assert KEY not in str(house.provider.asked)


def test_an_answer_of_nonsense_is_paid_for_and_told(house: House) -> None:
    house.provider.answer = "I would rather not say."
    execution, charged = house.review()
    assert "answered nothing usable" in execution["result"]["summary"]
    assert by_rules(execution)
    assert charged == INPUT_TOKENS + OUTPUT_TOKENS


@pytest.mark.parametrize(("status", "said"), [(401, "check its key"), (529, "HTTP 529")])
def test_where_the_provider_refuses_the_rules_findings_stand(house: House, status: int, said: str) -> None:
    house.provider.status = status
    execution, charged = house.review()
    assert execution["status"] == "completed"
    assert by_rules(execution)
    assert said in execution["result"]["summary"]
    assert (execution["tokens_used"], charged) == (0, 0)
    causes = house.platform.http.get(f"/api/v1/executions/{execution['id']}/causes").text
    assert KEY_OF_PROVIDER not in causes + house.platform.errors


def test_where_no_provider_can_be_reached_the_rules_findings_stand(make: Make, tmp_path: Path) -> None:
    nobody = Provider()
    nobody.close()
    house = _house(make, tmp_path, {"OPENAI_BASE_URL": f"{nobody.url}/v1"}, nobody)
    house.platform.start()
    execution, charged = house.review()
    assert execution["status"] == "completed"
    assert by_rules(execution)
    assert "cannot be reached" in execution["result"]["summary"]
    assert (execution["tokens_used"], charged) == (0, 0)


def test_a_provider_that_stays_away_is_left_alone_until_one_call_is_answered(make: Make, tmp_path: Path) -> None:
    provider = Provider()
    try:
        house = _house(make, tmp_path, {"OPENAI_BASE_URL": f"{provider.url}/v1"}, provider)
        house.platform.start()
        provider.answer, provider.status = ANSWER, 529
        provider.retry_after = 9  # longer than a run waits: each asks once
        for _ in range(IN_A_ROW):
            house.review()
            assert provider.asked
        # A review that takes longer than the model is left alone asks it again, and it is left alone for twice as long.
        execution, charged = until(lambda: _unasked(house), "a review goes without the model")
        assert "is left alone" in execution["result"]["summary"]
        assert by_rules(execution)
        assert (execution["status"], charged) == ("completed", 0)
        told = until(lambda: _complaints(house), "somebody complains")
        assert told == [("agent-runner", "model_away")]
        # Each process has its own, and reviews may have gone from one to another.
        assert _breakers(house)["open"] == 1
        provider.status = 200
        until(lambda: FOUND in house.review()[0]["result"]["findings"], "it is asked again")
        until(lambda: not _complaints(house), "nobody complains any more")
        assert _breakers(house).keys() == {"closed"}
    finally:
        provider.close()


def _unasked(house: House) -> tuple[dict[str, Any], int] | None:
    """A review, if the provider was not asked for it."""
    reviewed = house.review()
    return None if house.provider.asked else reviewed


def _complaints(house: House) -> list[tuple[str, str]]:
    return [(one["service"], one["code"]) for one in house.platform.get("/api/v1/health")["items"]]


def _breakers(house: House) -> dict[str, float]:
    """How many are in which state."""
    return Figures.read(house.platform.figures()).by("state", "reveille_breaker_state")
