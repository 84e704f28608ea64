"""`reveille health` of a cluster from which things are taken away: it names each, and says what to do."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from deploy.native.servers import Servers
from deploy.native.services import Services
from tests.e2e.running import reveille, until

SERVICES = {"ingress", "analyzer", "planner", "budget", "agent-runner"}
FANNING = {"ingress", "planner", "agent-runner"}


@pytest.fixture
def services(killed_servers: Servers, tmp_path: Path) -> Iterator[Services]:
    """The budget has another key than the others."""
    (other := tmp_path / "other_key").write_text("ab" * 32)
    with Services(
        killed_servers.addresses,
        tmp_path,
        database="health",
        prefix="health",
        environment={"REVEILLE_OWN_MACHINE": "true"},
        of_service={"budget": {"REVEILLE_KEY_FILE": str(other)}},
    ) as running:
        yield running


def _complaints(services: Services) -> set[tuple[str, str]]:
    told = httpx.get(f"{services.url}/api/v1/health", timeout=20).json()
    assert told["status"] == ("degraded" if told["items"] else "ok")
    return {(one["service"], one["code"]) for one in told["items"]}


def _of(services: set[str], *codes: str) -> set[tuple[str, str]]:
    return {(service, code) for service in services for code in codes}


def test_what_is_taken_away_is_named_with_what_to_do(killed_servers: Servers, services: Services) -> None:
    mismatch = {("budget", "key_mismatch")}
    until(lambda: _complaints(services) == mismatch, "only the budget's key is wrong")
    services["analyzer-1"].kill()
    killed_servers.redis.kill()
    gone = {("analyzer", "service_away"), *_of(FANNING, "redis_away")}
    until(lambda: _complaints(services) == mismatch | gone, "the service and Redis are named")
    # The log and the views are in it.
    killed_servers.postgres.kill()
    killed_servers.kafka.kill()
    gone = {("analyzer", "service_away"), *_of(SERVICES - {"analyzer"}, "kafka_away", "log_away", "views_away")}
    until(lambda: _complaints(services) == mismatch | gone, "the servers are named")
    shown = reveille("health", "--url", services.url)
    assert shown.returncode == 1
    assert "analyzer: it does not answer" in shown.stdout
    assert "reveille serve analyzer" in shown.stdout
    for server in (killed_servers.postgres, killed_servers.kafka, killed_servers.redis, services["analyzer-1"]):
        server.start()
    until(lambda: _complaints(services) == mismatch, "all are back")
    told = reveille("health", "--url", services.url, "--json")
    assert (told.returncode, [one["code"] for one in json.loads(told.stdout)["items"]]) == (1, ["key_mismatch"])


def test_a_platform_that_is_not_there_is_said_in_one_line(unused_tcp_port: int) -> None:
    answer = reveille("health", "--url", f"http://127.0.0.1:{unused_tcp_port}")
    assert answer.returncode == 2
    assert f"no platform answers at http://127.0.0.1:{unused_tcp_port}" in answer.stderr
    assert len(answer.stderr.splitlines()) == 1
