"""One rule speaks of the failed pipelines of any provider, and each failure wakes once."""

import base64
import hmac
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from tests.e2e.conftest import Make
from tests.e2e.running import Platform
from tests.recorded import payload

FLEET: Final = """version: 1
agents:
  mender: {skill: "effectful:act", budget: {tokens: 1_000_000, per: day, per_run: 1_000}, instances: {max: 8}}
rules:
  - {name: failed-pipelines, on: {means: pipeline.failed}, wake: mender}
  - {name: critical-alerts, on: {means: alert.firing}, where: 'signal.severity == "critical"', wake: mender}
sources:
  drone:
    scheme: hmac
    header: X-Drone-Signature
    fields: {kind: "=build.ended", means: "=pipeline.failed", repository: /repo/slug, id: /build/id}
"""
SECRETS: Final = {
    "REVEILLE_GITHUB_SECRET": "g",
    "REVEILLE_GITLAB_SECRET": "l",
    "REVEILLE_JENKINS_SECRET": "j",
    "REVEILLE_CI_SECRET": "c",
    "REVEILLE_PROMETHEUS_SECRET": "p",
    "REVEILLE_CUSTOM_SECRETS": "drone=d",
    "REVEILLE_WAKE_TOKEN": "w",
}
BEARER: Final = "Bearer "


def signature(secret: str, body: bytes) -> str:
    return "sha256=" + hmac.digest(secret.encode(), body, "sha256").hex()


def basic(secret: str) -> str:
    return "Basic " + base64.b64encode(f"any:{secret}".encode()).decode()


def github(event: str, name: str) -> tuple[str, bytes, dict[str, str]]:
    body = json.dumps(payload(f"github/{name}")).encode()
    told = {"x-github-event": event, "x-github-delivery": name, "x-hub-signature-256": signature("g", body)}
    return "/webhooks/github", body, told


def gitlab(name: str) -> tuple[str, bytes, dict[str, str]]:
    body = json.dumps(payload(f"gitlab/{name}")).encode()
    return "/webhooks/gitlab", body, {"x-gitlab-token": "l", "x-gitlab-event": "Hook", "idempotency-key": name}


def jenkins(name: str) -> tuple[str, bytes, dict[str, str]]:
    return "/webhooks/jenkins", json.dumps(payload(f"jenkins/{name}")).encode(), {"authorization": basic("j")}


def ci() -> tuple[str, bytes, dict[str, str]]:
    body = json.dumps({"id": "run-7", "status": "failed", "repository": "acme/app"}).encode()
    return "/webhooks/ci", body, {"x-reveille-signature-256": signature("c", body)}


def drone() -> tuple[str, bytes, dict[str, str]]:
    body = json.dumps({"repo": {"slug": "acme/app"}, "build": {"id": 9}}).encode()
    return "/webhooks/custom/drone", body, {"x-drone-signature": signature("d", body)}


def event() -> tuple[str, bytes, dict[str, str]]:
    told = {"specversion": "1.0", "id": "1", "source": "/tekton", "type": "pipeline.failed", "data": {}}
    media = {"content-type": "application/cloudevents+json", "authorization": BEARER + "w"}
    return "/api/v1/events", json.dumps(told).encode(), media


MEAN_IT: Final[Mapping[str, tuple[str, bytes, dict[str, str]]]] = {
    "github run": github("workflow_run", "workflow_run.completed"),
    "github check of another app": github("check_run", "check_run.completed"),
    "github status": github("status", "status"),
    "gitlab": gitlab("pipeline.failed"),
    "jenkins": jenkins("finalized"),
    "ci": ci(),
    "a source of the fleet": drone(),
    "cloudevent": event(),
}
TELL_OF_IT_TOO: Final[Mapping[str, tuple[str, bytes, dict[str, str]]]] = {
    "github check of actions": github("check_run", "check_run.completed.actions"),
    "github suite": github("check_suite", "check_suite.completed"),
    "github job": github("workflow_job", "workflow_job.completed"),
    "gitlab job": gitlab("build.failed"),
    "jenkins before its end": jenkins("completed"),
}


@pytest.fixture(scope="module")
def platform(make_for_module: Make, tmp_path_factory: pytest.TempPathFactory) -> Platform:
    fleet: Path = tmp_path_factory.mktemp("fleet") / "fleet.yaml"
    fleet.write_text(FLEET)
    platform: Platform = make_for_module(fleet=fleet, settings=SECRETS).start()
    return platform


def post(platform: Platform, path: str, body: bytes, headers: Mapping[str, str]) -> Any:
    return platform.http.post(path, content=body, headers={"content-type": "application/json", **headers})


@pytest.mark.parametrize("provider", list(MEAN_IT))
def test_a_failed_pipeline_of_any_provider_wakes_by_one_rule_once(platform: Platform, provider: str) -> None:
    first, again = (post(platform, *MEAN_IT[provider]) for _ in range(2))
    assert (first.status_code, again.status_code) == (202, 200), first.text
    assert platform.ended(first.json())["cause"]["rule"] == "failed-pipelines"
    assert len(platform.executions(first.json())) == 1


@pytest.mark.parametrize("teller", list(TELL_OF_IT_TOO))
def test_what_tells_of_the_same_failure_again_wakes_nobody(platform: Platform, teller: str) -> None:
    answer = post(platform, *TELL_OF_IT_TOO[teller])
    assert answer.status_code == 202, answer.text
    assert platform.explain(answer.json(), "mender")["woke"] is False


def test_of_several_alerts_those_that_a_rule_speaks_of_wake(platform: Platform) -> None:
    body = json.dumps(payload("prometheus/alerts")).encode()
    answer = post(platform, "/webhooks/prometheus", body, {"authorization": BEARER + "p"})
    assert answer.status_code == 202, answer.text
    told = answer.json()
    firing, resolved = ({**one, "position": told["position"]} for one in told["signals"])
    assert platform.ended(firing)["cause"]["rule"] == "critical-alerts"
    assert platform.explain(resolved, "mender")["woke"] is False


def test_a_signal_of_each_provider_has_its_repository(platform: Platform) -> None:
    for provider in ("github run", "gitlab", "jenkins", "ci", "a source of the fleet"):
        signal = platform.get(f"/api/v1/signals/{post(platform, *MEAN_IT[provider]).json()['signal_id']}")
        assert signal["repository"].count("/") == 1, provider
        assert (signal["means"], signal["verified"]) == ("pipeline.failed", True)
