"""A real Prometheus scrapes real services: alerts come when something breaks, and go when it is mended."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import yaml

from deploy.native import programs, prometheus
from deploy.native.places import PROJECT
from deploy.native.ports import HOST, free_ports
from tests.e2e.page_letters import park
from tests.e2e.running import until
from tests.e2e.stack import Stack

INTERVAL: Final = "1s"
# Longer than a scrape or two that come too late because the machine is busy.
FOR: Final = "3s"
WINDOW: Final = "[20s]"
# By then an alert that is there from the beginning has fired.
SCRAPES: Final = 5
FIRING: Final = 'ALERTS{alertname=~"Reveille.+", alertstate="firing"}'
# Warnings may be right: the machine is slow where other tests run.
CRITICAL: Final = 'ALERTS{alertname=~"Reveille.+", alertstate="firing", severity="critical"}'
LATELY: Final = "5s"
# A few scrapes and rules, on a machine that is busy with other tests.
LONG: Final = 180.0
BROKEN: Final = {"ReveilleServiceAway", "ReveilleServiceGone", "ReveilleDeadLetters"}


class Prometheus:
    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def ask(self, query: str) -> list[Any]:
        try:
            answer = self._http.get("/api/v1/query", params={"query": query})
        except httpx.TransportError:
            return []  # It is starting.
        return list(answer.json()["data"]["result"]) if answer.is_success else []

    def firing(self) -> set[str]:
        return {one["metric"]["alertname"] for one in self.ask(FIRING)}

    def critical_lately(self) -> list[Any]:
        return self.ask(f"count_over_time({CRITICAL}[{LATELY}])")


def hurried(folder: Path, told: str) -> Path:
    """The same configuration, but in seconds what takes minutes."""
    [rules] = prometheus.RULES.parent.glob(prometheus.RULES.name)
    text = re.sub(r"\[\d+m\]", WINDOW, re.sub(r"for: \d+m", f"for: {FOR}", rules.read_text()))
    (folder / "rules.yaml").write_text(text)
    config = yaml.safe_load(told)
    config["global"] = {"scrape_interval": INTERVAL, "scrape_timeout": INTERVAL, "evaluation_interval": INTERVAL}
    assert config["rule_files"] == [str(prometheus.RULES)]
    config["rule_files"] = ["rules.yaml"]
    path = folder / "prometheus.yml"
    path.write_text(yaml.safe_dump(config))
    return path


@contextmanager
def scraping(config: Path) -> Iterator[Prometheus]:
    port = free_ports(1)
    command = [
        programs.find("prometheus"),
        f"--config.file={config}",
        f"--storage.tsdb.path={config.parent / 'tsdb'}",
        f"--web.listen-address={HOST}:{port}",
    ]
    with (
        (config.parent / "prometheus.log").open("w") as log,
        subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT) as process,
        httpx.Client(base_url=f"http://{HOST}:{port}", trust_env=False) as http,
    ):
        try:
            yield Prometheus(http)
        finally:
            process.kill()


def test_alerts_come_when_something_breaks_and_go_when_it_is_mended(folder: Path) -> None:
    platform = Stack(folder, replicas={})
    try:
        platform.start()
        told = subprocess.run(
            [sys.executable, "-m", "deploy.native", "status", "--prometheus", "--data", folder],
            capture_output=True,
            text=True,
            check=True,
            cwd=PROJECT,
        )
        with scraping(hurried(folder, told.stdout)) as watch:
            every = f'count(count_over_time(up{{job="reveille-services"}}[1m]) >= {SCRAPES}) == 5'
            until(lambda: watch.ask(every), "each of the five has been scraped a few times")
            until(lambda: not watch.critical_lately(), "nothing was the matter for a while", LONG)

            budget = platform.services["budget-1"]
            budget.kill()
            park(platform)
            until(lambda: watch.firing() >= BROKEN, "what broke is told", LONG)
            [away] = watch.ask('ALERTS{alertname="ReveilleServiceAway", alertstate="firing"}')
            assert away["metric"]["instance"] == "budget-1"
            [gone] = watch.ask('ALERTS{alertname="ReveilleServiceGone", alertstate="firing"}')
            assert gone["metric"]["service"] == "budget"

            budget.start()
            for letter in platform.get("/api/v1/deadletters")["items"]:
                dropped = platform.http.post(f"/api/v1/deadletters/{letter['id']}/drop", json={})
                assert dropped.status_code == 200, dropped.text
            until(lambda: not watch.firing() & BROKEN, "what was mended is over", LONG)
            until(lambda: not watch.critical_lately(), "and nothing else is the matter", LONG)
    finally:
        platform.close()
